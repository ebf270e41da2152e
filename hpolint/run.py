"""The road: paths → sources → jobs → findings."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hpolint.checking import Checking
from hpolint.config.lookup import Asked, Configurations
from hpolint.config.naming import check_configurations
from hpolint.discovery import Candidate, Found, Search, find_files
from hpolint.report import Report

if TYPE_CHECKING:
    from hpolint.outcome import Outcome

Progress = Callable[[str], None]
"""Told the name of each file as it is read, or of each candidate as it comes back from another process."""

START = "fork" if sys.platform.startswith("linux") else "spawn"
"""How another process starts. A forked one has all modules; macOS's own libraries do not bear it."""

WORTH = (8 if START == "fork" else 64) * 1024 * 1024
"""Bytes of files that are worth a process: forking takes 25 ms, a fresh start several times as long."""


def check_paths(paths: list[str], asked: Asked, progress: Progress | None = None, processes: int = 1) -> Report:
    """Search some paths, read and judge what is there, in so many processes at most. Raises ConfigError.

    More than one process is for a program that has no threads, such as the command.
    """
    search = Search()
    configurations = Configurations(asked, search.told)
    report = Report(configurations.here.settings)
    with _without_garbage_collection():
        files = find_files(paths, configurations, search)
        search.told += check_configurations(configurations.found)
        outcomes = _outcomes(files, search, progress or _silent, processes)
        for outcome in _without_doubles([outcome for outcome in outcomes if search.is_new(outcome.name)]):
            report.add(outcome)
    report.files = len(files)
    report.passed_over += dict.fromkeys(search.told)
    report.left_out = list(dict.fromkeys(search.left_out))
    report.vanished += search.vanished
    report.unreadable += dict.fromkeys(search.unreadable)
    report.finish()
    return report


def _without_doubles(outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes without those of files that another has read with its own values in them."""
    beside = {os.path.realpath(source.name) for outcome in outcomes for source in outcome.beside}
    return [outcome for outcome in outcomes if not beside or os.path.realpath(outcome.name) not in beside]


def check_candidates(candidates: Iterable[Candidate], asked: Asked) -> Report:
    """Read and judge what is at hand already. Raises ConfigError."""
    report_told: list[str] = []
    configurations = Configurations(asked, report_told)
    report = Report(configurations.here.settings)
    checking = Checking([])
    with _without_garbage_collection():
        for candidate in candidates:
            settings = configurations.of_file(candidate.name)
            report_told += check_configurations(configurations.found)
            if settings is not None:
                report.add(checking.candidate(candidate, settings))
    report.passed_over += report_told
    report.finish()
    return report


def _outcomes(files: list[Found], search: Search, progress: Progress, processes: int) -> Iterable[Outcome]:
    """What the candidates among some files give, in their order."""
    sizes = [_size(file.name) for file in files] if min(processes, len(files)) > 1 else [0]
    worth = min(processes, len(files), sum(sizes) // WORTH)
    if worth < 2:
        return _alone(files, search, progress)
    from hpolint.processes import Shared

    return Shared(files, sizes, search, START).outcomes(worth, progress)


def _size(name: str) -> int:
    try:
        return os.stat(name).st_size
    except OSError:  # whoever reads it tells
        return 0


def _alone(files: list[Found], search: Search, progress: Progress) -> Iterator[Outcome]:
    checking = Checking(search.roots)
    for file in files:
        progress(file.name)
        outcome, met = checking.file(file)
        search.add(met)
        if outcome is not None:
            yield outcome


def _silent(_name: str) -> None:
    """No progress is told."""


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """A run makes many objects and few cycles: collecting them costs and frees nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
