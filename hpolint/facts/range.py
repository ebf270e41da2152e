"""One tuned parameter's range: its bounds as numbers, its scale, and how a linear search distributes its trials."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import msgspec
from msgspec.structs import replace

from hpolint.facts.algorithm_data import Tunable
from hpolint.facts.typed_values import array, bound, first_unknown, lifted, missing, read
from hpolint.io.escaping import LONG, brief
from hpolint.model.node import Array, Scalar, Struct, Unknown, child, is_text
from hpolint.model.source import Span

NO_SPAN = Span(1, 1, 1, 1)
"""The span of a text that is parsed without its node."""


DERIVED = ("decades", "decades_to_one", "top_decade_from", "top_decade_share", "far_from_one_to", "near_one_share")
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
    far_from_one_to: float | Unknown | None
    """The value x at which 1 − x is a tenth of 1 − min; null when min ≥ 1."""
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
        return RangeFacts(kind, None, None, None, **dict[str, Any].fromkeys(DERIVED), **_values(range_))
    return replace(_numeric(kind, range_), **_invalid_bounds(kind, range_), **_recommended(kind, recommended))


def _numeric(kind: str, range_: Struct) -> RangeFacts:
    low, high = _bound(range_, "MinValue"), _bound(range_, "MaxValue")
    scale = read(range_, ("ScalingType",), str)
    derived = _derived(low, high)
    if isinstance(derived, Unknown):
        return RangeFacts(kind, low, high, scale, **dict.fromkeys(DERIVED, derived))
    if scale == "Logarithmic":
        derived["near_one_share"] = None
    return RangeFacts(kind, low, high, scale, **derived)


@lifted
def _derived(low: float, high: float) -> dict[str, Any]:
    """The facts that are computed from both bounds."""
    derived = dict[str, Any].fromkeys(DERIVED)
    if low > 0 and high > 0:
        derived["decades"] = round(math.log10(high) - math.log10(low), 6)
    if low < 1 and high < 1:
        derived["decades_to_one"] = round(math.log10(1 - low) - math.log10(1 - high), 6)
    width = high - low
    if width <= 0 or not math.isfinite(width):
        return derived
    if high > 0:
        top = high / 10
        derived["top_decade_from"] = top
        derived["top_decade_share"] = (high - max(top, low)) / width
    if low < 1:
        near = 1 - (1 - low) / 10
        derived["far_from_one_to"] = near
        derived["near_one_share"] = 1 - min((near - low) / width, 1.0)
    return derived


def _recommended(kind: str, tunable: Tunable | Unknown | None) -> dict[str, Any]:
    if isinstance(tunable, Unknown):
        return dict.fromkeys(("recommended_min", "recommended_max"), tunable)
    if tunable is None or tunable.kind != kind:
        return {}
    return {"recommended_min": tunable.low, "recommended_max": tunable.high}


def _invalid_bounds(kind: str, range_: Struct) -> dict[str, Any]:
    """The facts ``no_number`` and ``fractional``."""
    nodes = [child(range_, name) for name in ("MinValue", "MaxValue")]
    unknown = first_unknown(*nodes)
    texts = [node.value for node in nodes if isinstance(node, Scalar) and is_text(node.value)]
    no_number = [shown(text) for text in texts if isinstance(bound_of(text), Unknown)]
    facts = {"no_number": next(iter(no_number), unknown), "fractional": None}
    if kind == "integer":
        fractional = [shown(text) for text in texts if not _is_whole(text)]
        facts["fractional"] = unknown if no_number else next(iter(fractional), unknown)
    return facts


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
    values = array(range_, ("Values",))
    if not isinstance(values, Array):
        unknown = values or missing(range_, ("Values",))
        return dict.fromkeys(("values", "twice", "numbers", "powers_of_two", "signs"), unknown)
    texts = [str(item.value) for item in values.items if isinstance(item, Scalar)]
    unknown_item = first_unknown(*values.items)
    repeated = (shown(text) for text, times in Counter(texts).items() if times > 1)
    bounds = [bound_of(text.strip('"')) for text in texts]
    numbers = [bound for bound in bounds if isinstance(bound, float)]
    are_numbers: bool | Unknown = False
    if len(numbers) == len(texts):
        are_numbers = unknown_item or bool(texts)
    are_powers = are_numbers
    if not all(number > 0 and math.log2(number).is_integer() for number in numbers):
        are_powers = False
    negative = sum(number <= 0 for number in numbers)
    return {
        "values": len(values.items),
        "twice": next(repeated, unknown_item),
        "numbers": are_numbers,
        "powers_of_two": are_powers,
        "signs": 0 < negative < len(numbers) or unknown_item or False,
    }


def _bound(range_: Struct, name: str) -> float | Unknown:
    value = bound(child(range_, name))
    return missing(range_, (name,)) if value is None else value
