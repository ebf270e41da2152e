"""What the server does for many documents, and large ones."""

from __future__ import annotations

import base64
import gc
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from hpolint.editor.documents import Document, Part
from hpolint.editor.script_options import may_be_option
from hpolint.io.files import read_file
from hpolint.model.source import Source
from hpolint.run.workspace import Workspace
from tests.differential.tree import LONE, PLAIN
from tests.server.wire import Wire

TUNER = PLAIN.strip() + "\n"
LOOKED = [("print(x)", False), ('parser.add_argument("--lr", type=float)', True), ('add("-b", "--batch")', True)]


def _seconds(wire: Wire) -> float:
    """The processor time that a server has used."""
    fields = Path(f"/proc/{wire.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _opened(folder: Path, count: int) -> float:
    """The processor time for so many documents that are opened at once."""
    wire = Wire()
    try:
        wire.initialize(folder)
        wire.ask("textDocument/hover", _hover(folder / "lone.py"))
        before = _seconds(wire)
        uris = [(folder / f"tune{number}.py").as_uri() for number in range(count)]
        for uri in uris:
            wire.open(uri, TUNER)
        left = set(uris)
        while left:
            left -= {note["params"]["uri"] for note in wire.received()}
        return _seconds(wire) - before
    finally:
        wire.close()


def _hover(path: Path) -> dict[str, Any]:
    return {"textDocument": {"uri": path.as_uri()}, "position": {"line": 0, "character": 0}}


@pytest.mark.nightly
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the processor time of a process is read from /proc")
def test_the_work_for_documents_grows_with_their_number(tmp_path: Path) -> None:
    """Twice as many take about twice the processor time, not four times."""
    (tmp_path / "lone.py").write_text(LONE, "utf-8")
    assert _opened(tmp_path, 80) < 2.8 * _opened(tmp_path, 40)


def test_an_edit_goes_before_what_was_only_opened(tmp_path: Path) -> None:
    """Its diagnostics come before those of the last of many documents that were opened before."""
    wire = Wire()
    try:
        wire.initialize(tmp_path)
        uris = [(tmp_path / f"tune{number}.py").as_uri() for number in range(60)]
        for uri in uris:
            wire.open(uri, TUNER)
        wire.change(uris[-1], 2, f"\n{TUNER}")
        order: list[str] = []
        while len(set(order)) < len(uris):
            order += [note["params"]["uri"] for note in wire.received()]
        assert order.index(uris[-1]) < len(uris) - 1
    finally:
        wire.close()


def test_a_saved_notebook_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as its file stays as it is; pictures in it are not carried along."""
    picture = base64.b64encode(os.urandom(10_000)).decode()
    output = {"output_type": "display_data", "data": {"image/png": picture, "text/html": ["<p>"]}, "metadata": {}}
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [output], "source": "x = 1"}
    path = tmp_path / "book.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}), "utf-8")
    reads = []

    def counted(*arguments: Any, **more: Any) -> bytes:
        reads.append(arguments)
        return read_file(*arguments, **more)

    monkeypatch.setattr("hpolint.editor.documents.read_file", counted)
    for number in range(5):
        parts = (Part("cell:0", "x = 1"), Part("cell:1", f"y = {number}"))
        data = Document(path.as_uri(), str(path), parts, is_notebook=True).data
    assert len(reads) == 1
    assert b"text/html" in data
    assert picture.encode() not in data
    time.sleep(0.01)
    path.write_text(path.read_text("utf-8").replace("<p>", "<b>"), "utf-8")
    assert b"<b>" in Document(path.as_uri(), str(path), parts, is_notebook=True).data
    assert len(reads) == 2


def test_what_is_closed_is_forgotten(tmp_path: Path) -> None:
    """Documents leave no results behind in the process."""
    workspace = Workspace([str(tmp_path)])
    paths = [str(tmp_path / f"tune{number}.py") for number in range(20)]

    def open_and_close() -> int:
        for path in paths:
            workspace.set_text(path, TUNER.encode())
            workspace.check(path)
        for path in paths:
            workspace.remove_text(path)
        gc.collect()
        return len(gc.get_objects())

    open_and_close()
    before = open_and_close()
    assert open_and_close() < before + 500


@pytest.mark.parametrize(("line", "expected"), LOOKED)
def test_the_folder_is_read_only_for_an_option(line: str, expected: bool) -> None:
    """For any other symbol of a script no definition is looked at."""
    source = Source("train.py", f"import argparse\n{line}\n")
    assert may_be_option(source, source.span(len("import argparse\n") + 3, len("import argparse\n") + 4)) is expected


def test_places_of_typed_options_are_options() -> None:
    """Parameters of a command's function, and fields of the classes of a parser."""
    typed = "import typer\ndef main(lr: float = 0.1): ...\ntyper.run(main)\n"
    fields = "from transformers import HfArgumentParser\nclass A:\n    lr: float = 0.1\n"
    for text in (typed, fields):
        source = Source("train.py", text)
        for at in (text.index("lr"), text.index("0.1")):
            assert may_be_option(source, source.span(at, at + 1))
