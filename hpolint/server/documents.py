"""Open documents of an editor, their texts as files, and places in both.

Editors count lines and characters from 0, characters in units of an encoding that client and server agree on. A line
ends with ``\\n``, ``\\r\\n`` or ``\\r`` alone; those of a ``Source`` end with ``\\n`` only.
"""

from __future__ import annotations

import bisect
import json
import os
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import msgspec
from lsprotocol.types import (
    Location,
    NotebookCellKind,
    Position,
    PositionEncodingKind,
    Range,
    TextDocumentContentChangeEvent,
    TextDocumentContentChangePartial,
    TextDocumentContentChangeWholeDocument,
    VersionedTextDocumentIdentifier,
)
from msgspec.structs import replace
from pygls.protocol import LanguageServerProtocol
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import Workspace

from hpolint.fixes.fix_planner import FixEdits
from hpolint.io import disk
from hpolint.io.files import read_file
from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import language_of
from hpolint.model.source import Cell, Source, Span

SUFFIXES = {
    "python": ".py",
    "json": ".json",
    "jsonc": ".json",
    "yaml": ".yaml",
    "dockercompose": ".yaml",
    "cloudformation": ".yaml",
    "terraform": ".tf",
    "shellscript": ".sh",
    "toml": ".toml",
    "markdown": ".md",
}
"""The ending for a document without a file, by its language."""

LINE_END = lazy_regex(r"\r\n|\r|\n")
MARK = "\ufeff"
"""A byte order mark, which most editors do not send."""


class Units:
    """Characters of a line in an encoding's units: of 8, 16 or 32 bits."""

    def __init__(self, encoding: str | PositionEncodingKind | None) -> None:
        self._bits = {PositionEncodingKind.Utf8: 8, PositionEncodingKind.Utf32: 32}.get(
            PositionEncodingKind(encoding or PositionEncodingKind.Utf16), 16
        )

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


class OpenTexts(Workspace):
    """The texts of an editor's documents. Their changes are at an editor's lines, not at those of ``splitlines``."""

    def update_text_document(
        self, text_doc: VersionedTextDocumentIdentifier, change: TextDocumentContentChangeEvent
    ) -> None:
        """Apply a change to a text."""
        opened = self.text_documents[unquote(text_doc.uri)]
        if isinstance(change, TextDocumentContentChangePartial):
            lines = Lines(opened.source, Units(self.position_encoding))
            start, end = lines.offset(change.range.start), lines.offset(change.range.end)
            text = opened.source[:start] + change.text + opened.source[max(start, end) :]
            change = TextDocumentContentChangeWholeDocument(text)
        super().update_text_document(text_doc, change)


class Protocol(LanguageServerProtocol):
    """The protocol of a server whose workspace holds ``OpenTexts``."""

    @property
    def workspace(self) -> Workspace:
        """The workspace. Raises RuntimeError before the server is initialized."""
        made = super().workspace
        if not isinstance(made, OpenTexts):
            folders = [*made.folders.values()]
            made = OpenTexts(made.root_uri, workspace_folders=folders, position_encoding=made.position_encoding)
            self._workspace = made
        return made


class Part(msgspec.Struct, frozen=True):
    """A text that the editor shows: a file, or a cell of a notebook."""

    uri: str
    text: str
    is_code: bool = True
    version: int | None = None


class Document(msgspec.Struct, frozen=True):
    """An open document: the path of its file, and its parts. A notebook has a part for each of its cells."""

    uri: str
    path: str
    parts: tuple[Part, ...]
    is_notebook: bool = False

    @property
    def data(self) -> bytes:
        """The text as a file has it."""
        text = _notebook_text(self) if self.is_notebook else self.parts[0].text
        return text.encode("utf-8", "surrogatepass")

    def with_text(self, uri: str, text: str) -> Document:
        """The document with another text of one part."""
        parts = tuple(replace(part, text=text) if part.uri == uri else part for part in self.parts)
        return replace(self, parts=parts)

    def part_of(self, uri: str) -> Part | None:
        """The part with an address."""
        return next((part for part in self.parts if part.uri == uri), None)


class OpenDocuments:
    """The documents that an editor has open at one moment, with the versions that answers are about."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents: dict[str, Document] = {}
        self._versions: dict[str, int | None] = {}
        for document in documents:
            self._documents[document.path] = document
            for part in document.parts:
                self._versions[part.uri] = part.version

    def of(self, path: str) -> Document | None:
        """The open document of a file."""
        return self._documents.get(os.path.abspath(path))

    def version_of(self, uri: str) -> int | None:
        """The version of an open text; None for a file that is not open."""
        return self._versions.get(uri)

    def uri_of(self, path: str) -> str:
        """The address of a file, as the editor writes it if it is open."""
        document = self.of(path)
        return document.uri if document is not None else from_fs_path(os.path.abspath(path)) or ""


def path_of(uri: str, language: str = "", folder: str = "") -> str:
    """The path of a document. One without a file gets a path in a folder, with the ending of its language."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    if path:
        return os.path.abspath(path)
    name = uri.rpartition(":")[2].strip("/").replace("/", "-") or "untitled"
    ending = SUFFIXES.get(language, "")
    return os.path.join(folder or os.path.abspath(os.sep), name if name.endswith(ending) else name + ending)


def _notebook_text(document: Document) -> str:
    """The open cells of a notebook as its file has them, with the outputs that were saved of the same cells."""
    outputs = _saved_outputs(document.path)
    cells = []
    for part in document.parts:
        cell: dict[str, Any] = {"cell_type": "code" if part.is_code else "markdown", "metadata": {}}
        if part.is_code:
            cell |= {"execution_count": None, "outputs": outputs.get(part.text, [])}
        cells.append(cell | {"source": part.text.splitlines(keepends=True)})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1)


def _saved_outputs(path: str) -> dict[str, list[Any]]:
    """The outputs of a notebook's file, by the text of their cell; empty if it cannot be read."""
    found = ((_source(cell), cell.get("outputs")) for cell in _saved(path))
    return {source: outputs for source, outputs in found if isinstance(outputs, list)}


def saved_cells(path: str) -> list[tuple[str, bool]]:
    """The texts of the cells in a notebook's file, and whether each is code; empty if it cannot be read."""
    return [(_source(cell), cell.get("cell_type") == "code") for cell in _saved(path)]


def _saved(path: str) -> list[dict[str, Any]]:
    try:
        notebook = json.loads(read_file(path, language_of(path).max_bytes)) if disk.is_file(path) else {}
    except (OSError, ValueError, RecursionError):
        return []
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


class Places:
    """Places of sources as places of an editor's documents, and back."""

    def __init__(self, units: Units) -> None:
        self.units = units

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
        uri = document.uri if document is not None else from_fs_path(source.name) or ""
        return Location(uri, self.range(source, span, document))

    def range(self, source: Source, span: Span, document: Document | None = None) -> Range:
        """A span as a range; one without characters becomes one character wide, to be seen."""
        first, last = _offset(source, span.line, span.column), _offset(source, span.end_line, span.end_column)
        place = self.offset_range(source, first, last, document)
        if place.end == place.start:
            place.end = Position(place.start.line, place.start.character + 1)
        return place

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
    return _key(one.start) <= _key(other.end) and _key(other.start) <= _key(one.end)


def _key(position: Position) -> tuple[int, int]:
    return position.line, position.character


def cells_of(notebook: Any, text_of: Callable[[str], Any]) -> Sequence[Part]:
    """The cells of an open notebook, with their texts."""
    parts = []
    for cell in notebook.cells:
        opened = text_of(cell.document)
        is_code = cell.kind == NotebookCellKind.Code
        parts.append(Part(cell.document, opened.source, is_code=is_code, version=opened.version))
    return parts
