"""The road: paths → sources → jobs → findings."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hpolint.config import Settings
from hpolint.discovery import Candidate, Search, find_candidates
from hpolint.report import Report

if TYPE_CHECKING:
    from hpolint.engine import Engine

Progress = Callable[[str], None]
"""Told the name of each candidate before it is read."""


def check_paths(paths: list[str], settings: Settings, progress: Progress | None = None) -> Report:
    """Search some paths, read and judge what is there. Raises PathError or ConfigError."""
    search = Search()
    report = check_candidates(find_candidates(paths, settings, search), settings, progress)
    report.files = search.files
    report.vanished += search.vanished
    report.unreadable += search.unreadable
    return report


def check_candidates(candidates: Iterable[Candidate], settings: Settings, progress: Progress | None = None) -> Report:
    """Read and judge some candidates. Rules and parsers are loaded with the first one: most runs have none."""
    report = Report(settings)
    if settings.select or settings.ignore:
        _ = report.rules  # a misspelt name is told even where there is no job
    engine: Engine | None = None
    with _without_garbage_collection():
        for candidate in candidates:
            if progress is not None:
                progress(candidate.name)
            if engine is None:
                from hpolint.engine import Engine

                engine = Engine(report.rules, settings.options)
            try:
                _check(candidate, engine, report)
            except Exception as error:  # one file that trips us must not lose the others
                if "HPOLINT_DEBUG" in os.environ:
                    raise
                report.unreadable.append(f"{candidate.name}: internal error: {type(error).__name__}: {error}")
    report.findings.sort(key=lambda f: (f.source, f.span, f.rule.id, tuple(map(str, f.path))))
    # A value that YAML's aliases use several times is one mistake.
    report.findings = list({(f.source, f.span, f.rule.id, f.message): f for f in reversed(report.findings)}.values())
    report.findings.reverse()
    return report


def _check(candidate: Candidate, engine: Engine, report: Report) -> None:
    """Read and judge one candidate."""
    from hpolint.readers import read_source

    source, reading = read_source(candidate.name, candidate.data)
    report.sources[source.name] = source
    report.jobs += reading.jobs
    report.findings += engine.problems(source, reading)
    if reading.skipped:
        report.skipped.append((source.name, reading.skipped))
    for job in reading.jobs:
        verdicts = engine.judge(job)
        report.findings += verdicts.findings
        report.undecided += verdicts.undecided
        report.failures += [failure for failure in verdicts.failures if failure not in report.failures]


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
