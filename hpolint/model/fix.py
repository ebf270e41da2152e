"""Fixes: what a finding would set, rename and remove in the request."""

from __future__ import annotations

import msgspec

from hpolint.model.node import Array, Node, Path, Scalar, ScalarValue, Struct, small_span
from hpolint.model.source import Span
from hpolint.model.stored import Stored


class Fix(Stored, frozen=True):
    """All of it or nothing. Paths start at the request.

    ``safe``: the job does what was meant, no dearer and no longer; ``unsafe``: it does something else, which may be
    better.
    """

    safety: str
    set: dict[Path, ScalarValue] = msgspec.field(default_factory=dict)
    remove: tuple[Path, ...] = ()
    rename: dict[Path, str] = msgspec.field(default_factory=dict)


class TextEdit(Stored, frozen=True):
    """What takes the place of a stretch of a file, in the file's own text."""

    span: Span
    text: str


class WrittenFix(Stored, frozen=True):
    """A fix as it would be written: its edits, and the lines that go and come; or the reason why it is not written.

    A line begins with ``-`` or ``+``, and is told with its number, in a notebook within its cell.
    """

    edits: tuple[TextEdit, ...] = ()
    lines: tuple[tuple[str, int, str], ...] = ()
    reason: str | None = None


def applied(request: Struct, *fixes: Fix) -> Struct:
    """A copy of the request with some fixes in it, one after the other.

    What they do not touch is the request's own, not copied: the copy is to be read, and not changed further. Values
    that are not touched keep their places.
    """
    copy = _Copy(request)
    for fix in fixes:
        for path, name in fix.rename.items():
            parent = copy.parent(path)
            if isinstance(parent, Struct) and str(path[-1]) in parent.members:
                parent.keys[name] = parent.keys.pop(str(path[-1]), parent.anchor)
                parent.members[name] = parent.members.pop(str(path[-1]))
        for path in fix.remove:
            parent = copy.parent(path)
            if isinstance(parent, Struct):
                parent.members.pop(str(path[-1]), None)
        for path, value in fix.set.items():
            copy.set(path, value)
    return copy.root


class _Copy:
    """A tree of which only what lies on the way to a change is copied, once."""

    def __init__(self, root: Struct) -> None:
        self.root = root.mapped(_same)
        self._own: dict[int, Node] = {id(self.root): self.root}

    def parent(self, path: Path, *, make: bool = False) -> Node | None:
        """The structure or list that holds what a path leads to, copied; ``make`` makes structures that lack."""
        node: Node = self.root
        for step in path[:-1]:
            below = self._below(node, step)
            if below is None and make and isinstance(node, Struct):
                below = Struct({}, small_span(node), small_span(node))
            if not isinstance(below, Struct | Array):
                return None
            if id(below) not in self._own:
                below = below.mapped(_same)
                self._own[id(below)] = below
            if isinstance(node, Struct):
                node.members[str(step)] = below
            elif isinstance(node, Array) and isinstance(step, int):
                node.items[step] = below
            node = below
        return node

    def set(self, path: Path, value: ScalarValue) -> None:
        """Set a value; structures that are not there yet are made."""
        node, last = self.parent(path, make=True), path[-1]
        if isinstance(node, Array) and isinstance(last, int):
            node.items[last] = Scalar(value, small_span(node.items[last]))
        elif isinstance(node, Struct):
            node.members[str(last)] = Scalar(value, small_span(node))

    def _below(self, node: Node, step: str | int) -> Node | None:
        if isinstance(node, Struct):
            return node.members.get(str(step))
        in_list = isinstance(node, Array) and isinstance(step, int) and step < len(node.items)
        return node.items[step] if in_list else None  # type: ignore[union-attr, index]


def _same(_step: str | int, node: Node) -> Node:
    return node
