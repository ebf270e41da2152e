"""The diagnostics of files that are not open, for an editor that asks for those of its folders."""

from __future__ import annotations

import asyncio
import os
from functools import partial

import msgspec
from lsprotocol import types

from hpolint.editor.diagnostics import Diagnostic, diagnostics_of
from hpolint.editor.documents import Document, Part
from hpolint.io.internal_errors import internal_error
from hpolint.model.settings import ConfigError
from hpolint.run.workspace import Reads, Workspace
from hpolint.server.protocol import address_of
from hpolint.server.sent import sent_diagnostics
from hpolint.server.session import Session
from hpolint.server.worker import Urgency

NOTEBOOK = ".ipynb"


class _Kept(msgspec.Struct, frozen=True):
    """What was found in a file, with the reads that it depends on and a name for it."""

    reads: Reads
    diagnostics: list[Diagnostic]
    name: str


class FolderDiagnostics:
    """Checks the files of the editor's folders one after the other. Whatever else is asked goes first."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: dict[str, _Kept] = {}
        self._news = asyncio.Event()
        self._names = 0

    def renew(self) -> None:
        """Look again: a document or file has changed."""
        self._news.set()

    async def report(self, params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        """The diagnostics of all files that are not open, except for notebooks, whose cells have no address yet.

        If the editor has all of them, it is answered when something has changed. Whoever cancels the request ends the
        work after the file that is being checked.
        """
        previous = {result.uri: result.value for result in params.previous_result_ids}
        while True:
            self._news.clear()
            items = await self._items(previous)
            is_any_new = any(isinstance(item, types.WorkspaceFullDocumentDiagnosticReport) for item in items)
            if is_any_new or not previous:
                return types.WorkspaceDiagnosticReport(items)
            await self._news.wait()

    async def _items(self, previous: dict[str, str]) -> list[types.WorkspaceDocumentDiagnosticReport]:
        paths = await self._paths()
        for path in self._kept.keys() - set(paths):
            del self._kept[path]
        items: list[types.WorkspaceDocumentDiagnosticReport] = []
        left = dict(previous)
        for path in paths:
            uri = address_of(path)
            item = _item(uri, await self._of(path), left.pop(uri, None))
            if item is not None:
                items.append(item)
        items += [types.WorkspaceFullDocumentDiagnosticReport(uri, []) for uri in left]
        return items

    async def _paths(self) -> list[str]:
        """The files below the editor's folders that a check reads, and that are not open."""
        found: dict[str, None] = {}
        for folder in self._session.folders:
            inside = os.path.join(folder, "file")
            try:
                paths = await self._session.run(partial(Workspace.files_beside, path=inside), Urgency.FOLDER)
            except ConfigError:
                continue  # its error is shown in its file
            found |= dict.fromkeys(paths)
        opened = {document.path for document in self._session.documents()}
        return [path for path in found if path not in opened and not path.endswith(NOTEBOOK)]

    async def _of(self, path: str) -> _Kept:
        """What is found in a file; what was found before, if nothing that it depends on has changed."""
        places, folders = self._session.places, self._session.folders
        kept = self._kept.get(path)

        def found(checks: Workspace) -> _Kept:
            if kept is not None and kept.reads and checks.are_unchanged(kept.reads):
                return kept
            document = Document(address_of(path), path, (Part(address_of(path), ""),))
            checked = checks.check(path)
            diagnostics = diagnostics_of(checked, document, places, folders)[document.uri]
            name = kept.name if kept is not None and kept.diagnostics == diagnostics else ""
            return _Kept(checks.reads_of(path), diagnostics, name)

        try:
            new = await self._session.run(found, Urgency.FOLDER)
        except Exception as error:  # noqa: BLE001 - the other files are checked
            self._session.log(f"{path}: {internal_error('the check of a file', error)}")
            new = _Kept({}, [], "")
        if not new.name:
            self._names += 1
            new = msgspec.structs.replace(new, name=f"file-{self._names}")
        self._kept[path] = new
        return new


def _item(uri: str, kept: _Kept, before: str | None) -> types.WorkspaceDocumentDiagnosticReport | None:
    """What the editor is told of a file, by the name of what it has; None of a file without anything to show."""
    if kept.name == before:
        return types.WorkspaceUnchangedDocumentDiagnosticReport(uri, kept.name)
    if kept.diagnostics or before is not None:
        return types.WorkspaceFullDocumentDiagnosticReport(uri, sent_diagnostics(kept.diagnostics), result_id=kept.name)
    return None
