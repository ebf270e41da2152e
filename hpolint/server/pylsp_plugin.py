"""The plugin of python-lsp-server, by which JupyterLab and other clients of it show hpolint's diagnostics."""

from __future__ import annotations

import os
from itertools import chain
from typing import Any

import cattrs
from lsprotocol import converters
from msgspec.structs import replace
from pylsp import hookimpl

from hpolint.editor.diagnostics import Diagnostic, diagnostics_of
from hpolint.editor.documents import Document, Part, saved_cells
from hpolint.editor.positions import LINE_END, Places, Position, Range, Units
from hpolint.lazy_regex import lazy_regex
from hpolint.run.workspace import Workspace
from hpolint.server.protocol import address_of
from hpolint.server.sent import sent_diagnostic
from hpolint.server.shown_elsewhere import are_notebooks_shown
from hpolint.server.virtual_notebook import FOLDER, VirtualCell, cells_as_saved, cells_of_text

PLACE = lazy_regex(r" \(cell \d+, line \d+\)")
"""A place in a message, which would be another one if cells were joined."""

_workspaces: dict[str, Workspace] = {}
"""The workspace of each folder. python-lsp-server calls plugins in one thread."""


@hookimpl
def pylsp_lint(workspace: Any, document: Any) -> list[dict[str, Any]]:
    """The diagnostics of a document, as python-lsp-server publishes them."""
    folder = os.path.abspath(workspace.root_path or os.getcwd())
    checks = _workspaces.setdefault(folder, Workspace([folder]))
    path, text = os.path.abspath(document.path), document.source
    if f"{os.sep}{FOLDER}{os.sep}" in path and path.endswith(".ipynb"):
        if are_notebooks_shown():
            return []
        found = _of_notebook(checks, path.replace(f"{os.sep}{FOLDER}{os.sep}", os.sep, 1), text, folder)
    else:
        found = _of_document(checks, Document(document.uri, path, (Part(document.uri, text),)), folder)
    converter: cattrs.Converter = converters.get_converter()
    return [converter.unstructure(sent_diagnostic(diagnostic)) for diagnostic in found]


def _of_document(checks: Workspace, document: Document, folder: str) -> list[Diagnostic]:
    checks.set_text(document.path, document.data)
    by_part = diagnostics_of(checks.check(document.path), document, _places(), [folder])
    return list(chain.from_iterable(by_part[part.uri] for part in document.parts))


def _of_notebook(checks: Workspace, path: str, text: str, folder: str) -> list[Diagnostic]:
    """The diagnostics of a notebook's cells, at the lines of the whole text."""
    text = LINE_END.sub("\n", text)  # the lines of a cell are counted by their ends
    saved = saved_cells(path)
    found = cells_as_saved(text, [source for source, is_code in saved if is_code])
    if found is None:
        cells = [(True, cell) for cell in cells_of_text(text)]
    else:
        code = iter(found)
        cells = [(is_code, next(code) if is_code else VirtualCell("", ())) for _, is_code in saved]
    parts = tuple(Part(f"cell:{at}", cell.text, is_code=is_code) for at, (is_code, cell) in enumerate(cells))
    document = Document(path, path, parts, is_notebook=True)
    checks.set_text(path, document.data)
    by_part = diagnostics_of(checks.check(path), document, _places(), [folder])
    shown = []
    for part, (_, cell) in zip(parts, cells, strict=True):
        for each in by_part[part.uri]:
            start, end = each.range
            place = Range(
                Position(cell.lines[start.line], start.character), Position(cell.lines[end.line], end.character)
            )
            message = each.message if found is not None else PLACE.sub("", each.message)
            shown.append(
                replace(each, range=place, message=message, related=())
            )  # the client knows no cells of its own
    return shown


def _places() -> Places:
    return Places(Units(), address_of)
