"""sagemaker-core's shapes: the API's structures as objects or dicts, with members in snake case."""

from __future__ import annotations

import re
from functools import cache

from msgspec.structs import replace

from hpolint import schema
from hpolint.model.node import Array, Node, Scalar, ScalarValue, Struct, Unknown
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Arguments, Constant, Instance, Mapping, Sequence, Symbol, Value
from hpolint.readers.python.sdk.nodes import as_placeholder, opaque
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


def from_shape(value: Value, shape: str, span: Span) -> Node | None:
    """The node of a value for one of the API's shapes; None if it is not set."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Constant):
        if value.value is None:
            return None
        return as_placeholder(value) or Scalar(coerced(value.value, shape), value.span)
    if isinstance(value, Sequence) and (item := schema.item(shape)):
        items = [node for each in value.items if (node := from_shape(each, item, value.span)) is not None]
        return Array(items, value.span, value.span, value.open)
    if isinstance(value, Instance | Mapping) and schema.members(shape):
        node = _structure(value, shape)
        return as_sent(node, shape) if isinstance(node, Struct) else node
    if isinstance(value, Mapping) and schema.map_value(shape):
        return _free_map(value)
    if isinstance(value, Instance) and value.cls.rpartition(".")[2] == "Unassigned":
        return None
    return opaque(value, span)


def coerced(value: ScalarValue, shape: str) -> ScalarValue:
    """A value as pydantic converts it for one of the API's shapes; unchanged if pydantic rejects it."""
    kind = schema.shape(shape).get("type")
    number = not isinstance(value, str) or NUMBER.match(value.strip())
    try:
        if kind == "integer" and number and value is not None and float(value) == int(float(value)):
            return int(float(value))
        if kind == "number" and number and value is not None:
            return float(value)
    except (ValueError, OverflowError):
        return value
    if kind == "boolean" and str(value).lower() in TRUTH:
        return TRUTH[str(value).lower()]
    return value


def as_sent(struct: Struct, shape: str) -> Struct:
    """A structure as sagemaker-core serializes it: members converted to their types, without falsy ones."""
    found = replace(struct, members={})
    targets = schema.members(shape)
    for name, node in struct.members.items():
        if isinstance(node, Scalar) and name in targets:
            node = Scalar(coerced(node.value, targets[name]), node.span, node.origin)
        elif isinstance(node, Struct) and name in targets and schema.members(targets[name]):
            node = as_sent(node, targets[name])
        empty = isinstance(node, Struct | Array) and not (node.members if isinstance(node, Struct) else node.items)
        if isinstance(node, Struct | Array) and empty and node.open is not None:
            found.members[name] = node.open
        elif not empty and not (isinstance(node, Scalar) and not node.value):
            found.members[name] = node
    return found


def _structure(value: Instance | Mapping, shape: str) -> Node:
    if isinstance(value, Instance):
        if value.escaped is not None:
            return value.escaped
        if not value.cls.startswith("sagemaker"):  # such as a mock, or a class of the source's own
            name = value.cls.rpartition(".")[2]
            return Unknown(f"is an object of `{name}`, which is not a class of the SDK", value.span)
        given = {**value.arguments.keywords, **value.attributes}
        open_, places = value.arguments.open, value.arguments.places
    else:
        given = {str(key): entry for key, entry in value.entries.items()}
        open_, places = value.open, {str(key): place for key, place in value.keys.items()}
    found = Struct({}, value.span, value.span, {}, open_)
    for name, entry in given.items():
        if name in _members(shape):
            member, target = _members(shape)[name]
            place = places.get(name, value.span)
            node = from_shape(entry, target, place)
            if node is not None:
                found.members[member], found.keys[member] = node, place
    return found


def _free_map(value: Mapping) -> Struct:
    found = Struct({}, value.span, value.span, {}, value.open)
    for key, entry in value.entries.items():
        place = value.keys.get(key, value.span)
        if isinstance(entry, Constant):
            found.members[str(key)] = as_placeholder(entry) or Scalar(entry.value, entry.span)
            found.keys[str(key)] = place
        else:
            found.members[str(key)] = entry if isinstance(entry, Unknown) else opaque(entry, place)
    return found


CREATE_ARGUMENTS = (
    *("hyper_parameter_tuning_job_name", "hyper_parameter_tuning_job_config", "training_job_definition"),
    *("training_job_definitions", "warm_start_config", "tags", "autotune"),
)


def create_request(arguments: Arguments, callee: Span) -> Struct:
    """The request of sagemaker-core's ``HyperParameterTuningJob.create(…)``."""
    request = Struct({}, callee, callee, {}, arguments.open)
    given = {**dict(zip(CREATE_ARGUMENTS, arguments.positional, strict=False)), **arguments.keywords}
    for name, value in given.items():
        if name in _members(schema.REQUEST) and not _unassigned(value):
            member, target = _members(schema.REQUEST)[name]
            place = arguments.places.get(name, callee)
            node = from_shape(value, target, place)
            if node is not None:
                request.members[member], request.keys[member] = node, place
                if isinstance(node, Struct | Array) and isinstance(value, Mapping | Sequence):
                    node.anchor = place  # an object is anchored at its constructor's name
    return request


def _unassigned(value: Value) -> bool:
    return isinstance(value, Symbol | Instance) and (value.name if isinstance(value, Symbol) else value.cls).endswith(
        "Unassigned"
    )
