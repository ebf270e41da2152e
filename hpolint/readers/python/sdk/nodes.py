"""From values to the request's nodes, as the SDK turns its arguments into a request."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from hpolint.io.escaping import brief
from hpolint.model.node import Array, Node, Origin, Scalar, ScalarValue, Struct, Unknown, plain, walk
from hpolint.model.reasons import is_a, is_parameter
from hpolint.model.source import Span
from hpolint.readers.placeholders import BRACKETED
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
    """A value as it is: what boto3 is given goes into the request unchanged."""
    if isinstance(value, Mapping | Sequence) and not bounds.is_within_bounds(value):
        return unknown(bounds.TOO_LARGE, value.span)
    return _to_node(value, span)


def _to_node(value: Value | None, span: Span) -> Node | None:
    if value is None or isinstance(value, Unknown):
        return value
    if isinstance(value, Constant):
        return _to_be_filled_in(value) or Scalar(value.value, value.span)
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
    """Whether a source tells any value of a request."""
    return any(isinstance(node, Scalar) for _, node in walk(request))


def opaque(value: Value, span: Span) -> Unknown:
    """What stands for no value of a request: something imported, or an object."""
    place = span_of(value) or span
    if isinstance(value, Symbol):
        return unknown(is_a(f"`{value.name}`, which is defined elsewhere"), place)
    if isinstance(value, Instance) and value.cls.endswith(PARAMETERS):
        return unknown(_parameter(value), place)
    if isinstance(value, Instance):
        return unknown(f"is {description(value)}", place)
    if isinstance(value, Method):
        return unknown(f"is {description(value)}", value.span)
    return unknown("is no plain value", place)


def _parameter(value: Instance) -> str:
    """A pipeline's parameter: its default is a hint, each execution may set another."""
    bound = BoundArguments(value.arguments, ("name", "default_value"), None, value)
    name, default_value = bound.get("name"), bound.get("default_value")
    thing = "a parameter of the pipeline"
    if isinstance(name, Constant):
        thing = f"the pipeline's parameter `{brief(str(name.value))}`"
    if isinstance(default_value, Constant) and default_value.value is not None:
        thing += f", by default {brief(repr(default_value.value))}"
    return is_parameter(thing, "pipeline") if isinstance(name, Constant) else is_a(thing)


def scalar(value: Value | None, convert: Callable[[Any], ScalarValue] = lambda v: v) -> Node | None:
    """A plain value, converted as the SDK does; None if it is absent."""
    if value is None or isinstance(value, Unknown):
        return value and _converted(value, convert)
    if isinstance(value, Constant):
        return _to_be_filled_in(value) or Scalar(convert(value.value), value.span)
    return opaque(value, BEGINNING)


def _converted(value: Unknown, convert: Callable[[Any], ScalarValue]) -> Unknown:
    """What is one of several values, each converted; of no one where a value is left to be filled in."""
    if any(each is None or _to_be_filled_in(Constant(each.value, each.span)) for each in value.choices):
        return replace(value, choices=())
    return replace(value, choices=tuple(Scalar(convert(each.value), each.span) for each in value.choices if each))


def _to_be_filled_in(value: Constant) -> Unknown | None:
    """``<YOUR ROLE>``, which whoever runs the source has to replace; Python takes all else literally."""
    is_marked = isinstance(value.value, str) and BRACKETED.match(value.value)
    return unknown(is_a(f"the placeholder {brief(str(value.value))}"), value.span) if is_marked else None


def default(value: ScalarValue, span: Span) -> Scalar:
    """What the SDK sends if nobody says anything; shown where the constructor stands."""
    return Scalar(value, span, Origin.DEFAULT)


def json_text(value: Any) -> str:
    """A framework's static hyperparameter: JSON in a string."""
    return json.dumps(value)


def struct(span: Span, **members: Node | None) -> Struct:
    """A structure of the members that are there."""
    return Struct({name: node for name, node in members.items() if node is not None}, span, span)


def keyed(found: Struct, arguments: Arguments, **names: str) -> Struct:
    """A structure whose members know by which of a call's keywords they are given, as far as they are."""
    for member, name in names.items():
        place = arguments.places.get(name)
        if place is not None and member in found.members:
            found.keys[member] = place
    return found


def is_none(value: Value | None) -> bool:
    """Whether a value is absent or Python's None, which the SDK takes for absent."""
    return value is None or (isinstance(value, Constant) and value.value is None)


class BoundArguments:
    """A call's arguments by the names of its parameters.

    ``trusted`` positional parameters have never changed their place; a later one is unknown. What was
    assigned to an attribute of the object afterwards wins, and ``aliases`` are older names that do too.
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
        """The argument; None if it was not given, an Unknown if that cannot be told."""
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
        """The same, with Python's None taken for not given."""
        value = self.get(name)
        return None if is_none(value) else value


def join_nodes(one: Node, other: Node, reason: str) -> Node:
    """What two launches of one tuner have in common; what differs is unknown."""
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
