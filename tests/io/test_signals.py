"""Output is whole or the run fails; a run that is ended leaves nothing behind and says nothing."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hpolint.model.settings import FORMATS
from tests.conftest import Command
from tests.harness.systems import linux
from tests.requests import sound

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and signals are POSIX's")

CAREFUL = json.dumps(sound())
BAD = CAREFUL.replace('"Bayesian"', '"bayesian"')

ENDED = """
import os, signal, sys
events, at, number, wanted = 0, int(sys.argv[1]), getattr(signal, sys.argv[2]), sys.argv[3]
def hook(event, _arguments):
    global events
    if event == wanted:
        events += 1
        if events == at:
            os.kill(os.getpid(), number)
sys.addaudithook(hook)
sys.argv = ["hpolint", *sys.argv[4:]]
from hpolint.__main__ import main
main()
"""
"""Runs the command and sends itself a signal at the n-th event of a kind."""

WORKERS = """
import os, sys, time
from hpolint.io import signals
from hpolint.run import candidate_check, check, file_run
from hpolint.config.lookup import CheckOptions

signals.install_handlers()
file_run.PARALLEL_MIN_BYTES = 1
candidate_check.read_source = lambda *_: time.sleep(600)
check.check_paths(["."], CheckOptions(), None, 3)
"""
"""A run in several processes that stay at their first file."""


MANY = 60
"""Files whose report is larger than a small file may be."""


def many(hpolint: Command, number: int = MANY) -> None:
    """Enough findings for a report of more than a small file or pipe holds."""
    for each in range(number):
        hpolint.write(f"bad{each}.json", BAD)


def shell(hpolint: Command, line: str) -> subprocess.CompletedProcess[bytes]:
    """A line of shell in the command's folder, ``$H`` being the command."""
    kept = {name: value for name, value in os.environ.items() if "COV" not in name}  # its file has no room either
    environment = {**kept, "H": f"{sys.executable} -m hpolint"}
    argv = ["bash", "-c", line]
    return subprocess.run(argv, cwd=hpolint.folder, capture_output=True, env=environment, check=False, timeout=120)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("output", [each for each in FORMATS if each not in ("github", "markdown")])
def test_a_pipe_that_does_not_block_gets_the_whole_report(hpolint: Command, unbuffered: str, output: str) -> None:
    """However slowly it is read, and whatever Python's own buffering; two formats show only so many findings."""
    read, write = os.pipe()
    holds = 65536
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        holds = fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
    many(hpolint, holds // 200)
    whole = hpolint("check", "--all", "--output", output).stdout
    os.set_blocking(write, False)
    argv = [sys.executable, "-m", "hpolint", "check", "--all", "--output", output]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(argv, cwd=hpolint.folder, stdout=write, stderr=subprocess.PIPE, env=environment) as process:
        os.close(write)
        held = b""
        while more := os.read(read, holds // 16):
            held += more
            time.sleep(0.0005)
        assert process.wait() == 1
        assert process.stderr is not None
        assert process.stderr.read() == b""
    os.close(read)
    assert len(held) > holds
    assert held == whole


@linux
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("$H check >/dev/full", 2),
        ("$H check --output json >/dev/full", 2),
        ("$H extract >/dev/full", 2),
        ("$H rules >/dev/full", 2),
        ("$H --help >/dev/full", 2),
        ("$H --version >/dev/full", 2),
        ("$H check 2>/dev/full", 1),
        ("$H check nope 2>/dev/full", 2),
        ("$H check --nope 2>/dev/full", 2),
        ("$H check >&-", 2),
        ("$H check 2>&-", 1),
        ("ulimit -f 8; trap '' XFSZ; $H check >out", 2),
        ("ulimit -f 8; trap '' XFSZ; $H check --output text:out", 2),
        ("$H check --output sarif:no/such/folder", 2),
        ("$H check nope 2>&1 | true; exit ${PIPESTATUS[0]}", 2),
        ("$H check --nope 2>&1 | true; exit ${PIPESTATUS[0]}", 2),
        ("$H check | true; exit ${PIPESTATUS[0]}", 141),
        ("$H check 2>&1 >/dev/null | true; exit ${PIPESTATUS[0]}", 1),
    ],
)
def test_the_exit_code_reports_a_failed_write(hpolint: Command, line: str, code: int) -> None:
    """An error of standard output is a failure, an error of standard error changes nothing; never a traceback."""
    many(hpolint)
    run = shell(hpolint, line)
    assert run.returncode == code, run.stderr
    assert b"Traceback" not in run.stderr
    assert {path.name for path in hpolint.folder.iterdir()} - {f"bad{n}.json" for n in range(MANY)} <= {"out"}


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(hpolint: Command) -> None:
    """And the other outputs are there."""
    many(hpolint)
    hpolint.write("out.sarif", "before")
    run = shell(hpolint, "ulimit -f 8; trap '' XFSZ; $H check --output sarif:out.sarif --output text")
    assert run.returncode == 2
    assert (hpolint.folder / "out.sarif").read_bytes() == b"before"
    assert b"out.sarif: cannot be written: File too large" in run.stderr
    assert b"invalid-request" in run.stdout


def test_a_report_that_fails_loses_no_other(hpolint: Command) -> None:
    """It is named with the reason and the way to report it; exit code 2."""
    hpolint.write("bad.json", BAD)
    code = (
        "import sys, hpolint.reporters.sarif as s\n"
        "def render(_): raise KeyError('tripped')\n"
        "s.render = render\n"
        "sys.argv[1:] = ['check', '--output', 'sarif:out.sarif', '--output', 'text']\n"
        "from hpolint.__main__ import main; main()\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=hpolint.folder, capture_output=True, check=False)
    assert run.returncode == 2
    assert b"invalid-request" in run.stdout
    assert b"internal error in the sarif report: KeyError: 'tripped'; please report it" in run.stderr
    assert not (hpolint.folder / "out.sarif").exists()


def ended(hpolint: Command, at: int, name: str, event: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """The command, which a signal ends at the n-th event of a kind."""
    argv = [sys.executable, "-c", ENDED, str(at), name, event, *arguments]
    return subprocess.run(argv, cwd=hpolint.folder, capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129), ("SIGPIPE", 141)])
@pytest.mark.parametrize("at", [12, 60, 120, 180])
def test_a_signal_while_modules_load_ends_the_run_in_silence(hpolint: Command, name: str, code: int, at: int) -> None:
    """No traceback, the code of the signal, whatever is being imported."""
    hpolint.write("bad.json", BAD)
    run = ended(hpolint, at, name, "import", "check")
    assert (run.returncode, run.stdout, run.stderr) == (code, b"", b"")


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_while_a_file_is_written_leaves_none(hpolint: Command, name: str, code: int) -> None:
    """Neither the new file, half of it, nor the one that it was to become."""
    hpolint.write("bad.json", BAD)
    run = ended(hpolint, 1, name, "os.rename", "check", "--output", "sarif:out.sarif")
    assert (run.returncode, run.stderr) == (code, b"")
    assert [path.name for path in hpolint.folder.iterdir()] == ["bad.json"]


def children(pid: int) -> list[int]:
    """The processes that one has started."""
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_workers_end_with_the_run_however_it_ends(hpolint: Command, name: str) -> None:
    """A reader of the output does not wait for an orphaned process."""
    many(hpolint, 6)
    argv = [sys.executable, "-c", WORKERS]
    with subprocess.Popen(argv, cwd=hpolint.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        while len(workers := children(process.pid)) < 3:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(getattr(signal, name))
        assert process.stdout is not None
        assert process.stdout.read() == b""  # ends only when the last of them has
        process.wait()
    while any(is_running(pid) for pid in workers):
        time.sleep(0.01)


def test_a_lock_is_not_waited_for(hpolint: Command) -> None:
    """A file that somebody else has locked is read all the same."""
    path = hpolint.write("bad.json", BAD)
    with path.open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert hpolint("check").returncode == 1
