"""The road: paths → sources → jobs → findings."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hpolint.checking import Checking
from hpolint.config import Settings
from hpolint.discovery import Candidate, Search, find_files
from hpolint.report import Report

if TYPE_CHECKING:
    from hpolint.outcome import Outcome

Progress = Callable[[str], None]
"""Told the name of each file as it is read, or of each candidate as it comes back from another process."""

START = "fork" if sys.platform.startswith("linux") else "spawn"
"""How another process starts. A forked one has all modules; macOS's own libraries do not bear it."""

WORTH = (8 if START == "fork" else 64) * 1024 * 1024
"""Bytes of files that are worth a process: forking takes 25 ms, a fresh start several times as long."""


def check_paths(paths: list[str], settings: Settings, progress: Progress | None = None, processes: int = 1) -> Report:
    """Search some paths, read and judge what is there, in so many processes at most. Raises ConfigError.

    More than one process is for a program that has no threads, such as the command.
    """
    report = _begun(settings)
    search = Search()
    with _without_garbage_collection():
        files = find_files(paths, settings, search)
        outcomes = _outcomes(files, search, settings, progress or _silent, processes)
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


def check_candidates(candidates: Iterable[Candidate], settings: Settings) -> Report:
    """Read and judge what is at hand already."""
    report = _begun(settings)
    checking = Checking(settings, [])
    with _without_garbage_collection():
        for candidate in candidates:
            report.add(checking.candidate(candidate))
    report.finish()
    return report


def _begun(settings: Settings) -> Report:
    if settings.select or settings.ignore:
        from hpolint.registry import chosen_rules

        chosen_rules(settings)  # a misspelt name is told even where there is no job
    return Report(settings)


def _outcomes(
    files: list[str], search: Search, settings: Settings, progress: Progress, processes: int
) -> Iterable[Outcome]:
    """What the candidates among some files give, in their order."""
    sizes = [_size(name) for name in files] if min(processes, len(files)) > 1 else [0]
    worth = min(processes, len(files), sum(sizes) // WORTH)
    if worth < 2:
        return _alone(files, search, settings, progress)
    from hpolint.processes import Shared

    return Shared(files, sizes, settings, search, START).outcomes(worth, progress)


def _size(name: str) -> int:
    try:
        return os.stat(name).st_size
    except OSError:  # whoever reads it tells
        return 0


def _alone(files: list[str], search: Search, settings: Settings, progress: Progress) -> Iterator[Outcome]:
    checking = Checking(settings, search.roots)
    for name in files:
        progress(name)
        outcome, met = checking.file(name)
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
