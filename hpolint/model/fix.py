"""Fixes: the values that a finding sets, renames and removes in the request."""

from __future__ import annotations

import msgspec

from hpolint.model.node import Array, Node, Path, Scalar, ScalarValue, Struct, small_span
from hpolint.model.source import Span
from hpolint.model.stored import Stored
from hpolint.model.training_script import ScriptChange


class Fix(Stored, frozen=True):
    """The changes of a fix, applied all or none. Paths start at the request; ``script`` are those of training scripts.

    ``safe``: the job does what was intended and costs and takes no more; ``unsafe``: the job does something else, which
    may be better.
    """

    safety: str
    set: dict[Path, ScalarValue] = msgspec.field(default_factory=dict)
    remove: tuple[Path, ...] = ()
    rename: dict[Path, str] = msgspec.field(default_factory=dict)
    script: tuple[ScriptChange, ...] = ()


class Correction(msgspec.Struct, frozen=True):
    """What corrects a mistake about a training script: members of the request to set, or changes of the script."""

    set: dict[Path, ScalarValue] = msgspec.field(default_factory=dict)
    script: tuple[ScriptChange, ...] = ()


class TextEdit(Stored, frozen=True):
    """The replacement of a span of a file's text."""

    span: Span
    text: str


class WrittenFix(Stored, frozen=True):
    """A fix as text: its edits, and the removed and added lines; or the reason why it cannot be written.

    A line is ``-`` or ``+``, the line's number (in a notebook, within its cell), and its text. ``file`` is the file of
    the edits if it is not that of the finding, but a training script.
    """

    edits: tuple[TextEdit, ...] = ()
    lines: tuple[tuple[str, int, str], ...] = ()
    reason: str | None = None
    file: str | None = None


def applied(request: Struct, *fixes: Fix) -> Struct:
    """A copy of the request with some fixes applied, one after the other.

    Unchanged parts are shared with the request, with their places, so the copy must not be modified.
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
    """A copy-on-write tree: copies only the nodes on the path to a change, each once."""

    def __init__(self, root: Struct) -> None:
        self.root = root.mapped(_same)
        self._own: dict[int, Node] = {id(self.root): self.root}

    def parent(self, path: Path, *, make: bool = False) -> Node | None:
        """A copy of the structure or list that holds a path, or None. ``make`` adds missing structures."""
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
        """Set a value, adding missing structures."""
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
