"""The reading of files for whoever goes on working with their jobs: costs, comparisons, requests, waivers.

``check.py`` is the other door, for reports.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import msgspec

from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.config.naming import check_configurations
from hpolint.discovery.candidates import Candidate
from hpolint.discovery.walk import Found, Search
from hpolint.fixes.requests import FixRequest, FixTexts
from hpolint.model.finding import Finding
from hpolint.report.judged import JudgedFiles
from hpolint.report.outcome import Outcome
from hpolint.report.records import FileRecord
from hpolint.run.file_check import FileChecks
from hpolint.run.file_records import FileRecords
from hpolint.run.file_run import FileRun, Progress, progress_of, without_garbage_collection
from hpolint.run.preparation import (
    Preparation,
    baseline_of_run,
    demands_decisions,
    has_locks,
    prepared,
    said_of,
    without_included,
)
from hpolint.suppressions.config_entries import unused_findings


class JudgedFile(msgspec.Struct, frozen=True):
    """A file's outcome, and its record, by which the files of a run are compared."""

    outcome: Outcome
    record: FileRecord


class _Judging:
    """Checks files and returns their live outcomes, also from another process."""

    def __init__(self, checks: FileChecks) -> None:
        self._checks = checks
        self._records = FileRecords(checks)

    def file(self, file: Found) -> tuple[JudgedFile | None, Search]:
        """The outcome of a file, None if it is not a candidate, and its search. Raises ConfigError."""
        outcome, search = self._checks.file(file)
        if outcome is None:
            return None, search
        return JudgedFile(outcome, self._records.record(outcome)), search

    def fix_texts(self, _request: FixRequest) -> FixTexts | None:
        """None: whoever reads live jobs plans their fixes itself."""
        return None

    def for_worker(self) -> _Judging:
        """A new instance for another process."""
        return _Judging(self._checks.for_worker())


def read_paths(
    paths: list[str], options: CheckOptions, progress: Progress | None = None, processes: int = 1
) -> JudgedFiles:
    """The jobs and findings of all files of some paths, read by at most ``processes`` processes. Raises ConfigError.

    Use more than one process only in a program without threads, such as the command.
    """
    with without_garbage_collection():
        run = prepared(paths, options)
        file_run = FileRun(_Judging(run.checks), progress_of(run, progress), processes)
        try:
            return _judged(run, file_run)
        finally:
            file_run.close()


def _judged(run: Preparation, file_run: FileRun[JudgedFile]) -> JudgedFiles:
    found: list[JudgedFile] = []
    for checked in file_run.checked(run.files):
        run.search.add(checked.search)
        if checked.result is not None and run.search.is_new(checked.file.name):
            found.append(checked.result)
    records = without_included([judged.record for judged in found])
    names = {record.name for record in records}
    outcomes = [judged.outcome for judged in found if judged.outcome.name in names]
    further = _unused(outcomes, run.folders)
    if demands_decisions(run.files):
        from hpolint.run.importers import import_outcomes

        for outcome in import_outcomes(run.files, records, run.checks).values():
            further += outcome.findings
    if has_locks(run.files):
        from hpolint.run.importers import call_outcomes

        outcomes += call_outcomes(run.files, records, run.checks)
    if any(path.endswith(".py") for path in run.paths):
        from hpolint.run.launchers import script_outcomes

        checks = FileChecks(run.checks.roots, run.checks.baseline)
        outcomes += script_outcomes(run.paths, run.files, run.configurations, checks)
    return JudgedFiles(outcomes=outcomes, further=further, **run.lines(records))


def _unused(outcomes: list[Outcome], folders: list[str]) -> list[Finding]:
    """The findings about suppressions of the configuration that silence nothing in the run."""
    used = set(chain.from_iterable(outcome.silencing.used_entries for outcome in outcomes))
    candidates = chain.from_iterable(outcome.silencing.unused_entries for outcome in outcomes)
    return list(unused_findings(candidates, used, folders))


def read_candidates(candidates: Iterable[Candidate], options: CheckOptions) -> JudgedFiles:
    """The jobs and findings of candidates in memory. Raises ConfigError."""
    notices: list[str] = []
    configurations = Configurations(options, notices)
    checks = FileChecks([], baseline_of_run(configurations, options))
    outcomes: list[Outcome] = []
    with without_garbage_collection():
        for candidate in candidates:
            settings = configurations.of_file(candidate.name)
            notices += check_configurations(configurations.found, configurations.policies)
            if settings is not None:
                outcomes.append(checks.candidate(candidate, settings))
    of_files, errors = said_of(outcomes)
    return JudgedFiles(
        settings=configurations.here.settings,
        notices=[*of_files, *notices],
        unreadable=errors,
        outcomes=outcomes,
        further=_unused(outcomes, []),
    )
