"""Terraform in JSON: a configuration (``.tf.json``), and a plan (``terraform show -json``)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Reading
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, walk
from hpolint.model.source import Source, Span
from hpolint.readers.placeholders import resolve_placeholders
from hpolint.readers.terraform.held_definitions import DEFINES, MARK, SCHEDULE, Definitions, add_schedule, is_definition
from hpolint.readers.terraform.provider import JOB, is_none, provided_job
from hpolint.syntax.pieced_text import Text

MARKED = lazy_regex(r"\$\$\{|%%\{|\$\{|%\{")
BRACE = lazy_regex(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[{}]', re.DOTALL)
DOCUMENTS = {"aws_sfn_state_machine": "definition", "aws_sagemaker_pipeline": "pipeline_definition"}
KINDS = (JOB, SCHEDULE, *DOCUMENTS)
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
    for name, values in _named(root.get("module")):
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
    for name, member in node.members.items():
        if name == "dynamic":
            yield from (values for _, values in _named(member))
        elif name != "//":  # a comment
            yield member


def _named(node: Node | None) -> Iterator[tuple[str, Struct]]:
    """The names and values of one-label blocks, without blocks that are known to create no instance."""
    for part in node.items if isinstance(node, Array) else [node]:
        for name, values in part.members.items() if isinstance(part, Struct) else ():
            for value in values.items if isinstance(values, Array) else [values]:
                if isinstance(value, Struct) and not _creates_none(value):
                    yield name, value


def _has_definition(node: Node | None, levels: int) -> bool:
    """Whether a node is or contains a definition, or a text that may be one."""
    if isinstance(node, Scalar):
        return isinstance(node.value, str) and MARK in node.value and DEFINES.search(node.value) is not None
    if not levels or not isinstance(node, Struct | Array):
        return False
    if isinstance(node, Struct) and is_definition(node):
        return True
    below = node.items if isinstance(node, Array) else node.members.values()
    return any(_has_definition(each, levels - 1) for each in below)


def _text(source: Source, node: Node | None, is_plan: bool) -> Text | None:
    """The text of a string, which is a template in a configuration; None for other nodes."""
    if not (isinstance(node, Scalar) and isinstance(node.value, str)):
        return None
    text = Text.of(source, node)
    return text if is_plan else _without_expressions(text)


def _read_schedule(reading: Reading, source: Source, values: Struct, is_plan: bool, carrier: str) -> None:
    """Read EventBridge Scheduler's universal targets, whose input is the request."""
    targets = values.get("target")
    for target in targets.items if isinstance(targets, Array) else [targets]:
        if isinstance(target, Struct) and isinstance(arn := target.get("arn"), Scalar):
            text = _text(source, target.get("input"), is_plan)
            if text is not None:
                add_schedule(reading, source, str(arn.value), (target.keys["input"], text), carrier, target.span)


def _configured(source: Source, node: Node) -> Node:
    """The values of a configuration: strings are templates, ``//`` is a comment, ``dynamic`` generates blocks."""
    if isinstance(node, Array):
        items = [_configured(source, item) for item in node.items]
        return Array(items, node.span, node.anchor, node.open)
    if isinstance(node, Struct):
        return _configured_block(source, node)
    if isinstance(node, Scalar) and isinstance(node.value, str) and MARKED.search(node.value):
        return _without_expressions(Text.of(source, node)).as_node(node.span)
    return node


def _configured_block(source: Source, node: Struct) -> Struct:
    found = node.emptied()
    found.keys.update(node.keys)
    for name, member in node.members.items():
        if name == "dynamic" and isinstance(member, Struct):
            for block, at in member.keys.items():
                reason = f'is generated by `dynamic "{block}"`'
                found.members[block], found.keys[block] = Array([], at, at, Unknown(reason, at)), at
        elif name != "//":
            found.members.setdefault(name, _configured(source, member))
    return found


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
        directive = match.group() == "%{"
        end = len(value) if directive else _closed(value, match.end())
        place = text.span(match.start(), end)
        what = "a template directive" if directive else f"`{value[match.start() + 2 : end - 1].strip()[:60]}`"
        gap = Text.gap(text.source, Unknown(f"is computed by Terraform: {what}", place))
        parts += [text.part(at, match.start()), gap]
        at = end
    return Text.joined(text.source, [*parts, text.part(at, len(value))]) if parts else text


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
    by_kind = root.get("resource")
    for each in by_kind.items if isinstance(by_kind, Array) else [by_kind]:
        for kind, by_name in each.members.items() if isinstance(each, Struct) else ():
            for part in by_name.items if isinstance(by_name, Array) else [by_name]:
                for name, values in part.members.items() if isinstance(part, Struct) else []:
                    for value in values.items if isinstance(values, Array) else [values]:
                        if isinstance(part, Struct) and isinstance(value, Struct) and not _creates_none(value):
                            yield kind, name, part.keys[name], value


def _creates_none(values: Struct) -> bool:
    return is_none(values.get("count")) or is_none(values.get("for_each"))


def _changed(change: Node) -> Iterator[tuple[str, str, Span, Struct]]:
    """A planned resource. Values that are known only after the apply are unknown."""
    kind, name = (change.get("type"), change.get("name")) if isinstance(change, Struct) else (None, None)
    if not (isinstance(change, Struct) and isinstance(kind, Scalar)):
        return
    planned = change.get("change")
    if not _is_relevant(change, planned, str(kind.value)):
        return
    if isinstance(planned, Struct) and isinstance(name, Scalar):
        values = _with_unknown(planned.get("after"), planned.get("after_unknown"))
        if isinstance(values, Unknown):  # the whole resource: it may have any attribute
            values = Struct({}, values.span, values.span, {}, values)
        if isinstance(values, Struct):
            yield str(kind.value), str(name.value), name.span, values


def _is_relevant(change: Struct, planned: Node | None, kind: str) -> bool:
    """Whether a plan creates a job's resource, or has a resource that holds a definition, changed or not."""
    mode = change.get("mode")
    actions = planned.get("actions") if isinstance(planned, Struct) else None
    if (isinstance(mode, Scalar) and mode.value == "data") or not isinstance(actions, Array):
        return isinstance(mode, Scalar) and mode.value == "managed" and actions is None
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
    beyond = [_first_mark(mark) for mark in unknown.items[len(after.items) :]]
    open_ = after.open or next((mark for mark in beyond if mark is not None), None)
    return Array([item for item in items if item is not None], after.span, after.anchor, open_)


def _members_with_unknown(after: Struct, unknown: Struct) -> Struct:
    members, keys = dict(after.members), dict(after.keys)
    for name, mark in unknown.members.items():
        found = _with_unknown(members.get(name), mark)
        if found is not None:
            members[name] = found
            keys.setdefault(name, unknown.keys[name])
    return replace(after, members=members, keys=keys)


def _first_mark(unknown: Node | None) -> Unknown | None:
    """The Unknown of the first mark, at any depth; None if there is none."""
    for _, node in walk(unknown) if unknown is not None else ():
        if isinstance(node, Scalar) and node.value is True:
            return Unknown("is known only after the apply", node.span)
    return None
