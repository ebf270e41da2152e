"""The tree that every reader ends in: values that know where they stand and who wrote them.

A field of a request is known (Scalar, Struct, Array), absent (no such member) or Unknown.
Unknown is never false, absent or the default: nothing here turns one into another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any, TypeAlias

import msgspec
from msgspec.structs import replace

from hpolint.model.source import Span
from hpolint.model.stored import Stored

ScalarValue: TypeAlias = str | int | float | bool | None
Path: TypeAlias = tuple[str | int, ...]


class Origin(Enum):
    """Who put a value there."""

    WRITTEN = "written"
    DEFAULT = "default"


class Scalar(Stored, frozen=True, array_like=True, tag=True):
    """A known string, number, truth value or null."""

    value: ScalarValue
    span: Span
    origin: Origin = Origin.WRITTEN


class Unknown(msgspec.Struct, frozen=True):
    """A value that the text alone cannot tell.

    ``reason`` completes the sentence "unknown: …". ``pieces`` are the known parts of a partly
    known string in order, None for each part that is not known; empty when nothing is known.
    ``choices`` are all values that it can have, where the text tells them, None for being absent; else empty.
    """

    reason: str
    span: Span
    pieces: tuple[str | None, ...] = ()
    choices: tuple[Scalar | None, ...] = ()


class Struct(msgspec.Struct):
    """A structure or map.

    ``anchor`` is the small span that stands for it in a report. ``keys`` says where each
    member's name stands. ``open`` is set where further members may be there that cannot be told.
    ``shadowed`` are the keys that a later one of the same name overrides, with their place. ``name`` is what the
    source calls it, where it has a name of its own there.
    """

    members: dict[str, Node]
    span: Span
    anchor: Span
    keys: dict[str, Span] = msgspec.field(default_factory=dict)
    open: Unknown | None = None
    shadowed: list[tuple[str, Span]] = msgspec.field(default_factory=list)
    name: str | None = None

    def get(self, name: str) -> Node | None:
        """The member; None if it is not there (or, in an open structure, not known to be)."""
        return self.members.get(name)

    def mapped(self, change: Change, *, opened_by: Unknown | None = None) -> Struct:
        """A copy whose members are what ``change`` makes of them, at their names; None leaves one out.

        ``opened_by`` opens a copy of a structure that was closed.
        """
        changed = {name: change(name, member) for name, member in self.members.items()}
        members = {name: member for name, member in changed.items() if member is not None}
        return replace(
            self,
            members=members,
            keys=dict(self.keys),
            open=self.open or opened_by,
            shadowed=list(self.shadowed),
        )

    def emptied(self) -> Struct:
        """A copy without members, to put others in."""
        return replace(self, members={}, keys={}, shadowed=list(self.shadowed))


class Array(msgspec.Struct):
    """A list. ``open`` is set where there may be further items, among those that are known or behind them."""

    items: list[Node]
    span: Span
    anchor: Span
    open: Unknown | None = None

    def mapped(self, change: Change, *, opened_by: Unknown | None = None) -> Array:
        """A copy whose items are what ``change`` makes of them, at their indices; None leaves one out."""
        changed = [change(index, item) for index, item in enumerate(self.items)]
        return replace(self, items=[item for item in changed if item is not None], open=self.open or opened_by)


MAX_CHOICES = 16
"""So many values are looked at one by one; what can be more is unknown like all else."""

Node: TypeAlias = Scalar | Struct | Array | Unknown
Change: TypeAlias = Callable[[Any, Node], Node | None]
"""What a node at a step, a name or an index, becomes."""


def child(node: Node | None, step: str | int) -> Node | None:
    """The member or item at one step; an Unknown has only itself below it."""
    if isinstance(node, Unknown):
        return node
    if isinstance(node, Struct) and isinstance(step, str):
        return node.members.get(step, node.open)
    if isinstance(node, Array) and isinstance(step, int):
        return node.items[step] if step < len(node.items) else node.open
    return None


def follow(node: Node | None, path: Path) -> Node | None:
    """The node at a path: None if provably absent, an Unknown if that cannot be told."""
    for step in path:
        node = child(node, step)
        if node is None:
            return None
    return node


def place(root: Struct, path: Path) -> tuple[Span, bool]:
    """Where a path is to be shown, and whether it was written.

    The value's own span if it is a written scalar or an unknown; the anchor of a structure;
    for what is not there, the anchor of the nearest written parent.
    """
    node: Node = root
    for step in path:
        below = None if isinstance(node, Unknown) else child(node, step)
        if below is None or (isinstance(below, Scalar) and below.origin is Origin.DEFAULT):
            return small_span(node), False
        node = below
    return small_span(node), True


def small_span(node: Node) -> Span:
    """The span that a report underlines for a node: never a block."""
    return node.anchor if isinstance(node, Struct | Array) else node.span


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every node below and with this one, in document order."""
    yield path, node
    if isinstance(node, Struct):
        for name, member in node.members.items():
            yield from walk(member, (*path, name))
    elif isinstance(node, Array):
        for index, item in enumerate(node.items):
            yield from walk(item, (*path, index))


def is_text(value: object) -> bool:
    """Whether a value is a string that can be sent: JSON's escapes can spell half of a surrogate pair."""
    if not isinstance(value, str):
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def is_counted(value: object) -> bool:
    """Whether a value is an integer that one can reckon with: no truth value, and within 2^53."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 2**53


PLAIN_KEY = re.compile(r"[A-Za-z0-9_]+\Z")


def path_text(path: Path) -> str:
    """A path as people and the extract read it: ``A.B[0].C``, ``A["odd key"]``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif PLAIN_KEY.match(step):
            text += f".{step}" if text else step
        else:
            escaped = step.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text


PATH_STEP = re.compile(r'\.?([A-Za-z0-9_]+)|\[(\d+)\]|\["([^"\\]*+(?:\\.[^"\\]*+)*+)"\]')


def parse_path(text: str) -> Path:
    """The path that ``path_text`` printed. Raises ValueError."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        match = PATH_STEP.match(text, at)
        if match is None:
            raise ValueError(f"no path: {text!r}")
        name, index, quoted = match.groups()
        if index is not None:
            steps.append(int(index))
        else:
            steps.append(name if name is not None else re.sub(r"\\(.)", r"\1", quoted))
        at = match.end()
    return tuple(steps)


def plain(node: Node) -> object:
    """The known values as plain Python; an unknown item is None, an unknown member is left out."""
    if isinstance(node, Struct):
        return {name: plain(member) for name, member in node.members.items() if not isinstance(member, Unknown)}
    if isinstance(node, Array):
        return [plain(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else None


def with_members(struct: Struct, members: Mapping[str, Node]) -> Struct:
    """A copy of a structure with other members."""
    return replace(struct, members=dict(members))
