"""What the editor has open: its documents, folders and options, and the checks of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import chain
from typing import Any, TypeVar
from urllib.parse import unquote

from lsprotocol import types
from pygls.exceptions import FeatureRequestError
from pygls.lsp.server import LanguageServer

from hpolint.config.lookup import CheckOptions
from hpolint.editor.documents import Document, OpenDocuments, Part
from hpolint.editor.positions import Places
from hpolint.run.workspace import Workspace
from hpolint.server.exchange import Protocol
from hpolint.server.protocol import address_of, cells_of, is_checked, path_of, units_of
from hpolint.server.worker import DocumentChecks, Urgency, Worker
from hpolint.version import __version__

ALL_CELLS = types.NotebookDocumentSyncOptions(
    notebook_selector=[types.NotebookDocumentFilterWithNotebook(notebook="jupyter-notebook")]
)
"""Every cell of a notebook is sent, so that cells have the numbers that the editor shows."""

Result = TypeVar("Result")


class Session(LanguageServer):
    """A language server's side of one editor. The workspace belongs to the worker's thread, all else to the loop's."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("hpolint", __version__, notebook_document_sync=ALL_CELLS, protocol_cls=Protocol)
        self._worker = Worker()
        self._checks = DocumentChecks()
        self._changed: dict[str, None] = {}
        self._paths: dict[str, str] = {}
        self.shows_pictures = False
        """Whether the editor shows images of Markdown, also those that are in its text."""
        self.checks_folders = False
        """Whether the editor asks for the diagnostics of files that are not open."""

    def configure(self, given: Any) -> None:
        """Take the options of the editor's start.

        ``config``, ``policy``, ``isolated`` and ``settings`` are those of a check; ``pictures`` and
        ``workspaceDiagnostics`` what the editor shows.
        """
        options = given if isinstance(given, dict) else {}
        config, policy, settings = options.get("config"), options.get("policy"), options.get("settings")
        self._checks.options = CheckOptions(
            settings if isinstance(settings, dict) else {},
            (os.path.abspath(config),) if isinstance(config, str) and config else (),
            options.get("isolated") is True,
            policy=policy if isinstance(policy, str) else "",
        )
        self.shows_pictures = options.get("pictures") is True
        self.checks_folders = options.get("workspaceDiagnostics") is True
        self.take_folders()

    def take_folders(self) -> None:
        """Check documents with the configurations of the folders that the editor has now."""
        self._checks.tell_folders(self.folders)
        self._changed |= dict.fromkeys(self._paths)

    @property
    def folders(self) -> list[str]:
        """The paths of the editor's folders."""
        uris = [each.uri for each in self.workspace.folders.values()] or [self.workspace.root_uri or ""]
        return [path_of(uri) for uri in uris if uri.startswith("file:")]

    @property
    def places(self) -> Places:
        """Places in the encoding that was agreed on."""
        return Places(units_of(self.workspace.position_encoding), address_of)

    def document(self, uri: str) -> Document | None:
        """The open document with an address, or the open notebook that has such a cell; None if it is not checked."""
        notebook = self.workspace.get_notebook_document(cell_uri=uri) or self.workspace.get_notebook_document(
            notebook_uri=uri
        )
        if not is_checked(notebook.uri if notebook is not None else uri):
            return None
        if notebook is not None:
            cells = cells_of(notebook, self.workspace.get_text_document)
            return Document(notebook.uri, path_of(notebook.uri), tuple(cells), is_notebook=True)
        text = self.workspace.text_documents.get(unquote(uri))  # pygls keys them without escapes
        if text is None:
            return None
        return Document(
            text.uri, self._path(text.uri, text.language_id), (Part(text.uri, text.source, version=text.version),)
        )

    def _path(self, uri: str, language: str | None) -> str:
        return path_of(uri, language or "", next(iter(self.folders), ""))

    def documents(self) -> list[Document]:
        """All open documents."""
        notebooks = list(self.workspace.notebook_documents.values())
        every_cell = chain.from_iterable(notebook.cells for notebook in notebooks)
        cells = {unquote(cell.document) for cell in every_cell}
        texts = [text.uri for key, text in self.workspace.text_documents.items() if key not in cells]
        uris = [*(each.uri for each in notebooks), *texts]
        return [document for uri in uris if (document := self.document(uri)) is not None]

    def opened(self) -> OpenDocuments:
        """All open documents, with the versions of their texts."""
        return OpenDocuments(self.documents(), address_of)

    def is_overtaken(self, document: Document) -> bool:
        """Whether the editor has another text of a document by now, or none."""
        return self.document(document.uri) != document

    def changed(self, uri: str) -> None:
        """Notice that a document was opened or changed."""
        self._changed[uri] = None

    def closed(self, uri: str) -> None:
        """Notice that a document was closed. Another one of the same file stays."""
        path = self._paths.pop(uri, None)
        if path is None:
            return
        left = next((document for document in self.documents() if document.path == path), None)
        self._checks.tell(path, left)

    async def run(self, function: Callable[[Workspace], Result], urgency: Urgency = Urgency.ASKED) -> Result:
        """The result of a function of the workspace, which has the texts of all open documents then."""
        changed, self._changed = self._changed, {}
        for uri in changed:
            document = self.document(uri)
            if document is not None:
                self._take(uri, document)
        return await self._worker.run(lambda: function(self._checks.workspace), urgency)

    def _take(self, uri: str, document: Document) -> None:
        """Let a document's text count from now on. One without a file may have got another path with the folders."""
        before = self._paths.get(uri)
        if before is not None and before != document.path:
            self._checks.tell(before, None)
        self._paths[uri] = document.path
        self._checks.tell(document.path, document)

    async def free_memory(self) -> None:
        """Free what closed documents leave behind, when there is nothing else to do."""
        await self._worker.run(self._checks.free_memory, Urgency.FOLDER)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Write what went wrong with a message to the editor's log. The answer to a request says it by itself."""
        if source is not FeatureRequestError:
            self.log(f"a message of the editor was not handled: {error}")

    def log(self, text: str) -> None:
        """Write a line to the editor's log."""
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, text))
