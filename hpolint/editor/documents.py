"""Documents that an editor has open, and their texts as files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace

from hpolint.io import disk
from hpolint.io.files import read_file
from hpolint.model.forms import language_of

PICTURES = ("image/", "audio/", "video/", "application/")
"""With what the types of outputs begin that are no text."""

NOT_RUN: dict[str, Any] = {"execution_count": None, "outputs": []}
"""What a notebook's file says of a cell that was not run."""


class Part(msgspec.Struct, frozen=True):
    """A text that the editor shows: a file, or a cell of a notebook with its tags."""

    uri: str
    text: str
    is_code: bool = True
    version: int | None = None
    tags: tuple[str, ...] = ()


class Document(msgspec.Struct, frozen=True):
    """An open document: the path of its file, and its parts. A notebook has a part for each of its cells.

    ``metadata`` is a notebook's, with its kernel; empty if the editor does not send it.
    """

    uri: str
    path: str
    parts: tuple[Part, ...]
    is_notebook: bool = False
    metadata: dict[str, Any] = {}

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

    def __init__(self, documents: Iterable[Document], address_of: Callable[[str], str]) -> None:
        self._address_of = address_of
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
        return document.uri if document is not None else self._address_of(os.path.abspath(path))


def _notebook_text(document: Document) -> str:
    """The open cells of a notebook as its file has them, with what was saved of the last run of the same cells."""
    runs = _saved_runs(document.path, disk.stamp_of(document.path, content=True))
    cells = []
    for part in document.parts:
        metadata = {"tags": list(part.tags)} if part.tags else {}
        cell: dict[str, Any] = {"cell_type": "code" if part.is_code else "markdown", "metadata": metadata}
        if part.is_code:
            cell |= runs.get(part.text, NOT_RUN)
        cells.append(cell | {"source": part.text.splitlines(keepends=True)})
    return json.dumps({"cells": cells, "metadata": document.metadata, "nbformat": 4, "nbformat_minor": 4})


@lru_cache(maxsize=8)
def _saved_runs(path: str, _stamp: disk.FileStamp) -> dict[str, dict[str, Any]]:
    """The execution counts and outputs in a notebook's file, by the text of their cell; empty if it cannot be read.

    ``_stamp`` is that of the file: it is read again only after it has changed. Pictures take most of its bytes, and no
    rule reads them: they are left out.
    """
    runs: dict[str, dict[str, Any]] = {}
    for cell in _saved(path):
        if isinstance(cell.get("outputs"), list):
            outputs = [_without_pictures(output) for output in cell["outputs"]]
            runs[_source(cell)] = {"execution_count": cell.get("execution_count"), "outputs": outputs}
    return runs


def _without_pictures(output: Any) -> Any:
    """An output of a cell without its pictures, sounds and films."""
    data = output.get("data") if isinstance(output, dict) else None
    if not isinstance(data, dict):
        return output
    return {**output, "data": {kind: shown for kind, shown in data.items() if not kind.startswith(PICTURES)}}


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
