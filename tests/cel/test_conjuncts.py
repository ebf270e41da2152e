"""What is asked without CEL comes out as CEL has it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from hpolint.cel.conjuncts import conjuncts
from hpolint.cel.runtime import Environment, Undecided
from hpolint.engine.judge import Judge
from hpolint.registry import builtin_rules

ENVIRONMENT = Environment(["a", "b", "s"])
CONDITIONS = [
    'a == "x"',
    'a != "x"',
    "a == null",
    "a != null",
    "a == true",
    "a",
    "!a",
    'a in ["x", "y"]',
    's.m == "x" && b == "y"',
    's.m != null && s.m == "x"',
    '!b && s.m in ["x"]',
    'a == "x" || b == "y"',
    'a == "x" ? b == "y" : s.m == "x"',
    '(a == "x" || b == "y") && s.m == "x"',
    'a == "(" && b == "x && y"',
    'a == "x" && !(b == "y" && s.m == "x")',
    'b == "y" && a.startsWith("&&")',
    "a\n  &&   b",
]
VALUES: list[Any] = ["x", "y", "(", "x && y", True, False, None, 1]


def outcome(condition: str, values: dict[str, Any]) -> Any:
    """What CEL makes of a condition; None where it is undecided, and its error's type where it is no condition."""
    try:
        found = ENVIRONMENT.compile(condition).evaluate(ENVIRONMENT.bind(values))
        return found if isinstance(found, bool) else type(found)
    except Undecided:
        return None
    except Exception as error:  # noqa: BLE001 - as for a value of a type that no rule's names have
        return type(error)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_part_that_fails_is_one_that_cel_finds_false(condition: str) -> None:
    """With each value known, null or not there; of a type that no rule's name has CEL may say nothing at all."""
    asked = conjuncts(condition)
    for a, b, m in itertools.product([*VALUES, ...], repeat=3):
        values: dict[str, Any] = {name: value for name, value in (("a", a), ("b", b)) if value is not ...}
        values["s"] = {} if m is ... else {"m": m}
        if any(each.fails(values) for each in asked):
            found = outcome(condition, values)
            assert found is False or isinstance(found, type) or not isinstance(b, bool)


def test_most_conditions_have_a_part_that_is_asked_first() -> None:
    """Else nothing would be gained by it."""
    rules = [rule for rule in builtin_rules() if rule.when and rule.category not in ("policy", "hygiene")]
    assert sum(bool(conjuncts(Judge(rule).condition)) for rule in rules) > 0.9 * len(rules)


@pytest.mark.parametrize("condition", ['a == "x" || b', 'a ? b : a == "x"'])
def test_a_choice_is_left_to_cel(condition: str) -> None:
    """A part of it settles nothing."""
    assert conjuncts(condition) == ()
