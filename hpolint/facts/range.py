"""One tuned parameter's range: its bounds as numbers, its scale, and how a linear search distributes its trials."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import msgspec
from msgspec.structs import replace

from hpolint.facts.algorithm_data import Tunable
from hpolint.facts.typed_values import bound, missing, read
from hpolint.io.escaping import LONG, brief
from hpolint.model.node import Array, Scalar, Struct, Unknown, is_text
from hpolint.model.source import Span

Number = float | None | Unknown

NO_SPAN = Span(1, 1, 1, 1)
"""The span of a text that is parsed without its node."""


DERIVED = (
    *("decades", "decades_to_one", "top_decade_from", "top_decade_share", "low_to", "low_share"),
    *("far_from_one_to", "far_from_one_share", "near_one_share"),
)
"""The facts that are computed from both bounds."""


class RangeFacts(msgspec.Struct, frozen=True):
    """``range``: the facts of one range. For a categorical range, only ``kind`` and the facts of its values are set.
    The shares are those of a linear search, which draws values uniformly between the bounds.
    """

    kind: str
    """``continuous``, ``integer`` or ``categorical``."""
    min: float | Unknown | None
    """MinValue as a number."""
    max: float | Unknown | None
    """MaxValue as a number."""
    scale: str | Unknown | None
    """ScalingType; null if the request has none. A default of the SDK counts, and is listed in ``defaulted``."""
    decades: float | Unknown | None
    """Powers of ten between the bounds, log10(max / min); null when min ≤ 0."""
    decades_to_one: float | Unknown | None
    """Powers of ten of 1 − x, log10((1 − min) / (1 − max)); null when max ≥ 1."""
    top_decade_from: float | Unknown | None
    """max / 10: the beginning of the highest power of ten; null when max ≤ 0."""
    top_decade_share: float | Unknown | None
    """The share of a linear search's trials at or above ``top_decade_from``."""
    low_to: float | Unknown | None
    """max / 100; null when max ≤ 0 or min > max / 1000."""
    low_share: float | Unknown | None
    """The share of a linear search's trials below ``low_to``."""
    far_from_one_to: float | Unknown | None
    """The value x at which 1 − x is a tenth of 1 − min; null when min ≥ 1."""
    far_from_one_share: float | Unknown | None
    """The share of a linear search's trials below ``far_from_one_to``; null if the scale is logarithmic."""
    near_one_share: float | Unknown | None
    """The share of a linear search's trials above ``far_from_one_to``; null if the scale is logarithmic."""
    no_number: str | Unknown | None = None
    """A bound that is not a number, as written; null if both are numbers."""
    fractional: str | Unknown | None = None
    """For an integer range: a bound that is not an integer, as written; null if there is none."""
    recommended_min: float | Unknown | None = None
    """The lower bound that AWS recommends for the algorithm; null if it recommends none."""
    recommended_max: float | Unknown | None = None
    """The upper bound that AWS recommends for the algorithm; null as for ``recommended_min``."""
    values: int | Unknown | None = None
    """The number of values of a categorical range; null for any other."""
    twice: str | Unknown | None = None
    """A value that occurs more than once in a categorical range; null if there is none."""
    numbers: bool | Unknown | None = None
    """Whether all values of a categorical range are numbers."""
    powers_of_two: bool | Unknown | None = None
    """Whether all values of a categorical range are powers of two."""
    signs: bool | Unknown | None = None
    """Whether some values of a categorical range are ≤ 0 and others > 0, for example if -1 stands for no limit."""


def range_facts(kind: str, range_: Struct, recommended: Tunable | Unknown | None = None) -> RangeFacts:
    """The facts of one range; ``kind`` is that of its list, ``recommended`` has AWS's bounds for its name."""
    if kind == "categorical":
        return replace(RangeFacts(kind, None, None, None, **_derived(None)), **_values(range_))
    return replace(_numeric(kind, range_), **_invalid_bounds(kind, range_), **_recommended(kind, recommended))


def _numeric(kind: str, range_: Struct) -> RangeFacts:
    low = _bound(range_, "MinValue")
    high = _bound(range_, "MaxValue")
    scale = read(range_, ("ScalingType",), str)
    if isinstance(low, Unknown) or isinstance(high, Unknown):
        unknown = low if isinstance(low, Unknown) else high
        return RangeFacts(kind, low, high, scale, **_derived(unknown))  # type: ignore[arg-type]
    shares = list(_shares(low, high))
    if scale == "Logarithmic":
        shares[-2:] = [None, None]
    derived = dict(zip(DERIVED, (_decades(low, high), _decades_to_one(low, high), *shares), strict=True))
    return RangeFacts(kind, low, high, scale, **derived)  # type: ignore[arg-type]


def _derived(value: Unknown | None) -> dict[str, Any]:
    """All facts that are computed from both bounds, set to one value."""
    return dict.fromkeys(DERIVED, value)


def _recommended(kind: str, tunable: Tunable | Unknown | None) -> dict[str, Any]:
    if isinstance(tunable, Unknown):
        return dict.fromkeys(("recommended_min", "recommended_max"), tunable)
    if tunable is None or tunable.kind != kind:
        return {}
    return {"recommended_min": tunable.low, "recommended_max": tunable.high}


def _invalid_bounds(kind: str, range_: Struct) -> dict[str, Any]:
    """The facts ``no_number`` and ``fractional``."""
    nodes = [range_.members.get(name, range_.open) for name in ("MinValue", "MaxValue")]
    open_ = next((node for node in nodes if isinstance(node, Unknown)), None)
    texts = [node.value for node in nodes if isinstance(node, Scalar) and is_text(node.value)]
    no_number = next((shown(text) for text in texts if isinstance(bound_of(text), Unknown)), None)
    broken = [shown(text) for text in texts if not _is_whole(text)] if kind == "integer" and no_number is None else []
    fractional = next(iter(broken), open_ if kind == "integer" else None)
    return {"no_number": no_number if no_number is not None else open_, "fractional": fractional}


def shown(text: Any) -> str:
    """A text, shortened for a message."""
    return brief(str(text), LONG)


def bound_of(text: Any) -> float | Unknown | None:
    """A bound's text as a number; Unknown if it is not one."""
    return bound(Scalar(text, NO_SPAN))


def _is_whole(text: Any) -> bool:
    value = bound_of(text)
    return not isinstance(value, float) or value.is_integer()


def _values(range_: Struct) -> dict[str, Any]:
    """The facts of a categorical range's values."""
    node = range_.members.get("Values", range_.open)
    unknown = node if isinstance(node, Unknown) else node.open if isinstance(node, Array) else None
    if not isinstance(node, Array) or unknown is not None:
        unknown = unknown or missing(range_, ("Values",))
        return dict.fromkeys(("values", "twice", "numbers", "powers_of_two", "signs"), unknown)
    texts = [str(item.value) for item in node.items if isinstance(item, Scalar)]
    more = next((item for item in node.items if isinstance(item, Unknown)), None)
    twice = next((shown(text) for text, times in Counter(texts).items() if times > 1), more)
    numbers = [bound_of(text.strip('"')) for text in texts]
    found = [number for number in numbers if isinstance(number, float)]
    all_numbers: bool | Unknown = (more or bool(numbers)) if len(found) == len(numbers) else False
    doubling = all(number > 0 and math.log2(number).is_integer() for number in found)
    powers: bool | Unknown = all_numbers if doubling else False
    below = sum(number <= 0 for number in found)
    signs: bool | Unknown = True if below not in (0, len(found)) else more or False
    return {
        "values": len(node.items),
        "twice": twice,
        "numbers": all_numbers,
        "powers_of_two": powers,
        "signs": signs,
    }


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
