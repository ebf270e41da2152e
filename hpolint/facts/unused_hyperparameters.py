"""Tuned hyperparameters without an effect: the algorithm uses them only with other values of another hyperparameter.

Which ones these are stands under the key ``used_with`` of the algorithm's data file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from hpolint.data import load
from hpolint.facts.algorithm_data import Algorithm
from hpolint.facts.hyperparameter_values import any_of
from hpolint.facts.space import TunedParameter
from hpolint.facts.typed_values import first_unknown
from hpolint.model.node import Array, Node, Scalar, Unknown, child

Other = Node | TunedParameter | None
"""Another hyperparameter: its static value, its range, or None for one that is not sent."""


class Unused(msgspec.Struct, frozen=True):
    """Why a hyperparameter has no effect: what it needs, what the job has instead, and what would help, in words."""

    used_with: str
    """```optimizer` `adam```."""
    instead: str
    """```sgd`, the default``."""
    remedy: str


def unused(algorithm: Algorithm | Unknown | None, name: str, other: Callable[[str], Other]) -> Unused | Unknown | None:
    """Why the algorithm does not use a hyperparameter in any trial; None if it uses it, or if that is not known."""
    if algorithm is None or name not in load("algorithms")["conditional"]:
        return None
    if isinstance(algorithm, Unknown):
        return algorithm
    for condition in algorithm.used_with:
        if name in condition["names"]:
            return _unmet(condition, other(condition["other"]))
    return None


def _unmet(condition: dict[str, Any], other: Other) -> Unused | Unknown | None:
    values = _values(other, condition.get("default"))
    if isinstance(values, Unknown):
        return values
    if not values or not values.isdisjoint(condition["values"]):
        return None
    unknown = _unknown_value(other)
    if unknown is not None:
        return unknown
    name = f"`{condition['other']}`"
    wanted = any_of([f"`{value}`" for value in condition["values"]])
    instead = any_of([f"`{value}`" for value in sorted(values)])
    if other is None:
        return Unused(f"{name} {wanted}", f"{instead}, the default", f"send {name} with the value {wanted}")
    return Unused(f"{name} {wanted}", instead, f"set {name} to {wanted}")


def _values(other: Other, default: str | None) -> set[str] | Unknown:
    """The known values that another hyperparameter has in the trials."""
    if other is None:
        return set() if default is None else {default}
    if isinstance(other, TunedParameter):
        categories = child(other.node, "Values")
        items = categories.items if isinstance(categories, Array) else []
        return {_plain(item) for item in items if isinstance(item, Scalar)}
    if isinstance(other, Scalar):
        return {_plain(other)}
    return first_unknown(other) or set()


def _unknown_value(other: Other) -> Unknown | None:
    """Why another hyperparameter may have further values."""
    if not isinstance(other, TunedParameter):
        return None
    categories = child(other.node, "Values")
    if not isinstance(categories, Array):
        return first_unknown(categories)
    return first_unknown(categories.open, *categories.items)


def _plain(value: Scalar) -> str:
    """A value without the quotes of JSON, which the SDK adds to those of a framework's script."""
    return str(value.value).strip('"')
