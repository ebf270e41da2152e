"""What experiments measured, for the values of a job: see docs/evidence.md."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from hpolint.data import generated

Value = str | int | float | None


def experiments() -> dict[str, list[list[Value]]]:
    """The conditions of each experiment in order: the varied values, and the effect with its interval."""
    return generated("measured")["experiments"]  # type: ignore[no-any-return]


def effect_of(experiment: str, values: Sequence[Any]) -> str | None:
    """The effect under the nearest condition at or below the values, such as ``1.26 (1.06 to 1.50)``.

    Texts must be equal. None without such a condition, if a value is larger than all that were measured or null, or if
    no effect was shown to exist.
    """
    rows = experiments()[experiment]
    for at, value in enumerate(values):
        groups = {key: list(own) for key, own in groupby(rows, key=lambda row: row[at])}
        nearest: Value = value if value in groups else None
        if nearest is None and isinstance(value, int | float):
            numbers = [number for number in groups if isinstance(number, int | float)]
            below = [number for number in numbers if number <= value]
            nearest = max(below) if below and value <= max(numbers) else None
        if nearest is None:
            return None
        rows = groups[nearest]
    effect = rows[0][-1]
    return None if effect is None else str(effect)
