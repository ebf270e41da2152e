"""The server itself: which part of it handles what the editor sends."""

from __future__ import annotations

import logging

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from hpolint.io.internal_errors import debugging
from hpolint.model.forms import SEARCHED_SUFFIXES
from hpolint.model.settings import CONFIG_FILE, PYPROJECT
from hpolint.server.answers import CONFIG_CHARACTERS, QUOTES, Answers
from hpolint.server.code_actions import KINDS, CodeActions
from hpolint.server.folder_diagnostics import FolderDiagnostics
from hpolint.server.parent import end_with
from hpolint.server.protocol import is_checked
from hpolint.server.publishing import Publisher
from hpolint.server.sent import OPEN_PAGE
from hpolint.server.session import Session


def _pattern(suffix: str) -> str:
    """The files with an ending, in the cases in which it is written, such as ``Makefile`` and ``.R``."""
    spellings = sorted({suffix, suffix.upper(), suffix.capitalize()})
    return f"**/*{{{','.join(spellings)}}}"


WATCHED = (*map(_pattern, SEARCHED_SUFFIXES), f"**/{CONFIG_FILE}", f"**/{PYPROJECT}", "**/*.md")

ENDED, LEFT = 0, 1
"""The exit codes after a shutdown that the editor has asked for, and without one."""


class Server(Session):
    """A language server for the tuning jobs of an editor's documents."""

    def __init__(self) -> None:
        super().__init__()
        self.folder_diagnostics = FolderDiagnostics(self)
        self.publisher = Publisher(self, self.folder_diagnostics)
        self.code_actions = CodeActions(self)
        self.answers = Answers(self)


def make_server() -> Server:
    """A server with its handlers."""
    server = Server()
    _add_start(server)
    _add_documents(server)
    _add_notebooks(server)
    _add_requests(server)
    _add_questions(server)
    return server


def _add_start(server: Server) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.configure(params.initialization_options)
        if server.checks_folders:
            _add_folder_diagnostics(server)
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
    def files_changed(_: types.DidChangeWatchedFilesParams) -> None:
        server.publisher.renew()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(_: types.DidChangeWorkspaceFoldersParams) -> None:
        server.take_folders()
        server.publisher.renew()


def _add_folder_diagnostics(server: Server) -> None:
    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    async def reported(params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        return await server.folder_diagnostics.report(params)


def _add_documents(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.publisher.opened(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.publisher.edited(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.publisher.opened(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        _close(server, params.text_document.uri, [params.text_document.uri])


def _add_notebooks(server: Server) -> None:
    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenNotebookDocumentParams) -> None:
        server.publisher.opened(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeNotebookDocumentParams) -> None:
        server.publisher.edited(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveNotebookDocumentParams) -> None:
        server.publisher.opened(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseNotebookDocumentParams) -> None:
        cells = [cell.uri for cell in params.cell_text_documents]
        _close(server, params.notebook_document.uri, cells)


def _close(server: Server, uri: str, parts: list[str]) -> None:
    if is_checked(uri):
        server.closed(uri)
        server.code_actions.closed(uri)
        server.publisher.closed(uri, parts)


def _add_requests(server: Server) -> None:
    acting = types.CodeActionOptions(list(KINDS), resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, acting)
    async def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await server.code_actions.at(params)

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolved(action: types.CodeAction) -> types.CodeAction:
        return await server.code_actions.resolved(action)

    pulling = types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False, identifier=server.name)

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, pulling)
    async def pulled(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        return await server.publisher.pulled(params)

    @server.command(OPEN_PAGE)
    async def open_page(page: str = "") -> None:
        if not page.startswith("https://"):
            raise JsonRpcInvalidParams("the command needs the address of a rule's page")
        await server.window_show_document_async(types.ShowDocumentParams(page, external=True))


def _add_questions(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        return await server.answers.hover(params)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def definition(params: types.DefinitionParams) -> list[types.Location]:
        return await server.answers.definition(params)

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def references(params: types.ReferenceParams) -> list[types.Location]:
        return await server.answers.references(params)

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    async def inlay_hints(params: types.InlayHintParams) -> list[types.InlayHint]:
        return await server.answers.inlay_hints(params)

    completing = types.CompletionOptions(trigger_characters=[*QUOTES, *CONFIG_CHARACTERS])

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, completing)
    async def complete(params: types.CompletionParams) -> list[types.CompletionItem]:
        return await server.answers.completions(params)


def serve() -> int:
    """Serve one editor on standard input and output until it exits. The exit code."""
    if not debugging():
        logging.getLogger("pygls").addHandler(logging.NullHandler())  # the editor's log has what concerns it
    server = make_server()
    server.start_io()
    return ENDED if server.protocol.has_shut_down else LEFT
