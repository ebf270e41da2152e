"""Messages that are not as the protocol asks, and the end of the server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol.types import ErrorCodes

from hpolint.server.language_server import WATCHED
from hpolint.server.parent import is_alive
from tests.differential.tree import PLAIN
from tests.server.wire import Wire

TUNER = PLAIN.strip() + "\n"


@pytest.fixture
def started() -> Iterator[Wire]:
    """A server that is not initialized."""
    made = Wire()
    yield made
    made.close()


@pytest.fixture
def wire(started: Wire, tmp_path: Path) -> Wire:
    """A server for a folder."""
    started.initialize(tmp_path)
    return started


def hover(uri: str, line: int = 0, character: int = 0) -> dict[str, Any]:
    """The parameters of a request for a hover."""
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


def test_a_request_with_invalid_parameters_gets_an_error(wire: Wire, tmp_path: Path) -> None:
    """It says which one is invalid. An editor that got no answer would wait for it."""
    uri = (tmp_path / "tune.py").as_uri()
    wire.open(uri, TUNER)
    invalid = [None, {}, hover(uri, -1, -5), hover(uri, 10**12), {"textDocument": {"uri": uri}, "position": None}]
    for params in invalid:
        assert wire.ask("textDocument/hover", params)["error"]["code"] == ErrorCodes.InvalidParams.value
    assert "position" in wire.ask("textDocument/hover", hover(uri, -1))["error"]["message"]
    assert "result" in wire.ask("textDocument/hover", hover(uri, 10**6, 10**6))


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/didOpen", None),
        ("textDocument/didChange", None),
        ("textDocument/didChange", {"textDocument": {"uri": "file:///closed.py", "version": 2}, "contentChanges": []}),
        (
            "textDocument/didChange",
            {"textDocument": {"uri": "file:///a", "version": 2}, "contentChanges": [{"text": ""}]},
        ),
        ("textDocument/didClose", {"textDocument": {"uri": "file:///closed.py"}}),
        ("workspace/didChangeConfiguration", {"settings": None}),
        ("workspace/didChangeWatchedFiles", None),
        ("$/cancelRequest", None),
        ("$/noSuchMethod", None),
    ],
)
def test_an_invalid_notification_disturbs_nobody(wire: Wire, tmp_path: Path, method: str, params: Any) -> None:
    """It is at most a line in the editor's log, no window; the next request is answered."""
    wire.tell(method, params)
    assert "result" in wire.ask("textDocument/hover", hover((tmp_path / "tune.py").as_uri()))
    assert not [note for note in wire.notes if note["method"].startswith("window/show")]


def test_requests_have_an_order(started: Wire) -> None:
    """None is taken before ``initialize``, and none after ``shutdown``: each gets the error that the protocol names."""
    early = started.ask("textDocument/hover", hover("file:///a.py"))
    assert early["error"]["code"] == ErrorCodes.ServerNotInitialized.value
    started.initialize(Path.cwd())
    assert started.ask("initialize", {"capabilities": {}})["error"]["code"] == ErrorCodes.InvalidRequest.value
    assert started.ask("shutdown")["result"] is None
    for method in ("textDocument/hover", "shutdown"):
        late = started.ask(method, hover("file:///a.py"))
        assert late["error"]["code"] == ErrorCodes.InvalidRequest.value
    started.tell("exit")
    assert started.code() == 0


@pytest.mark.parametrize("is_closed", [False, True])
def test_an_exit_without_shutdown_is_a_failure(wire: Wire, is_closed: bool) -> None:
    """The exit code is 1, also if the editor only closes the pipe."""
    if is_closed:
        assert wire.process.stdin is not None
        wire.process.stdin.close()
    else:
        wire.tell("exit")
    assert wire.code() == 1


@pytest.mark.skipif(os.name != "posix", reason="on Windows the end of the pipe ends the server")
def test_a_server_ends_with_its_editor(started: Wire, tmp_path: Path) -> None:
    """Within seconds after the editor's process has died, although another process keeps the pipe open."""
    editor = subprocess.Popen(["sleep", "3600"])
    started.initialize(tmp_path, processId=editor.pid)
    editor.kill()
    editor.wait()
    assert started.code() == 1


def test_a_process_that_the_server_cannot_see_does_not_end_it(started: Wire, tmp_path: Path) -> None:
    """As that of an editor outside of the server's container."""
    absent = subprocess.Popen([sys.executable, "-c", ""])
    absent.wait()
    assert not is_alive(absent.pid)
    started.initialize(tmp_path, processId=absent.pid)
    assert "result" in started.ask("textDocument/hover", hover((tmp_path / "a.py").as_uri()))
    started.ask("shutdown")
    started.tell("exit")
    assert started.code() == 0


def test_the_editor_watches_files_in_the_cases_of_their_endings() -> None:
    """On a system that tells cases apart, a changed Makefile and a script of R renew what depends on them."""
    patterns = "".join(WATCHED)
    assert all(name in patterns for name in (".R", ".r", "Makefile", ".py"))


@pytest.mark.parametrize("scheme", ["git", "https", "vscode-vfs"])
def test_documents_that_are_no_files_are_not_checked(wire: Wire, tmp_path: Path, scheme: str) -> None:
    """An earlier version of a file in a comparison has no findings, and does not take the place of the file."""
    shown = (tmp_path / "tune.py").as_uri().replace("file:", f"{scheme}:")
    wire.open(shown, TUNER)
    assert wire.ask("textDocument/inlayHint", _everywhere(shown))["result"] == []
    wire.open((tmp_path / "tune.py").as_uri(), TUNER)
    wire.tell("textDocument/didClose", {"textDocument": {"uri": shown}})
    assert wire.ask("textDocument/inlayHint", _everywhere((tmp_path / "tune.py").as_uri()))["result"] != []
    assert {note["params"]["uri"].partition(":")[0] for note in wire.notes if "Diagnostics" in note["method"]} <= {
        "file"
    }


def _everywhere(uri: str) -> dict[str, Any]:
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}}
    return {"textDocument": {"uri": uri}, "range": whole}
