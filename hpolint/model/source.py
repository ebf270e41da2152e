"""A source file's text, and conversion between offsets, lines and columns."""

from __future__ import annotations

import bisect
import codecs
import operator
import posixpath
from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, count
from typing import Annotated, Any, NamedTuple, TypeAlias

import msgspec

# Longer marks first: UTF-32's little-endian mark begins with UTF-16's.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


Coordinate: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


def encoding_of(data: bytes) -> str:
    """The encoding of a file's bytes, by their byte order mark, which is a character of it; UTF-8 without one."""
    return next((encoding for mark, encoding in BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")


class Span(NamedTuple):
    """A range of text: lines and columns from 1, columns in code points, end exclusive."""

    line: Coordinate
    column: Coordinate
    end_line: Coordinate
    end_column: Coordinate

    def holds(self, other: Span) -> bool:
        """Whether another range lies in this one."""
        return self[:2] <= other[:2] and other[2:] <= self[2:]


FILE_START = Span(1, 1, 1, 2)
"""The place of what is about a file as a whole, or has no place of its own in it."""


class UndecodableError(Exception):
    """Bytes that are invalid in their encoding. ``line`` counts from 1."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


Beside: TypeAlias = Mapping[str, tuple[str, bytes]]
"""The path and bytes of the local files that a source references or imports, by the names that it uses for them.

The name of a data file that Python loads begins with ``DATA_FILE``, that of a file in a folder that calls a Terraform
module with ``CALLER_FILE``, that of a file with the packages that a program needs with ``REQUIREMENTS_FILE``, and that
of a file that may define a warm start's parent with ``PARENT_FILE``.
"""

DATA_FILE = "file:"

CALLER_FILE = "caller:"
"""The path of the file from the root of its repository follows. The module's own file is among them."""

REQUIREMENTS_FILE = "requirements:"
"""The path of the file follows, as it is read. It names the packages that the programs of a folder or below need."""

PARENT_FILE = "parent:"
"""The path of the file follows, as it is read."""

PACKED_SUFFIX = ".gz"
"""The ending of a file that is unpacked before it is read."""


def data_file_key(path: str) -> str:
    """The name in ``Beside`` of a data file that Python loads, from its path as the source writes it."""
    return f"{DATA_FILE}{posixpath.normpath(path)}"


class Cell(msgspec.Struct, frozen=True):
    """A notebook's code cell: its number among all cells, its own text, and the place of that text in the file.

    ``place`` maps an offset of the text to the start and end offset in the file. ``start`` is an offset in the file
    before the cell and after the cell before it.
    """

    number: int
    text: Source
    place: Callable[[int], tuple[int, int]]
    start: int = 0

    def offset(self, raw: int) -> int | None:
        """The offset in the cell's text for an offset in the file; None if it is outside of the cell."""
        last = len(self.text.text) - 1
        if last < 0 or not self.place(0)[0] <= raw <= self.place(last)[1]:
            return None
        return bisect.bisect_right(range(last + 1), raw, key=lambda offset: self.place(offset)[0]) - 1


class WrittenFile(msgspec.Struct, frozen=True):
    """A file that a notebook's cell writes. Its text is the cell's text from ``start`` on."""

    path: str
    appends: bool
    cell: Cell
    start: int

    @property
    def text(self) -> str:
        """The text of the file."""
        return self.cell.text.text[self.start :]

    def place(self, offset: int) -> tuple[int, int]:
        """The start and end offset of one of its characters in the notebook."""
        return self.cell.place(self.start + offset)


FIELDS = ("text", "cells", "shells", "written", "beside")
"""The fields of a source except for its name."""


class Source:
    """One source file.

    ``name`` is the path as given, with forward slashes, as reports print it. ``text`` has no byte order mark, so
    columns count from the first character. ``cells`` are a notebook's Python cells, ``shells`` its other code cells,
    ``written`` the files that cells write. ``beside`` are the local files that it references.
    """

    def __init__(
        self,
        name: str,
        text: str,
        cells: list[Cell] | None = None,
        shells: list[Cell] | None = None,
        written: list[WrittenFile] | None = None,
        beside: Beside | None = None,
    ) -> None:
        self.name = name
        self.text = text
        self.cells = cells if cells is not None else []
        self.shells = shells if shells is not None else []
        self.written = written if written is not None else []
        self.beside = beside if beside is not None else {}

    def __repr__(self) -> str:
        return f"Source(name={self.name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source) and (self.name, self.text) == (other.name, other.text)

    def __hash__(self) -> int:
        return hash((self.name, self.text))

    def __getstate__(self) -> dict[str, Any]:
        """The state for another process, without derived values."""
        return {"name": self.name} | {name: getattr(self, name) for name in FIELDS}

    @classmethod
    def decode(cls, name: str, data: bytes, beside: Beside | None = None) -> Source:
        """The source for a file's bytes: UTF-8, or UTF-16/32 with a byte order mark.

        Raises UndecodableError.
        """
        encoding, body = "utf-8", data
        for mark, marked_encoding in BYTE_ORDER_MARKS:
            if data.startswith(mark):
                encoding, body = marked_encoding, data[len(mark) :]
                break
        try:
            return cls(name, body.decode(encoding), beside=beside or {})
        except UnicodeDecodeError as error:
            line = body[: error.start].decode(encoding, "replace").count("\n") + 1
            raise UndecodableError(f"not {encoding.upper()}: {error.reason}", line) from None

    @property
    def is_json(self) -> bool:
        """Whether it is JSON, by its name; for ``.template`` and ``.asl``, by its first character.

        What a program sends has a name such as ``<request>``, and is JSON. So are the values in a table of events.
        """
        name = self.name.lower().removesuffix(PACKED_SUFFIX)
        if name.endswith((".json", ".jsonl", ".ndjson", ".csv", ">")):
            return True
        return name.endswith((".template", ".asl")) and self.text.lstrip()[:1] == "{"

    @property
    def is_table(self) -> bool:
        """Whether it is CSV, by its name."""
        return self.name.lower().removesuffix(PACKED_SUFFIX).endswith(".csv")

    @property
    def is_packed(self) -> bool:
        """Whether the text is that of an unpacked file, by its name: its lines are not those of the file itself."""
        return self.name.lower().endswith(PACKED_SUFFIX)

    @cached_property
    def line_starts(self) -> Sequence[int]:
        """The offset of each line's first code point. Only ``\\n`` ends a line, as in SARIF."""
        *ended, _ = self.text.split("\n")
        return array("L", [0, *map(operator.add, accumulate(map(len, ended)), count(1))])

    @cached_property
    def in_order(self) -> list[Cell]:
        """The code cells: Python, of a shell, or written to a file, in document order."""
        cells = {cell.start: cell for cell in (*self.cells, *self.shells, *(file.cell for file in self.written))}
        return [cells[start] for start in sorted(cells)]

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of a code point's offset."""
        line = bisect.bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """The span between two code point offsets."""
        line, column = self.position(start)
        starts = self.line_starts
        if end < (starts[line] if line < len(starts) else len(self.text) + 1):  # the common case: a single line
            return Span(line, column, line, column + end - start)
        return Span(line, column, *self.position(end))

    def offset(self, line: int, column: int) -> int:
        """The code point offset of a line and column, clamped to the text."""
        start = self.line_starts[min(line, len(self.line_starts)) - 1]
        return min(start + column - 1, len(self.text))

    def read(self, span: Span) -> str:
        """The text that a span covers."""
        return self.text[self.offset(span.line, span.column) : self.offset(span.end_line, span.end_column)]

    def in_cell(self, span: Span) -> tuple[Cell, Span] | None:
        """The cell of a span in a notebook, and the span within the cell's text; None outside of cells."""
        if span not in self._in_cells:
            self._in_cells[span] = self._in_cell(span)
        return self._in_cells[span]

    @cached_property
    def _in_cells(self) -> dict[Span, tuple[Cell, Span] | None]:
        return {}

    def _in_cell(self, span: Span) -> tuple[Cell, Span] | None:
        start, end = self.offset(span.line, span.column), self.offset(span.end_line, span.end_column)
        at = bisect.bisect_right(self.in_order, start, key=lambda each: each.start)
        cell = self.in_order[at - 1] if at else None
        first = cell.offset(start) if cell is not None else None
        if cell is None or first is None:
            return None
        last = cell.offset(max(end - 1, start))
        return cell, cell.text.span(first, (first if last is None else last) + 1)

    def shown(self, span: Span) -> str:
        """A place for messages: ``name:line:column``, in a notebook ``name:cell 4:line:column``."""
        found = self.in_cell(span) if self.cells else None
        cell, within = (f"cell {found[0].number}:", found[1]) if found is not None else ("", span)
        return f"{self.name}:{cell}{within.line}:{within.column}"

    def line(self, number: int) -> str:
        """One line without its line break; an empty string after the last line."""
        starts = self.line_starts
        if number > len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")
