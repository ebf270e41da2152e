"""How work grows with what it is given: judged by counted calls, at night by processor time too, never by the clock."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from tests.conftest import PROFILE

Given = TypeVar("Given")
Result = TypeVar("Result")

TIMES = 4
FACTOR, FEW_CALLS = 5.0, 2_000
"""Calls for four times as much: linear growth takes four times as many, quadratic growth sixteen times; and calls that
are not judged."""

FACTOR_OF_TIME, NOISE = 8.0, 0.02
"""The same for seconds, with an allowance for a busy machine."""

ATTEMPTS = 8


class TooManyCalls(BaseException):
    """Ends work from within; no code under test takes it for an error of its own."""


def assert_linear(make: Callable[[int], Given], work: Callable[[Given], Result], size: int) -> Result:
    """What ``work`` gives for ``make(4 * size)``, in work that grows as what is made does.

    Judged are the calls of functions for a quarter of ``size`` and for all of it, which are the same on each machine.
    What one call of C does, as in searching a text, they do not show: at night the processor time is judged as well,
    and then ``size`` is to be large enough to take a fiftieth of a second.
    """
    result = work(make(TIMES * size))  # what is loaded once is loaded then
    small, large = (calls(work, make(each)) for each in (max(size // TIMES, 1), size))
    if large > FACTOR * small + FEW_CALLS:
        raise AssertionError(f"{TIMES} times as much takes {large:,} calls, not {small:,}")
    if PROFILE == "nightly":
        assert_linear_in_time(make, work, size)
    return result


def calls(work: Callable[[Given], object], given: Given) -> int:
    """How many calls of functions some work takes."""
    with counting() as count:
        work(given)
    return count()


def assert_linear_in_time(
    make: Callable[[int], Given],
    work: Callable[[Given], object],
    size: int,
    clock: Callable[[], float] = time.process_time,
) -> None:
    """Hold that ``make(4 * size)`` takes ``work`` at most eight times the processor time of ``make(size)``.

    Noise makes neither linear growth into quadratic growth nor the other way round: others on the machine hardly change
    the processor time of this process, and what disturbs one attempt only adds to it, so the least of several counts.
    The larger one comes first: what is loaded once is not counted for the smaller one.
    """
    small, large = make(size), make(TIMES * size)
    least_small = least_large = float("inf")
    for _ in range(ATTEMPTS):
        least_large = min(least_large, measured(work, large, clock))
        least_small = min(least_small, measured(work, small, clock))
        if least_large <= FACTOR_OF_TIME * least_small + NOISE:
            return
    raise AssertionError(f"{TIMES} times as much takes {least_large:.3f} s of processor time, not {least_small:.3f} s")


def measured(work: Callable[[Given], object], given: Given, clock: Callable[[], float]) -> float:
    """The seconds of processor time that some work takes; garbage is left, as the command does."""
    gc.collect()
    gc.disable()
    try:
        began = clock()
        work(given)
        return clock() - began
    finally:
        gc.enable()


@contextmanager
def counting(most: float = float("inf")) -> Iterator[Callable[[], int]]:
    """Count calls of functions, in Python and in C. Raises TooManyCalls, from within the work, beyond ``most``."""
    count = 0

    def hear(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")
        if count > most:
            raise TooManyCalls

    before = sys.getprofile()
    sys.setprofile(hear)
    try:
        yield lambda: count
    finally:
        sys.setprofile(before)


def assert_bounded(work: Callable[[], Result], most: int) -> Result:
    """What some work gives that takes at most so many calls of functions. It is ended at one more, so it cannot hang.

    For what a naive reader would never finish: texts that double with each line, aliases of aliases.
    """
    try:
        with counting(most):
            return work()
    except TooManyCalls:
        raise AssertionError(f"more than {most:,} calls") from None
