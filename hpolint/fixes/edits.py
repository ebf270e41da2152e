"""Edits of a text: replacements of the characters between two offsets."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator

import msgspec

from hpolint.model.source import Cell, Source


class Edit(msgspec.Struct, frozen=True, order=True):
    """A replacement of the characters from ``start`` to ``end`` (exclusive) by ``text``."""

    start: int
    end: int
    text: str


def line_end(source: Source, number: int) -> str:
    """The line end of a line; for a last line without one, that of the first line."""
    starts = source.line_starts
    end = starts[number] if number < len(starts) else starts[min(1, len(starts) - 1)]
    return "\r\n" if source.text.endswith("\r\n", 0, end) else "\n"


def whole_line(source: Source, number: int) -> tuple[int, int]:
    """The offsets of the start of a line and of the start of the next one."""
    starts = source.line_starts
    return starts[number - 1], starts[number] if number < len(starts) else len(source.text)


class PlacedEdit(msgspec.Struct, frozen=True):
    """An edit of a file's text, or of a notebook cell's text."""

    cell: Cell | None
    edit: Edit


def applied_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after applying edits, which must not overlap."""
    parts, at = [], 0
    for edit in sorted(edits):
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


class NonOverlappingEdits:
    """A set of edits that do not overlap."""

    def __init__(self) -> None:
        self._edits: list[Edit] = []
        self._same: set[Edit] = set()

    def overlaps(self, edits: Iterable[Edit]) -> bool:
        """Whether one of the edits overlaps one in the set. An edit that is in the set itself does not count."""
        return any(self._overlaps(edit) for edit in edits if edit not in self._same)

    def _overlaps(self, edit: Edit) -> bool:
        at = bisect.bisect_left(self._edits, edit)
        return any(_touch(edit, other) for other in self._edits[max(at - 2, 0) : at + 2])

    def add(self, edits: Iterable[Edit]) -> None:
        """Take some edits."""
        for edit in edits:
            if edit not in self._same:
                self._same.add(edit)
                bisect.insort(self._edits, edit)


def _touch(left: Edit, right: Edit) -> bool:
    if left.start == left.end or right.start == right.end:  # an insertion, at the edge of the other edit or within it
        return left.start <= right.end and right.start <= left.end
    return left.start < right.end and right.start < left.end


def difference(before: str, after: str, start: int = 0) -> list[Edit]:
    """The shortest single edit from ``before`` to ``after``, as a list; empty if they are equal.

    ``start`` is the offset of ``before`` in the edited text.
    """
    if before == after:
        return []
    size = min(len(before), len(after))
    first = next((at for at in range(size) if before[at] != after[at]), size)
    size -= first
    last = next((at for at in range(size) if before[-1 - at] != after[-1 - at]), size)
    return [Edit(start + first, start + len(before) - last, after[first : len(after) - last])]


def changed_lines(text: str, edits: Iterable[Edit]) -> Iterator[tuple[str, int, str]]:
    """The removed and added lines: ``-`` or ``+``, the line number and the line."""
    at_line, number = 0, 1
    for group in _edits_by_line(text, sorted(edits)):
        start = text.rfind("\n", 0, group[0].start) + 1
        end = text.find("\n", group[-1].end)
        if end < 0:
            end = len(text)
        number += text.count("\n", at_line, start)
        at_line = start
        moved = [Edit(edit.start - start, edit.end - start, edit.text) for edit in group]
        before = text[start:end].split("\n")
        after = applied_edits(text[start:end], moved).split("\n")
        size = min(len(before), len(after))
        first = next((at for at in range(size) if before[at] != after[at]), 0)
        size -= first
        last = next((at for at in range(size) if before[-1 - at] != after[-1 - at]), size)
        for sign, lines in (("-", before[first : len(before) - last]), ("+", after[first : len(after) - last])):
            yield from ((sign, number + first + at, line.rstrip("\r")) for at, line in enumerate(lines))


def _edits_by_line(text: str, edits: list[Edit]) -> Iterator[list[Edit]]:
    """The edits in groups; edits on the same line are in one group."""
    group: list[Edit] = []
    for edit in edits:
        if group and "\n" in text[group[-1].end : edit.start]:
            yield group
            group = []
        group.append(edit)
    if group:
        yield group
