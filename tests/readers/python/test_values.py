"""Values that are followed, as others compare and hold them."""

from __future__ import annotations

import pytest

from hpolint.model.node import Array, Scalar, Unknown
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Constant, Either, Maybe

HERE, THERE = Span(1, 1, 1, 2), Span(2, 1, 2, 2)


def test_candidates_are_identified_by_kind_reason_and_place() -> None:
    """Two that agree in these are equal, whatever their candidates; neither equals a plain unknown value."""
    one, other = Either("is a", HERE), Either("is a", HERE, candidates=[Constant(1, HERE)], complete=True)
    assert one == other
    assert {one, other} == {one}
    assert one not in (Either("is b", HERE), Either("is a", THERE), Maybe("is a", HERE), Unknown("is a", HERE))
    assert Unknown("is a", HERE) != one


def test_a_value_stays_what_it_was() -> None:
    """Nodes are immutable, so code that shares a node cannot change it."""
    with pytest.raises(AttributeError):
        Scalar(1, HERE).value = 2  # type: ignore[misc]


def test_a_tree_of_any_depth_is_compared_or_refused_and_freed() -> None:
    """Never a crash of the process: too deep a tree is a RecursionError, as in Python's own code."""
    one, other = Array([], HERE, HERE), Array([], HERE, HERE)
    for _ in range(100_000):
        one, other = Array([one], HERE, HERE), Array([other], HERE, HERE)
    with pytest.raises(RecursionError):
        assert one == other
    with pytest.raises(RecursionError):
        repr(one)
    del one, other
