"""The tree that every reader produces: values with their places and origins.

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

from hpolint.lazy_regex import lazy_regex
from hpolint.model.reasons import Kind, kind_of
from hpolint.model.source import Span
from hpolint.model.stored import Stored

ScalarValue: TypeAlias = str | int | float | bool | None
Path: TypeAlias = tuple[str | int, ...]


class Origin(Enum):
    """Whether a value is written in the source or a default of the SDK or service."""

    WRITTEN = "written"
    DEFAULT = "default"


class Scalar(Stored, frozen=True, array_like=True, tag=True):
    """A known string, number, boolean or null."""

    value: ScalarValue
    span: Span
    origin: Origin = Origin.WRITTEN


class Unknown(msgspec.Struct, frozen=True):
    """A value that the text alone does not determine.

    ``reason`` continues the sentence "this value …": see ``reasons.py``. ``pieces`` are the known parts of a partly
    known string in order, with None for each unknown part; empty if nothing is known. ``choices`` are all possible
    values if they are known, with None for absent; else empty. ``default`` is the value if every parameter that it
    depends on has its declared default; None if that is not known. ``min_length`` is the least number of characters of
    its text.
    """

    reason: str
    span: Span
    pieces: tuple[str | None, ...] = ()
    choices: tuple[Scalar | None, ...] = ()
    default: Scalar | None = None
    min_length: int = 0

    @property
    def kind(self) -> Kind:
        """Why the value is unknown, for code: ``reason`` is for people."""
        return kind_of(self.reason)


class Struct(msgspec.Struct):
    """A structure or map.

    ``anchor`` is the small span that stands for it in a report. ``keys`` are the places of the members' names. ``open``
    is set if there may be further, unknown members. ``shadowed`` are the keys that a later key of the same name
    overrides, with their places. ``name`` is the source's own name for it, if it has one.
    """

    members: dict[str, Node]
    span: Span
    anchor: Span
    keys: dict[str, Span] = msgspec.field(default_factory=dict)
    open: Unknown | None = None
    shadowed: list[tuple[str, Span]] = msgspec.field(default_factory=list)
    name: str | None = None

    def get(self, name: str) -> Node | None:
        """The member; None if it is absent or, in an open structure, not known to be present."""
        return self.members.get(name)

    def mapped(self, change: Change, *, opened_by: Unknown | None = None) -> Struct:
        """A copy with each member replaced by ``change(name, member)``; None removes it.

        ``opened_by`` makes the copy of a closed structure open.
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
        """A copy without members, to be filled with others."""
        return replace(self, members={}, keys={}, shadowed=list(self.shadowed))


class Array(msgspec.Struct):
    """A list. ``open`` is set if there may be further items, between the known ones or after them."""

    items: list[Node]
    span: Span
    anchor: Span
    open: Unknown | None = None

    def mapped(self, change: Change, *, opened_by: Unknown | None = None) -> Array:
        """A copy with each item replaced by ``change(index, item)``; None removes it."""
        changed = [change(index, item) for index, item in enumerate(self.items)]
        return replace(self, items=[item for item in changed if item is not None], open=self.open or opened_by)


MAX_CHOICES = 16
"""Possible values of an unknown that are evaluated one by one. With more, its choices count as unknown."""

Node: TypeAlias = Scalar | Struct | Array | Unknown
Change: TypeAlias = Callable[[Any, Node], Node | None]
"""A function from a step (a name or an index) and the node there to the node's replacement."""


def child(node: Node | None, step: str | int) -> Node | None:
    """The member or item at one step; for an Unknown, the Unknown itself."""
    if isinstance(node, Unknown):
        return node
    if isinstance(node, Struct) and isinstance(step, str):
        return node.members.get(step, node.open)
    if isinstance(node, Array) and isinstance(step, int):
        return node.items[step] if step < len(node.items) else node.open
    return None


def follow(node: Node | None, path: Path) -> Node | None:
    """The node at a path: None if it is provably absent, an Unknown if it may be present."""
    for step in path:
        node = child(node, step)
        if node is None:
            return None
    return node


def member(node: Node | None, name: str) -> Node | None:
    """The known member of a structure; None for other nodes."""
    return node.get(name) if isinstance(node, Struct) else None


def item_name(node: Node | None) -> str | None:
    """The known name of a range or definition; None for other nodes."""
    name = member(node, "Name") or member(node, "DefinitionName")
    return str(name.value) if isinstance(name, Scalar) else None


def listed(node: Node | None) -> list[Node]:
    """The known items of a list; any other node as the only item, none without a node."""
    if isinstance(node, Array):
        return node.items
    return [node] if node is not None else []


def items_of(node: Node | None) -> list[Node]:
    """The known items of a list; none for any other node."""
    return node.items if isinstance(node, Array) else []


def text_of(node: Node | None) -> str | None:
    """The value of a string; None for any other node."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def is_null(node: Node | None) -> bool:
    """Whether a node is a known null."""
    return isinstance(node, Scalar) and node.value is None


def place(root: Struct, path: Path) -> tuple[Span, bool]:
    """The span to show for a path, and whether its value is written in the source.

    The value's own span for a written scalar or an unknown, the anchor of a structure, and for a value that is not
    written, the anchor of its nearest written parent.
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
    """A node and every node below it with their paths, in document order."""
    waiting: list[tuple[Path, Node]] = [(path, node)]
    while waiting:
        path, node = waiting.pop()
        yield path, node
        if isinstance(node, Struct):
            waiting += [((*path, name), member) for name, member in reversed(node.members.items())]
        elif isinstance(node, Array):
            waiting += reversed([((*path, index), item) for index, item in enumerate(node.items)])


def is_known(node: Node) -> bool:
    """Whether nothing in a node is unknown, at any depth."""
    for _, below in walk(node):
        if isinstance(below, Unknown) or (isinstance(below, Struct | Array) and below.open is not None):
            return False
    return True


def is_text(value: object) -> bool:
    """Whether a value is a string that UTF-8 can encode: JSON's escapes can spell half of a surrogate pair."""
    if not isinstance(value, str):
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def is_counted(value: object) -> bool:
    """Whether a value is an integer, not a boolean, from -2^53 to 2^53, so that a double holds it exactly."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 2**53


PLAIN_KEY = lazy_regex(r"[A-Za-z0-9_]+\Z")


def path_text(path: Path) -> str:
    """A path as text, in messages and ``extract``: ``A.B[0].C``, ``A["odd key"]``."""
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


PATH_STEP = lazy_regex(r'\.?([A-Za-z0-9_]+)|\[(\d+)\]|\["([^"\\]*+(?:\\.[^"\\]*+)*+)"\]')


def parse_path(text: str) -> Path:
    """The path of a text that ``path_text`` printed. Raises ValueError."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        match = PATH_STEP.match(text, at)
        if match is None:
            raise ValueError(f"not a path: {text!r}")
        name, index, quoted = match.groups()
        if index is not None:
            steps.append(int(index))
        else:
            steps.append(name if name is not None else re.sub(r"\\(.)", r"\1", quoted))
        at = match.end()
    return tuple(steps)


def plain(node: Node) -> object:
    """The known values as plain Python. An unknown item is None, an unknown member is left out."""
    if isinstance(node, Struct):
        return {name: plain(member) for name, member in node.members.items() if not isinstance(member, Unknown)}
    if isinstance(node, Array):
        return [plain(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else None


def with_members(struct: Struct, members: Mapping[str, Node]) -> Struct:
    """A copy of a structure with other members."""
    return replace(struct, members=dict(members))
