"""How work grows with what it is given: judged by processor time or by counted calls, never by the clock."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

Given = TypeVar("Given")
Result = TypeVar("Result")

TIMES, FACTOR = 4, 8.0
NOISE = 0.02
ATTEMPTS = 8


class TooManyCalls(BaseException):
    """Ends work from within; no code under test takes it for an error of its own."""


def assert_linear(make: Callable[[int], Given], work: Callable[[Given], Result], size: int) -> Result:
    """What ``work`` gives for ``make(4 * size)``, which takes at most eight times the work of ``make(size)``.

    Linear growth takes four times as much, quadratic sixteen times: noise makes neither into the other. Judged is the
    processor time of this process, which others on the machine hardly change, and the least of several attempts, since
    what disturbs one only adds to it. A fiftieth of a second is not judged, so ``size`` is to be large enough to take
    about that long. The larger one comes first: what is loaded once is not counted for the smaller one.
    """
    small, large = make(size), make(TIMES * size)
    least_small = least_large = float("inf")
    for _ in range(ATTEMPTS):
        result, taken = measured(work, large)
        least_large = min(least_large, taken)
        _, taken = measured(work, small)
        least_small = min(least_small, taken)
        if least_large <= FACTOR * least_small + NOISE:
            return result
    raise AssertionError(f"{TIMES} times as much takes {least_large:.3f} s of processor time, not {least_small:.3f} s")


def measured(work: Callable[[Given], Result], given: Given) -> tuple[Result, float]:
    """What some work gives, and the seconds of processor time that it takes; garbage is left, as the command does."""
    gc.collect()
    gc.disable()
    try:
        began = time.process_time()
        result = work(given)
        return result, time.process_time() - began
    finally:
        gc.enable()


def assert_bounded(work: Callable[[], Result], most: int) -> Result:
    """What some work gives that takes at most so many calls of functions. It is ended at one more, so it cannot hang.

    For what a naive reader would never finish: texts that double with each line, aliases of aliases.
    """
    calls = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")
        if calls > most:
            raise TooManyCalls

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        return work()
    except TooManyCalls:
        raise AssertionError(f"more than {most:,} calls") from None
    finally:
        sys.setprofile(before)
