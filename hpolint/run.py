"""The road: paths → sources → jobs → findings."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hpolint.config import Settings
from hpolint.discovery import Candidate, Search, find_candidates
from hpolint.report import Report

if TYPE_CHECKING:
    from hpolint.outcome import Checker, Outcome

Progress = Callable[[str], None]
"""Told the name of each candidate before it is read."""

START = "fork" if sys.platform.startswith("linux") else "spawn"
"""How another process starts. A forked one has all modules; macOS's own libraries do not bear it."""

WORTH = (512 if START == "fork" else 8192) * 1024
"""Bytes of candidates that are worth a process: to fork takes 25 ms, to start anew 20 times that."""

BATCH = 64 * 1024 * 1024
"""Bytes of candidates that are held at once."""


def check_paths(paths: list[str], settings: Settings, progress: Progress | None = None, processes: int = 1) -> Report:
    """Search some paths, read and judge what is there, in so many processes at most. Raises PathError or ConfigError.

    More than one process is for a program that has no threads, such as the command.
    """
    search = Search()
    report = check_candidates(find_candidates(paths, settings, search), settings, progress, processes)
    report.files = search.files
    report.vanished += search.vanished
    report.unreadable += search.unreadable
    return report


def check_candidates(
    candidates: Iterable[Candidate], settings: Settings, progress: Progress | None = None, processes: int = 1
) -> Report:
    """Read and judge some candidates. Rules and parsers are loaded with the first one: most runs have none."""
    report = Report(settings)
    if settings.select or settings.ignore:
        _ = report.rules  # a misspelt name is told even where there is no job
    with _without_garbage_collection():
        for batch in _batches(candidates):
            for outcome in _outcomes(batch, report, progress or _silent, processes):
                report.add(outcome)
    report.findings.sort(key=lambda f: (f.source, f.span, f.rule.id, tuple(map(str, f.path))))
    # A value that YAML's aliases use several times is one mistake.
    report.findings = list({(f.source, f.span, f.rule.id, f.message): f for f in reversed(report.findings)}.values())
    report.findings.reverse()
    return report


def _outcomes(batch: list[Candidate], report: Report, progress: Progress, processes: int) -> Iterable[Outcome]:
    """The outcomes of some candidates, in their order."""
    rules, options = report.rules, report.settings.options
    worth = min(processes, len(batch), sum(len(candidate.data or b"") for candidate in batch) // WORTH)
    if worth > 1:
        from hpolint.processes import outcomes

        return outcomes(batch, rules, options, progress, worth, START)
    from hpolint.outcome import Checker

    return _checked(batch, Checker(rules, options), progress)


def _checked(batch: list[Candidate], checker: Checker, progress: Progress) -> Iterator[Outcome]:
    for candidate in batch:
        progress(candidate.name)
        yield checker.outcome(candidate)


def _batches(candidates: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    """The candidates in lists, none of which holds much more than ``BATCH`` bytes."""
    batch: list[Candidate] = []
    held = 0
    for candidate in candidates:
        batch.append(candidate)
        held += len(candidate.data or b"")
        if held >= BATCH:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


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
