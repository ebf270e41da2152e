"""The check of files for a report: every file becomes a record, and the fixes that the report shows become text.

``reading.py`` is the other door, for whoever goes on working with live jobs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.config.naming import check_configurations
from hpolint.discovery.candidates import Candidate, candidate
from hpolint.io import disk
from hpolint.io.overlay import Overlay
from hpolint.report.report import Report
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
from hpolint.run.report_making import report_of_records, report_of_run
from hpolint.run.shown_fixes import FixWriter
from hpolint.run.unread_programs import unread_programs
from hpolint.run.unsynthesized_apps import unsynthesized_apps

if TYPE_CHECKING:
    from hpolint.cache.file_results import ResultCache
    from hpolint.report.records import Diagnostic, FileRecord
    from hpolint.run.fix_files import Fixer


class Check:
    """A check that has been made: its report, and what writes the fixes that are to be shown."""

    def __init__(self, report: Report, fixes: FixWriter, cache: ResultCache | None = None) -> None:
        self.report = report
        self._fixes = fixes
        self._cache = cache

    def report_with_fixes(self, shown: Iterable[Diagnostic]) -> Report:
        """The report with the fixes of some diagnostics as text, and with the reasons that forbid the other fixes."""
        return self._fixes.report_with_fixes(self.report, shown)

    def store(self) -> None:
        """Store the records, and the fixes that were written, for the next run."""
        if self._cache is not None:
            self._cache.write()


@contextmanager
def checked_paths(
    paths: list[str], options: CheckOptions, progress: Progress | None = None, processes: int = 1
) -> Iterator[Check]:
    """The check of all files of some paths, by at most ``processes`` processes, which end with this context.

    Raises ConfigError. Use more than one process only in a program without threads, such as the command.
    """
    with without_garbage_collection(), recording(options) as recorder:
        run = prepared(paths, options)
        records = FileRecords(run.checks)
        file_run = FileRun(records, progress_of(run, progress), processes)
        try:
            yield _check(run, options, file_run, records, recorder)
        finally:
            file_run.close()


def check_paths(
    paths: list[str], options: CheckOptions, progress: Progress | None = None, processes: int = 1
) -> Report:
    """The report on all files of some paths. Raises ConfigError. See ``checked_paths``."""
    with checked_paths(paths, options, progress, processes) as check:
        return check.report


def _check(
    run: Preparation,
    options: CheckOptions,
    file_run: FileRun[FileRecord],
    keeper: FileRecords,
    recorder: disk.ReadRecorder | None,
) -> Check:
    cache = _cache(run, recorder)
    every = _records(run, file_run, cache)
    fixer = _fixer(options, FileRecords(_fresh(run)), _common_files(every))
    records = _with_importers(run, without_included(every), keeper)
    records += _of_callers(run, records, keeper)
    if fixer is not None:
        settings = {file.name: file.settings for file in run.searched}
        records = [fixer.fixed_file(record, settings[record.name], run.search.roots) for record in records]
    if any(path.endswith(".py") for path in run.paths):
        from hpolint.run.launchers import script_outcomes

        outcomes = script_outcomes(run.paths, run.files, run.configurations, _fresh(run))
        records += [keeper.record(outcome) for outcome in outcomes]
    records += unread_programs(run)
    run.search.notices += unsynthesized_apps(run, records)
    report = report_of_run(run, records, fixer)
    return Check(report, FixWriter(keeper, run.files, file_run.pool, cache), cache)


def _fresh(run: Preparation) -> FileChecks:
    """The checks of a run with nothing that was read before: files may have changed since."""
    return FileChecks(run.checks.roots, run.checks.baseline)


def _cache(run: Preparation, recorder: disk.ReadRecorder | None) -> ResultCache | None:
    if recorder is None:
        return None
    from hpolint.cache.file_results import result_cache

    return result_cache(run.search.roots, run.checks.baseline, run.checks.rules, recorder)


def _records(run: Preparation, file_run: FileRun[FileRecord], cache: ResultCache | None) -> list[FileRecord]:
    """The records of the candidates among the files, each file once, from the cache or from a check."""
    by_name: dict[str, FileRecord | None] = {}
    if cache is not None:
        by_name |= cache.cached(run.searched)
        for name in by_name:
            file_run.progress(name)
    for checked in file_run.checked([file for file in run.searched if file.name not in by_name]):
        run.search.add(checked.search)
        by_name[checked.file.name] = checked.result
        if cache is not None:
            cache.store(checked.file, checked.result, checked.search)
    found = [record for file in run.searched if (record := by_name[file.name]) is not None]
    return [record for record in found if run.search.is_new(record.name)]


def _with_importers(run: Preparation, records: list[FileRecord], keeper: FileRecords) -> list[FileRecord]:
    """The records, also of files that use a module which launches a job, if a rule may demand a decision."""
    if not demands_decisions(run.files):
        return records
    from hpolint.run.importers import import_outcomes

    outcomes = import_outcomes(run.files, records, run.checks)
    with_findings = []
    for record in records:
        outcome = outcomes.pop(record.name, None)
        if outcome is not None:
            record = record.with_diagnostics(keeper.record(outcome).diagnostics)
        with_findings.append(record)
    return [*with_findings, *(keeper.record(outcome) for outcome in outcomes.values())]


def _of_callers(run: Preparation, records: list[FileRecord], keeper: FileRecords) -> list[FileRecord]:
    """The records of files that call modules which launch jobs, with values that a locked rule forbids."""
    if not has_locks(run.files):
        return []
    from hpolint.run.importers import call_outcomes

    return [keeper.record(outcome) for outcome in call_outcomes(run.files, records, run.checks)]


def recording(options: CheckOptions) -> AbstractContextManager[disk.ReadRecorder | None]:
    """A recorder of all reads of the disk if records may be cached; else a context manager that yields None."""
    if options.uses_cache and not options.fixes and not options.writes_baseline:
        return disk.recorded_reads()
    return nullcontext()


def _fixer(options: CheckOptions, records: FileRecords, common: Collection[str]) -> Fixer | None:
    """What fixes files; None if no fixes are to be applied. ``common`` are files that several other files include."""
    if not options.fixes:
        return None
    from hpolint.run.fix_files import Fixer

    return Fixer(options.fixes, records, common, is_dry=options.is_dry_run)


def _common_files(records: list[FileRecord]) -> set[str]:
    """The files that several other files include, and the training scripts that the jobs of several files run."""
    names = list(chain.from_iterable(record.needed_files for record in records))
    readers = Counter(map(disk.real, names))
    return {name for name in names if readers[disk.real(name)] > 1}


def check_texts(texts: Mapping[str, bytes], options: CheckOptions) -> Report:
    """The report on texts by their file names. Raises ConfigError."""
    with disk.overlaid(Overlay(texts, is_given=True)):
        candidates = [candidate(name, data, []) for name, data in texts.items()]
        report = check_candidates([each for each in candidates if each is not None], options).report
    return replace(report, files=len(texts))


def check_candidates(candidates: Iterable[Candidate], options: CheckOptions) -> Check:
    """The check of candidates in memory. Raises ConfigError."""
    notices: list[str] = []
    configurations = Configurations(options, notices)
    records = FileRecords(FileChecks([], baseline_of_run(configurations, options)))
    fixer = _fixer(options, records, {})
    found: list[FileRecord] = []
    with without_garbage_collection():
        for each in candidates:
            settings = configurations.of_file(each.name)
            notices += check_configurations(configurations.found, configurations.policies)
            if settings is None:
                continue
            outcome = records.checks.candidate(each, settings)
            outcome = outcome if fixer is None else fixer.fixed_text(each, outcome, settings)
            found.append(records.record(outcome, settings))
    of_files, errors = said_of(found)
    lines = {"settings": configurations.here.settings, "notices": [*of_files, *notices], "unreadable": errors}
    return Check(report_of_records(found, lines, [], fixer), FixWriter(records))
