"""What every carrier of a request ends in: a tuning job in the API's own spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from hpolint import schema
from hpolint.model.job import Observation, TuningJob
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, walk
from hpolint.model.observations import YamlBoolean
from hpolint.model.source import Source, Span

NAME, CONFIG, DEFINITION = "HyperParameterTuningJobName", "HyperParameterTuningJobConfig", "TrainingJobDefinition"
UNIVERSAL_TARGET = re.compile(r":aws-sdk:sagemaker:createHyperParameterTuningJob\Z", re.IGNORECASE)
"""Ends the ARN of a schedule's target whose input is the request (EventBridge Scheduler user guide)."""
NAMED_BY = ("Name", "DefinitionName", "ChannelName", "InstanceGroupName", NAME)


def set_anchors(root: Struct) -> None:
    """Let the job and the structures that have a name be shown by it."""
    set_item_anchors(root)
    shown = NAME if isinstance(root.get(NAME), Scalar | Unknown) else CONFIG
    root.anchor = root.keys.get(shown, root.anchor)


def set_item_anchors(root: Struct) -> None:
    """Let the items of lists that have a name be shown by it: a range, a definition, a channel."""
    for path, node in walk(root):
        if isinstance(node, Struct) and path and isinstance(path[-1], int):
            named = next((each for name in NAMED_BY if isinstance(each := node.get(name), Scalar | Unknown)), None)
            node.anchor = named.span if named is not None else node.anchor


def carried(form: str, source: Source, request: Node, anchor: Span, carrier: str) -> TuningJob:
    """A job that something else carries: ``carrier`` says in words what, ``anchor`` is its small place.

    A request of which nothing is known is one that may have any member.
    """
    if isinstance(request, Struct):
        found = Struct(dict(request.members), request.span, anchor, dict(request.keys), request.open, request.shadowed)
    else:
        reason = request if isinstance(request, Unknown) else Unknown("is no structure", request.span)
        found = Struct({}, request.span, anchor, {}, reason)
    set_anchors(found)
    return TuningJob(form, source, found, carrier=carrier)


def opened(node: Node, reason: Unknown) -> Node:
    """A tree that is a part of a whole: any structure may have further members, any list further items."""
    if isinstance(node, Array | Struct):
        return node.mapped(lambda _, below: opened(below, reason), opened_by=reason)
    return node


def coerced(source: Source, node: Node, shape: str, how: Coercion | None = None) -> Node:
    """A tree with each scalar in the type that the API wants, for a consumer that converts between them.

    Without ``how`` as CloudFormation does.
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
    value = node.value
    if value is None or kind not in how.kinds:
        return node
    if kind == "string" and not isinstance(value, str):
        words = str(value).lower() if isinstance(value, bool) else how.spell(source, node)
        if words is None:
            return Unknown("is a number that may be spelt in another way", node.span)
        return Scalar(words, node.span, node.origin)
    if not isinstance(value, str):
        return node
    if kind == "boolean" and value in how.truths:
        return Scalar(how.truths[value], node.span, node.origin)
    if kind in ("integer", "number") and _is_number(value):
        number = float(value)
        whole = kind == "integer" and number.is_integer()
        return Scalar(int(number) if whole else number, node.span, node.origin)
    return node


def as_written(source: Source, node: Scalar) -> str | None:
    """A number as it stands there, if every reader takes it for the same one."""
    written = source.read(node.span)
    return written if DECIMAL.match(written) else None


class Coercion(msgspec.Struct, frozen=True):
    """What a consumer converts: to which of the API's types, how it spells a number, which words are truth values."""

    kinds: frozenset[str]
    spell: Callable[[Source, Scalar], str | None]
    truths: Mapping[str, bool]


DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
CLOUDFORMATION = Coercion(frozenset({"string", "boolean", "integer", "number"}), as_written, TRUTHS)
CUSTOM_RESOURCE = Coercion(frozenset({"integer", "number"}), as_written, {})
"""The CDK's AwsCustomResource makes numbers of strings and nothing else (the Coercer of aws-cdk-lib 2.275.0)."""


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < 2**53 and text.strip() == text and "_" not in text
    except ValueError:
        return False


def misread_booleans(source: Source, request: Struct) -> list[Observation]:
    """Words like a bare ``Off`` that YAML 1.1 takes for a truth value where the API wants a string."""
    found = []
    for path, node in walk(request):
        if not (isinstance(node, Scalar) and isinstance(node.value, bool)):
            continue
        word = source.read(node.span)
        if word in TRUTHS or not word.isalpha():
            continue
        shape = schema.shape_at(path)
        if shape is not None and schema.shape(shape).get("type") == "string":
            is_item = isinstance(path[-1], int)
            seen = YamlBoolean(word, str(node.value).lower(), _member(path), is_item, _meant(word, shape))
            found.append(Observation(path, node.span, seen))
    return found


def _meant(word: str, shape: str) -> str:
    """The choice of the API that a word spells; a free string is the word itself."""
    choices = schema.shape(shape).get("enum", [])
    return next((choice for choice in choices if choice.lower() == word.lower()), word)


def _member(path: Path) -> str:
    return str(next(step for step in reversed(path) if isinstance(step, str)))
