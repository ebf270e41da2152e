"""The judges of growth tell what grows too fast from what does not."""

from __future__ import annotations

import pytest

from tests.growth import assert_bounded, assert_linear


def numbers(count: int) -> list[int]:
    """Something of a size."""
    return list(range(count))


def total(numbers: list[int]) -> int:
    """Work that is linear."""
    return sum(numbers)


def test_linear_work_passes() -> None:
    """And its result for the larger input is handed on."""
    assert assert_linear(numbers, total, 500_000) == sum(range(2_000_000))


def test_quadratic_work_fails() -> None:
    """Four times as much takes sixteen times as long, however often it is tried."""
    with pytest.raises(AssertionError, match="4 times as much takes"):
        assert_linear(numbers, lambda each: sum(1 for _ in each for _ in each), 500)


def test_work_without_an_end_is_ended() -> None:
    """At the first call too many; a handler of errors within it does not keep it going."""

    def endless() -> None:
        while True:
            try:
                len("")
            except Exception:  # noqa: BLE001 - as a reader may have it
                continue

    with pytest.raises(AssertionError, match="more than 1,000 calls"):
        assert_bounded(endless, 1_000)
    assert assert_bounded(lambda: len("abc"), 10) == 3
