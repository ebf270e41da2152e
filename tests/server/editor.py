"""An editor for tests: pygls's client, and the server as a process that it starts."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

SECONDS = 60
"""The longest that an answer may take: a busy machine is slow."""


class Editor:
    """A client with the diagnostics that it was sent, by document; the last ones count."""

    def __init__(
        self, encoding: types.PositionEncodingKind = types.PositionEncodingKind.Utf16, *, pulls: bool = False
    ) -> None:
        self.client = LanguageClient("editor", "1")
        self.diagnostics: dict[str, list[types.Diagnostic]] = {}
        self.versions: dict[str, int | None] = {}
        """The version of each document that its diagnostics are for."""
        self.published = 0
        self.log: list[str] = []
        self.shown: list[str] = []
        self.refreshed = 0
        self.at_refresh: Callable[[], None] = lambda: None
        """What the editor does before it answers that it will ask for diagnostics again."""
        self._encoding = encoding
        self._pulls = pulls
        self._news = asyncio.Event()
        self._versions: dict[str, int] = {}

        def published(params: types.PublishDiagnosticsParams) -> None:
            self.diagnostics[params.uri] = list(params.diagnostics)
            self.versions[params.uri] = params.version
            self.published += 1
            self._news.set()

        def logged(params: types.LogMessageParams) -> None:
            self.log.append(params.message)

        def warned(params: types.ShowMessageParams) -> None:
            self.log.append(params.message)

        def shown(params: types.ShowDocumentParams) -> types.ShowDocumentResult:
            self.shown.append(params.uri)
            return types.ShowDocumentResult(True)

        def refreshed(_: None) -> None:
            self.refreshed += 1
            self._news.set()
            self.at_refresh()

        self.client.feature(types.WORKSPACE_DIAGNOSTIC_REFRESH)(refreshed)
        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)
        self.client.feature(types.WINDOW_LOG_MESSAGE)(logged)
        self.client.feature(types.WINDOW_SHOW_MESSAGE)(warned)
        self.client.feature(types.WINDOW_SHOW_DOCUMENT)(shown)

    async def start(self, folder: Path, options: dict[str, Any] | None = None) -> None:
        """Start the server for a folder."""
        await self.client.start_io(sys.executable, "-m", "hpolint", "server")
        general = types.GeneralClientCapabilities(position_encodings=[self._encoding])
        await self.client.initialize_async(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(
                    general=general,
                    text_document=types.TextDocumentClientCapabilities(
                        diagnostic=types.DiagnosticClientCapabilities() if self._pulls else None
                    ),
                    workspace=types.WorkspaceClientCapabilities(
                        diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
                    ),
                ),
                root_uri=folder.as_uri(),
                workspace_folders=[types.WorkspaceFolder(folder.as_uri(), "tests")],
                initialization_options=options,
            )
        )
        self.client.initialized(types.InitializedParams())

    async def stop(self) -> None:
        """Stop the server."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()  # type: ignore[no-untyped-call]

    def open(self, path: Path, text: str | None = None, language: str = "python") -> str:
        """Open a file, or a text in its place; its address."""
        content = path.read_text("utf-8") if text is None else text
        item = types.TextDocumentItem(path.as_uri(), language, 1, content)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return path.as_uri()

    def change(self, uri: str, text: str) -> None:
        """Replace the text of a document."""
        self._versions[uri] = self._versions.get(uri, 1) + 1
        document = types.VersionedTextDocumentIdentifier(self._versions[uri], uri)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def edit(self, uri: str, line: int, character: int, text: str, removed: int = 0) -> None:
        """Type a text into a line of a document, in the place of some units of that line."""
        place = types.Range(types.Position(line, character), types.Position(line, character + removed))
        self.replace(uri, place, text)

    def replace(self, uri: str, place: types.Range, text: str, notebook: str | None = None) -> None:
        """Type a text in the place of a range of a document, or of a cell of a notebook."""
        document = self._next_version(uri)
        change = types.TextDocumentContentChangePartial(place, text)
        if notebook is None:
            self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))
            return
        cell = types.NotebookDocumentCellContentChanges(document, [change])
        event = types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(text_content=[cell]))
        whole = types.VersionedNotebookDocumentIdentifier(self._next_version(notebook).version, notebook)
        self.client.notebook_document_did_change(types.DidChangeNotebookDocumentParams(whole, event))

    def _next_version(self, uri: str) -> types.VersionedTextDocumentIdentifier:
        self._versions[uri] = self._versions.get(uri, 1) + 1
        return types.VersionedTextDocumentIdentifier(self._versions[uri], uri)

    def save(self, uri: str) -> None:
        """Say that a document was saved."""
        document = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(document))

    def open_notebook(self, path: Path, cells: list[tuple[str, str]], kinds: list[types.NotebookCellKind]) -> None:
        """Open a notebook: the addresses and texts of its cells, and their kinds."""
        listed = [types.NotebookCell(kind, uri) for kind, (uri, _) in zip(kinds, cells, strict=True)]
        items = [types.TextDocumentItem(uri, "python", 1, text) for uri, text in cells]
        document = types.NotebookDocument(path.as_uri(), "jupyter-notebook", 1, listed)
        self.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(document, items))

    def edit_cell(self, notebook: str, uri: str, line: int, character: int, text: str, removed: int = 0) -> None:
        """Type a text into a line of a cell, in the place of some units of that line."""
        place = types.Range(types.Position(line, character), types.Position(line, character + removed))
        self.replace(uri, place, text, notebook)

    def close_notebook(self, path: Path, cells: list[str]) -> None:
        """Close a notebook with its cells."""
        document = types.NotebookDocumentIdentifier(path.as_uri())
        texts = [types.TextDocumentIdentifier(uri) for uri in cells]
        self.client.notebook_document_did_close(types.DidCloseNotebookDocumentParams(document, texts))

    def version(self, uri: str) -> int:
        """The version of a document."""
        return self._versions.get(uri, 1)

    def close(self, uri: str) -> None:
        """Close a document."""
        document = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    async def until(self, condition: Any, seconds: float = SECONDS) -> None:
        """Wait for diagnostics that meet a condition."""

        async def wait() -> None:
            while not condition():
                self._news.clear()
                await self._news.wait()

        await asyncio.wait_for(wait(), seconds)

    async def found(self, uri: str) -> list[types.Diagnostic]:
        """The diagnostics of a document, once it was checked."""
        await self.until(lambda: uri in self.diagnostics)
        return self.diagnostics[uri]

    async def pulled(self, uri: str) -> list[types.Diagnostic]:
        """The diagnostics of a document, asked for."""
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
        found = await self.client.text_document_diagnostic_async(params)
        assert isinstance(found, types.RelatedFullDocumentDiagnosticReport)
        return list(found.items)

    async def actions(self, uri: str, place: types.Range, *only: str) -> list[types.CodeAction]:
        """The code actions for a range."""
        context = types.CodeActionContext(self.diagnostics.get(uri, []), only=list(only) or None)
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), place, context)
        return list(await self.client.text_document_code_action_async(params) or [])  # type: ignore[arg-type]

    async def edits(self, uri: str, place: types.Range) -> list[types.CodeAction]:
        """The code actions for a range that change a text."""
        actions = await self.actions(uri, place, "quickfix")
        return [action for action in actions if isinstance(action, types.CodeAction) and action.edit is not None]

    async def hints(self, uri: str) -> list[tuple[int, str]]:
        """The lines and texts of the inlay hints of a document."""
        whole = types.Range(types.Position(0, 0), types.Position(9999, 0))
        params = types.InlayHintParams(types.TextDocumentIdentifier(uri), whole)
        found = await self.client.text_document_inlay_hint_async(params) or []
        return [(each.position.line, str(each.label)) for each in found]

    async def definitions(self, uri: str, line: int, character: int) -> list[tuple[str, int]]:
        """The addresses and lines of the definitions of what is at a place."""
        params = types.DefinitionParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
        found = await self.client.text_document_definition_async(params) or []
        return [(each.uri, each.range.start.line) for each in found]  # type: ignore[union-attr]

    async def references(self, uri: str, line: int, character: int) -> list[tuple[str, int, int]]:
        """The addresses, lines and characters of the references to what is at a place."""
        position, context = types.Position(line, character), types.ReferenceContext(include_declaration=False)
        params = types.ReferenceParams(context, types.TextDocumentIdentifier(uri), position)
        found = await self.client.text_document_references_async(params) or []
        return [(each.uri, each.range.start.line, each.range.start.character) for each in found]

    async def completed(self, uri: str, text: str, before: str) -> dict[str, str]:
        """The text of a document with each completion accepted that is offered behind ``before``, by its label."""
        edits = {each.label: each.text_edit for each in await self._completed(uri, text, before)}
        return {label: applied(text, [edit]) for label, edit in edits.items() if isinstance(edit, types.TextEdit)}

    async def detail(self, uri: str, text: str, before: str, label: str) -> str:
        """What is said beside a completion that is offered behind ``before``."""
        item = next(each for each in await self._completed(uri, text, before) if each.label == label)
        assert item.label_details is not None
        return item.label_details.description or ""

    async def _completed(self, uri: str, text: str, before: str) -> list[types.CompletionItem]:
        end = text.index(before) + len(before)
        position = types.Position(text.count("\n", 0, end), end - text.rfind("\n", 0, end) - 1)
        params = types.CompletionParams(types.TextDocumentIdentifier(uri), position)
        return list(await self.client.text_document_completion_async(params) or [])  # type: ignore[arg-type]

    async def completions(self, uri: str, line: int, character: int) -> list[str]:
        """The labels of the completions at a place."""
        params = types.CompletionParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
        found = await self.client.text_document_completion_async(params) or []
        return [each.label for each in found]  # type: ignore[union-attr]

    async def hover(self, uri: str, line: int, character: int) -> str:
        """The text of a hover; empty if there is none."""
        position = types.Position(line, character)
        params = types.HoverParams(types.TextDocumentIdentifier(uri), position)
        found = await self.client.text_document_hover_async(params)
        return found.contents.value if found is not None else ""  # type: ignore[union-attr]


def offset_of(text: str, position: types.Position, encoding: str = "utf-16-le") -> int:
    """The offset of a place of the protocol: lines end with ``\\n``, ``\\r\\n`` or ``\\r`` alone."""
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    if position.line >= len(lines):
        return len(text)
    unit = len("x".encode(encoding))
    units = lines[position.line].rstrip("\r\n").encode(encoding)[: position.character * unit]
    return sum(map(len, lines[: position.line])) + len(units.decode(encoding))


def position_of(text: str, offset: int, encoding: str = "utf-16-le") -> types.Position:
    """The place of the protocol of an offset."""
    *above, line = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text[:offset])
    return types.Position(len(above), len(line.encode(encoding)) // len("x".encode(encoding)))


def applied(text: str, edits: list[types.TextEdit], encoding: str = "utf-16-le") -> str:
    """A text with edits at places of the protocol."""
    placed = [
        (offset_of(text, edit.range.start, encoding), offset_of(text, edit.range.end, encoding), edit) for edit in edits
    ]
    for start, end, edit in sorted(placed, key=lambda each: each[:2], reverse=True):
        text = text[:start] + edit.new_text + text[end:]
    return text


def changes_of(action: types.CodeAction) -> list[types.TextDocumentEdit]:
    """What a code action changes, by document."""
    changes = action.edit.document_changes if action.edit is not None else None
    return [change for change in changes or () if isinstance(change, types.TextDocumentEdit)]


def change_of(action: Any) -> tuple[str, list[types.TextEdit]]:
    """The document that a code action changes, and its edits."""
    assert isinstance(action, types.CodeAction)
    (change,) = changes_of(action)
    return change.text_document.uri, [edit for edit in change.edits if isinstance(edit, types.TextEdit)]


def rule_of(action: types.CodeAction) -> object:
    """The rule of the finding that a code action is for."""
    assert action.diagnostics
    return action.diagnostics[0].code
