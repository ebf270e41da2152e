"""What experiments measured, for the values of a job: see docs/evidence.md."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose
from typing import Any

from hpolint.data import generated

Value = str | int | float | None


def experiments() -> dict[str, list[list[Value]]]:
    """The conditions of each experiment in order: the varied values, and the effect with its interval."""
    return generated("measured")["experiments"]  # type: ignore[no-any-return]


def effect_of(experiment: str, values: Sequence[Any]) -> str | None:
    """The effect under the condition with these values, such as ``1.26 (1.06 to 1.50)``.

    None if another condition was measured, if a value is null, or if no effect was shown to exist.
    """
    for *condition, effect in experiments()[experiment]:
        if all(map(_is_same, condition, values)):
            return None if effect is None else str(effect)
    return None


def _is_same(measured: Value, value: Any) -> bool:
    """Whether a value is the measured one; numbers but for their rounding."""
    if isinstance(measured, int | float) and isinstance(value, int | float):
        return isclose(measured, value, rel_tol=1e-9)
    return bool(measured == value)
