"""Places in the texts that an editor shows, and in the sources that are checked.

Editors count lines and characters from 0, characters in units of an encoding that client and server agree on. A line
ends with ``\n``, ``\r\n`` or ``\r`` alone; those of a ``Source`` end with ``\n`` only.
"""

from __future__ import annotations

import bisect
from array import array
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from hpolint.editor.documents import Document, OpenDocuments
from hpolint.fixes.fix_planner import FixEdits
from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import Cell, Source, Span

LINE_END = lazy_regex(r"\r\n|\r|\n")
MARK = "\ufeff"
"""A byte order mark, which most editors do not send."""

AddressOf: TypeAlias = Callable[[str], str]
"""The address by which an editor knows the file with a path."""


class Position(NamedTuple):
    """A place between two characters."""

    line: int
    character: int


class Range(NamedTuple):
    """The characters between two places."""

    start: Position
    end: Position


class Location(NamedTuple):
    """A range in the text with an address."""

    uri: str
    range: Range


class Units:
    """Characters of a line in an encoding's units: of 8, 16 or 32 bits."""

    def __init__(self, encoding: str = "utf-16") -> None:
        """``encoding`` is ``utf-8``, ``utf-16`` or ``utf-32``, as the Language Server Protocol names them."""
        self._bits = {"utf-8": 8, "utf-32": 32}.get(encoding, 16)

    def count(self, text: str) -> int:
        """The number of units of a text."""
        if self._bits == 32 or text.isascii():
            return len(text)
        if self._bits == 8:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + sum(character > "\uffff" for character in text)

    def characters(self, line: str, units: int) -> int:
        """The number of characters of a line that so many units stand for."""
        if line.isascii():
            return min(units, len(line))
        used = 0
        for number, character in enumerate(line):
            if used >= units:
                return number
            used += self.count(character)
        return len(line)


class Lines:
    """The lines of a text as an editor counts them."""

    def __init__(self, text: str, units: Units) -> None:
        self._text = text
        self._units = units
        self._starts = _line_starts(text)

    def position(self, offset: int) -> Position:
        """The place of an offset; the end of the line for one within a line end."""
        line = bisect.bisect_right(self._starts, offset) - 1
        start = self._starts[line]
        return Position(line, self._units.count(self._text[start : min(offset, self._end(line))]))

    def offset(self, position: Position) -> int:
        """The offset of a place; one behind the end of a line or of the text is at that end."""
        if position.line >= len(self._starts):
            return len(self._text)
        start = self._starts[position.line]
        return start + self._units.characters(self._text[start : self._end(position.line)], position.character)

    def end_of_line(self, line: int) -> Position:
        """The place behind the last character of a line."""
        return self.position(self._end(min(line, len(self._starts) - 1)))

    def _end(self, line: int) -> int:
        """The offset of a line's end."""
        if line + 1 == len(self._starts):
            return len(self._text)
        end = self._starts[line + 1] - 1
        return end - 1 if self._text.startswith("\r\n", end - 1) else end


@lru_cache(maxsize=8)
def _line_starts(text: str) -> Sequence[int]:
    """The offset of each line's first character."""
    return array("L", [0, *(match.end() for match in LINE_END.finditer(text))])


class Places:
    """Places of sources as places of an editor's documents, and back."""

    def __init__(self, units: Units, address_of: AddressOf) -> None:
        self.units = units
        self._address_of = address_of

    def lines(self, source: Source, document: Document | None = None) -> Lines:
        """The lines of a source as an editor counts them."""
        return Lines(_mark_of(source, document) + source.text, self.units)

    def location(self, source: Source, span: Span, document: Document | None = None) -> Location | None:
        """The place of a span in a source: in the open document of it, else in its file. None outside of all cells."""
        if document is not None and document.is_notebook:
            found = source.in_cell(span)
            if found is None:
                return None
            cell, within = found
            return Location(document.parts[cell.number - 1].uri, self.range(cell.text, within))
        uri = document.uri if document is not None else self._address_of(source.name)
        return Location(uri, self.range(source, span, document))

    def range(self, source: Source, span: Span, document: Document | None = None) -> Range:
        """A span as a range; one without characters becomes one character wide, to be seen."""
        first, last = _offset(source, span.line, span.column), _offset(source, span.end_line, span.end_column)
        place = self.offset_range(source, first, last, document)
        if place.end != place.start:
            return place
        return Range(place.start, Position(place.start.line, place.start.character + 1))

    def offset_range(self, source: Source, start: int, end: int, document: Document | None = None) -> Range:
        """The range between two offsets of a text."""
        lines, before = self.lines(source, document), len(_mark_of(source, document))
        return Range(lines.position(before + start), lines.position(before + end))

    def span_at(self, source: Source, uri: str, position: Position, document: Document) -> Span | None:
        """The place of one character of a document in its source; None outside of it."""
        cell = self._cell(source, uri, document)
        if document.is_notebook and cell is None:
            return None
        if cell is None:
            offset = self.lines(source, document).offset(position) - len(_mark_of(source, document))
            offset = max(offset, 0)
            return source.span(offset, offset + 1)
        offset = self.lines(cell.text).offset(position)
        if not cell.text.text:
            return None
        start, end = cell.place(min(offset, len(cell.text.text) - 1))
        return source.span(start, end)

    def _cell(self, source: Source, uri: str, document: Document) -> Cell | None:
        number = next((at for at, part in enumerate(document.parts, 1) if part.uri == uri), None)
        return next((cell for cell in source.cells if cell.number == number), None)

    def edits(self, fix: FixEdits, document: Document, opened: OpenDocuments) -> list[tuple[str, Range, str]]:
        """A fix as ranges of documents with their new texts: those of cells in an open notebook, else of files."""
        if document.is_notebook and fix.source.cells:
            return [
                (
                    document.parts[placed.cell.number - 1].uri,
                    self.offset_range(placed.cell.text, placed.edit.start, placed.edit.end),
                    placed.edit.text,
                )
                for placed in fix.placed
                if placed.cell is not None
            ]
        uri, own = opened.uri_of(fix.source.name), opened.of(fix.source.name)
        return [(uri, self.offset_range(fix.source, edit.start, edit.end, own), edit.text) for edit in fix.edits]


def _mark_of(source: Source, document: Document | None) -> str:
    """The byte order mark that an open document's text begins with, and its source does not."""
    is_marked = document is not None and not document.is_notebook and document.parts[0].text.startswith(MARK)
    return MARK if is_marked and not source.text.startswith(MARK) else ""


def _offset(source: Source, line: int, column: int) -> int:
    """The offset of a line and column, at most at the end of the line."""
    return source.offset(line, 1) + min(column - 1, len(source.line(line)))


def overlaps(one: Range, other: Range) -> bool:
    """Whether two ranges touch."""
    return one.start <= other.end and other.start <= one.end
