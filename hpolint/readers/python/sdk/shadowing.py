"""A static hyperparameter that a range takes the place of: whether the search could have found its value."""

from __future__ import annotations

from hpolint.readers.python.interpreter.values import Instance, Known, Sequence, Value
from hpolint.readers.python.sdk import signatures
from hpolint.readers.python.sdk.nodes import Bound


def is_outside(value: Value | None, range_: Instance) -> bool:
    """Whether a value is known to lie outside of a range: then one of the two may be a slip."""
    if not isinstance(value, Known) or isinstance(value.value, bool):
        return False
    if range_.cls.endswith("CategoricalParameter"):
        values = Bound(range_.arguments, signatures.CATEGORICAL, instance=range_).get("values")
        return _is_none_of(value, values)
    bound = Bound(range_.arguments, signatures.RANGE, instance=range_)
    number, low, high = (_number(each) for each in (value, bound.get("min_value"), bound.get("max_value")))
    return number is not None and low is not None and high is not None and not low <= number <= high


def _is_none_of(value: Known, values: Value | None) -> bool:
    if not isinstance(values, Sequence) or values.open is not None:
        return False
    known = [str(each.value) for each in values.items if isinstance(each, Known)]
    return len(known) == len(values.items) and str(value.value) not in known


def _number(value: Value | None) -> float | None:
    try:
        return float(value.value) if isinstance(value, Known) else None  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
