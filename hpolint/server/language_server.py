"""The server itself: what the editor asks, what it is told, and the thread that checks.

The workspace belongs to one worker thread. Documents are read on the event loop, checked in the worker, and published
only if the editor has sent no newer text by then.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any, TypeVar
from urllib.parse import unquote

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcException, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from hpolint.config.lookup import CheckOptions
from hpolint.cost.job_size import hint_text
from hpolint.editor.actions import Action, Actions
from hpolint.editor.diagnostics import (
    configuration_error,
    diagnostics_of,
    is_unreadable,
    rule_diagnostics,
    short,
)
from hpolint.editor.documents import Document, OpenDocuments, Part
from hpolint.editor.hovers import hover_text, option_name_places, option_sites
from hpolint.editor.positions import Lines, Places
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.model.forms import SEARCHED_SUFFIXES
from hpolint.model.settings import CONFIG_FILE, PYPROJECT, ConfigError
from hpolint.model.source import Source, Span
from hpolint.report.outcome import Outcome
from hpolint.run.workspace import Checked, Workspace
from hpolint.server.completions import completions
from hpolint.server.exchange import Protocol
from hpolint.server.parent import end_with
from hpolint.server.protocol import (
    address_of,
    cells_of,
    is_checked,
    path_of,
    position_of,
    range_of,
    sent_location,
    sent_range,
    units_of,
)
from hpolint.server.sent import FIX_ALL, OPEN_PAGE, sent_action, sent_diagnostic, sent_diagnostics
from hpolint.server.value_completions import value_completions
from hpolint.version import __version__

WAIT_SECONDS = 0.3
"""Seconds without typing after which a document is checked."""

ALL_CELLS = types.NotebookDocumentSyncOptions(
    notebook_selector=[types.NotebookDocumentFilterWithNotebook(notebook="jupyter-notebook")]
)
"""Every cell of a notebook is sent, so that cells have the numbers that the editor shows."""

WATCHED = (*(f"**/*{suffix}" for suffix in SEARCHED_SUFFIXES), f"**/{CONFIG_FILE}", f"**/{PYPROJECT}", "**/*.md")
CONFIGURATIONS = (CONFIG_FILE, PYPROJECT)
Result = TypeVar("Result")


class Server(LanguageServer):
    """A language server for the tuning jobs of an editor's documents."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("hpolint", __version__, notebook_document_sync=ALL_CELLS, protocol_cls=Protocol)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="hpolint")
        self._waiting: dict[str, asyncio.Task[None]] = {}
        self._paths: dict[str, str] = {}
        self._shown: dict[str, list[types.Diagnostic]] = {}
        self._results: dict[str, Checked] = {}
        self._changed_at: dict[str, float] = {}
        self._configuration_errors: dict[str, str] = {}
        self._options = CheckOptions()
        self._checks: Workspace | None = None

    # Documents

    def configure(self, given: Any) -> None:
        """Take the options that the editor gives at its start: ``config``, ``policy``, ``isolated``, ``settings``."""
        options = given if isinstance(given, dict) else {}
        config, policy, settings = options.get("config"), options.get("policy"), options.get("settings")
        self._options = CheckOptions(
            settings if isinstance(settings, dict) else {},
            (os.path.abspath(config),) if isinstance(config, str) and config else (),
            options.get("isolated") is True,
            policy=policy if isinstance(policy, str) else "",
        )

    @property
    def folders(self) -> list[str]:
        """The paths of the editor's folders."""
        uris = [each.uri for each in self.workspace.folders.values()] or [self.workspace.root_uri or ""]
        return [path_of(uri) for uri in uris if uri.startswith("file:")]

    @property
    def checks(self) -> Workspace:
        """The workspace. Only the worker thread uses it."""
        if self._checks is None:
            self._checks = Workspace(self.folders, self._options)
        return self._checks

    @property
    def places(self) -> Places:
        """Places in the encoding that was agreed on."""
        return Places(units_of(self.workspace.position_encoding), address_of)

    def document(self, uri: str) -> Document | None:
        """The open document with an address, or the open notebook that has such a cell; None if it is not open."""
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
        path = path_of(uri, text.language_id or "", next(iter(self.folders), ""))
        return Document(text.uri, path, (Part(text.uri, text.source, version=text.version),))

    def documents(self) -> list[Document]:
        """All open documents."""
        notebooks = list(self.workspace.notebook_documents.values())
        every_cell = chain.from_iterable(notebook.cells for notebook in notebooks)
        cells = {unquote(cell.document) for cell in every_cell}
        texts = [text.uri for key, text in self.workspace.text_documents.items() if key not in cells]
        uris = [*(each.uri for each in notebooks), *texts]
        return [document for uri in uris if (document := self.document(uri)) is not None]

    def uri_of(self, path: str) -> str:
        """The address of a file, as the editor writes it if it is open."""
        return OpenDocuments(self.documents(), address_of).uri_of(path)

    # Checks

    async def in_worker(self, function: Callable[[], Result]) -> Result:
        """Run a function in the worker thread."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, function)

    async def check(self, document: Document) -> Checked:
        """The result for a document, with the texts of all open documents."""
        opened = self.documents()
        return await self.in_worker(lambda: self._checked(document, opened))

    def _checked(self, document: Document, opened: Iterable[Document]) -> Checked:
        """The result for a document with the texts of open ones. In the worker."""
        for each in opened:
            self.checks.set_text(each.path, each.data)
        return self.checks.check(document.path)

    def is_pulled(self, document: Document) -> bool:
        """Whether the editor asks for a document's diagnostics, so that none are sent. VS Code asks for no cell's."""
        abilities = self.client_capabilities.text_document
        return abilities is not None and abilities.diagnostic is not None and not document.is_notebook

    def schedule(self, uri: str, seconds: float) -> None:
        """Check a document after some seconds without another call for it, and then those that depend on it."""
        if seconds:
            self._changed_at[uri] = asyncio.get_running_loop().time()
        waiting = self._waiting.pop(uri, None)
        if waiting is not None:
            waiting.cancel()
        self._waiting[uri] = asyncio.get_running_loop().create_task(self._publish_later(uri, seconds))

    async def _publish_later(self, uri: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        document = self.document(uri)
        if document is not None and self.is_pulled(document):
            await self._guarded(document)  # the editor asks for it, too: what depends on it is stale only now
        elif document is not None:
            await self.publish([document])
        await self.publish_stale()

    async def publish_stale(self) -> None:
        """Check and publish the open documents whose last result no longer holds, or have the editor ask for them.

        Also those with a new result that only a request, as for a hover, has needed so far.
        """
        documents = self.documents()
        current = await self.in_worker(lambda: {each.uri: self.checks.current(each.path) for each in documents})
        stale = [each for each in documents if not self._is_shown(each.uri, current[each.uri])]
        await self.publish(each for each in stale if not self.is_pulled(each))
        if self._can_refresh and any(map(self.is_pulled, stale)):
            self.workspace_diagnostic_refresh(None)  # not awaited: a cancelled wait would make the answer an error

    def _is_shown(self, uri: str, checked: Checked | None) -> bool:
        """Whether the diagnostics of a document are of this result; one that only a request has needed is not shown."""
        return checked is not None and self._results.get(uri) is checked

    @property
    def _can_refresh(self) -> bool:
        workspace = self.client_capabilities.workspace
        return (
            workspace is not None and workspace.diagnostics is not None and bool(workspace.diagnostics.refresh_support)
        )

    async def publish(self, documents: Iterable[Document]) -> None:
        """Check documents and publish their diagnostics."""
        for document in documents:
            found = await self._guarded(document)
            if found is None or self.document(document.uri) != document:
                continue  # overtaken by a newer text, which is checked after this one
            for uri, diagnostics in found.items():
                self._shown[uri] = diagnostics
                version = OpenDocuments([document], address_of).version_of(uri)
                self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    async def pulled(self, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        """The diagnostics of a document that the editor asks for, once nothing was typed for 0.3 seconds.

        Raises JsonRpcException for a text that is overtaken: the editor asks again.
        """
        uri = params.text_document.uri
        document = self.document(uri)
        if document is None or not self.is_pulled(document):
            return types.RelatedFullDocumentDiagnosticReport([])
        left = self._changed_at.get(document.uri, 0) + WAIT_SECONDS - asyncio.get_running_loop().time()
        if left > 0:
            await asyncio.sleep(left)
        found = await self._guarded(document)
        if self.document(uri) != document:
            again = types.DiagnosticServerCancellationData(retrigger_request=True)
            code = types.LSPErrorCodes.ServerCancelled.value
            raise JsonRpcException("a newer text is checked", code, again)
        if found is not None:
            self._shown |= found
        return types.RelatedFullDocumentDiagnosticReport(self._shown.get(uri, []))

    async def _guarded(self, document: Document) -> dict[str, list[types.Diagnostic]] | None:
        """The diagnostics of a document. An error is a line in the editor's log."""
        try:
            return await self.diagnostics(document)
        except Exception as error:  # noqa: BLE001 - the server goes on
            self.log(f"{document.path}: {internal_error('the check of a document', error)}")
            return None

    async def diagnostics(self, document: Document) -> dict[str, list[types.Diagnostic]] | None:
        """The diagnostics of a document, by the addresses of its parts; None if those that are shown stay.

        They stay while a text cannot be parsed, as it is being typed, and while a configuration is invalid, whose error
        is shown in its own file.
        """
        checked = await self.check(document)
        found = await self._diagnostics_of(document, checked)
        self._results[document.uri] = checked
        return found

    async def _diagnostics_of(self, document: Document, checked: Checked) -> dict[str, list[types.Diagnostic]] | None:
        self._show_configuration_error(document, checked.error)
        if checked.error is not None and not document.path.endswith((".md", *CONFIGURATIONS)):
            return None
        if is_unreadable(checked) and any(self._shown.get(part.uri) for part in document.parts):
            return None
        if document.path.endswith(".md"):
            text = document.parts[0].text
            errors = await self.in_worker(
                lambda: self.checks.rule_errors(document.path) if self.checks.is_rule(document.path, text) else []
            )
            return {document.uri: sent_diagnostics(rule_diagnostics(errors, document, self.places))}
        if document.path.endswith(CONFIGURATIONS):
            return {}  # its error is shown by the document that it applies to, and by itself
        own = diagnostics_of(checked, document, self.places, self.folders)
        return {uri: sent_diagnostics(diagnostics) for uri, diagnostics in own.items()}

    def _show_configuration_error(self, document: Document, error: str | None) -> None:
        """Show the error of a document's configuration in its file, whether or not that is open.

        The last one is removed, unless it is that of another document, too.
        """
        found = configuration_error(error, self.folders) if error is not None else None
        before, uri = self._configuration_errors.pop(document.uri, None), None
        if found is not None:
            path, diagnostic = found
            uri = self._configuration_errors[document.uri] = self.uri_of(path)
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, [sent_diagnostic(diagnostic)]))
        elif error is not None:
            self.log(error)
        if before is not None and before != uri and before not in self._configuration_errors.values():
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(before, []))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Write what went wrong with a message to the editor's log. The answer to a request says it by itself."""
        if source is not FeatureRequestError:
            self.log(f"a message of the editor was not handled: {error}")

    def log(self, text: str) -> None:
        """Write a line to the editor's log."""
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, text))

    async def close(self, uri: str, path: str) -> None:
        """Forget a document that was closed: its file counts again."""
        if not is_checked(uri):
            return
        await self.in_worker(lambda: self.checks.remove_text(path))
        self._shown.pop(uri, None)
        self._results.pop(uri, None)
        self._changed_at.pop(uri, None)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
        await self.publish_stale()

    # Requests

    async def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """The code actions for a range; none for a text that is overtaken, in which they would be at other places."""
        uri = params.text_document.uri
        document = self.document(uri)
        if document is None:
            return []
        opened, places = self.documents(), self.places
        versions = OpenDocuments(opened, address_of)
        only = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]

        def found() -> list[Action]:
            checked = self._checked(document, opened)
            actions = Actions(
                checked,
                self.checks.fixes(document.path),
                document,
                places,
                versions,
                lambda text: self.checks.is_read_alike(document.path, text),
            )
            made: list[Action] = []
            if not only or any("quickfix".startswith(kind) for kind in only):
                made += actions.at(uri, range_of(params.range))
            if any(FIX_ALL.startswith(kind) for kind in only):
                made += actions.fix_all()
            return made

        made = await self.in_worker(found)
        if self.document(uri) != document:
            return []
        return [sent_action(action, params.context.diagnostics, versions) for action in made]

    async def _asked(self, uri: str, position: types.Position) -> tuple[Document, Outcome, Source, Span] | None:
        """The document with an address, its outcome with its source, and a place in it; None if there is none."""
        document = self.document(uri)
        outcome = (await self.check(document)).outcome if document is not None else None
        if document is None or outcome is None or outcome.source is None:
            return None
        span = self.places.span_at(outcome.source, uri, position_of(position), document)
        return (document, outcome, outcome.source, span) if span is not None else None

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """What is known of the value at a place."""
        uri = params.text_document.uri
        asked = await self._asked(uri, params.position)
        if asked is None:
            return None
        document, outcome, source, span = asked
        found = await self.in_worker(lambda: hover_text(outcome, span, self.checks.prices(document.path)))
        if found is None:
            return None
        text, place = short(found[0], self.folders), found[1]
        location = self.places.location(source, place, document)
        content = types.MarkupContent(types.MarkupKind.Markdown, text)
        is_here = location is not None and location.uri == uri
        return types.Hover(content, sent_range(location.range) if location is not None and is_here else None)

    async def definition(self, params: types.DefinitionParams) -> list[types.Location]:
        """The options of the training script for the hyperparameter at a place."""
        asked = await self._asked(params.text_document.uri, params.position)
        if asked is None:
            return []
        _, outcome, _, span = asked
        return self._locations(await self.in_worker(lambda: option_sites(outcome, span)))

    async def references(self, params: types.ReferenceParams) -> list[types.Location]:
        """Where definitions of the folder name the hyperparameter that the option of a script at a place takes."""
        uri = params.text_document.uri
        document = self.document(uri)
        if document is None or document.is_notebook:
            return []
        await self.check(document)  # the texts of all open documents count
        source = Source(document.path, document.parts[0].text)
        span = self.places.span_at(source, uri, position_of(params.position), document)
        if span is None:
            return []

        def found() -> list[tuple[Source, Span]]:
            try:
                outcomes = self.checks.definitions_beside(document.path)
            except ConfigError:
                return []
            places = []
            for outcome in outcomes:
                if outcome.source is not None:
                    places += [(outcome.source, place) for place in option_name_places(outcome, source, span)]
            return places

        return self._locations(await self.in_worker(found))

    def _locations(self, found: Iterable[tuple[Source, Span]]) -> list[types.Location]:
        """Places in sources as places in the editor's documents, or in files."""
        opened = {each.path: each for each in self.documents()}
        places = [
            self.places.location(source, span, opened.get(os.path.abspath(source.name))) for source, span in found
        ]
        return [sent_location(place) for place in places if place is not None]

    async def inlay_hints(self, params: types.InlayHintParams) -> list[types.InlayHint]:
        """The worst case of each job, at the end of the line where it begins."""
        uri = params.text_document.uri
        document = self.document(uri)
        outcome = (await self.check(document)).outcome if document is not None else None
        if document is None or outcome is None or outcome.source is None:
            return []
        source = outcome.source
        prices = await self.in_worker(lambda: self.checks.prices(document.path))
        found = []
        for job in outcome.jobs:
            location = self.places.location(source, job.request.anchor, document) if job.source is source else None
            text = hint_text(job, prices) if location is not None else ""
            part = document.part_of(uri)
            if location is not None and location.uri == uri and text and part is not None:
                end = Lines(part.text, self.places.units).end_of_line(location.range.start.line)
                found.append(types.InlayHint(types.Position(*end), text, padding_left=True))
        return found

    async def completions(self, params: types.CompletionParams) -> list[types.CompletionItem]:
        """The completions in a configuration file, or for a value of a definition."""
        uri, position = params.text_document.uri, params.position
        document = self.document(uri)
        if document is None:
            return []
        if document.path.endswith(CONFIGURATIONS):
            text = document.parts[0].text
            before = text[: Lines(text, self.places.units).offset(position_of(position))]
            return completions(document.path.replace(os.sep, "/"), before.split("\n"))
        asked = await self._asked(uri, position)
        if asked is None:
            return []
        document, outcome, source, span = asked
        found = await self.in_worker(lambda: value_completions(outcome, span, self.checks.prices(document.path)))
        location = self.places.location(source, found[0], document) if found is not None else None
        if found is None or location is None:
            return []
        is_empty = found[0][:2] == found[0][2:]
        own = sent_range(location.range)
        replaced = types.Range(own.start, own.start) if is_empty else own
        return [
            types.CompletionItem(
                each.value,
                kind=types.CompletionItemKind.Value,
                label_details=types.CompletionItemLabelDetails(description=short(each.detail, self.folders) or None),
                sort_text=f"{number:04}",
                text_edit=types.TextEdit(replaced, each.value),
            )
            for number, each in enumerate(found[1])
        ]


def make_server() -> Server:
    """A server with its handlers."""
    server = Server()
    _add_start(server)
    _add_documents(server)
    _add_notebooks(server)
    _add_requests(server)
    return server


def _add_start(server: Server) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.configure(params.initialization_options)
        end_with(params.process_id)

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        workspace = server.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace is not None else None
        if watching is not None and watching.dynamic_registration:
            watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registration = types.Registration("hpolint-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            await server.client_register_capability_async(types.RegistrationParams([registration]))

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def files_changed(_: types.DidChangeWatchedFilesParams) -> None:
        await server.publish_stale()


def _add_documents(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.schedule(params.text_document.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.schedule(params.text_document.uri, WAIT_SECONDS)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.schedule(params.text_document.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        await server.close(uri, path_of(uri, "", next(iter(server.folders), "")))


def _add_notebooks(server: Server) -> None:
    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenNotebookDocumentParams) -> None:
        server.schedule(params.notebook_document.uri, 0)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeNotebookDocumentParams) -> None:
        server.schedule(params.notebook_document.uri, WAIT_SECONDS)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveNotebookDocumentParams) -> None:
        server.schedule(params.notebook_document.uri, 0)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseNotebookDocumentParams) -> None:
        for cell in params.cell_text_documents:
            server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(cell.uri, []))
        await server.close(params.notebook_document.uri, path_of(params.notebook_document.uri))


def _add_requests(server: Server) -> None:
    kinds = types.CodeActionOptions([types.CodeActionKind.QuickFix, FIX_ALL])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)
    async def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await server.actions(params)

    pulling = types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False, identifier=server.name)

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, pulling)
    async def pulled(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        return await server.pulled(params)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        return await server.hover(params)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def definition(params: types.DefinitionParams) -> list[types.Location]:
        return await server.definition(params)

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def references(params: types.ReferenceParams) -> list[types.Location]:
        return await server.references(params)

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    async def inlay_hints(params: types.InlayHintParams) -> list[types.InlayHint]:
        return await server.inlay_hints(params)

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=['"', "'"]))
    async def complete(params: types.CompletionParams) -> list[types.CompletionItem]:
        return await server.completions(params)

    @server.command(OPEN_PAGE)
    async def open_page(page: str = "") -> None:
        if not page.startswith("https://"):
            raise JsonRpcInvalidParams("the command needs the address of a rule's page")
        await server.window_show_document_async(types.ShowDocumentParams(page, external=True))


ENDED, LEFT = 0, 1
"""The exit codes after a shutdown that the editor has asked for, and without one."""


def serve() -> int:
    """Serve one editor on standard input and output until it exits. The exit code."""
    if not debugging():
        logging.getLogger("pygls").addHandler(logging.NullHandler())  # the editor's log has what concerns it
    server = make_server()
    server.start_io()
    return ENDED if server.protocol.has_shut_down else LEFT
