"""Terraform: the tuning job's own resource, and state machines and pipelines whose definition it holds.

Read from ``.tf`` files, from ``.tf.json``, and from a plan (``terraform show -json``).
Source: hashicorp/terraform-provider-aws, ``aws_sagemaker_hyper_parameter_tuning_job`` (its schema as of pull request
47138, and the longer names of the drafts before it), ``aws_sfn_state_machine``, ``aws_sagemaker_pipeline``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from hpolint import schema
from hpolint.job import Reading, ReadingProblem, TuningJob
from hpolint.node import Array, Node, Scalar, Struct, Unknown
from hpolint.readers.carried import CONFIG, NAME, carried, coerced
from hpolint.readers.pipeline import is_pipeline, read_pipeline
from hpolint.readers.placeholders import resolve_placeholders
from hpolint.readers.states import is_states, read_states
from hpolint.source import Source, Span
from hpolint.spelling import Spelling
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.text import Text

if TYPE_CHECKING:
    from hpolint.syntax.hcl import Body, Hcl

JOB = "aws_sagemaker_hyper_parameter_tuning_job"
DOCUMENTS = {"aws_sfn_state_machine": "definition", "aws_sagemaker_pipeline": "pipeline_definition"}
SHORT = {
    schema.REQUEST: {"name": NAME, "config": CONFIG},
    schema.CONFIG: {"objective": "HyperParameterTuningJobObjective"},
    "ParentHyperParameterTuningJob": {"name": NAME},
}
"""Names of the provider that are not the API's in snake case."""

NOT_SENT = frozenset(
    {
        *("region", "timeouts", "tags_all", "arn", "id", "status", "failure_reason", "provider", "depends_on", "count"),
        *("for_each", "lifecycle", "provisioner", "connection", "hyper_parameter_tuning_job_status"),
    }
)
TAGS = "Tags"


@cache
def snake_case(member: str) -> str:
    """How the provider spells a member of the API: ``VolumeSizeInGB`` is ``volume_size_in_gb``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", member).lower()


@cache
def spelling() -> Spelling:
    """How the provider spells the members of the API, for messages."""
    shapes = schema.request_schema()["$defs"]
    names = {member: snake_case(member) for shape in shapes for member in schema.members(shape)}
    return Spelling(names | {api: name for short in SHORT.values() for name, api in short.items()}, " = ", {})


@cache
def _members(shape: str) -> dict[str, str]:
    return {snake_case(member): member for member in schema.members(shape)} | SHORT.get(shape, {})


def is_terraform(node: Struct) -> bool:
    """Whether this is a configuration in JSON, or a plan, that has a resource for us."""
    return any(True for _ in _resources(node))


def read_terraform_json(source: Source, root: Struct) -> Reading:
    """The tuning jobs of a ``.tf.json`` or a plan."""
    reading = Reading()
    for kind, name, place, values in _resources(root):
        called = f"resource `{kind}.{name}`"
        if kind == JOB:
            reading.jobs.append(_job(source, resolve_placeholders(values), place, called))
            continue
        node = values.get(DOCUMENTS[kind])
        if isinstance(node, Scalar) and isinstance(node.value, str):
            text = Text.of(source, node).filled(lambda name, at: _expression(source, name, at))
            _read_text(reading, text, called)
    return reading


def _expression(source: Source, words: str, place: Span) -> Text:
    return Text.hole(source, Unknown(f"is computed by Terraform: `{words.strip()}`", place))


def _resources(root: Struct) -> Iterator[tuple[str, str, Span, Struct]]:
    """The type, name, name's place and values of each resource that is ours."""
    changes = root.get("resource_changes")
    if isinstance(changes, Array):
        for change in changes.items:
            yield from _changed(change)
        return
    by_kind = root.get("resource")
    for each in by_kind.items if isinstance(by_kind, Array) else [by_kind]:
        for kind in (JOB, *DOCUMENTS):
            by_name = each.get(kind) if isinstance(each, Struct) else None
            for part in by_name.items if isinstance(by_name, Array) else [by_name]:
                for name, values in part.members.items() if isinstance(part, Struct) else []:
                    values = values.items[0] if isinstance(values, Array) and len(values.items) == 1 else values
                    if isinstance(part, Struct) and isinstance(values, Struct):
                        yield kind, name, part.keys[name], values


def _changed(change: Node) -> Iterator[tuple[str, str, Span, Struct]]:
    """A resource of a plan as it will be; what only the apply tells is unknown."""
    kind, name = (change.get("type"), change.get("name")) if isinstance(change, Struct) else (None, None)
    if not (isinstance(change, Struct) and isinstance(kind, Scalar) and kind.value in (JOB, *DOCUMENTS)):
        return
    planned = change.get("change")
    after = planned.get("after") if isinstance(planned, Struct) else None
    if isinstance(planned, Struct) and isinstance(after, Struct) and isinstance(name, Scalar):
        values = _with_unknown(after, planned.get("after_unknown"))
        assert isinstance(values, Struct)
        yield str(kind.value), str(name.value), name.span, values


def _with_unknown(after: Node | None, unknown: Node | None) -> Node | None:
    """A planned value with what ``after_unknown`` marks."""
    if isinstance(unknown, Scalar) and unknown.value is True:
        return Unknown("is known only after the apply", unknown.span)
    if isinstance(after, Array) and isinstance(unknown, Array):
        marks = [*unknown.items, *[None] * len(after.items)]
        items = [_with_unknown(item, mark) for item, mark in zip(after.items, marks, strict=False)]
        return Array([item for item in items if item is not None], after.span, after.anchor)
    if isinstance(after, Struct) and isinstance(unknown, Struct):
        members = dict(after.members)
        keys = dict(after.keys)
        for name, mark in unknown.members.items():
            found = _with_unknown(members.get(name), mark)
            if found is not None:
                members[name] = found
                keys.setdefault(name, unknown.keys[name])
        return Struct(members, after.span, after.anchor, keys)
    return after


def read_terraform(source: Source) -> Reading:
    """The tuning jobs of a ``.tf`` file."""
    from hpolint.syntax.hcl import Hcl

    file, reading = Hcl(source), Reading()
    for block in file.body.blocks:
        if block.kind != "resource" or len(block.labels) != 2 or block.labels[0] not in (JOB, *DOCUMENTS):
            continue
        if block.body.is_broken:
            reading.skipped = "a resource that is not written in HCL as it is known here"
            continue
        kind, name = block.labels
        called = f"resource `{kind}.{name}`"
        if kind == JOB:
            reading.jobs.append(_job(source, _body(file, block.body, block.place), block.place, called))
        elif DOCUMENTS[kind] in block.body.attributes:
            document = file.document(block.body.attributes[DOCUMENTS[kind]][1])
            if isinstance(document, Text):
                _read_text(reading, document, called)
            else:
                reading.jobs += _read_definition(source, document, called)
    return reading


def _read_text(reading: Reading, text: Text, called: str) -> None:
    """The tuning jobs of a definition that is written as a text of JSON."""
    if "yperParameterTuningJob" not in text.value:
        return
    try:
        reading.jobs += _read_definition(text.source, text.parsed(), called)
    except SyntaxProblem as problem:
        if not text.holes:
            reading.problems.append(ReadingProblem(problem.reason, problem.span))


def _read_definition(source: Source, document: Node, called: str) -> list[TuningJob]:
    if isinstance(document, Struct) and is_states(document):
        return read_states(source, document, f" of {called}")
    if isinstance(document, Struct) and is_pipeline(document):
        return read_pipeline(source, document, f" of {called}")
    return []


def _job(source: Source, values: Node, place: Span, called: str) -> TuningJob:
    request = coerced(source, _translated(values, schema.REQUEST) or values, schema.REQUEST)
    job = carried("terraform", source, request, place, called)
    job.request.anchor = place
    job.spelling = spelling()
    return job


def _body(file: Hcl, body: Body, place: Span) -> Struct:
    """A block's attributes and blocks as one structure; blocks of a name are a list."""
    found = Struct({}, place, place)
    for name, (at, expression) in body.attributes.items():
        found.members[name], found.keys[name] = file.value(expression), at
    for block in body.blocks:
        name = block.labels[0] if block.kind == "dynamic" and block.labels else block.kind
        blocks = found.members.setdefault(name, Array([], block.place, block.place))
        found.keys.setdefault(name, block.place)
        if not isinstance(blocks, Array):
            continue
        if block.kind == "dynamic":
            blocks.open = Unknown(f'is made by `dynamic "{name}"`, for each of what Terraform finds', block.place)
        else:
            blocks.items.append(_body(file, block.body, block.place))
    return found


def _translated(node: Node, shape: str) -> Node | None:
    """Values in the API's spelling; None for what is not set."""
    if isinstance(node, Scalar) and node.value is None:
        return None
    item = schema.item(shape)
    if isinstance(node, Array) and item is None and schema.members(shape):
        return _single(node, shape)
    if item is not None and isinstance(node, Struct):
        node = Array([node], node.span, node.anchor)
    if isinstance(node, Array):
        if item and schema.members(item) and not node.items and node.open is None:
            return None  # no block: a plan shows an empty list
        items = [_translated(each, item) if item else each for each in node.items]
        return Array([each for each in items if each is not None], node.span, node.anchor, node.open)
    if isinstance(node, Struct) and schema.members(shape):
        return _structure(node, shape)
    if isinstance(node, Struct) and schema.map_value(shape):
        members = {name: member for name, member in node.members.items() if not _is_null(member)}
        return Struct(members, node.span, node.anchor, node.keys, node.open)
    return node


def _single(node: Array, shape: str) -> Node | None:
    """The structure that a list of one block is."""
    if node.open is not None:
        return node.open
    if not node.items:
        return None
    if len(node.items) > 1:
        return Unknown("stands more than once", node.anchor)
    return _translated(node.items[0], shape)


def _structure(node: Struct, shape: str) -> Struct:
    found = Struct({}, node.span, node.anchor, {}, node.open, list(node.shadowed))
    known = _members(shape)
    for name, member in node.members.items():
        place = node.keys.get(name, node.anchor)
        if shape == schema.REQUEST and name in NOT_SENT:
            continue
        api = known.get(name)
        value: Node | None = member
        if api == TAGS and shape == schema.REQUEST:
            value = _tags(member)
        elif api is not None:
            value = _translated(member, schema.members(shape)[api])
        if value is not None and not (api is None and _is_null(value)):
            found.members[api or name], found.keys[api or name] = value, place
    return found


def _tags(node: Node) -> Node | None:
    """Terraform's map of tags as the API's list."""
    if _is_null(node):
        return None
    if not isinstance(node, Struct):
        return node if isinstance(node, Unknown) else Unknown("is no map", node.span)
    items: list[Node] = []
    for name, member in node.members.items():
        place = node.keys[name]
        items.append(
            Struct({"Key": Scalar(name, place), "Value": member}, place, place, {"Key": place, "Value": place})
        )
    return Array(items, node.span, node.anchor, node.open)


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None
