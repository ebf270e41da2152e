"""Terraform in JSON: a configuration (``.tf.json``), and a plan (``terraform show -json``)."""

from __future__ import annotations

from collections.abc import Iterator

from hpolint.job import Reading
from hpolint.node import Array, Node, Scalar, Struct, Unknown
from hpolint.readers.placeholders import resolve_placeholders
from hpolint.readers.terraform.definitions import add_definition
from hpolint.readers.terraform.provider import JOB, provided_job
from hpolint.source import Source, Span
from hpolint.syntax.text import Text

DOCUMENTS = {"aws_sfn_state_machine": "definition", "aws_sagemaker_pipeline": "pipeline_definition"}


def is_terraform(node: Struct) -> bool:
    """Whether this is a configuration in JSON, or a plan, that has a resource for us."""
    return any(True for _ in _resources(node))


def read_terraform_json(source: Source, root: Struct) -> Reading:
    """The tuning jobs of a ``.tf.json`` or a plan."""
    reading = Reading()
    for kind, name, place, values in _resources(root):
        called = f"resource `{kind}.{name}`"
        if kind == JOB:
            reading.jobs.append(provided_job(source, resolve_placeholders(values), place, called))
            continue
        node = values.get(DOCUMENTS[kind])
        if isinstance(node, Scalar) and isinstance(node.value, str):
            text = Text.of(source, node).filled(lambda name, at: _expression(source, name, at))
            add_definition(reading, source, text, called)
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
