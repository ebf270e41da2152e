"""Convert a request's nodes to CEL values: null for an absent member; an unknown one is not bound."""

from __future__ import annotations

import math
from typing import Any

from hpolint import schema
from hpolint.facts.typed_values import missing, unusable
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, is_counted, is_text

UnknownValues = dict[str | int, Any]
"""The values that are not bound in a structure, by member or index: an Unknown, or the UnknownValues of a member."""


class _Missing:
    """The type of ``MISSING``, the marker for a value that is not bound."""


MISSING = _Missing()


def cel_value(node: Node, shape: str) -> tuple[Any, Any]:
    """A node's CEL value with absent members as null, and its unknown values; (MISSING, Unknown) if it has none."""
    if isinstance(node, Unknown):
        return MISSING, node
    definition = schema.shape(shape)
    kind = definition["type"]
    if kind == "object" and isinstance(node, Struct):
        return _entries(node) if schema.map_value(shape) else _structure(node, shape)
    if kind == "array" and isinstance(node, Array):
        return _list(node, schema.item(shape) or "")
    if isinstance(node, Scalar) and _fits(node.value, kind):
        return (float(node.value) if kind == "number" else node.value), {}  # type: ignore[arg-type]
    return MISSING, unusable(node)


def _fits(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, int):
        return kind in ("integer", "number") and is_counted(value)
    if isinstance(value, float):
        return kind == "number" and math.isfinite(value)
    return kind == "string" and is_text(value)


def _structure(node: Struct, shape: str) -> tuple[dict[str, Any], UnknownValues]:
    values: dict[str, Any] = {}
    unknowns: UnknownValues = {}
    required = schema.shape(shape).get("required", ())
    for name, target in schema.members(shape).items():
        member = node.members.get(name, node.open)
        if member is not None:
            bind(values, unknowns, name, *cel_value(member, target))
        elif name in required:
            unknowns[name] = missing(node, (name,))
        else:
            values[name] = None
    return values, unknowns


def _entries(node: Struct) -> tuple[Any, Any]:
    """A map with free keys as a list of entries with Name and Value."""
    if node.open:
        return MISSING, node.open
    entries, unknowns = [], {}
    for index, (name, member) in enumerate(node.members.items()):
        if not is_text(name):
            return MISSING, Unknown("has a key that is not valid Unicode", node.keys[name])
        entry: dict[str, Any] = {"Name": name}
        if isinstance(member, Scalar) and is_text(member.value):
            entry["Value"] = member.value
        else:
            unknowns[index] = {"Value": member if isinstance(member, Unknown) else unusable(member)}
        entries.append(entry)
    return entries, unknowns


def _list(node: Array, shape: str) -> tuple[Any, Any]:
    """A list with ``{}`` for unknown structures. With an unknown scalar or an open tail, the list is not bound."""
    if node.open:
        return MISSING, node.open
    values: list[Any] = []
    unknowns: UnknownValues = {}
    for index, item in enumerate(node.items):
        value, below = cel_value(item, shape)
        if value is MISSING and schema.shape(shape)["type"] != "object":
            return MISSING, below
        values.append({} if value is MISSING else value)
        if below:
            unknowns[index] = below
    return values, unknowns


def bind(values: dict[str, Any], unknowns: UnknownValues, name: str, value: Any, below: Any) -> None:
    """Bind a value and its unknown values to a name; MISSING binds no value."""
    values.pop(name, None)
    unknowns.pop(name, None)
    if value is not MISSING:
        values[name] = value
    if below:
        unknowns[name] = below
