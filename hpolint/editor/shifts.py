"""Places of an earlier text in the text that it has become."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import pairwise

from hpolint.editor.positions import LINE_END, Lines, Range, Units

MAX_COMPARED_LINES = 500
"""Changed lines that are compared one by one. Of more, none is taken for one of before."""


class Shift:
    """Where the places of an earlier text are in a new one.

    Lines that both texts have keep their places. In a line that was edited, so do the characters before and after the
    edit.
    """

    def __init__(self, before: str, after: str, units: Units) -> None:
        self._before = Lines(before, units)
        self._after = Lines(after, units)
        self._length = len(after)
        self._is_same = before == after
        self._kept = [] if self._is_same else _kept(before, after)

    def range(self, place: Range) -> Range | None:
        """A range of the earlier text in the new one; None if its text is gone."""
        if self._is_same:
            return place
        start = self._start(self._before.offset(place.start))
        end = self._end(self._before.offset(place.end))
        if start >= end:
            return None
        return Range(self._after.position(start), self._after.position(end))

    def _start(self, offset: int) -> int:
        """Where the character at an offset is; if it is gone, the next one that both texts have."""
        for start, size, moved in self._kept:
            if offset < start + size:
                return moved + max(offset - start, 0)
        return self._length

    def _end(self, offset: int) -> int:
        """Where the character before an offset ends; if it is gone, the last one before it that both texts have."""
        end = 0
        for start, size, moved in self._kept:
            if offset <= start:
                break
            end = moved + min(offset - start, size)
        return end


def _kept(before: str, after: str) -> list[tuple[int, int, int]]:
    """The pieces that both texts have: the offset in the earlier one, the length, and the offset in the new one."""
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    pieces = [(0, head, 0)]
    pieces += _kept_lines(before[head : len(before) - tail], after[head : len(after) - tail], head)
    pieces.append((len(before) - tail, tail, len(after) - tail))
    return pieces


def _common(one: str, other: str) -> int:
    """The number of characters with which both texts begin."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _kept_lines(before: str, after: str, start: int) -> list[tuple[int, int, int]]:
    """The whole lines that two changed pieces have in common; both pieces begin at an offset."""
    old, new = _lines(before), _lines(after)
    if max(len(old), len(new)) > MAX_COMPARED_LINES:
        return []
    old_starts, new_starts = _starts(old, start), _starts(new, start)
    pieces = []
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        size = old_starts[block.a + block.size] - old_starts[block.a]
        if size:
            pieces.append((old_starts[block.a], size, new_starts[block.b]))
    return pieces


def _lines(text: str) -> list[str]:
    """The lines of a text with their ends."""
    ends = [0, *(match.end() for match in LINE_END.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(ends)]


def _starts(lines: list[str], start: int) -> list[int]:
    """The offset of each line, and of the end of the last one."""
    found = [start]
    for line in lines:
        found.append(found[-1] + len(line))
    return found
