"""Fixes: what a finding would set, rename and remove in the request."""

from __future__ import annotations

from dataclasses import dataclass, field

from hpolint.node import Array, Node, Path, Scalar, ScalarValue, Struct, small_span
from hpolint.source import Span


@dataclass(frozen=True, slots=True)
class Fix:
    """All of it or nothing. Paths start at the request.

    ``safe``: the job does what was meant, no dearer and no longer; ``unsafe``: it does something else, which may be
    better.
    """

    safety: str
    set: dict[Path, ScalarValue] = field(default_factory=dict)
    remove: tuple[Path, ...] = ()
    rename: dict[Path, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextEdit:
    """What takes the place of a stretch of a file, in the file's own text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class WrittenFix:
    """A fix as it would be written: its edits, and the lines that go and come; or the reason why it is not written.

    A line begins with ``-`` or ``+``, and is told with its number, in a notebook within its cell.
    """

    edits: tuple[TextEdit, ...] = ()
    lines: tuple[tuple[str, int, str], ...] = ()
    reason: str | None = None


def applied(request: Struct, fix: Fix) -> Struct:
    """A copy of the request with the fix in it. Values that are not touched keep their places."""
    copy = request.mapped(lambda _, below: _copy(below))
    for path, name in fix.rename.items():
        parent = _parent(copy, path)
        if isinstance(parent, Struct) and str(path[-1]) in parent.members:
            parent.keys[name] = parent.keys.pop(str(path[-1]), parent.anchor)
            parent.members[name] = parent.members.pop(str(path[-1]))
    for path in fix.remove:
        parent = _parent(copy, path)
        if isinstance(parent, Struct):
            parent.members.pop(str(path[-1]), None)
    for path, value in fix.set.items():
        _set(copy, path, value)
    return copy


def _copy(node: Node) -> Node:
    return node.mapped(lambda _, below: _copy(below)) if isinstance(node, Struct | Array) else node


def _parent(root: Node, path: Path) -> Node | None:
    node: Node | None = root
    for step in path[:-1]:
        if isinstance(node, Struct):
            node = node.members.get(str(step))
        elif isinstance(node, Array) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            return None
    return node


def _set(root: Struct, path: Path, value: ScalarValue) -> None:
    """Set a value; structures that are not there yet are made."""
    node: Node = root
    for step in path[:-1]:
        if isinstance(node, Array) and isinstance(step, int):
            node = node.items[step]
        elif isinstance(node, Struct):
            node = node.members.setdefault(str(step), Struct({}, small_span(node), small_span(node)))
    last = path[-1]
    if isinstance(node, Array) and isinstance(last, int):
        node.items[last] = Scalar(value, small_span(node.items[last]))
    elif isinstance(node, Struct):
        node.members[str(last)] = Scalar(value, small_span(node))
