"""The public command with a cache that keeps what was edited just now: what it prints, and which files it opens."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from hpolint.io import disk
from tests.differential.forked import run_forked

KEPT = ("PATH", "HOME", "LANG")
"""Of the environment; the rest of it is each run's own."""


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
    """Run ``hpolint`` with some arguments in a folder; the result names the opened files below ``folder``."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    opened: set[str] = set()
    with tempfile.TemporaryFile() as listed:

        def before() -> None:
            disk.SETTLED_NANOSECONDS = 0  # otherwise nothing is cached for a file that was edited just now
            _listen(folder, opened)

        def after() -> None:
            os.write(listed.fileno(), "\n".join(opened).encode())

        done = run_forked(arguments, within, {**kept, **environment}, before=before, after=after)
        listed.seek(0)
        names = frozenset(filter(None, listed.read().decode().split("\n")))
    return Done(done.stdout, done.stderr, done.returncode, names)


def _listen(folder: Path, opened: set[str]) -> None:
    """Add the names of files below a folder that are opened from now on, from there."""
    above = os.path.join(os.path.realpath(folder), "")

    def hear(event: str, given: tuple[object, ...]) -> None:
        if event == "open" and isinstance(given[0], str):
            path = os.path.realpath(given[0])
            if path.startswith(above):
                opened.add(path.removeprefix(above))

    sys.addaudithook(hear)
