"""A rule's options: their declaration in a rule file, and the values that they accept."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hpolint.io.escaping import value_text
from hpolint.model.rule import Option

TYPES = {
    "string": "string",
    "integer": "int",
    "number": "double",
    "boolean": "bool",
    "strings": "list[string]",
    "integers": "list[int]",
    "numbers": "list[double]",
}
"""The types of options: the name in a rule file, and the name in conditions."""

PYTHON_TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "int": (int,), "double": (int, float), "bool": (bool,)}
TYPE_PHRASES = {"string": "a string", "int": "an integer", "double": "a number", "bool": "true or false"}


def built_option(declared: dict[str, Any]) -> Option:
    """The declared option: with a default, which also determines its type, or with a type only, so it must be set."""
    default = declared.get("default")
    kind = TYPES[declared["type"]] if "type" in declared else _kind(default)
    return Option(
        default,
        declared["help"],
        kind,
        example=declared.get("example"),
        stricter=declared.get("stricter"),
        former=declared.get("former"),
    )


STRICTER: dict[str, Callable[[Any, Any], Any]] = {
    "lower": min,
    "higher": max,
    "fewer": lambda one, other: [item for item in one if item in other],
    "more": lambda one, other: [*one, *(item for item in other if item not in one)],
    "true": lambda one, other: one or other,
}
"""The value that reports all that either of two values reports, by an option's ``stricter``."""

STRICTER_KINDS = {"lower": ("int", "double"), "higher": ("int", "double"), "true": ("bool",)}
"""The types of options for ``stricter``; those that are not named are for lists."""


def stricter_value(option: Option, one: Any, other: Any) -> Any:
    """The stricter of two values of an option; the first if the option does not say which is."""
    if option.stricter is None:
        return one
    return STRICTER[option.stricter](one, other)


def stricter_error(stricter: str, kind: str) -> str | None:
    """Why ``stricter`` does not fit an option's type; None if it does."""
    if stricter not in STRICTER:
        return f"`stricter: {stricter}` is not one of {', '.join(STRICTER)}"
    kinds = STRICTER_KINDS.get(stricter)
    fits = kind.startswith("list[") if kinds is None else kind in kinds
    if fits:
        return None
    return f"`stricter: {stricter}` does not fit an option of the type {kind}"


def _kind(value: object) -> str:
    if isinstance(value, list):
        item = _kind(value[0]) if value else "string"
        return f"list[{item}]"
    kinds = ((bool, "bool"), (int, "int"), (float, "double"), (str, "string"))
    return next(kind for python, kind in kinds if isinstance(value, python))


def value_error(value: Any, kind: str) -> str | None:
    """Why a value does not have an option's type; None if it does. An integer is accepted as a number."""
    if kind.startswith("list["):
        if not isinstance(value, list):
            return f"expected a list, got {value_text(value)}"
        return next((reason for item in value if (reason := value_error(item, kind[5:-1]))), None)
    if not isinstance(value, PYTHON_TYPES[kind]) or (isinstance(value, bool) and kind != "bool"):
        return f"expected {TYPE_PHRASES[kind]}, got {value_text(value)}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"expected a finite number, got {value}"
    return None
