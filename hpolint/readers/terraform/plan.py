"""Terraform in JSON: a configuration (``.tf.json``), and a plan (``terraform show -json``)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Reading
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, listed, member, walk
from hpolint.model.source import Source, Span
from hpolint.readers.placeholders import resolve_placeholders
from hpolint.readers.terraform.held_definitions import DEFINES, MARK, SCHEDULE, Definitions, add_schedule, is_definition
from hpolint.readers.terraform.provider import JOB, is_none, provided_job
from hpolint.syntax.pieced_text import Text

MARKED = lazy_regex(r"\$\$\{|%%\{|\$\{|%\{")
BRACE = lazy_regex(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[{}]', re.DOTALL)
DOCUMENTS = {"aws_sfn_state_machine": "definition", "aws_sagemaker_pipeline": "pipeline_definition"}
KINDS = (JOB, SCHEDULE, *DOCUMENTS)
COMMENT = "//"
MAX_SEARCH_DEPTH = 5
"""Levels below a module's name in which a definition is searched for, such as in a map of maps."""


def is_terraform(node: Struct) -> bool:
    """Whether this is a JSON configuration or a plan with a relevant resource or a definition in a module call."""
    return any(kind in KINDS for kind, *_ in _resources(node)) or _has_definition(node.get("module"), MAX_SEARCH_DEPTH)


def read_terraform_json(source: Source, root: Struct) -> Reading:
    """The tuning jobs of a ``.tf.json`` or a plan."""
    reading = Reading()
    definitions = Definitions(source, reading)
    is_plan = isinstance(root.get("resource_changes"), Array)
    for kind, name, place, values in _resources(root):
        carrier = f"resource `{kind}.{name}`"
        if kind == JOB:
            evaluated = values if is_plan else _configured(source, values)
            reading.jobs.append(provided_job(source, resolve_placeholders(evaluated), place, carrier))
        elif kind == SCHEDULE:
            _read_schedule(reading, source, values, is_plan, carrier)
        else:
            _read_definitions(definitions, source, values, is_plan, (carrier, kind))
    for name, _, values in _named(root.get("module")):
        _read_definitions(definitions, source, values, is_plan, (f"module `{name}`", ""))
    return reading


def _read_definitions(
    definitions: Definitions, source: Source, node: Node, is_plan: bool, holder: tuple[str, str]
) -> None:
    """Read the definitions in values, at any depth. ``holder`` is the carrier in words and its resource type."""
    carrier, kind = holder
    if isinstance(node, Struct) and is_definition(node):
        definitions.add(resolve_placeholders(node if is_plan else _configured(source, node)), carrier)
    elif isinstance(node, Struct | Array):
        for below in _below(node):
            _read_definitions(definitions, source, below, is_plan, holder)
    elif isinstance(node, Scalar) and isinstance(node.value, str) and MARK in node.value:
        text = Text.of(source, node)
        definitions.add(text if is_plan else _without_expressions(text), carrier, kind=kind)


def _below(node: Struct | Array) -> Iterator[Node]:
    """The values of a list or a map, and of its ``dynamic`` blocks unless those are known to create none."""
    if isinstance(node, Array):
        yield from node.items
        return
    for name, value in node.members.items():
        if name == "dynamic":
            yield from (values for _, _, values in _named(value))
        elif name != COMMENT:
            yield value


def _named(node: Node | None) -> Iterator[tuple[str, Span, Struct]]:
    """The names, their spans and the values of one-label blocks that are not known to create no instance."""
    for name, place, value in named_blocks(node):
        if not is_none(value.get("count")) and not is_none(value.get("for_each")):
            yield name, place, value


def named_blocks(node: Node | None) -> Iterator[tuple[str, Span, Struct]]:
    """The names, their spans and the values of one-label blocks."""
    for part in _structs(node):
        for name, values in part.members.items():
            for value in _structs(values):
                yield name, part.keys[name], value


def _structs(node: Node | None) -> Iterator[Struct]:
    """A structure, or those of a list."""
    for item in listed(node):
        if isinstance(item, Struct):
            yield item


def _has_definition(node: Node | None, levels: int) -> bool:
    """Whether a node is or contains a definition, or a text that may be one."""
    if isinstance(node, Scalar):
        return isinstance(node.value, str) and MARK in node.value and DEFINES.search(node.value) is not None
    if not levels or not isinstance(node, Struct | Array):
        return False
    if isinstance(node, Struct) and is_definition(node):
        return True
    below = node.items if isinstance(node, Array) else node.members.values()
    return any(_has_definition(part, levels - 1) for part in below)


def _text(source: Source, node: Node | None, is_plan: bool) -> Text | None:
    """The text of a string, which is a template in a configuration; None for other nodes."""
    if not (isinstance(node, Scalar) and isinstance(node.value, str)):
        return None
    text = Text.of(source, node)
    return text if is_plan else _without_expressions(text)


def _read_schedule(reading: Reading, source: Source, values: Struct, is_plan: bool, carrier: str) -> None:
    """Read EventBridge Scheduler's universal targets, whose input is the request."""
    for target in _structs(values.get("target")):
        arn, text = target.get("arn"), _text(source, target.get("input"), is_plan)
        if isinstance(arn, Scalar) and text is not None:
            add_schedule(reading, source, str(arn.value), (target.keys["input"], text), carrier, target.span)


def _configured(source: Source, node: Node) -> Node:
    """The values of a configuration: strings are templates, ``//`` is a comment, ``dynamic`` generates blocks."""
    if isinstance(node, Array):
        return node.mapped(lambda _, item: _configured(source, item))
    if isinstance(node, Struct):
        return _configured_block(source, node)
    return template(source, node)


def template(source: Source, node: Node) -> Node:
    """The value of a string that may have expressions in it; any other node as it is."""
    if isinstance(node, Scalar) and isinstance(node.value, str) and MARKED.search(node.value):
        return _without_expressions(Text.of(source, node)).as_node(node.span)
    return node


def _configured_block(source: Source, node: Struct) -> Struct:
    configured = node.emptied()
    configured.keys.update(node.keys)
    for name, value in node.members.items():
        if name == "dynamic" and isinstance(value, Struct):
            for block, at in value.keys.items():
                reason = f'is generated by `dynamic "{block}"`'
                configured.members[block], configured.keys[block] = Array([], at, at, Unknown(reason, at)), at
        elif name != COMMENT:
            configured.members.setdefault(name, _configured(source, value))
    return configured


def _without_expressions(text: Text) -> Text:
    """A template with a gap for each interpolation and directive in it."""
    value = text.value
    parts, at = [], 0
    for match in MARKED.finditer(value):
        if match.start() < at:
            continue
        if match.group()[0] == match.group()[1]:  # an escape of the mark
            parts.append(text.part(at, match.start() + 1))
            at = match.end() - 1
            continue
        if match.group() == "%{":
            end = len(value)
            what = "a template directive"
        else:
            end = _closed(value, match.end())
            what = f"`{value[match.start() + 2 : end - 1].strip()[:60]}`"
        unknown = Unknown(f"is computed by Terraform: {what}", text.span(match.start(), end))
        parts += [text.part(at, match.start()), Text.gap(text.source, unknown)]
        at = end
    return text.continued(parts, at)


def _closed(text: str, at: int) -> int:
    """The end offset of an interpolation, after its closing brace. Braces inside strings do not count."""
    depth = 1
    for match in BRACE.finditer(text, at):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if not depth:
            return match.end()
    return len(text)


def _resources(root: Struct) -> Iterator[tuple[str, str, Span, Struct]]:
    """The type, name, span of the name, and values of each resource."""
    changes = root.get("resource_changes")
    if isinstance(changes, Array):
        for change in changes.items:
            yield from _changed(change)
        return
    for by_kind in _structs(root.get("resource")):
        for kind, by_name in by_kind.members.items():
            for name, place, values in _named(by_name):
                yield kind, name, place, values


def _changed(change: Node) -> Iterator[tuple[str, str, Span, Struct]]:
    """A planned resource. Values that are known only after the apply are unknown."""
    kind, name, planned = member(change, "type"), member(change, "name"), member(change, "change")
    if not isinstance(kind, Scalar) or not isinstance(name, Scalar) or not isinstance(planned, Struct):
        return
    if not _is_relevant(member(change, "mode"), planned.get("actions"), str(kind.value)):
        return
    values = _with_unknown(planned.get("after"), planned.get("after_unknown"))
    if isinstance(values, Unknown):  # the whole resource: it may have any attribute
        values = Struct({}, values.span, values.span, {}, values)
    if isinstance(values, Struct):
        yield str(kind.value), str(name.value), name.span, values


def _is_relevant(mode: Node | None, actions: Node | None, kind: str) -> bool:
    """Whether a plan creates a job's resource, or has a resource that holds a definition, changed or not."""
    written_mode = mode.value if isinstance(mode, Scalar) else None
    if written_mode == "data" or not isinstance(actions, Array):
        return written_mode == "managed" and actions is None
    return kind != JOB or any(isinstance(action, Scalar) and action.value == "create" for action in actions.items)


def _with_unknown(after: Node | None, unknown: Node | None) -> Node | None:
    """A planned value in which all values that ``after_unknown`` marks are unknown."""
    if isinstance(unknown, Scalar) and unknown.value is True:
        return Unknown("is known only after the apply", unknown.span)
    if isinstance(after, Array) and isinstance(unknown, Array):
        return _items_with_unknown(after, unknown)
    if isinstance(after, Struct) and isinstance(unknown, Struct):
        return _members_with_unknown(after, unknown)
    if isinstance(after, Array | Struct) or (isinstance(after, Scalar) and after.value is not None):
        return after
    return _first_mark(unknown) or after


def _items_with_unknown(after: Array, unknown: Array) -> Array:
    marks = [*unknown.items, *[None] * len(after.items)]
    items = [_with_unknown(item, mark) for item, mark in zip(after.items, marks, strict=False)]
    beyond = replace(unknown, items=unknown.items[len(after.items) :])
    open_ = after.open or _first_mark(beyond)
    return Array([item for item in items if item is not None], after.span, after.anchor, open_)


def _members_with_unknown(after: Struct, unknown: Struct) -> Struct:
    members, keys = dict(after.members), dict(after.keys)
    for name, mark in unknown.members.items():
        value = _with_unknown(members.get(name), mark)
        if value is not None:
            members[name] = value
            keys.setdefault(name, unknown.keys[name])
    return replace(after, members=members, keys=keys)


def _first_mark(unknown: Node | None) -> Unknown | None:
    """The Unknown of the first mark, at any depth; None if there is none."""
    if unknown is not None:
        for _, node in walk(unknown):
            if isinstance(node, Scalar) and node.value is True:
                return Unknown("is known only after the apply", node.span)
    return None
