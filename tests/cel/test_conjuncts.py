"""What is asked without CEL comes out as CEL has it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.cel.conjuncts import conjuncts
from hpolint.cel.runtime import Environment, Undecided
from hpolint.engine.judge import Judge
from hpolint.registry import builtin_rules

ENVIRONMENT = Environment(["a", "b", "n", "s"])
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
    '(a == "x" && (s.m == "y"))',
    '(a) == "x" && ((s.m != null) && !(b))',
    '(a == "x" || s.m != null) && (b || a == null)',
    "a > 1 && s.m <= 2.5",
    "s.m == 1 || a >= b",
    "(a == null || a < 2) && (s.m) != a",
    '!(a == "x") && !(a > 1)',
    "a > 1 == b",
    'a in ["x"] == b',
    "a > -1.5 && b >= 9007199254740993",
    "a ? b > 1 : s.m > 1",
]
VALUES: list[Any] = ["x", "(", "x && y", True, False, None, 1, 2, 2.0, -3.5, 9007199254740992, 1 << 70]


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
    """With each value known, null or not there. CEL may say nothing about a type that no rule's name has."""
    asked = conjuncts(condition)
    for a, b, m in itertools.product([*VALUES, ...], repeat=3):
        values: dict[str, Any] = {name: value for name, value in (("a", a), ("b", b)) if value is not ...}
        values["s"] = {} if m is ... else {"m": m}
        if any(each.fails(values) for each in asked):
            found = outcome(condition, values)
            assert found is False or isinstance(found, type) or not (isinstance(b, bool) and isinstance(m, str))


TEXTS, FLAGS = st.sampled_from(["a", "(s).t", "(s.d.t)"]), st.sampled_from(["b", "s.f"])
NUMBERS = st.sampled_from(["n", "s.n", "(s.d).n", "(s.d.n)"])
SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
CONSTANTS = st.one_of(st.integers(-3, 3), st.sampled_from([0.5, 2.0, -1.5]))
COMPARED = st.one_of(
    st.builds('{} {} "{}"'.format, TEXTS, st.sampled_from(["==", "!="]), st.sampled_from("xy")),
    st.builds('{} in ["x", "y"]'.format, TEXTS),
    st.builds("{} {} {}".format, NUMBERS, SIGNS, st.one_of(NUMBERS, CONSTANTS)),
    st.builds("{} {} null".format, st.one_of(TEXTS, NUMBERS, FLAGS), st.sampled_from(["==", "!="])),
    st.builds("{}{}".format, st.sampled_from(["", "!"]), FLAGS),
)
EXPRESSIONS = st.recursive(
    COMPARED,
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from(["&&", "||"]), inner),
        st.builds("{}({})".format, st.sampled_from(["", "", "!"]), inner),
        st.builds("({}) ? {} : {}".format, inner, inner, inner),
    ),
    max_leaves=8,
)
TEXT, FLAG = st.sampled_from(["x", "y", None]), st.booleans()
NUMBER = st.one_of(CONSTANTS, st.none())
MEMBERS = {"t": TEXT, "n": NUMBER}
DEEP = st.fixed_dictionaries({}, optional=MEMBERS)
STRUCTURE = st.fixed_dictionaries({"d": DEEP}, optional={**MEMBERS, "f": FLAG})
VALUES_BY_NAME = st.fixed_dictionaries({"s": STRUCTURE}, optional={"a": TEXT, "n": NUMBER, "b": FLAG})


@given(EXPRESSIONS, VALUES_BY_NAME)
def test_what_fails_in_any_expression_is_false_in_cel(condition: str, values: dict[str, Any]) -> None:
    """Whatever else it contains, and whatever is unknown."""
    if any(each.fails(values) for each in conjuncts(condition)):
        assert outcome(condition, values) is False


def test_options_are_known_before_a_subject_is() -> None:
    """A number is compared with a rule's option."""
    (part,) = conjuncts("a > options.most")
    assert not part.fails({"a": 1})
    assert part.with_rule_values({"options": {"most": 2}}).fails({"a": 1})
    assert not part.with_rule_values({"options": {"most": 0}}).fails({"a": 1})


def test_most_conditions_have_a_part_that_is_asked_first() -> None:
    """Else nothing would be gained by it."""
    rules = [rule for rule in builtin_rules() if rule.when and rule.category not in ("policy", "hygiene")]
    assert sum(bool(conjuncts(Judge(rule).condition)) for rule in rules) > 0.9 * len(rules)


@pytest.mark.parametrize("condition", ['a == "x" || b.size() > 1', 'a ? b : a == "x"', "!(a == b)"])
def test_a_choice_is_left_to_cel(condition: str) -> None:
    """A part of it settles nothing."""
    assert conjuncts(condition) == ()
