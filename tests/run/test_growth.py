"""The checks of growth distinguish work that grows too fast from work that does not."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from tests.harness.growth import assert_bounded, assert_linear, assert_linear_in_time


def numbers(count: int) -> list[int]:
    """Something of a size."""
    return list(range(count))


def pairs(numbers: list[int]) -> int:
    """Work that is quadratic, in calls."""
    return sum(abs(one - other) for one in numbers for other in numbers)


def test_linear_work_passes() -> None:
    """And its result for four times the size is handed on."""
    assert assert_linear(numbers, lambda each: sum(map(abs, each)), 5_000) == sum(range(20_000))


def test_quadratic_work_fails() -> None:
    """By its calls alone, which no other work on the machine changes."""
    with pytest.raises(AssertionError, match=r"4 times as much takes [\d,]+ calls"):
        assert_linear(numbers, pairs, 400)


@pytest.mark.parametrize(("power", "fits"), [(1, True), (2, False)])
def test_time_is_judged_by_the_least_that_it_takes(power: int, fits: bool) -> None:
    """What disturbs an attempt is no growth; what grows is found however often it is tried."""
    now, disturbed = 0.0, iter([9.0, 0.0])

    def work(each: list[int]) -> None:
        nonlocal now
        now += (len(each) / 100) ** power + next(disturbed, 0.0)

    with nullcontext() if fits else pytest.raises(AssertionError, match="processor time"):
        assert_linear_in_time(numbers, work, 500, lambda: now)


def test_work_without_an_end_is_ended() -> None:
    """At the first call too many; a handler of errors within it does not keep it going."""

    def unbounded() -> None:
        while True:
            try:
                len("")
            except Exception:  # noqa: BLE001 - as a reader may have it
                continue

    with pytest.raises(AssertionError, match="more than 1,000 calls"):
        assert_bounded(unbounded, 1_000)
    assert assert_bounded(lambda: len("abc"), 10) == 3
