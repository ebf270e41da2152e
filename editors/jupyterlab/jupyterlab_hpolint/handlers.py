"""The endpoints of the extension: what is known of a notebook, what can be done about a finding, a rule's page.

All are behind Jupyter's own login. One thread checks: results of one notebook come in the order of its requests.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from hpolint.editor.notebook_checks import NotebookChecks, NotebookText, Preferences, ScaleChange
from hpolint.editor.positions import Range
from jupyterlab_hpolint.folder import folder_jobs

Result = TypeVar("Result")


class NotebookRequest(msgspec.Struct, frozen=True):
    """A notebook as the browser has it."""

    notebook: NotebookText
    preferences: Preferences = Preferences()


class ActionRequest(msgspec.Struct, frozen=True):
    """A notebook, and a place in one of its cells; without a cell all safe fixes are asked for."""

    notebook: NotebookText
    preferences: Preferences = Preferences()
    cell: int | None = None
    range: Range | None = None


class ScaleRequest(msgspec.Struct, frozen=True):
    """A notebook, the place of a range in one of its cells, and the scale that it is to have."""

    notebook: NotebookText
    cell: int
    range: Range
    scale: Literal["Linear", "Logarithmic", "ReverseLogarithmic"]
    preferences: Preferences = Preferences()


class Session:
    """The checks of one Jupyter server, the thread that they run in, and the file that exists while findings are
    shown."""

    def __init__(self, folder: str, shown: Path) -> None:
        self.checks = NotebookChecks(folder)
        self.shown = shown
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hpolint")

    async def in_thread(self, function: Callable[[], Result]) -> Result:
        """Run a function in the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)


class Handler(APIHandler):  # type: ignore[misc]  # jupyter_server has types only where it is installed
    """A handler that reads and writes JSON by types."""

    def initialize(self, session: Session) -> None:
        """Take what all handlers share."""
        self.session = session

    def read(self, type_: type[Result]) -> Result:
        """The request's body. Raises HTTPError 400 for another shape."""
        try:
            return msgspec.json.decode(self.request.body, type=type_)
        except msgspec.MsgspecError as error:
            raise web.HTTPError(400, str(error)) from None

    def write_json(self, answer: Any) -> None:
        """Answer with a value as JSON."""
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(answer))


class NotebookHandler(Handler):
    """What is known of a notebook."""

    @web.authenticated  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Answer with a ``NotebookReport``."""
        asked = self.read(NotebookRequest)
        checks = self.session.checks
        self.write_json(await self.session.in_thread(lambda: checks.report(asked.notebook, asked.preferences)))


class ActionsHandler(Handler):
    """What can be done about findings."""

    @web.authenticated  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Answer with a list of ``Action``."""
        asked = self.read(ActionRequest)
        checks, cell, place = self.session.checks, asked.cell, asked.range
        if cell is None or place is None:
            self.write_json(await self.session.in_thread(lambda: checks.fix_all(asked.notebook, asked.preferences)))
            return
        self.write_json(
            await self.session.in_thread(lambda: checks.actions(asked.notebook, asked.preferences, cell, place))
        )


class ScaleHandler(Handler):
    """Another scale of a range."""

    @web.authenticated  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Answer with a ``ScaleChange``."""
        asked = self.read(ScaleRequest)
        self.write_json(await self.session.in_thread(lambda: self._change(asked)))

    def _change(self, asked: ScaleRequest) -> ScaleChange:
        return self.session.checks.scale_change(
            asked.notebook, asked.preferences, asked.cell, asked.range, scale=asked.scale
        )


class ShownHandler(Handler):
    """Whether the extension shows findings."""

    @web.authenticated  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Take true or false: while it is false, python-lsp-server's plugin shows those of notebooks."""
        if self.read(bool):
            self.session.shown.touch()
        else:
            self.session.shown.unlink(missing_ok=True)
        self.write_json(None)


class CloseHandler(Handler):
    """A notebook that was closed."""

    @web.authenticated  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Forget the notebook with a path: its file counts again."""
        path = self.get_query_argument("path")
        await self.session.in_thread(lambda: self.session.checks.close(path))
        self.write_json(None)


class FolderHandler(Handler):
    """The jobs of a folder."""

    @web.authenticated  # type: ignore[untyped-decorator]
    async def get(self) -> None:
        """Answer with a list of ``FolderJob``. 404 for a folder that there is not, 500 with what hpolint has said."""
        folder = self.session.checks.path_of(self.get_query_argument("path", ""))
        if not os.path.isdir(folder):
            raise web.HTTPError(404, "there is no such folder")
        try:
            self.write_json(await folder_jobs(folder))
        except RuntimeError as error:
            raise web.HTTPError(500, str(error)) from None


class RuleHandler(Handler):
    """The page of a rule."""

    @web.authenticated  # type: ignore[untyped-decorator]
    async def get(self) -> None:
        """Answer with the page as Markdown. 404 for a rule that there is not."""
        name = self.get_query_argument("id")
        text = await self.session.in_thread(lambda: self.session.checks.rule_text(name))
        if text is None:
            raise web.HTTPError(404, "there is no such rule")
        self.write_json(text)


def handlers(base_url: str, folder: str, shown: Path) -> list[tuple[str, type[Handler], dict[str, Session]]]:
    """The handlers of a server whose notebooks lie below a folder. ``shown`` exists while findings are shown."""
    session = Session(os.path.expanduser(folder), shown)
    kinds: dict[str, type[Handler]] = {
        "notebook": NotebookHandler,
        "actions": ActionsHandler,
        "scale": ScaleHandler,
        "shown": ShownHandler,
        "close": CloseHandler,
        "rule": RuleHandler,
        "folder": FolderHandler,
    }
    return [(url_path_join(base_url, "hpolint", name), kind, {"session": session}) for name, kind in kinds.items()]
