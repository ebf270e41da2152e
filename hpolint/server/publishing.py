"""The diagnostics that the editor shows: sent when a document changes, or given when the editor asks for them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec
from lsprotocol import types
from msgspec.structs import replace
from pygls.exceptions import JsonRpcException

from hpolint.editor.diagnostics import (
    Diagnostic,
    configuration_error,
    diagnostics_of,
    is_unreadable,
    rule_diagnostics,
)
from hpolint.editor.documents import Document, OpenDocuments
from hpolint.editor.positions import Location, Places
from hpolint.editor.shifts import Shift
from hpolint.io.internal_errors import internal_error
from hpolint.model.settings import CONFIG_FILE, PYPROJECT
from hpolint.run.workspace import Checked, Workspace
from hpolint.server.folder_diagnostics import FolderDiagnostics
from hpolint.server.protocol import address_of
from hpolint.server.sent import sent_diagnostic, sent_diagnostics
from hpolint.server.session import Session
from hpolint.server.worker import Urgency

WAIT_SECONDS = 0.3
"""Seconds without typing after which a document is checked."""

CONFIGURATIONS = (CONFIG_FILE, PYPROJECT)

FREE_SECONDS = 2.0
"""Seconds after which the memory of closed documents is freed."""

LAST_IS_USED = "Until it is valid, documents are checked with the last valid configuration"
NONE_IS_USED = "Until it is valid, documents below it are not checked"

Found = dict[str, list[Diagnostic]]
"""Diagnostics by the addresses of a document's parts."""


class _Shown(msgspec.Struct):
    """The diagnostics of one part that the editor has, with a name for them."""

    name: str
    diagnostics: list[types.Diagnostic]


class _Known(msgspec.Struct):
    """What is known of a document: the last result that the editor has, and what was found when it could be read."""

    document: Document
    checked: Checked
    readable: Document | None
    found: Found


class Publisher:
    """Checks documents when they change, and what depends on them, the most urgent first."""

    def __init__(self, session: Session, folders: FolderDiagnostics) -> None:
        self._session = session
        self._folders = folders
        self._due: dict[str, tuple[Urgency, float]] = {}
        self._is_any_stale = False
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._edited_at: dict[str, float] = {}
        self._known: dict[str, _Known] = {}
        self._shown: dict[str, _Shown] = {}
        self._refreshed: dict[str, Checked] = {}
        self._configuration_errors: dict[str, str] = {}
        self._names = 0
        self._freeing: asyncio.Task[None] | None = None

    # When

    def opened(self, uri: str) -> None:
        """Check a document that was opened or saved, and then those that depend on it."""
        self._schedule(uri, Urgency.OPENED, 0)

    def edited(self, uri: str) -> None:
        """Check a document once it was not changed for a moment, and then those that depend on it."""
        self._edited_at[uri] = asyncio.get_running_loop().time()
        self._schedule(uri, Urgency.EDITED, WAIT_SECONDS)

    def _schedule(self, uri: str, urgency: Urgency, seconds: float) -> None:
        self._session.changed(uri)
        if uri in self._edited_at:
            urgency = Urgency.EDITED
        self._due[uri] = urgency, asyncio.get_running_loop().time() + seconds
        self.renew()

    def renew(self) -> None:
        """Check the open documents whose last result no longer holds."""
        self._is_any_stale = True
        self._folders.renew()
        self._news.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while True:
            uri = await self._next()
            if uri is not None:
                await self._check_due(uri)
            elif self._is_any_stale:
                self._is_any_stale = False
                await self._find_stale()
            else:
                self._news.clear()
                await self._news.wait()

    async def _next(self) -> str | None:
        """The document to check now; None if none is left. Waits for those that are still edited."""
        loop = asyncio.get_running_loop()
        while self._due:
            now = loop.time()
            ready = [(urgency, at, uri) for uri, (urgency, at) in self._due.items() if at <= now]
            if ready:
                uri = min(ready)[2]
                del self._due[uri]
                return uri
            self._news.clear()
            first = min(at for _, at in self._due.values())
            loop.call_later(first - now, self._news.set)
            await self._news.wait()
        return None

    async def _check_due(self, uri: str) -> None:
        document = self._session.document(uri)
        if document is None or self.is_pulled(document):
            return
        urgency = Urgency.EDITED if uri in self._edited_at else Urgency.OPENED
        found = await self._guarded(document, urgency)
        if found is not None:
            self._publish(document, found)

    def _publish(self, document: Document, found: Found) -> None:
        opened = OpenDocuments([document], address_of)
        for uri, diagnostics in found.items():
            shown = self._show(uri, diagnostics)
            params = types.PublishDiagnosticsParams(uri, shown.diagnostics, opened.version_of(uri))
            self._session.text_document_publish_diagnostics(params)

    async def _find_stale(self) -> None:
        """Check the documents whose last result no longer holds, or have the editor ask for them."""
        documents = [each for each in self._session.documents() if each.uri in self._known]
        paths = [each.path for each in documents]
        try:
            current = await self._session.run(lambda checks: checks.current_of(paths), Urgency.RENEWED)
        except Exception as error:  # noqa: BLE001 - the server goes on
            self._session.log(internal_error("the search for what has changed", error))
            return
        self._renew(each for each, checked in zip(documents, current, strict=True) if self._is_stale(each, checked))

    def _renew(self, documents: Iterable[Document]) -> None:
        """Check documents again soon, or have the editor ask for them."""
        stale = list(documents)
        for document in stale:
            if not self.is_pulled(document):
                self._due.setdefault(document.uri, (Urgency.RENEWED, 0))
        pulled = filter(self.is_pulled, stale)
        if self._can_refresh and self._notes_refresh(pulled):
            self._session.workspace_diagnostic_refresh(None)  # not awaited: a cancelled wait makes the answer an error

    def _is_stale(self, document: Document, checked: Checked | None) -> bool:
        """Whether another result of a document is shown. One with another text is asked for, or due, by itself."""
        known = self._known.get(document.uri)
        return known is not None and known.checked is not checked and known.document.parts == document.parts

    def _notes_refresh(self, stale: Iterable[Document]) -> bool:
        """Whether the editor has to ask for diagnostics again: it was not told so since one of them became stale."""
        is_any_new = False
        for document in stale:
            checked = self._known[document.uri].checked
            if self._refreshed.get(document.uri) is not checked:
                self._refreshed[document.uri] = checked
                is_any_new = True
        return is_any_new

    @property
    def _can_refresh(self) -> bool:
        workspace = self._session.client_capabilities.workspace
        return (
            workspace is not None and workspace.diagnostics is not None and bool(workspace.diagnostics.refresh_support)
        )

    def is_pulled(self, document: Document) -> bool:
        """Whether the editor asks for a document's diagnostics, so that none are sent. VS Code asks for no cell's."""
        abilities = self._session.client_capabilities.text_document
        return abilities is not None and abilities.diagnostic is not None and not document.is_notebook

    async def pulled(self, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        """The diagnostics of a document that the editor asks for, once nothing was typed for 0.3 seconds.

        Raises JsonRpcException for a text that is overtaken: the editor asks again.
        """
        uri = params.text_document.uri
        document = self._session.document(uri)
        if document is None or not self.is_pulled(document):
            return types.RelatedFullDocumentDiagnosticReport([])
        await self._until_quiet(document.uri)
        found = await self._guarded(document, Urgency.EDITED if uri in self._edited_at else Urgency.OPENED)
        if self._session.is_overtaken(document):
            again = types.DiagnosticServerCancellationData(retrigger_request=True)
            code = types.LSPErrorCodes.ServerCancelled.value
            raise JsonRpcException("a newer text is checked", code, again)
        if found is not None:
            self._show(uri, found.get(uri, []))
        return self._report(uri, params.previous_result_id)

    async def _until_quiet(self, uri: str) -> None:
        """Wait until a document was not changed for a moment."""
        left = self._edited_at.get(uri, 0) + WAIT_SECONDS - asyncio.get_running_loop().time()
        if left > 0:
            await asyncio.sleep(left)

    def _report(self, uri: str, previous: str | None) -> types.DocumentDiagnosticReport:
        """What is shown for a document; only that it is unchanged, if the editor has it already."""
        shown = self._shown.get(uri)
        if shown is None:
            return types.RelatedFullDocumentDiagnosticReport([])
        if shown.name == previous:
            return types.RelatedUnchangedDocumentDiagnosticReport(shown.name)
        return types.RelatedFullDocumentDiagnosticReport(shown.diagnostics, result_id=shown.name)

    def _show(self, uri: str, diagnostics: Iterable[Diagnostic]) -> _Shown:
        """Note what the editor shows for a part. The same diagnostics keep their name."""
        sent = sent_diagnostics(diagnostics)
        shown = self._shown.get(uri)
        if shown is None or shown.diagnostics != sent:
            self._names += 1
            shown = self._shown[uri] = _Shown(str(self._names), sent)
        return shown

    # What

    async def _guarded(self, document: Document, urgency: Urgency) -> Found | None:
        """The diagnostics of a document; None for a text that is overtaken. An error is a line in the editor's log."""
        try:
            return await self._diagnostics(document, urgency)
        except Exception as error:  # noqa: BLE001 - the server goes on
            self._session.log(f"{document.path}: {internal_error('the check of a document', error)}")
            return None

    async def _diagnostics(self, document: Document, urgency: Urgency) -> Found | None:
        places, folders = self._session.places, self._session.folders

        def check(checks: Workspace) -> tuple[Checked, Found]:
            checked = checks.check(document.path)
            return checked, _found(checks, checked, document, places, folders)

        checked, found = await self._session.run(check, urgency)
        if self._session.is_overtaken(document):
            return None
        self._show_configuration_error(document, checked)
        before = self._known.get(document.uri)
        is_about_jobs = not document.path.endswith((".md", *CONFIGURATIONS))
        if is_about_jobs and (is_unreadable(checked) or not checked.is_settled):
            readable = before.readable if before is not None else None
            earlier = before.found if before is not None else {}
            self._known[document.uri] = _Known(document, checked, readable, earlier)
            return _with_earlier(found, readable, earlier, document, places)
        self._known[document.uri] = _Known(document, checked, document, found)
        return found

    def _show_configuration_error(self, document: Document, checked: Checked) -> None:
        """Show the error of a document's configuration in its file, whether or not that is open.

        The last one is removed, unless it is that of another document, too.
        """
        error = checked.error
        found = configuration_error(error, self._session.folders) if error is not None else None
        before, uri = self._configuration_errors.pop(document.uri, None), None
        if found is not None:
            path, diagnostic = found
            advice = LAST_IS_USED if checked.is_settled else NONE_IS_USED
            said = replace(diagnostic, message=f"{diagnostic.message}\n{advice}.")
            uri = self._configuration_errors[document.uri] = self._session.opened().uri_of(path)
            self._send(uri, [sent_diagnostic(said)])
        elif error is not None:
            self._session.log(error)
        if before is not None and before != uri:
            self._remove_configuration_error(before)

    def _remove_configuration_error(self, uri: str) -> None:
        if uri not in self._configuration_errors.values():
            self._send(uri, [])

    def _send(self, uri: str, diagnostics: list[types.Diagnostic]) -> None:
        self._session.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics))

    def closed(self, uri: str, parts: Iterable[str]) -> None:
        """Forget a document that was closed, with the addresses of its parts: its file counts again."""
        for memory in (self._due, self._edited_at, self._known, self._refreshed):
            memory.pop(uri, None)
        for part in parts:
            self._shown.pop(part, None)
            self._send(part, [])
        error = self._configuration_errors.pop(uri, None)
        if error is not None:
            self._remove_configuration_error(error)
        self.renew()
        if self._freeing is None or self._freeing.done():
            self._freeing = asyncio.get_running_loop().create_task(self._free())

    async def _free(self) -> None:
        await asyncio.sleep(FREE_SECONDS)
        await self._session.free_memory()


def _found(checks: Workspace, checked: Checked, document: Document, places: Places, folders: list[str]) -> Found:
    """The diagnostics of a document. A configuration's errors are shown by the documents that it applies to."""
    if document.path.endswith(".md"):
        is_rule = checks.is_rule(document.path, document.parts[0].text)
        errors = checks.rule_errors(document.path) if is_rule else []
        return {document.uri: rule_diagnostics(errors, document, places)}
    if document.path.endswith(CONFIGURATIONS):
        return {}
    return diagnostics_of(checked, document, places, folders)


def _with_earlier(found: Found, readable: Document | None, earlier: Found, document: Document, places: Places) -> Found:
    """What was found when a document could be read, at the places of its new text, and what is wrong with that."""
    if readable is None:
        return found
    shifts: dict[str, Shift] = {}
    for part in document.parts:
        before = readable.part_of(part.uri)
        if before is not None:
            shifts[part.uri] = Shift(before.text, part.text, places.units)
    shown: Found = {part.uri: [] for part in document.parts}
    for uri, shift in shifts.items():
        moved = [_moved(diagnostic, shift, shifts) for diagnostic in earlier.get(uri, [])]
        shown[uri] = [diagnostic for diagnostic in moved if diagnostic is not None]
    for uri, diagnostics in found.items():
        shown[uri] = [*shown[uri], *diagnostics]
    return shown


def _moved(diagnostic: Diagnostic, shift: Shift, shifts: dict[str, Shift]) -> Diagnostic | None:
    """A diagnostic at its place in a new text, with its related places; None if its text is gone."""
    place = shift.range(diagnostic.range)
    if place is None:
        return None
    related = []
    for note in diagnostic.related:
        own = shifts.get(note.location.uri)
        at = own.range(note.location.range) if own is not None else note.location.range
        if at is not None:
            related.append(replace(note, location=Location(note.location.uri, at)))
    return replace(diagnostic, range=place, related=tuple(related))
