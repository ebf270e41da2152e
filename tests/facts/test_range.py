"""A range as numbers: where each share of a linear search begins and ends."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.facts.range import range_facts
from hpolint.facts.typed_values import bound
from hpolint.model.node import Array, Scalar, Struct, Unknown
from tests.facts.test_facts import HERE, binding, fact, numeric, ranges

NAMES = ("decades", "decades_to_one", "top_decade_from", "top_decade_share", "far_from_one_to", "near_one_share")


def shares(low: str, high: str) -> list[Any]:
    """All that is reckoned from two bounds, to six digits."""
    facts = range_facts("continuous", numeric(low, high))
    values = [getattr(facts, name) for name in NAMES]
    return [value if value is None else round(value, 6) for value in values]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("0.1", "100", [3.0, None, 10.0, 0.900901, 0.91, 0.991892]),
        ("0.1", "99.95", [2.999783, None, 9.995, 0.900901, 0.91, 0.991888]),
        ("0.2", "100", [2.69897, None, 10.0, 0.901804, 0.92, 0.992786]),
        ("0.5", "1", [0.30103, None, 0.1, 1.0, 0.95, 0.1]),
        ("0", "1", [None, None, 0.1, 0.9, 0.9, 0.1]),
        ("0", "0.5", [None, 0.30103, 0.05, 0.9, 0.9, 0.0]),
        ("0", "0.9", [None, 1.0, 0.09, 0.9, 0.9, 0.0]),
        ("1", "10", [1.0, None, 1.0, 1.0, None, None]),
        ("2", "10", [0.69897, None, 1.0, 1.0, None, None]),
        ("-1", "0", [None, 0.30103, None, None, 0.8, 0.0]),
        ("-2", "-1", [None, 0.176091, None, None, 0.7, 0.0]),
        ("-1", "1", [None, None, 0.1, 0.45, 0.8, 0.1]),
        ("0.5", "0.5", [0.0, 0.0, *[None] * 4]),
        ("0.5", "0.25", [-0.30103, -0.176091, *[None] * 4]),
        ("1", "0.5", [-0.30103, None, *[None] * 4]),
        ("1.5", "0.5", [-0.477121, None, *[None] * 4]),
        ("0.5", "0", [None, -0.30103, *[None] * 4]),
        ("0.5", "-1", [None, -0.60206, *[None] * 4]),
        ("1e-300", "1e308", [608.0, None, 1e307, 0.9, 0.9, 1.0]),
        ("-1e308", "1e308", [None] * 6),
    ],
)
def test_shares_of_a_linear_search(low: str, high: str, expected: list[float | None]) -> None:
    """Each is null just where its range has no such part: above 0, below 1, a thousandth, no width."""
    assert shares(low, high) == expected


def test_a_scale_that_is_not_logarithmic_keeps_its_shares() -> None:
    """Only a search by powers of ten takes them away, and those near one alone."""
    for scale, share in (("Linear", 0.1), ("Auto", 0.1), ("ReverseLogarithmic", 0.1), ("Logarithmic", None)):
        members = numeric("0", "1").members | {"ScalingType": Scalar(scale, HERE)}
        facts = range_facts("continuous", Struct(members, HERE, HERE))
        assert (facts.scale, facts.near_one_share, facts.far_from_one_to) == (
            scale,
            share and pytest.approx(share),
            0.9,
        )
        assert facts.near_one_share == (share and pytest.approx(share))


@pytest.mark.parametrize(
    ("low", "high", "reason"),
    [
        ("$LOW", "1", "is the placeholder $LOW"),
        ("0", "$HIGH", "is the placeholder $HIGH"),
        ("ten", "1", "is not a number"),
    ],
)
def test_facts_of_an_unknown_bound_are_unknown_for_its_reason(low: str, high: str, reason: str) -> None:
    """The other bound and the scale are still known."""
    (subject,) = binding(**ranges(Continuous=[(low, high)])).subjects("parameter")
    assert {fact(subject, "range", name) for name in NAMES} == {reason}
    assert fact(subject, "range", "min") == (0.0 if low == "0" else reason)
    assert fact(subject, "range", "max") == (1.0 if high == "1" else reason)
    assert fact(subject, "range", "scale") is None
    assert fact(subject, "range", "kind") == "continuous"


def test_of_two_bounds_that_are_unknown_the_lower_one_is_the_reason() -> None:
    """One reason is enough."""
    (subject,) = binding(**ranges(Continuous=[("$LOW", "$HIGH")])).subjects("parameter")
    assert fact(subject, "range", "decades") == "is the placeholder $LOW"
    assert fact(subject, "range", "max") == "is the placeholder $HIGH"


def test_a_bound_that_is_missing_is_named() -> None:
    """The API requires both."""
    given = {"ParameterRanges": {"IntegerParameterRanges": [{"Name": "a", "MinValue": "1"}]}}
    (subject,) = binding(**given).subjects("parameter")
    assert fact(subject, "range", "max") == "`MaxValue` is missing, but the API requires it"
    assert (fact(subject, "range", "min"), fact(subject, "range", "kind")) == (1.0, "integer")


def test_a_categorical_range_has_no_numbers() -> None:
    """Nor a scale: it has its kind alone."""
    (subject,) = binding(**ranges(Categorical=[["1", "2"]])).subjects("parameter")
    assert fact(subject, "range", "kind") == "categorical"
    assert {fact(subject, "range", name) for name in (*NAMES, "min", "max", "scale")} == {None}


@pytest.mark.parametrize(
    ("value", "number"),
    [("0.5", 0.5), (" 0.5 ", 0.5), (0.5, 0.5), (5, 5.0), ("1e-3", 0.001), ("-1", -1.0), ("1e308", 1e308), ("", None),
     (True, None), (None, None), ("1e309", None), ("0.5.", None)],
)  # fmt: skip
def test_a_bound_is_a_number_in_words_or_none(value: Any, number: float | None) -> None:
    """White space around it does not matter; a truth value is no number."""
    found = bound(Scalar(value, HERE))
    assert found == number if number is not None else isinstance(found, Unknown)


def test_a_bound_that_is_a_structure_is_no_number() -> None:
    """And is shown at its anchor, not as a block."""
    found: Any = bound(Array([], HERE, HERE))
    assert (found.reason, found.span) == ("is not a number", HERE)
    assert bound(None) is None


@pytest.mark.parametrize(
    ("values", "signs"),
    [(["1", "2"], False), (["0.5", "3"], False), (["0", "1"], True), (["-1", "1"], True), (["-2", "0"], False)],
)
def test_categories_on_both_sides_of_zero_are_marked(values: list[str], signs: bool) -> None:
    """0 counts as the lower side, because it has no logarithm; 1 does not."""
    items = Array([Scalar(value, HERE) for value in values], HERE, HERE)
    assert range_facts("categorical", Struct({"Values": items}, HERE, HERE)).signs == signs
