"""Conversion of values to the request's nodes, as the SDK converts arguments to a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from hpolint.io.escaping import brief
from hpolint.model.node import MAX_CHOICES, Array, Node, Origin, Scalar, ScalarValue, Struct, Unknown, walk
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
    present,
    span_of,
    text_of,
    unknown,
    without_values,
)

PARAMETERS = (".ParameterString", ".ParameterInteger", ".ParameterFloat", ".ParameterBoolean")


def to_node(value: Value | None, span: Span) -> Node | None:
    """A value as a node without conversion, as boto3 sends it; None if it is absent."""
    if value is None:
        return None
    if not bounds.is_within_bounds(value):
        return unknown(bounds.TOO_LARGE, span_of(value) or span)
    return _to_node(value, span)


def _to_node(value: Value, span: Span) -> Node:
    if isinstance(value, Constant):
        return as_placeholder(value) or Scalar(value.value, value.span)
    if isinstance(value, Unknown):
        return sent(value)
    if isinstance(value, Mapping):
        struct = Struct({}, value.span, value.span, open=value.open)
        for key, entry in value.entries.items():
            node = _to_node(entry, value.place(key))
            if isinstance(node, Struct | Array):
                node.anchor = value.place(key)
            add_member(struct, str(key), node, value.place(key))
        return struct
    if isinstance(value, Sequence) and value.kind in ("list", "tuple"):
        items = [_to_node(item, value.span) for item in value.items]
        return Array(items, value.span, value.span, value.open)
    return opaque(value, span)


def add_member(struct: Struct, name: str, node: Node | None, place: Span) -> None:
    """Add a member to a structure, with the place of its name; nothing if it is None."""
    if node is not None:
        struct.members[name], struct.keys[name] = node, place


def has_values(request: Struct) -> bool:
    """Whether any value of a request is known."""
    return any(isinstance(node, Scalar) for _, node in walk(request))


def opaque(value: Value, span: Span) -> Unknown:
    """The Unknown of a value that has no node: something unknown or imported, or an object."""
    if isinstance(value, Unknown):
        return without_values(value)
    if isinstance(value, Method):
        return unknown(f"is {description(value)}", value.span)
    if isinstance(value, Symbol):
        return unknown(is_a(f"`{value.name}`, which is defined elsewhere"), value.span)
    if not isinstance(value, Instance):
        return unknown("is not a plain value", span_of(value) or span)
    if value.cls.endswith(PARAMETERS):
        return _parameter(value)
    return unknown(f"is {description(value)}", value.span)


def _parameter(value: Instance) -> Unknown:
    """A pipeline's parameter, with its default, which each execution may replace."""
    bound = arguments_of(value, ("name", "default_value"))
    name, default_value = bound.get("name"), bound.value("default_value")
    thing = "a parameter of the pipeline"
    if isinstance(name, Constant):
        thing = f"the pipeline's parameter `{brief(str(name.value))}`"
    declared: Scalar | None = None
    if isinstance(default_value, Constant):
        thing += f", by default {brief(repr(default_value.value))}"
        if default_value.value != "":
            declared = Scalar(default_value.value, default_value.span)
    kind = Kind.PIPELINE_PARAMETER if isinstance(name, Constant) else Kind.OTHER
    return Unknown(is_a(thing, kind), value.span, choices=_allowed(bound.value("enum_values")), default=declared)


def _allowed(values: Value | None) -> tuple[Scalar, ...]:
    """The values that a pipeline's parameter allows; empty if they are not known, or too many."""
    if not isinstance(values, Sequence) or values.open is not None or len(values.items) > MAX_CHOICES:
        return ()
    constants = [item for item in values.items if isinstance(item, Constant)]
    if len(constants) < len(values.items):
        return ()
    return tuple(Scalar(constant.value, constant.span) for constant in constants)


def scalar(value: Value | None, convert: Callable[[Any], ScalarValue] = lambda v: v) -> Node | None:
    """A plain value, converted as the SDK does; None if it is absent."""
    if value is None:
        return None
    if isinstance(value, Unknown):
        return sent(value, convert)
    if isinstance(value, Constant):
        return as_placeholder(value) or Scalar(convert(value.value), value.span)
    return sent(opaque(value, BEGINNING), convert)


def sent(value: Unknown, convert: Callable[[Any], ScalarValue] = lambda v: v) -> Unknown:
    """An unknown value with its possible values and its default as they are sent.

    It has no possible values if one of them is absent or a placeholder, and no default that is None, empty or a
    placeholder: such a value has to be set.
    """
    default = value.default
    if default is not None:
        is_value = default.value not in (None, "") and not _is_placeholder(default)
        default = replace(default, value=convert(default.value)) if is_value else None
    choices = present(value.choices)
    if len(choices) < len(value.choices) or any(_is_placeholder(choice) for choice in choices):
        choices = []
    converted = tuple(Scalar(convert(choice.value), choice.span) for choice in choices)
    return replace(value, choices=converted, default=default)


def _is_placeholder(value: Scalar) -> bool:
    return as_placeholder(Constant(value.value, value.span)) is not None


def without_falsy(node: Node | None) -> Node | None:
    """A node that is sent only if it is true: an unknown value has no default and no choices that are not sent."""
    if not isinstance(node, Unknown):
        return node
    choices = node.choices if all(choice is not None and choice.value for choice in node.choices) else ()
    default = node.default if node.default is not None and node.default.value else None
    return replace(node, choices=choices, default=default)


def as_placeholder(value: Constant) -> Unknown | None:
    """The Unknown of a placeholder such as ``<YOUR ROLE>``; None for other values, which Python uses literally."""
    text = text_of(value)
    if text is None:
        return None
    if BRACKETED.match(text):
        return unknown(is_a(f"the placeholder {brief(text)}"), value.span)
    return unfilled_arn(text, value.span)


def role_node(value: Node | None, looking_up: str) -> Node | None:
    """A role: the SDK or operator that is ``looking_up`` its name sends the address, which is unknown."""
    if isinstance(value, Scalar) and "/" not in str(value.value):
        return unknown(is_a(f"a role's name, which the {looking_up} looks up"), value.span)
    if isinstance(value, Unknown) and value.default is not None and "/" not in str(value.default.value):
        return replace(value, default=None)
    return value


def arguments_of(
    instance: Instance,
    names: tuple[str, ...] = (),
    trusted: int | None = None,
    aliases: dict[str, str] | None = None,
) -> BoundArguments:
    """The arguments of an object's constructor, and what is assigned to its attributes."""
    return BoundArguments(instance.arguments, names, trusted, instance, aliases)


def default(value: ScalarValue, span: Span) -> Scalar:
    """The SDK's default of an argument that is not set, at the constructor's span."""
    return Scalar(value, span, Origin.DEFAULT)


def struct(span: Span, **members: Node | None) -> Struct:
    """A structure of the members that are not None."""
    return Struct({name: node for name, node in members.items() if node is not None}, span, span)


def keyed(struct: Struct, arguments: Arguments, **names: str) -> Struct:
    """A structure with the spans of the call's keywords (member: keyword) as the keys of its members."""
    for member, name in names.items():
        place = arguments.places.get(name)
        if place is not None and member in struct.members:
            struct.keys[member] = place
    return struct


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
        names: tuple[str, ...] = (),
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
        arguments = self._arguments
        for spelling in (self._aliases.get(name), name):
            if spelling in arguments.keywords:
                return arguments.keywords[spelling]
        at = self._names.index(name) if name in self._names else len(arguments.positional)
        value = arguments.at(at)
        if value is None:
            return arguments.open
        if at < self._trusted:
            return value
        reason = is_a("a positional argument whose meaning depends on the SDK's version")
        return unknown(reason, span_of(value) or BEGINNING)

    def value(self, name: str) -> Value | None:
        """The same, with Python's None treated as not set."""
        value = self.get(name)
        return None if is_none(value) else value
