"""Tuning jobs of requests that something else carries, in the API's own spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from hpolint import schema
from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Observation, TuningJob
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, walk
from hpolint.model.observations import YamlBoolean
from hpolint.model.source import Source, Span

NAME, CONFIG, DEFINITION = "HyperParameterTuningJobName", "HyperParameterTuningJobConfig", "TrainingJobDefinition"
UNIVERSAL_TARGET = lazy_regex(r":aws-sdk:sagemaker:createHyperParameterTuningJob\Z", re.IGNORECASE)
"""The end of the ARN of a schedule's target whose input is the request (EventBridge Scheduler user guide)."""
NAMED_BY = ("Name", "DefinitionName", "ChannelName", "InstanceGroupName", NAME)


def lower_camel(member: str) -> str:
    """An API member's name with a small first letter, as the old Kubernetes operator and CloudTrail write it."""
    return member[0].lower() + member[1:]


def all_members() -> set[str]:
    """The names of all members that the API has in a request."""
    return set[str]().union(*map(schema.members, schema.request_schema()["$defs"]))


def set_anchors(root: Struct) -> None:
    """Set the anchors of the job and of all named structures to the places of their names."""
    set_item_anchors(root)
    shown = NAME if isinstance(root.get(NAME), Scalar | Unknown) else CONFIG
    root.anchor = root.keys.get(shown, root.anchor)


def set_item_anchors(root: Struct) -> None:
    """Set the anchors of named list items (ranges, definitions, channels) to the places of their names."""
    for path, node in walk(root):
        if isinstance(node, Struct) and path and isinstance(path[-1], int):
            names = [name for name in map(node.get, NAMED_BY) if isinstance(name, Scalar | Unknown)]
            if names:
                node.anchor = names[0].span


def carried_job(
    form: str,
    source: Source,
    request: Node,
    anchor: Span,
    carrier: str,
    extent: Span | None = None,
    observations: list[Observation] | None = None,
) -> TuningJob:
    """The job of a request that something else carries. ``carrier`` describes it in words, ``anchor`` is its span.

    ``extent`` is the span of the whole carrier, where that names the job outside of the request. An unknown request
    becomes an open structure without members.
    """
    if isinstance(request, Struct):
        root = Struct(dict(request.members), request.span, anchor, dict(request.keys), request.open, request.shadowed)
    else:
        reason = request if isinstance(request, Unknown) else Unknown("is not a structure", request.span)
        root = Struct({}, request.span, anchor, {}, reason)
    set_anchors(root)
    return TuningJob(form, source, root, carrier=carrier, extent=extent, observations=observations or [])


def opened(node: Node, reason: Unknown) -> Node:
    """A copy of a partial tree: any structure may have further members, any list further items."""
    if isinstance(node, Array | Struct):
        return node.mapped(lambda _, below: opened(below, reason), opened_by=reason)
    return node


def coerced(source: Source, node: Node, shape: str, how: Coercion | None = None) -> Node:
    """A copy of a tree with each scalar converted to the API's type, as its consumer does.

    ``how`` defaults to CloudFormation's conversions.
    """
    how = how or CLOUDFORMATION
    if isinstance(node, Scalar):
        return _coerced_scalar(source, node, str(schema.shape(shape).get("type")), how)
    if isinstance(node, Array):
        item = schema.item(shape)
        return node.mapped(lambda _, below: coerced(source, below, item, how) if item else below)
    if isinstance(node, Struct):
        targets, value = schema.members(shape), schema.map_value(shape)

        def member(name: str, below: Node) -> Node:
            target = targets.get(name, value)
            return coerced(source, below, target, how) if target else below

        return node.mapped(member)
    return node


def _coerced_scalar(source: Source, node: Scalar, kind: str, how: Coercion) -> Scalar | Unknown:
    if node.value is None or kind not in how.kinds:
        return node
    value = node.value
    if isinstance(value, str):
        value = _converted(value, kind, how)
    elif kind == "string":
        text = str(value).lower() if isinstance(value, bool) else how.spell(source, node)
        if text is None:
            return Unknown("is a number that may be converted to a different string", node.span)
        value = text
    return node if value is node.value else Scalar(value, node.span, node.origin)


def _converted(text: str, kind: str, how: Coercion) -> str | bool | int | float:
    """A text as a value of the API's type, if it is one."""
    if kind == "boolean":
        return how.truths.get(text, text)
    if kind in ("integer", "number") and _is_number(text):
        number = float(text)
        return int(number) if kind == "integer" and number.is_integer() else number
    return text


def written_decimal(source: Source, node: Scalar) -> str | None:
    """A number as the source writes it; None if readers may differ about it."""
    written = source.read(node.span)
    return written if DECIMAL.match(written) else None


class Coercion(msgspec.Struct, frozen=True):
    """A consumer's conversions: the API types that it converts to, its text of a number, its words for booleans."""

    kinds: frozenset[str]
    spell: Callable[[Source, Scalar], str | None]
    truths: Mapping[str, bool]


DECIMAL = lazy_regex(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
CLOUDFORMATION = Coercion(frozenset({"string", "boolean", "integer", "number"}), written_decimal, TRUTHS)
CUSTOM_RESOURCE = Coercion(frozenset({"integer", "number"}), written_decimal, {})
"""The CDK's AwsCustomResource converts only strings to numbers (the Coercer of aws-cdk-lib 2.275.0)."""


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < 2**53 and text.strip() == text and "_" not in text
    except ValueError:
        return False


def misread_booleans(source: Source, request: Struct) -> list[Observation]:
    """Bare words such as ``Off`` that YAML 1.1 parses as booleans where the API wants a string."""
    observations = []
    for path, node in walk(request):
        if not (isinstance(node, Scalar) and isinstance(node.value, bool)):
            continue
        word = source.read(node.span)
        if word in TRUTHS or not word.isalpha():
            continue
        shape = schema.shape_at(path)
        if shape is not None and schema.shape(shape).get("type") == "string":
            is_item = isinstance(path[-1], int)
            boolean = YamlBoolean(word, str(node.value).lower(), _member(path), is_item, _intended_value(word, shape))
            observations.append(Observation(path, node.span, boolean))
    return observations


def _intended_value(word: str, shape: str) -> str:
    """The API's enum value that a word spells; the word itself if the shape has no such value."""
    choices = schema.shape(shape).get("enum", [])
    return next((choice for choice in choices if choice.lower() == word.lower()), word)


def _member(path: Path) -> str:
    return str(next(step for step in reversed(path) if isinstance(step, str)))
