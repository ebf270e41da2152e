"""sagemaker-core's shapes: the API's structures as objects or dicts, with members in snake case."""

from __future__ import annotations

import re
from functools import cache, partial

from hpolint import schema
from hpolint.model.node import Array, Node, Scalar, ScalarValue, Struct, Unknown
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Instance,
    Mapping,
    Sequence,
    Symbol,
    Value,
    present,
)
from hpolint.readers.python.sdk.nodes import add_member, as_placeholder, is_none, opaque, scalar, sent, without_falsy
from hpolint.syntax.numbers import NUMBER

TRUTH = {"true": True, "t": True, "yes": True, "y": True, "on": True, "1": True}
TRUTH |= {"false": False, "f": False, "no": False, "n": False, "off": False, "0": False}
"""The strings that pydantic converts to booleans."""


@cache
def snake_case(name: str) -> str:
    """sagemaker-core's name of a member: ``VolumeSizeInGB`` is ``volume_size_in_gb``."""
    apart = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", apart).lower()


@cache
def _members(shape: str) -> dict[str, tuple[str, str]]:
    return {snake_case(member): (member, target) for member, target in schema.members(shape).items()}


def from_shape(value: Value | None, shape: str, span: Span) -> Node | None:
    """The node of a value for one of the API's shapes; None if it is not set."""
    if value is None or is_none(value):
        return None
    if isinstance(value, Constant):
        return as_placeholder(value) or Scalar(coerced(value.value, shape), value.span)
    item = schema.item(shape)
    if isinstance(value, Sequence) and item:
        items: list[Node] = present(from_shape(element, item, value.span) for element in value.items)
        return Array(items, value.span, value.span, value.open)
    if isinstance(value, Instance | Mapping) and schema.members(shape):
        node = _structure(value, shape)
        return as_sent(node, shape) if isinstance(node, Struct) else node
    if isinstance(value, Mapping) and schema.map_value(shape):
        return _free_map(value)
    if isinstance(value, Instance) and value.class_name == "Unassigned":
        return None
    if isinstance(value, Unknown):
        return sent(value, partial(coerced, shape=shape))
    return opaque(value, span)


def coerced(value: ScalarValue, shape: str) -> ScalarValue:
    """A value as pydantic converts it for one of the API's shapes; unchanged if pydantic rejects it."""
    kind = schema.shape(shape).get("type")
    if kind == "boolean":
        return TRUTH.get(str(value).lower(), value)
    if value is None or kind not in ("integer", "number"):
        return value
    if isinstance(value, str) and not NUMBER.match(value.strip()):
        return value
    try:
        number = float(value)
        if kind == "number":
            return number
        return int(number) if number == int(number) else value
    except (ValueError, OverflowError):
        return value


def as_sent(struct: Struct, shape: str) -> Struct:
    """A structure as sagemaker-core serializes it: members converted to their types, without falsy ones."""
    targets = schema.members(shape)
    return struct.mapped(lambda name, node: _member_as_sent(node, targets.get(name)))


def _member_as_sent(node: Node, shape: str | None) -> Node | None:
    if isinstance(node, Scalar):
        if shape is not None:
            node = Scalar(coerced(node.value, shape), node.span, node.origin)
        return node if node.value else None
    if isinstance(node, Struct):
        if shape is not None and schema.members(shape):
            node = as_sent(node, shape)
        return node if node.members else node.open
    if isinstance(node, Array):
        return node if node.items else node.open
    return without_falsy(node)


def _structure(value: Instance | Mapping, shape: str) -> Node:
    if isinstance(value, Mapping):
        struct = Struct({}, value.span, value.span, open=value.open)
        for key, entry in value.entries.items():
            _add(struct, str(key), entry, shape, value.place(key))
        return struct
    if value.escaped is not None:
        return value.escaped
    if not value.cls.startswith("sagemaker"):  # such as a mock, or a class of the source's own
        return Unknown(f"is an object of `{value.class_name}`, which is not a class of the SDK", value.span)
    arguments = value.arguments
    struct = Struct({}, value.span, value.span, open=arguments.open)
    for name, entry in {**arguments.keywords, **value.attributes}.items():
        _add(struct, name, entry, shape, arguments.places.get(name, value.span))
    return struct


def _add(struct: Struct, name: str, value: Value, shape: str, place: Span) -> Node | None:
    """Add the member that a value is given for by its name in snake case. Returns it; None if the shape has none."""
    if name not in _members(shape):
        return None
    member, target = _members(shape)[name]
    node = from_shape(value, target, place)
    add_member(struct, member, node, place)
    return node


def _free_map(value: Mapping) -> Struct:
    struct = Struct({}, value.span, value.span, open=value.open)
    for key, entry in value.entries.items():
        place = value.place(key)
        node = scalar(entry) if isinstance(entry, Constant | Unknown) else opaque(entry, place)
        add_member(struct, str(key), node, place)
    return struct


CREATE_ARGUMENTS = (
    *("hyper_parameter_tuning_job_name", "hyper_parameter_tuning_job_config", "training_job_definition"),
    *("training_job_definitions", "warm_start_config", "tags", "autotune"),
)


def create_request(arguments: Arguments, callee: Span) -> Struct:
    """The request of sagemaker-core's ``HyperParameterTuningJob.create(…)``."""
    request = Struct({}, callee, callee, open=arguments.open)
    given = {**dict(zip(CREATE_ARGUMENTS, arguments.positional, strict=False)), **arguments.keywords}
    for name, value in given.items():
        if _is_unassigned(value):
            continue
        place = arguments.places.get(name, callee)
        node = _add(request, name, value, schema.REQUEST, place)
        if isinstance(node, Struct | Array) and isinstance(value, Mapping | Sequence):
            node.anchor = place  # an object is anchored at its constructor's name
    return request


def _is_unassigned(value: Value) -> bool:
    if isinstance(value, Symbol):
        return value.name.endswith("Unassigned")
    return isinstance(value, Instance) and value.cls.endswith("Unassigned")
