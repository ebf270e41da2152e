"""The public command with a cache that stores files edited just now: what it prints, and which files it opens.

The command runs in a fork of the tester's process, so that a fault that is set there is in the command, too. The forks
of ``tests.harness.forked_command`` are of a process without faults, and run exit functions, which here would delete the
tester's folder.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple, NoReturn

from hpolint.io import disk
from tests.harness.forked_command import become, exit_code, flush_output, import_all

INHERITED = ("PATH", "HOME", "LANG")
"""Variables of the environment that each run has, too."""

EXCEPTION_CODE = 70
"""The exit code of a run that ends with an exception, whose traceback is on standard error."""


class Done(NamedTuple):
    """A run that has ended: what it printed, its exit code, and which files below the folder it opened to read."""

    out: bytes
    err: bytes
    code: int
    opened: frozenset[str]

    @property
    def shown(self) -> str:
        """All that its user sees."""
        return f"{self.out.decode()}\n--- standard error\n{self.err.decode()}\n--- exit code {self.code}\n"


def run(arguments: Sequence[str], within: Path, folder: Path, environment: Mapping[str, str]) -> Done:
    """Run ``hpolint`` in a folder and record which files below ``folder`` it opens. For a process of one thread."""
    import_all()
    inherited = {name: value for name, value in os.environ.items() if name in INHERITED}
    with (
        open(os.devnull, "rb") as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        tempfile.TemporaryFile() as names,
    ):
        pid = os.fork()
        if not pid:
            streams = [os.dup(each.fileno()) for each in (given, out, err)]
            _run(streams, arguments, within, {**inherited, **environment}, folder, names)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        opened = frozenset(filter(None, _read(names).decode().split("\n")))
        return Done(_read(out), _read(err), code, opened)


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _run(
    streams: list[int],
    arguments: Sequence[str],
    within: Path,
    environment: Mapping[str, str],
    folder: Path,
    names: IO[bytes],
) -> NoReturn:
    """In a fork: run the command, write the names of the files that it opened, and end."""
    code = EXCEPTION_CODE
    try:
        become(streams, arguments, str(within), environment)
        disk.SETTLED_NANOSECONDS = 0  # else files edited just now are not stored, and each step would have to wait
        opened: set[str] = set()
        _record_opened(folder, opened)
        code = exit_code()
        flush_output()
        os.write(names.fileno(), "\n".join(opened).encode())
    except BaseException:  # noqa: BLE001 - the tester reports it
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)


def _record_opened(folder: Path, opened: set[str]) -> None:
    """Add the paths of files below a folder that are opened from now on, relative to the folder."""
    above = os.path.join(os.path.realpath(folder), "")

    def hear(event: str, given: tuple[object, ...]) -> None:
        if event == "open" and isinstance(given[0], str):
            path = os.path.realpath(given[0])
            if path.startswith(above):
                opened.add(path.removeprefix(above))

    sys.addaudithook(hear)
