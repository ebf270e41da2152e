"""The road: paths → sources → jobs → findings."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hpolint.config import Settings
from hpolint.discovery import Candidate, Search, find_files, read_candidate
from hpolint.report import Report

if TYPE_CHECKING:
    from hpolint.outcome import Outcome

Progress = Callable[[str], None]
"""Told the name of each candidate before it is read."""

START = "fork" if sys.platform.startswith("linux") else "spawn"
"""How another process starts. A forked one has all modules; macOS's own libraries do not bear it."""

WORTH = (8 if START == "fork" else 64) * 1024 * 1024
"""Bytes of files that are worth a process: forking takes 25 ms, a fresh start several times as long."""


def check_paths(paths: list[str], settings: Settings, progress: Progress | None = None, processes: int = 1) -> Report:
    """Search some paths, read and judge what is there, in so many processes at most. Raises PathError or ConfigError.

    More than one process is for a program that has no threads, such as the command.
    """
    report = _begun(settings)
    search = Search()
    with _without_garbage_collection():
        files = find_files(paths, settings, search)
        outcomes = _outcomes(files, search, report, progress or _silent, processes)
        for outcome in _without_doubles([outcome for outcome in outcomes if search.is_new(outcome.name)]):
            report.add(outcome)
    report.files = search.files
    report.passed_over = list(dict.fromkeys(search.passed_over))
    report.vanished += sorted(search.vanished)
    report.unreadable += sorted(search.unreadable)
    report.finish()
    return report


def _without_doubles(outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes without those of files that another has read with its own values in them."""
    beside = {os.path.realpath(source.name) for outcome in outcomes for source in outcome.beside}
    return [outcome for outcome in outcomes if not beside or os.path.realpath(outcome.name) not in beside]


def check_candidates(candidates: Iterable[Candidate], settings: Settings) -> Report:
    """Read and judge what is at hand already."""
    report = _begun(settings)
    with _without_garbage_collection():
        for outcome in _checked(candidates, report, _silent):
            report.add(outcome)
    report.finish()
    return report


def _begun(settings: Settings) -> Report:
    report = Report(settings)
    if settings.select or settings.ignore:
        _ = report.rules  # a misspelt name is told even where there is no job
    return report


def _outcomes(
    files: list[str], search: Search, report: Report, progress: Progress, processes: int
) -> Iterable[Outcome]:
    """What the candidates among some files give, in their order."""
    sizes = [_size(name) for name in files] if min(processes, len(files)) > 1 else [0]
    worth = min(processes, len(files), sum(sizes) // WORTH)
    if worth < 2:
        found = (read_candidate(name, search) for name in files)
        return _checked((candidate for candidate in found if candidate is not None), report, progress)
    from hpolint.processes import Queue, outcomes

    return outcomes(Queue(files, sizes, START), report.settings, search, progress, worth)


def _size(name: str) -> int:
    try:
        return os.stat(name).st_size
    except OSError:  # whoever reads it tells
        return 0


def _checked(candidates: Iterable[Candidate], report: Report, progress: Progress) -> Iterator[Outcome]:
    """The outcomes of some candidates. Rules and parsers are loaded with the first one: most runs have none."""
    checker = None
    for candidate in candidates:
        if checker is None:
            from hpolint.outcome import Checker

            checker = Checker(report.rules, report.settings.options)
        progress(candidate.name)
        yield checker.outcome(candidate)


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
