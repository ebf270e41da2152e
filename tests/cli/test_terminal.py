"""What only a terminal gets: colour, its width, and a line of progress."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hpolint.cli import progress
from tests.conftest import FIXTURES

RUN = ("-m", "hpolint")
SHOWING_PROGRESS = """
from hpolint.__main__ import main
from hpolint.cli import progress
progress.DELAY_SECONDS = progress.INTERVAL_SECONDS = 0
main()
"""
"""A program that runs the command with a line of progress from the first file on."""


def on_terminal(folder: Path, program: tuple[str, ...] = RUN, **environment: str) -> str:
    """What ``hpolint check`` prints on a terminal of 60 columns."""
    parent, child = pty.openpty()
    subprocess.run(["stty", "cols", "60"], stdin=child, check=True)
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME") or "COV" in name}
    process = subprocess.Popen(
        [sys.executable, *program, "check"],
        cwd=folder,
        stdin=child,
        stdout=child,
        stderr=child,
        env={**kept, "TERM": "xterm", **environment},
    )
    os.close(child)
    printed = b""
    while True:
        try:
            piece = os.read(parent, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        printed += piece
    process.wait()
    os.close(parent)
    return printed.decode()


def test_colour_and_width_of_a_terminal(tmp_path: Path) -> None:
    """Levels and marks are coloured, source lines cut to fit; NO_COLOR and dumb terminals get plain text.

    With colours a rule's name is a link to its page.
    """
    (tmp_path / "x.json").write_text((FIXTURES / "request/churn-xgboost.json").read_text())
    coloured = on_terminal(tmp_path)
    link = "\x1b]8;;https://hpolint.github.io/hpolint/rules/launch/log-scale-needs-positive-range/\x1b\\"
    name = f"{link}\x1b[1;31mlaunch/log-scale-needs-positive-range\x1b[0m\x1b]8;;\x1b\\"
    assert f"\x1b[1;31merror[\x1b[0m{name}\x1b[1;31m]\x1b[0m" in coloured
    assert "\x1b" not in on_terminal(tmp_path, NO_COLOR="1")
    plain = on_terminal(tmp_path, TERM="dumb")
    assert "\x1b" not in plain
    assert plain == re.sub(r"\x1b(?:\[[\d;]*m|\]8;;.*?\x1b\\)", "", coloured)
    assert all(len(line) <= 60 for line in plain.splitlines() if " | " in line)


def test_progress_is_shown_after_a_delay_and_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short run shows none; a long one shows its position on one line, which is erased at the end."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress.Progress() as show:
        show("a.json")
    assert stream.getvalue() == ""
    monkeypatch.setattr(progress, "DELAY_SECONDS", 0)
    monkeypatch.setattr(progress, "INTERVAL_SECONDS", 0)
    with progress.Progress() as show:
        show("b\x1b.json")
        show.total = 4
        show("c.json")
    printed = stream.getvalue()
    assert "reading file 1: b" in printed
    assert "[##########          ]  50% of 4, file 2: c.json" in printed
    assert printed.endswith("\r\x1b[K")
    assert "\x1b." not in printed


def test_progress_is_erased_before_the_report(tmp_path: Path) -> None:
    """No file's name is left in a line of the report."""
    (tmp_path / "x.json").write_text((FIXTURES / "request/churn-xgboost.json").read_text())
    printed = on_terminal(tmp_path, ("-c", SHOWING_PROGRESS), NO_COLOR="1")
    progress_line, report = printed.split("\r\x1b[K")[-2:]
    assert progress_line.endswith("x.json")
    assert report == on_terminal(tmp_path, NO_COLOR="1")
