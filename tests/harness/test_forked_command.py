"""What most tests take for the command, a copy of a process that has loaded it, does what a new process does."""

from __future__ import annotations

import sys

import pytest

from tests.conftest import FIXTURES, Command
from tests.harness.forked_command import can_copy, server

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the command is a process elsewhere")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("check",), 1),
        (("check", "--output", "sarif", "--statistics", "missing.json"), 2),
        (("check", "-", "--stdin-filename", "x.json"), 1),
        (("check", "--fix", "-"), 1),
        (("check", "--nonsense"), 2),
        (("extract",), 0),
        (("config", "--output", "json"), 0),
        (("--help",), 0),
        (("--version",), 0),
        ((), 2),
    ],
)
def test_a_copy_does_what_a_process_does(hpolint: Command, arguments: tuple[str, ...], code: int) -> None:
    """The same bytes on both streams and the same exit code, from the same folder, input and environment."""
    request = (FIXTURES / "request" / "churn-xgboost.json").read_bytes()
    hpolint.write("request.json", request)
    hpolint.write("hpolint.toml", "ignore = ['compute']\n")
    process = hpolint.start(*arguments, stdin=request, GITHUB_ACTIONS="true")
    environment = {"PATH": "", "GITHUB_ACTIONS": "true"}
    copy = server().run(arguments, hpolint.folder, request, environment, 60)
    assert process.returncode == code
    assert (copy.returncode, copy.stdout, copy.stderr) == (process.returncode, process.stdout, process.stderr)


def test_a_copy_keeps_nothing_from_another(hpolint: Command) -> None:
    """What one has read, or has been configured with, is unknown to the next; each of them may compute only so long."""
    hpolint.write("request.json", (FIXTURES / "request" / "churn-xgboost.json").read_bytes())
    before = server().run(["check"], hpolint.folder, b"", {}, 60)
    hpolint.write("hpolint.toml", "ignore = ['launch', 'scale']\n")
    between = server().run(["check", "--output", "json"], hpolint.folder, b"", {"HPOLINT_DEBUG": "1"}, 60)
    (hpolint.folder / "hpolint.toml").unlink()
    assert b"scale/" in before.stdout
    assert b"scale/" not in between.stdout
    again = server().run(["check"], hpolint.folder, b"", {}, 60)
    assert (again.returncode, again.stdout) == (before.returncode, before.stdout)
    assert server().run(["check"], hpolint.folder, b"", {}, 0).returncode < 0


@pytest.mark.parametrize("name", ["PYTHONPATH", "PYTHONHASHSEED", "LC_ALL", "COVERAGE_PROCESS_START"])
def test_what_only_a_start_reads_needs_a_process(name: str) -> None:
    """A variable for the interpreter, its libraries or coverage is none for a copy."""
    assert can_copy({"PATH": "", "HPOLINT_DEBUG": "1"})
    assert not can_copy({"PATH": "", name: "1"})
