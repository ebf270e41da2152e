"""The thread that checks. It owns the workspace, and does first what somebody waits for."""

from __future__ import annotations

import asyncio
import gc
import itertools
import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from enum import IntEnum
from typing import Any, TypeVar

from hpolint.config.lookup import CheckOptions
from hpolint.editor.documents import Document
from hpolint.io import disk
from hpolint.run.workspace import Workspace

Result = TypeVar("Result")


class Urgency(IntEnum):
    """What goes first: the answer to a question, what is being edited, what was opened, what depends on these."""

    ASKED = 0
    EDITED = 1
    OPENED = 2
    RENEWED = 3
    FOLDER = 4


class Worker:
    """One thread that runs functions, the most urgent one first. The process does not wait for it to end."""

    def __init__(self) -> None:
        self._jobs: queue.PriorityQueue[tuple[Urgency, int, Future[Any], Callable[[], Any]]] = queue.PriorityQueue()
        self._numbers = itertools.count()
        threading.Thread(target=self._work, name="hpolint", daemon=True).start()

    async def run(self, function: Callable[[], Result], urgency: Urgency) -> Result:
        """The result of a function. One that has not begun is not run if the waiting task is cancelled."""
        job: Future[Result] = Future()
        self._jobs.put((urgency, next(self._numbers), job, function))
        return await asyncio.wrap_future(job)

    def _work(self) -> None:
        while True:
            _, _, job, function = self._jobs.get()
            if not job.set_running_or_notify_cancel():
                continue
            try:
                result = function()
            except BaseException as error:  # noqa: BLE001 - whoever waits gets it
                job.set_exception(error)
            else:
                job.set_result(result)


class DocumentChecks:
    """The workspace with the texts of the open documents.

    Any thread may tell it of changes. All else is the worker's: the changes so far are taken when it asks for the
    workspace.
    """

    def __init__(self) -> None:
        self._changes: dict[str, Document | None] = {}
        self._folders: list[str] = []
        self._taken_folders: list[str] = []
        self._notebooks: dict[str, tuple[Document, disk.FileStamp]] = {}
        self._workspace: Workspace | None = None
        self.options = CheckOptions()

    def tell(self, path: str, document: Document | None) -> None:
        """Take a document's text from now on; None if it was closed, so that its file counts again."""
        self._changes[path] = document

    def tell_folders(self, folders: Iterable[str]) -> None:
        """Take the editor's folders from now on."""
        self._folders = list(folders)

    @property
    def workspace(self) -> Workspace:
        """The workspace with all that it was told of."""
        folders = self._folders
        if self._workspace is None:
            self._workspace = Workspace(folders, self.options)
        elif folders != self._taken_folders:
            self._workspace.set_folders(folders)
        self._taken_folders = folders
        changes, self._changes = self._changes, {}
        for path, document in changes.items():
            self._notebooks.pop(path, None)
            if document is None:
                self._workspace.remove_text(path)
            else:
                self._take(self._workspace, document)
        for document, stamp in list(self._notebooks.values()):
            if disk.stamp_of(document.path, content=True) != stamp:  # it was saved, with the outputs of another run
                self._take(self._workspace, document)
        return self._workspace

    def _take(self, workspace: Workspace, document: Document) -> None:
        if document.is_notebook:
            self._notebooks[document.path] = document, disk.stamp_of(document.path, content=True)
        workspace.set_text(document.path, document.data)

    def free_memory(self) -> None:
        """Free what closed documents leave behind."""
        gc.collect()
