"""The public command run in a copy of this process, which has imported it: what it prints, and what it opens."""

from __future__ import annotations

import os
import pkgutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import IO, NamedTuple, NoReturn

import hpolint
from hpolint import disk
from hpolint.__main__ import main

KEPT = ("PATH", "HOME", "LANG")
"""Of the environment; the rest of it is each run's own."""

for _module in pkgutil.walk_packages(hpolint.__path__, "hpolint."):  # once for all copies: it is half of a run's time
    import_module(_module.name)


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
    """Run ``hpolint`` with some arguments in a folder; files below ``folder`` are told where they are opened."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as opened:
        pid = os.fork()
        if not pid:
            _run(arguments, within, folder, environment, (out, err, opened))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        printed = [(file.seek(0), file.read())[1] for file in (out, err, opened)]
    return Done(printed[0], printed[1], code, frozenset(filter(None, printed[2].decode().split("\n"))))


def _run(
    arguments: Sequence[str], within: Path, folder: Path, environment: Mapping[str, str], files: Sequence[IO[bytes]]
) -> NoReturn:
    code = 70
    try:
        out, err, opened = files
        for number, file in enumerate((out, err), 1):
            os.dup2(file.fileno(), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        streams = [open(number, "w", closefd=False) for number in (1, 2)]  # noqa: SIM115 - held until the end
        sys.stdout, sys.stderr = streams
        sys.argv = ["hpolint", *arguments]
        os.chdir(within)
        kept = {name: value for name, value in os.environ.items() if name in KEPT}
        os.environ.clear()
        os.environ.update(kept, **environment)
        names = _listen(folder)
        disk.SETTLED = 0  # else nothing is kept of what was edited just now; whoever edits waits for another time
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        os.write(opened.fileno(), "\n".join(names).encode())
    finally:
        os._exit(code)


def _listen(folder: Path) -> set[str]:
    """The names of files below a folder that are opened from now on, from there."""
    names: set[str] = set()
    above = os.path.join(os.path.realpath(folder), "")

    def hear(event: str, given: tuple[object, ...]) -> None:
        if event == "open" and isinstance(given[0], str):
            path = os.path.realpath(given[0])
            if path.startswith(above):
                names.add(path.removeprefix(above))

    sys.addaudithook(hear)
    return names
