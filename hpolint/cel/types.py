"""The types of the names in expressions, derived from the request's schema and from the fact classes."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import msgspec

from hpolint import schema
from hpolint.model.node import Unknown

Kind = Literal["string", "int", "double", "bool", "null", "list", "struct", "any"]


class Type(msgspec.Struct, frozen=True):
    """``nullable``: the value may be absent. ``item`` the type of a list's items, ``shape`` a structure's members.

    ``choices`` are all the values that a string can have; empty where it can have any.
    """

    kind: Kind
    nullable: bool = False
    item: Type | None = None
    shape: Shape | None = None
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.kind == "list":
            return f"list of {self.item}"
        return self.shape.name if self.shape else {"any": "value"}.get(self.kind, self.kind)


STRING, INT, DOUBLE, BOOL, NULL, ANY = (Type(k) for k in ("string", "int", "double", "bool", "null", "any"))


class Shape(msgspec.Struct, frozen=True):
    """A structure's name and its members, whose types are computed on demand."""

    @property
    def name(self) -> str:
        """The name of the structure in messages."""
        raise NotImplementedError

    def members(self) -> Mapping[str, Type]:
        """Every member with its type."""
        raise NotImplementedError


class RequestShape(Shape, frozen=True):
    """A structure of the request, from the schema. A member that is not required may be null."""

    name: str

    def members(self) -> Mapping[str, Type]:
        required = schema.shape(self.name).get("required", ())
        return {
            member: schema_type(target, nullable=member not in required)
            for member, target in schema.members(self.name).items()
        }


class FactShape(Shape, frozen=True):
    """A class of facts. A field whose annotation includes ``None`` may be null."""

    facts: type[msgspec.Struct]

    @property
    def name(self) -> str:
        return self.facts.__name__

    def members(self) -> Mapping[str, Type]:
        return _fact_members(self.facts)


@cache
def _fact_members(facts: type[msgspec.Struct]) -> Mapping[str, Type]:
    hints = typing.get_type_hints(facts)
    return {name: annotated_type(hints[name]) for name in facts.__struct_fields__}


class RecordShape(Shape, frozen=True):
    """A structure with explicitly listed members: options, map entries, the job."""

    name: str
    record: tuple[tuple[str, Type], ...]

    def members(self) -> Mapping[str, Type]:
        return dict(self.record)


MAP_ENTRY = Type("struct", shape=RecordShape("map entry", (("Name", STRING), ("Value", STRING))))


def schema_type(name: str, *, nullable: bool = False) -> Type:
    """The type of a shape of the request. A map with free keys is a list of entries with Name and Value."""
    definition = schema.shape(name)
    match definition["type"]:
        case "object" if schema.map_value(name):
            return Type("list", nullable, item=MAP_ENTRY)
        case "object":
            return Type("struct", nullable, shape=RequestShape(name))
        case "array":
            return Type("list", nullable, item=schema_type(schema.item(name) or ""))
        case kind:
            names: dict[str, Kind] = {"string": "string", "integer": "int", "number": "double", "boolean": "bool"}
            choices = () if name in schema.OPEN_ENUMS else tuple(definition.get("enum", ()))
            return Type(names[kind], nullable, choices=choices)


def annotated_type(annotation: Any) -> Type:
    """The type declared by the annotation of a fact: ``int | None | Unknown`` is a nullable int."""
    choices = typing.get_args(annotation) if _is_union(annotation) else (annotation,)
    nullable = type(None) in choices
    (base,) = [choice for choice in choices if choice not in (type(None), Unknown)]
    if typing.get_origin(base) is list:
        return Type("list", nullable, item=annotated_type(typing.get_args(base)[0]))
    plain: dict[Any, Kind] = {str: "string", int: "int", float: "double", bool: "bool"}
    if base in plain:
        return Type(plain[base], nullable)
    return Type("struct", nullable, shape=FactShape(base))


def _is_union(annotation: Any) -> bool:
    return isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union


def value_type(value: object) -> Type:
    """The type of an option's default."""
    if isinstance(value, list):
        return Type("list", item=value_type(value[0]) if value else STRING)
    for python, kind in ((bool, BOOL), (int, INT), (float, DOUBLE), (str, STRING)):
        if isinstance(value, python):
            return kind
    return ANY
