"""The values that a call of a module gives to its variables, and where they are written."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from hpolint.io import work
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown
from hpolint.model.reasons import with_place
from hpolint.model.source import Span
from hpolint.model.training_script import Site

STEPS_PER_COPY = 2
"""Microseconds that the copy of a value takes."""


class UsedSpan(Span):
    """The place in a file where a value of another file is used, and the ``site`` that writes the value."""

    site: Site


class Input(msgspec.Struct, frozen=True):
    """The value that a call gives to a variable, with its places in ``file``."""

    node: Node
    file: str


class Inputs(msgspec.Struct, frozen=True):
    """The values of a module's variables in one of its calls.

    A variable without a value has the default that the module declares. ``reason`` says why no value is known, if so.
    """

    values: Mapping[str, Input] = msgspec.field(default_factory=dict)
    reason: str | None = None


def used_at(node: Node, place: Span, file: str) -> Node:
    """A copy of a value of another file with the place of its use."""
    work.spend(STEPS_PER_COPY)
    if isinstance(node, Scalar):
        return replace(node, span=_used_span(node.span, place, file))
    if isinstance(node, Unknown):
        return _used_unknown(node, place, file)
    open_ = _used_unknown(node.open, place, file) if node.open is not None else None
    span, anchor = _used_span(node.span, place, file), _used_span(node.anchor, place, file)
    if isinstance(node, Array):
        return Array([used_at(item, place, file) for item in node.items], span, anchor, open_)
    members = {name: used_at(member, place, file) for name, member in node.members.items()}
    keys: dict[str, Span] = {name: _used_span(key, place, file) for name, key in node.keys.items()}
    return Struct(members, span, anchor, keys, open_)


def _used_span(span: Span, place: Span, file: str) -> UsedSpan:
    used = UsedSpan(*place)
    used.site = span.site if isinstance(span, UsedSpan) else Site(file, span)
    return used


def _used_unknown(node: Unknown, place: Span, file: str) -> Unknown:
    is_written_there = not isinstance(node.span, UsedSpan)
    written = node.default.span if node.default is not None and is_written_there else node.span
    return replace(
        node,
        reason=with_place(node.reason, file) if is_written_there else node.reason,
        span=_used_span(written, place, file),
        choices=tuple(_moved(choice, place) for choice in node.choices),
        default=_moved(node.default, place),
    )


def _moved(value: Scalar | None, place: Span) -> Scalar | None:
    return replace(value, span=place) if value is not None else None


def with_plain_spans(request: Struct) -> tuple[Struct, dict[Path, Site]]:
    """A request without ``UsedSpan``, and the places of the values that other files write."""
    sites: dict[Path, Site] = {}
    return _plain_struct(request, (), sites), sites


def _plain(node: Node, path: Path, sites: dict[Path, Site]) -> Node:
    if isinstance(node.span, UsedSpan):
        sites[path] = node.span.site
    if isinstance(node, Scalar):
        return replace(node, span=_plain_span(node.span))
    if isinstance(node, Unknown):
        return _plain_unknown(node)
    if isinstance(node, Struct):
        return _plain_struct(node, path, sites)
    items = [_plain(item, (*path, index), sites) for index, item in enumerate(node.items)]
    return Array(items, _plain_span(node.span), _plain_span(node.anchor), _plain_open(node))


def _plain_struct(node: Struct, path: Path, sites: dict[Path, Site]) -> Struct:
    members = {name: _plain(member, (*path, name), sites) for name, member in node.members.items()}
    return replace(
        node,
        members=members,
        span=_plain_span(node.span),
        anchor=_plain_span(node.anchor),
        keys={name: _plain_span(key) for name, key in node.keys.items()},
        open=_plain_open(node),
    )


def _plain_open(node: Struct | Array) -> Unknown | None:
    return _plain_unknown(node.open) if node.open is not None else None


def _plain_unknown(node: Unknown) -> Unknown:
    return replace(node, span=_plain_span(node.span))


def _plain_span(span: Span) -> Span:
    return Span(*span) if isinstance(span, UsedSpan) else span
