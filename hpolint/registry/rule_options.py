"""A rule's options: how a rule file declares them, and which values they take."""

from __future__ import annotations

import math
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
"""The types of options, as a rule file names them, and as conditions do."""

TAKEN: dict[str, tuple[type, ...]] = {"string": (str,), "int": (int,), "double": (int, float), "bool": (bool,)}
WORDS = {"string": "a text", "int": "an integer", "double": "a number", "bool": "true or false"}


def built_option(said: dict[str, Any]) -> Option:
    """An option: with a default, whose type it takes, or with a type alone, so that it must be set."""
    default = said.get("default")
    kind = TYPES[said["type"]] if "type" in said else _kind(default)
    return Option(default, said["help"], kind, said.get("example"))


def _kind(value: object) -> str:
    if isinstance(value, list):
        return f"list[{_kind(value[0]) if value else 'string'}]"
    kinds = ((bool, "bool"), (int, "int"), (float, "double"), (str, "string"))
    return next(kind for python, kind in kinds if isinstance(value, python))


def misfit(value: Any, kind: str) -> str | None:
    """What is wrong with an option's value; None if it is of its type. An integer will do for a number."""
    if kind.startswith("list["):
        if not isinstance(value, list):
            return f"a list is needed, and this is {value_text(value)}"
        return next((reason for item in value if (reason := misfit(item, kind[5:-1]))), None)
    fits = isinstance(value, TAKEN[kind]) and (kind == "bool" or not isinstance(value, bool))
    if fits and isinstance(value, float) and not math.isfinite(value):
        return f"a finite number is needed, and this is {value}"
    return None if fits else f"{WORDS[kind]} is needed, and this is {value_text(value)}"
