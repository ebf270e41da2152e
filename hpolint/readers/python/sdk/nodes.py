"""Conversion of values to the request's nodes, as the SDK converts arguments to a request."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from hpolint.io.escaping import brief
from hpolint.model.node import Array, Node, Origin, Scalar, ScalarValue, Struct, Unknown, plain, walk
from hpolint.model.reasons import Kind, is_a
from hpolint.model.source import Span
from hpolint.readers.placeholders import BRACKETED, unfilled_arn
from hpolint.readers.python.interpreter import bounds
from hpolint.readers.python.interpreter.units import BEGINNING
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Instance,
    Mapping,
    Method,
    Sequence,
    Symbol,
    Value,
    description,
    span_of,
    unknown,
)

PARAMETERS = (".ParameterString", ".ParameterInteger", ".ParameterFloat", ".ParameterBoolean")


def to_node(value: Value | None, span: Span) -> Node | None:
    """A value as a node without conversion, as boto3 sends it; None if it is absent."""
    if isinstance(value, Mapping | Sequence) and not bounds.is_within_bounds(value):
        return unknown(bounds.TOO_LARGE, value.span)
    return _to_node(value, span)


def _to_node(value: Value | None, span: Span) -> Node | None:
    if value is None or isinstance(value, Unknown):
        return value
    if isinstance(value, Constant):
        return as_placeholder(value) or Scalar(value.value, value.span)
    if isinstance(value, Mapping):
        struct = Struct({}, value.span, value.span, {}, value.open)
        for key, entry in value.entries.items():
            name = str(key)
            place = value.keys.get(key, value.span)
            node = _to_node(entry, place)
            if isinstance(node, Struct | Array):
                node.anchor = place
            if node is not None:
                struct.members[name], struct.keys[name] = node, place
        return struct
    if isinstance(value, Sequence) and value.kind in ("list", "tuple"):
        items = [node for item in value.items if (node := _to_node(item, value.span)) is not None]
        return Array(items, value.span, value.span, value.open)
    return opaque(value, span)


def has_values(request: Struct) -> bool:
    """Whether any value of a request is known."""
    return any(isinstance(node, Scalar) for _, node in walk(request))


def opaque(value: Value, span: Span) -> Unknown:
    """The Unknown of a value that has no node: something imported, or an object."""
    place = span_of(value) or span
    if isinstance(value, Symbol):
        return unknown(is_a(f"`{value.name}`, which is defined elsewhere"), place)
    if isinstance(value, Instance) and value.cls.endswith(PARAMETERS):
        return replace(unknown(_parameter(value), place), default=_parameter_default(value))
    if isinstance(value, Instance):
        return unknown(f"is {description(value)}", place)
    if isinstance(value, Method):
        return unknown(f"is {description(value)}", value.span)
    return unknown("is not a plain value", place)


def _parameter(value: Instance) -> str:
    """The reason of a pipeline's parameter, with its default, which each execution may replace."""
    bound = BoundArguments(value.arguments, ("name", "default_value"), None, value)
    name, default_value = bound.get("name"), bound.get("default_value")
    thing = "a parameter of the pipeline"
    if isinstance(name, Constant):
        thing = f"the pipeline's parameter `{brief(str(name.value))}`"
    if isinstance(default_value, Constant) and default_value.value is not None:
        thing += f", by default {brief(repr(default_value.value))}"
    return is_a(thing, Kind.PIPELINE_PARAMETER if isinstance(name, Constant) else Kind.OTHER)


def _parameter_default(value: Instance) -> Scalar | None:
    """The default of a pipeline's parameter; None if it has none that is known."""
    found = BoundArguments(value.arguments, ("name", "default_value"), None, value).get("default_value")
    return Scalar(found.value, found.span) if isinstance(found, Constant) and found.value not in (None, "") else None


def scalar(value: Value | None, convert: Callable[[Any], ScalarValue] = lambda v: v) -> Node | None:
    """A plain value, converted as the SDK does; None if it is absent."""
    if value is None or isinstance(value, Unknown):
        return value and _converted(value, convert)
    if isinstance(value, Constant):
        return as_placeholder(value) or Scalar(convert(value.value), value.span)
    return opaque(value, BEGINNING)


def _converted(value: Unknown, convert: Callable[[Any], ScalarValue]) -> Unknown:
    """An unknown value with its possible values and its default converted.

    It has no possible values if one of them is absent or a placeholder.
    """
    if value.default is not None:
        value = replace(value, default=replace(value.default, value=convert(value.default.value)))
    if any(each is None or as_placeholder(Constant(each.value, each.span)) for each in value.choices):
        return replace(value, choices=())
    return replace(value, choices=tuple(Scalar(convert(each.value), each.span) for each in value.choices if each))


def as_placeholder(value: Constant) -> Unknown | None:
    """The Unknown of a placeholder such as ``<YOUR ROLE>``; None for other values, which Python uses literally."""
    if not isinstance(value.value, str):
        return None
    if BRACKETED.match(value.value):
        return unknown(is_a(f"the placeholder {brief(value.value)}"), value.span)
    return unfilled_arn(value.value, value.span)


def default(value: ScalarValue, span: Span) -> Scalar:
    """The SDK's default of an argument that is not set, at the constructor's span."""
    return Scalar(value, span, Origin.DEFAULT)


def json_text(value: Any) -> str:
    """A framework's static hyperparameter, encoded as JSON."""
    return json.dumps(value)


def struct(span: Span, **members: Node | None) -> Struct:
    """A structure of the members that are not None."""
    return Struct({name: node for name, node in members.items() if node is not None}, span, span)


def keyed(found: Struct, arguments: Arguments, **names: str) -> Struct:
    """A structure with the spans of the call's keywords (member: keyword) as the keys of its members."""
    for member, name in names.items():
        place = arguments.places.get(name)
        if place is not None and member in found.members:
            found.keys[member] = place
    return found


def is_none(value: Value | None) -> bool:
    """Whether a value is absent or Python's None, which the SDK treats as absent."""
    return value is None or (isinstance(value, Constant) and value.value is None)


class BoundArguments:
    """A call's arguments by the names of its parameters.

    The first ``trusted`` parameters have never changed their positions; later positional arguments are unknown. Values
    assigned to attributes of the object take precedence, and so do older names, which ``aliases`` maps from new ones.
    """

    def __init__(
        self,
        arguments: Arguments,
        names: tuple[str, ...],
        trusted: int | None = None,
        instance: Instance | None = None,
        aliases: dict[str, str] | None = None,
    ) -> None:
        self._arguments = arguments
        self._names = names
        self._trusted = len(names) if trusted is None else trusted
        self._instance = instance
        self._aliases = aliases or {}

    def get(self, name: str) -> Value | None:
        """The argument; None if it is not set, an Unknown if its value or presence is unknown."""
        if self._instance is not None:
            if self._instance.escaped is not None:
                return self._instance.escaped
            if name in self._instance.attributes:
                return self._instance.attributes[name]
        keywords = self._arguments.keywords
        for spelling in (self._aliases.get(name), name):
            if spelling in keywords:
                return keywords[spelling]
        if name in self._names:
            at = self._names.index(name)
            if at < len(self._arguments.positional):
                value = self._arguments.positional[at]
                if at < self._trusted:
                    return value
                return unknown(
                    is_a("a positional argument whose meaning depends on the SDK's version"),
                    span_of(value) or BEGINNING,
                )
        return self._arguments.open

    def value(self, name: str) -> Value | None:
        """The same, with Python's None treated as not set."""
        value = self.get(name)
        return None if is_none(value) else value


def join_nodes(one: Node, other: Node, reason: str) -> Node:
    """The common node of two launches. Values that differ are unknown, with ``reason``."""
    if isinstance(one, Struct) and isinstance(other, Struct):
        joined = Struct({}, one.span, one.anchor, {**other.keys, **one.keys}, one.open or other.open)
        for name in {**one.members, **other.members}:
            first, second = one.members.get(name), other.members.get(name)
            if first is not None and second is not None:
                joined.members[name] = join_nodes(first, second, reason)
            else:
                joined.members[name] = Unknown(reason, one.anchor)
        return joined
    if isinstance(one, Array) and isinstance(other, Array) and len(one.items) == len(other.items):
        items = [join_nodes(a, b, reason) for a, b in zip(one.items, other.items, strict=True)]
        return Array(items, one.span, one.anchor, one.open or other.open)
    if (
        isinstance(one, Scalar)
        and isinstance(other, Scalar)
        and plain(one) == plain(other)
        and one.origin is other.origin
    ):
        return one
    if isinstance(one, Unknown):
        return one
    return Unknown(reason, one.anchor if isinstance(one, Struct | Array) else one.span)
