"""Edits of a text: what stands between two offsets becomes something else, and nothing besides."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator

import msgspec

from hpolint.model.source import Cell


class Edit(msgspec.Struct, frozen=True, order=True):
    """Characters of a source's text, by their offsets, and what takes their place."""

    start: int
    end: int
    text: str


class Placed(msgspec.Struct, frozen=True):
    """An edit of a file's text, or of a notebook's cell."""

    cell: Cell | None
    edit: Edit


def applied_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits in it that do not overlap."""
    parts, at = [], 0
    for edit in sorted(edits):
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


class Taken:
    """Edits that do not overlap, and what goes together with them."""

    def __init__(self) -> None:
        self._edits: list[Edit] = []
        self._same: set[Edit] = set()

    def clash(self, edits: Iterable[Edit]) -> bool:
        """Whether one of some edits touches what is taken; one that is taken itself does not."""
        return any(self._clashes(edit) for edit in edits if edit not in self._same)

    def _clashes(self, edit: Edit) -> bool:
        at = bisect.bisect_left(self._edits, edit)
        return any(_touch(edit, other) for other in self._edits[max(at - 2, 0) : at + 2])

    def add(self, edits: Iterable[Edit]) -> None:
        """Take some edits."""
        for edit in edits:
            if edit not in self._same:
                self._same.add(edit)
                bisect.insort(self._edits, edit)


def _touch(one: Edit, other: Edit) -> bool:
    if one.start == one.end or other.start == other.end:  # what is put in, at the edge of the other or within it
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def difference(before: str, after: str, start: int = 0) -> list[Edit]:
    """The one edit that makes a text of another, as short as it can be; ``start`` is where the first begins."""
    if before == after:
        return []
    size = min(len(before), len(after))
    first = next((at for at in range(size) if before[at] != after[at]), size)
    size -= first
    last = next((at for at in range(size) if before[-1 - at] != after[-1 - at]), size)
    return [Edit(start + first, start + len(before) - last, after[first : len(after) - last])]


def changed_lines(text: str, edits: Iterable[Edit]) -> Iterator[tuple[str, int, str]]:
    """The lines that edits take away and bring, ``-`` or ``+`` with the number and the line."""
    at_line, number = 0, 1
    for group in _neighbours(text, sorted(edits)):
        start = text.rfind("\n", 0, group[0].start) + 1
        end = text.find("\n", group[-1].end)
        end = len(text) if end < 0 else end
        number += text.count("\n", at_line, start)
        at_line = start
        moved = [Edit(each.start - start, each.end - start, each.text) for each in group]
        before = text[start:end].split("\n")
        after = applied_edits(text[start:end], moved).split("\n")
        first = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), 0)
        first = min(first, len(before), len(after)) if before[:first] == after[:first] else 0
        size = min(len(before), len(after)) - first
        last = next((at for at in range(size) if before[-1 - at] != after[-1 - at]), max(size, 0))
        for sign, lines in (("-", before[first : len(before) - last]), ("+", after[first : len(after) - last])):
            yield from ((sign, number + first + at, line.rstrip("\r")) for at, line in enumerate(lines))


def _neighbours(text: str, edits: list[Edit]) -> Iterator[list[Edit]]:
    """Edits in groups, those of a line together."""
    group: list[Edit] = []
    for edit in edits:
        if group and "\n" in text[group[-1].end : edit.start]:
            yield group
            group = []
        group.append(edit)
    if group:
        yield group
