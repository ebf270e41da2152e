"""Open documents as the Language Server Protocol has them, and places in its types."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import Workspace

from hpolint.editor.documents import Part
from hpolint.editor.positions import Lines, Location, Position, Range, Units
from hpolint.lazy_regex import lazy_regex

SUFFIXES = {
    "python": ".py",
    "r": ".R",
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


def units_of(encoding: str | types.PositionEncodingKind | None) -> Units:
    """The units of the encoding that client and server agreed on."""
    return Units(types.PositionEncodingKind(encoding or types.PositionEncodingKind.Utf16).value)


def position_of(position: types.Position) -> Position:
    """A place that the editor sent."""
    return Position(position.line, position.character)


def range_of(place: types.Range) -> Range:
    """A range that the editor sent."""
    return Range(position_of(place.start), position_of(place.end))


def sent_range(place: Range) -> types.Range:
    """A range to send."""
    return types.Range(types.Position(*place.start), types.Position(*place.end))


def sent_location(location: Location) -> types.Location:
    """A location to send."""
    return types.Location(location.uri, sent_range(location.range))


def address_of(path: str) -> str:
    """The address of the file with a path."""
    return from_fs_path(path) or ""


CHECKED_SCHEMES = ("file", "untitled")
"""The schemes of documents that are checked: those of files, and those that have no file yet.

Others show what is no file of the user's: ``git:`` an earlier version, ``https:`` what somebody else has published.
"""


def is_checked(uri: str) -> bool:
    """Whether the document with an address is checked."""
    return uri.partition(":")[0] in CHECKED_SCHEMES


class OpenTexts(Workspace):
    """The texts of an editor's documents. Their changes are at an editor's lines, not at those of ``splitlines``."""

    def update_text_document(
        self, text_doc: types.VersionedTextDocumentIdentifier, change: types.TextDocumentContentChangeEvent
    ) -> None:
        """Apply a change to a text."""
        opened = self.text_documents[unquote(text_doc.uri)]
        if isinstance(change, types.TextDocumentContentChangePartial):
            lines = Lines(opened.source, units_of(self.position_encoding))
            start = lines.offset(position_of(change.range.start))
            end = lines.offset(position_of(change.range.end))
            text = opened.source[:start] + change.text + opened.source[max(start, end) :]
            change = types.TextDocumentContentChangeWholeDocument(text)
        super().update_text_document(text_doc, change)


def path_of(uri: str, language: str = "", folder: str = "") -> str:
    """The path of a document. One without a file gets a path in a folder, with the ending of its language."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    if path:
        return os.path.abspath(path)
    name = uri.rpartition(":")[2].strip("/").replace("/", "-") or "untitled"
    ending = SUFFIXES.get(language, "")
    return os.path.join(folder or os.path.abspath(os.sep), name if name.endswith(ending) else name + ending)


def cells_of(notebook: Any, text_of: Callable[[str], Any]) -> Sequence[Part]:
    """The cells of an open notebook, with their texts."""
    parts = []
    for cell in notebook.cells:
        opened = text_of(cell.document)
        is_code = cell.kind == types.NotebookCellKind.Code
        parts.append(Part(cell.document, opened.source, is_code=is_code, version=opened.version))
    return parts


MARKS = lazy_regex(r"```(?:text)?\n?|\*\*|`")


def without_marks(text: str) -> str:
    """A text in Markdown as plain text: without the marks for code and emphasis."""
    return MARKS.sub("", text)
