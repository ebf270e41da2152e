"""What can be said of a range's own texts: bounds that are none, categories, what AWS recommends."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.facts.algorithm_data import Tunable
from hpolint.facts.range import RangeFacts, range_facts
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from tests.facts.test_facts import HERE

OPEN = Unknown("is open", HERE)


def facts(kind: str, recommended: Any = None, **members: Any) -> RangeFacts:
    """The facts of a range with these members: texts, a list of them, or what is unknown."""
    nodes: dict[str, Node] = {
        name: value
        if isinstance(value, Unknown)
        else Array([each if isinstance(each, Unknown) else Scalar(each, HERE) for each in value], HERE, HERE)
        if isinstance(value, list)
        else Scalar(value, HERE)
        for name, value in members.items()
    }
    return range_facts(kind, Struct(nodes, HERE, HERE), recommended)


@pytest.mark.parametrize(
    ("kind", "low", "high", "no_number", "fractional"),
    [
        ("continuous", "0.1", "1e3", None, None),
        ("continuous", "0,1", "1", "0,1", None),
        ("continuous", "1", "inf", "inf", None),
        ("continuous", "a", "b", "a", None),
        ("continuous", OPEN, "b", "b", None),
        ("continuous", OPEN, "1", OPEN, None),
        ("integer", "1", "3.0", None, None),
        ("integer", "1.5", "3", None, "1.5"),
        ("integer", "1", "2.5", None, "2.5"),
        ("integer", "1", OPEN, OPEN, OPEN),
        ("integer", "1.5", OPEN, OPEN, "1.5"),
        ("integer", "x", "2.5", "x", None),
        ("continuous", "x" * 500, "1", "x" * 199 + "…", None),
    ],
)
def test_a_bound_that_is_not_a_number_is_reported_as_it_is_written(
    kind: str, low: Any, high: Any, no_number: Any, fractional: Any
) -> None:
    """And so is a bound of an integer range that is not an integer; an unknown bound stays unknown."""
    found = facts(kind, MinValue=low, MaxValue=high)
    assert found.no_number == no_number
    assert found.fractional == fractional


@pytest.mark.parametrize(
    ("values", "count", "twice", "numbers", "powers"),
    [
        (["a"], 1, None, False, False),
        (["a", "b", "a"], 3, "a", False, False),
        (["1", "2", "4"], 3, None, True, True),
        (["3", "5"], 2, None, True, False),
        (['"8"', '"16"'], 2, None, True, True),
        (["0", "1"], 2, None, True, False),
        (["1", "x"], 2, None, False, False),
        (["1", OPEN], 2, OPEN, OPEN, OPEN),
        (["x", OPEN], 2, OPEN, False, False),
        (["3", OPEN], 2, OPEN, OPEN, False),
        ([], 0, None, False, False),
        (OPEN, OPEN, OPEN, OPEN, OPEN),
    ],
)
def test_what_categories_are(values: Any, count: Any, twice: Any, numbers: Any, powers: Any) -> None:
    """How many, which one twice, whether all are numbers and powers of two."""
    found = facts("categorical", Values=values)
    assert (found.values, found.twice, found.numbers, found.powers_of_two) == (count, twice, numbers, powers)
    assert found.min is None
    assert found.no_number is None


def test_a_range_without_values_is_open() -> None:
    """The API requires them."""
    assert isinstance(facts("categorical").values, Unknown)


@pytest.mark.parametrize(
    ("kind", "recommended", "low", "high"),
    [
        ("continuous", Tunable("continuous", 0.1, 0.5), 0.1, 0.5),
        ("integer", Tunable("continuous", 0.1, 0.5), None, None),
        ("continuous", None, None, None),
        ("continuous", OPEN, OPEN, OPEN),
    ],
)
def test_what_is_recommended_is_for_ranges_of_its_kind(kind: str, recommended: Any, low: Any, high: Any) -> None:
    """For an unknown algorithm the recommendation is unknown."""
    found = facts(kind, recommended, MinValue="1", MaxValue="2")
    assert (found.recommended_min, found.recommended_max) == (low, high)
