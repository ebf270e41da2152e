"""How facts go on from values that may be unknown: with the first one that is, never with a value in its place."""

from __future__ import annotations

import pytest

from hpolint.facts.typed_values import lifted, unseen
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.reasons import CODE_CHANNEL, CONFIG_FILE, Kind
from tests.facts.test_facts import HERE

FIRST, SECOND = Unknown("is open", HERE), Unknown("is a variable", HERE)
CHANNEL = Unknown(CODE_CHANNEL, HERE)


@lifted
def product(left: int | None, *factors: int) -> int | None:
    """A function of known values."""
    for factor in factors:
        left = None if left is None else left * factor
    return left


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((2, 3), 6),
        ((0, 3), 0),
        ((None, 3), None),
        ((FIRST, 3), FIRST),
        ((2, SECOND, FIRST), SECOND),
        ((None, FIRST), FIRST),
    ],
)
def test_a_fact_of_an_unknown_value_is_that_unknown(values: tuple[object, ...], expected: object) -> None:
    """The reason that people read is that of the first value that is not known; absent and 0 are values."""
    assert product(*values) == expected


@pytest.mark.parametrize(
    ("node", "unknown"),
    [
        (None, None),
        (Scalar("a", HERE), None),
        (Struct({}, HERE, HERE), None),
        (Struct({}, HERE, HERE, open=FIRST), FIRST),
        (Array([], HERE, HERE, FIRST), FIRST),
        (Array([], HERE, HERE, CHANNEL), None),
        (FIRST, FIRST),
        (CHANNEL, None),
        (Unknown(CONFIG_FILE, HERE), Unknown(CONFIG_FILE, HERE)),
    ],
)
def test_members_that_are_not_seen_have_a_reason(node: Node | None, unknown: Unknown | None) -> None:
    """Unless it is one that the question leaves out, as the channel that the SDK adds for the code."""
    assert unseen(node, Kind.CODE_CHANNEL) == unknown
