"""The plugin of python-lsp-server, by which JupyterLab and other clients of it show hpolint's diagnostics."""

from __future__ import annotations

import os
from typing import Any

import cattrs
from lsprotocol import converters
from lsprotocol.types import Diagnostic, Position, PositionEncodingKind, Range
from pylsp import hookimpl

from hpolint.run.workspace import Workspace
from hpolint.server.diagnostics import diagnostics_of
from hpolint.server.documents import Document, Part, Places, Units
from hpolint.server.virtual_notebook import FOLDER, VirtualCell, cells_of_text

_workspaces: dict[str, Workspace] = {}
"""The workspace of each folder. python-lsp-server calls plugins in one thread."""


@hookimpl
def pylsp_lint(workspace: Any, document: Any) -> list[dict[str, Any]]:
    """The diagnostics of a document, as python-lsp-server publishes them."""
    folder = os.path.abspath(workspace.root_path or os.getcwd())
    checks = _workspaces.setdefault(folder, Workspace([folder]))
    path, text = os.path.abspath(document.path), document.source
    if f"{os.sep}{FOLDER}{os.sep}" in path and path.endswith(".ipynb"):
        found = _of_notebook(checks, path.replace(f"{os.sep}{FOLDER}{os.sep}", os.sep, 1), cells_of_text(text), folder)
    else:
        found = _of_document(checks, Document(document.uri, path, (Part(document.uri, text),)), folder)
    converter: cattrs.Converter = converters.get_converter()
    return [converter.unstructure(each) for each in found]


def _of_document(checks: Workspace, document: Document, folder: str) -> list[Diagnostic]:
    checks.set_text(document.path, document.data)
    by_part = diagnostics_of(checks.check(document.path), document, _places(), [folder])
    return [each for part in document.parts for each in by_part[part.uri]]


def _of_notebook(checks: Workspace, path: str, cells: list[VirtualCell], folder: str) -> list[Diagnostic]:
    """The diagnostics of a notebook's cells, at the lines of the whole text."""
    parts = tuple(Part(f"cell:{number}", cell.text) for number, cell in enumerate(cells))
    document = Document(path, path, parts, is_notebook=True)
    checks.set_text(path, document.data)
    by_part = diagnostics_of(checks.check(path), document, _places(), [folder])
    found = []
    for part, cell in zip(parts, cells, strict=True):
        for each in by_part[part.uri]:
            start, end = each.range.start, each.range.end
            each.range = Range(
                Position(cell.lines[start.line], start.character), Position(cell.lines[end.line], end.character)
            )
            each.related_information = None  # the client knows no cells of its own
            found.append(each)
    return found


def _places() -> Places:
    return Places(Units(PositionEncodingKind.Utf16))
