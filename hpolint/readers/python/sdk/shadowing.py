"""Static hyperparameters that a range replaces: whether their values lie inside the range."""

from __future__ import annotations

from hpolint.readers.python.interpreter.values import Constant, Instance, Sequence, Value
from hpolint.readers.python.sdk import signatures
from hpolint.readers.python.sdk.nodes import BoundArguments


def is_outside(value: Value | None, range_: Instance) -> bool:
    """Whether a value is known to lie outside a range, so that one of the two may be a mistake."""
    if not isinstance(value, Constant) or isinstance(value.value, bool):
        return False
    if range_.cls.endswith("CategoricalParameter"):
        values = BoundArguments(range_.arguments, signatures.CATEGORICAL, instance=range_).get("values")
        return _is_none_of(value, values)
    bound = BoundArguments(range_.arguments, signatures.RANGE, instance=range_)
    number, low, high = (_number(each) for each in (value, bound.get("min_value"), bound.get("max_value")))
    return number is not None and low is not None and high is not None and not low <= number <= high


def _is_none_of(value: Constant, values: Value | None) -> bool:
    if not isinstance(values, Sequence) or values.open is not None:
        return False
    known = [str(each.value) for each in values.items if isinstance(each, Constant)]
    return len(known) == len(values.items) and str(value.value) not in known


def _number(value: Value | None) -> float | None:
    try:
        return float(value.value) if isinstance(value, Constant) else None  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
