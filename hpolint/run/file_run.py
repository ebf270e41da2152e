"""Checking the files of a run, in this process or in several."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, Protocol

from hpolint.io import disk
from hpolint.run.checked import Checked, Checks, Result

if TYPE_CHECKING:
    from hpolint.discovery.walk import Found
    from hpolint.run.preparation import Preparation
    from hpolint.run.worker_pool import WorkerPool

ReportProgress = Callable[[str], None]


class Progress(Protocol):
    """Called with the name of each file as it is read, or of each candidate whose outcome a worker returns."""

    total: int
    """The number of files."""

    def __call__(self, name: str) -> None:
        """A file is read."""


START_METHOD = "fork" if sys.platform.startswith("linux") else "spawn"
"""How worker processes start. A forked process has all modules loaded; macOS's libraries do not support forking."""

PARALLEL_MIN_BYTES = (8 if START_METHOD == "fork" else 64) * 1024 * 1024
"""Bytes of files for each worker process: a fork takes 25 ms, a fresh start several times as long."""

PARALLEL_MIN_CANDIDATES = 24 if START_METHOD == "fork" else 200
"""Candidates for each worker process if the files are small: each candidate takes 10 ms."""


class FileRun(Generic[Result]):
    """The files of one run, checked with ``checks`` by at most ``processes`` processes.

    ``pool`` are the worker processes, which stay until ``close``; None if this process has checked all files.
    """

    def __init__(self, checks: Checks[Result], progress: ReportProgress, processes: int) -> None:
        self.checks = checks
        self.pool: WorkerPool[Result] | None = None
        self.progress = progress
        self._processes = processes

    def checked(self, files: list[Found]) -> list[Checked[Result]]:
        """The results of the files, in their order."""
        if min(self._processes, len(files)) < 2:
            return self._here(files)
        sizes = [disk.size(file.name) for file in files]
        workers = min(self._processes, len(files), sum(sizes) // PARALLEL_MIN_BYTES)
        if workers >= 2:
            return self._in_workers(files, sizes, workers)
        first = self._first(files)
        count = len(first)
        workers = min(self._processes, (len(files) - count) // PARALLEL_MIN_CANDIDATES)
        if workers < 2:
            return [*first, *self._here(files[count:])]
        return [*first, *self._in_workers(files[count:], sizes[count:], workers)]

    def _first(self, files: list[Found]) -> list[Checked[Result]]:
        """The results of the first files, up to ``PARALLEL_MIN_CANDIDATES`` candidates."""
        checked: list[Checked[Result]] = []
        candidates = 0
        for file in files:
            checked.append(self._checked(file))
            candidates += checked[-1].result is not None
            if candidates == PARALLEL_MIN_CANDIDATES:
                break
        return checked

    def _here(self, files: list[Found]) -> list[Checked[Result]]:
        return [self._checked(file) for file in files]

    def _checked(self, file: Found) -> Checked[Result]:
        self.progress(file.name)
        result, search = self.checks.file(file)
        return Checked(file, result, search)

    def _in_workers(self, files: list[Found], sizes: list[int], workers: int) -> list[Checked[Result]]:
        from hpolint.run.worker_pool import WorkerPool

        self.pool = WorkerPool(files, sizes, self.checks, START_METHOD)
        return self.pool.checked(workers, self.progress)

    def close(self) -> None:
        """End the worker processes."""
        if self.pool is not None:
            self.pool.close()
            self.pool = None


def progress_of(run: Preparation, progress: Progress | None) -> ReportProgress:
    """What is called for each file of a run; nothing is shown without ``progress``."""
    if progress is None:
        return _no_progress
    progress.total = len(run.searched)
    return progress


def _no_progress(_name: str) -> None:
    """Show nothing."""


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Disable garbage collection: a run makes many objects and few cycles, so collecting costs time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
