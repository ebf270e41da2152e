"""Calls below each other, at any depth of the stack."""

from __future__ import annotations

from collections.abc import Callable

from hpolint.io.deep_calls import with_room
from tests.harness.systems import linux

DEPTHS = range(0, 400, 2)
CALLS = 200


def below(depth: int, function: Callable[[], int]) -> int:
    """The result of a function that is called so deep."""
    return function() if depth == 0 else below(depth - 1, function)


def faults() -> int:
    """The pages that Python asked the system for, by a function that calls others many times."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(CALLS):
        below(8, int)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@linux
def test_calls_ask_for_no_memory_however_deep_they_are() -> None:
    """A check takes the same time in a command, in a server and in a test, which call it from other depths."""
    assert max(below(depth, lambda: with_room(faults)) for depth in DEPTHS) < CALLS


def test_the_result_and_the_error_are_those_of_the_function() -> None:
    """The room is not seen."""
    assert with_room(lambda: 3) == 3
