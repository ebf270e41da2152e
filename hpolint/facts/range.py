"""One tuned parameter's range: its bounds as numbers, its scale, how a linear search spends itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hpolint.facts.reading import bound, missing, read
from hpolint.node import Struct, Unknown

Number = float | None | Unknown


@dataclass(frozen=True, slots=True)
class RangeFacts:
    """``range``. Everything but ``kind`` is null for a categorical range."""

    kind: str
    """``continuous``, ``integer`` or ``categorical``."""
    min: float | Unknown | None
    """MinValue as a number."""
    max: float | Unknown | None
    """MaxValue as a number."""
    scale: str | Unknown | None
    """ScalingType; null if the request has none. An SDK's default counts: ``defaulted`` says that nobody wrote it."""
    decades: float | Unknown | None
    """Powers of ten between the bounds, log10(max / min); null when min ≤ 0."""
    decades_to_one: float | Unknown | None
    """Powers of ten of 1 − x, log10((1 − min) / (1 − max)); null when max ≥ 1."""
    top_decade_from: float | Unknown | None
    """max / 10: where the highest power of ten begins."""
    top_decade_share: float | Unknown | None
    """The share of a linear search's trials at or above ``top_decade_from``."""
    low_to: float | Unknown | None
    """max / 100; null when the range does not reach a tenth of it."""
    low_share: float | Unknown | None
    """The share of a linear search's trials below ``low_to``."""
    far_from_one_to: float | Unknown | None
    """Where 1 − x has shrunk to a tenth of what it is at min; null when min ≥ 1."""
    far_from_one_share: float | Unknown | None
    """The share of a linear search's trials below ``far_from_one_to``; null where the scale is logarithmic."""
    near_one_share: float | Unknown | None
    """The rest of them, above it."""


def range_facts(kind: str, range_: Struct) -> RangeFacts:
    """The facts of one range; ``kind`` is the list that it stands in."""
    if kind == "categorical":
        return RangeFacts(kind, *[None] * 12)
    low = _bound(range_, "MinValue")
    high = _bound(range_, "MaxValue")
    scale = read(range_, ("ScalingType",), str)
    if isinstance(low, Unknown) or isinstance(high, Unknown):
        unknown = low if isinstance(low, Unknown) else high
        return RangeFacts(kind, low, high, scale, *[unknown] * 9)
    shares = list(_shares(low, high))
    if scale == "Logarithmic":
        shares[-2:] = [None, None]
    return RangeFacts(kind, low, high, scale, _decades(low, high), _decades_to_one(low, high), *shares)


def _bound(range_: Struct, name: str) -> float | Unknown:
    value = bound(range_.members.get(name, range_.open))
    return missing(range_, (name,)) if value is None else value


def _decades(low: float, high: float) -> float | None:
    return round(math.log10(high) - math.log10(low), 6) if low > 0 and high > 0 else None


def _decades_to_one(low: float, high: float) -> float | None:
    return round(math.log10(1 - low) - math.log10(1 - high), 6) if high < 1 and low < 1 else None


def _shares(low: float, high: float) -> tuple[Number, ...]:
    width = high - low
    if width <= 0 or not math.isfinite(width):
        return (None,) * 7
    top = high / 10 if high > 0 else None
    top_share = (high - max(top, low)) / width if top is not None else None
    bottom = high / 100 if high > 0 and high / 1000 >= low else None
    bottom_share = (bottom - low) / width if bottom is not None else None
    near = 1 - (1 - low) / 10 if low < 1 else None
    far_share = min((near - low) / width, 1.0) if near is not None else None
    near_share = 1 - far_share if far_share is not None else None
    return top, top_share, bottom, bottom_share, near, far_share, near_share
