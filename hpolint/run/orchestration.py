"""The pipeline of a check: paths → sources → jobs → findings."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.config.naming import check_configurations, reported_at
from hpolint.discovery.candidates import Candidate, candidate
from hpolint.discovery.walk import Found, Search, find_files
from hpolint.io import disk
from hpolint.io.overlay import Overlay
from hpolint.model.finding import UNREAD_LAUNCH
from hpolint.model.settings import ConfigError
from hpolint.report.report import Report
from hpolint.run.file_check import FileChecks
from hpolint.suppressions.baseline import Baseline, BaselineEntry, baseline_of, locked_entries, stale_entries

if TYPE_CHECKING:
    from hpolint.cache.outcomes import ResultCache
    from hpolint.model.rule import Rule
    from hpolint.model.settings import Settings
    from hpolint.report.outcome import Outcome
    from hpolint.run.fix_files import Fixer
    from hpolint.serialization.lazy_sources import StoredBytes

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


def check_paths(
    paths: list[str], options: CheckOptions, progress: Progress | None = None, processes: int = 1
) -> Report:
    """The report on all files of some paths, checked by at most ``processes`` processes. Raises ConfigError.

    Use more than one process only in a program without threads, such as the command.
    """
    search = Search()
    configurations = Configurations(options, search.notices)
    report = Report(configurations.here.settings, applied=options.fixes)
    with _without_garbage_collection(), _recording(options) as recorder:
        files = find_files(paths, configurations, search)
        search.notices += check_configurations(configurations.found, configurations.policies)
        baseline = _baseline(configurations, options)
        baseline_in_use = Baseline(baseline.path) if baseline is not None and options.writes_baseline else baseline
        if progress is not None:
            progress.total = len(files)
        checking = FileChecks(search.roots, baseline_in_use)
        file_outcomes = _Files(files, search, checking, progress or _no_progress, recorder)
        outcomes = file_outcomes.outcomes(processes)
        report.cache = file_outcomes.cache
        distinct = [outcome for outcome in outcomes if search.is_new(outcome.name)]
        fixer = _fixer(options, files, FileChecks(search.roots, baseline_in_use), report, distinct)
        for outcome in _with_importers(files, _without_included(distinct), checking):
            report.add(outcome if fixer is None else fixer.outcome(outcome, search.roots))
        if any(path.endswith(".py") for path in paths):
            from hpolint.run.launchers import script_outcomes

            for outcome in script_outcomes(paths, files, configurations, FileChecks(search.roots, baseline_in_use)):
                report.add(outcome)
    search.notices += _locked_notice(report, files)
    search.notices += configurations.unmatched(filter(disk.is_folder, paths))
    report.other_settings = [each.settings for each in configurations.found]
    report.files = len(files)
    report.notices += dict.fromkeys(search.notices)
    report.skipped_folders = list(dict.fromkeys(search.skipped_folders))
    report.vanished += search.vanished
    report.unreadable += dict.fromkeys(search.unreadable)
    report.finish(path for path in paths if disk.is_folder(path))
    if baseline is not None:
        report.baseline = baseline
        report.stale_entries = _stale_entries(report, baseline, files, search)
        if _is_from_elsewhere(report, baseline):
            reason = "paths are relative to its folder, or to the repository's root if it lies outside"
            report.notices.append(f"{baseline.path}: none of its files exists: {reason}")
    return report


def _recording(options: CheckOptions) -> AbstractContextManager[disk.ReadRecorder | None]:
    """A recorder of all reads of the disk if outcomes may be cached; else a context manager that yields None."""
    return (
        disk.recorded_reads()
        if options.uses_cache and not options.fixes and not options.writes_baseline
        else nullcontext()
    )


def _fixer(
    options: CheckOptions, files: list[Found], checking: FileChecks, report: Report, read: list[Outcome]
) -> Fixer | None:
    """The fixer of the files; None if no fixes are to be applied."""
    if not options.fixes:
        return None
    from hpolint.run.fix_files import Fixer

    return Fixer(options.fixes, files, checking, report, _common_files(read), is_dry=options.is_dry_run)


def _common_files(outcomes: list[Outcome]) -> set[str]:
    """The files that several other files include."""
    named = Counter(disk.real(source.name) for outcome in outcomes for source in outcome.included_sources)
    return {
        source.name for outcome in outcomes for source in outcome.included_sources if named[disk.real(source.name)] > 1
    }


def _baseline(configurations: Configurations, options: CheckOptions) -> Baseline | None:
    """The baseline of the run, if any. Raises ConfigError."""
    if options.no_baseline:
        return None
    with reported_at(configurations.here, "baseline"):
        baseline = baseline_of(configurations.here.settings, is_new=options.writes_baseline)
    setting = configurations.here.layer.get(("baseline",))
    if baseline is None or setting is None or setting.origin.file is None:
        return baseline
    baseline = replace(baseline, named_at=setting.origin.text)
    if options.writes_baseline and baseline.reason_not_to_write is not None:
        raise ConfigError(baseline.reason_not_to_write)
    return baseline


def _locked_notice(report: Report, files: list[Found]) -> Iterator[str]:
    """A notice about excluded or ignored files with jobs to which locked rules apply."""
    excluded = {file.name for file in files if file.settings.only_locked}
    locked_files = (
        list(dict.fromkeys(job.source.name for job in report.jobs if job.source.name in excluded)) if excluded else []
    )
    if locked_files:
        others = f" and {len(locked_files) - 1:,} more are" if len(locked_files) > 1 else " is"
        yield f"{locked_files[0]}{others} excluded or ignored, but locked rules still apply"


def _is_from_elsewhere(report: Report, baseline: Baseline) -> bool:
    """Whether none of a baseline's files exists although there are findings: it may be another repository's."""
    if not baseline.entries or not report.findings:
        return False
    return not any(disk.exists(os.path.join(baseline.folder, file)) for file in baseline.entries)


def _stale_entries(report: Report, baseline: Baseline, files: list[Found], search: Search) -> list[BaselineEntry]:
    """The entries of the baseline without a finding; empty if a file could not be read or a rule failed."""
    if report.unreadable or report.failures or not baseline.entries:
        return []
    from hpolint.registry.choosing import chosen_rules

    rules: dict[int, tuple[Rule, ...]] = {}
    for file in files:
        if id(file.settings) not in rules:
            rules[id(file.settings)] = chosen_rules(file.settings)
    selected = {file.name: rules[id(file.settings)] for file in files if file.name not in report.partly_read}
    unlocked = {name: _ids(some, are_locked=False) for name, some in selected.items()}
    count = locked_entries(baseline, {name: _ids(some, are_locked=True) for name, some in selected.items()})
    if count:
        subject = "entry of a locked rule is" if count == 1 else "entries of locked rules are"
        report.notices.append(f"{baseline.path}: {count:,} {subject} ignored")
    return stale_entries(baseline, report.baseline_entries, unlocked, search.roots)


def _ids(rules: tuple[Rule, ...], *, are_locked: bool) -> frozenset[str]:
    return frozenset(rule.id for rule in rules if (rule.fails_from is not None) is are_locked)


def _with_importers(files: list[Found], outcomes: list[Outcome], checking: FileChecks) -> Iterable[Outcome]:
    """The outcomes, also of files that use a module which launches a job, if a rule may demand a decision."""
    if not any(each.undecided for file in files for each in (file.settings, *file.settings.above)):
        return outcomes
    from hpolint.run.importers import add_importers

    return add_importers(files, outcomes, checking)


def _without_included(outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes without those of files that another file includes, which are read with its values.

    An included file keeps its own outcome if it has more than the included jobs.
    """
    included: dict[str, int] = {}
    for outcome in outcomes:
        for source in outcome.included_sources:
            jobs = sum(job.source.name == source.name for job in outcome.jobs)
            real = disk.real(source.name)
            included[real] = max(jobs, included.get(real, 0))
    return [each for each in outcomes if not included or _has_more(each, included.get(disk.real(each.name)))]


def _has_more(outcome: Outcome, included: int | None) -> bool:
    """Whether a file has more jobs than those that other files include, or launches that are not read."""
    unread = any(finding.fingerprint == UNREAD_LAUNCH for finding in outcome.findings)
    return included is None or len(outcome.jobs) > included or unread


def check_texts(texts: Mapping[str, bytes], options: CheckOptions) -> Report:
    """The report on texts by their file names. Raises ConfigError."""
    with disk.overlaid(Overlay(texts, is_given=True)):
        found = [candidate(name, data, []) for name, data in texts.items()]
        report = check_candidates([each for each in found if each is not None], options)
    report.files = len(texts)
    return report


def check_candidates(candidates: Iterable[Candidate], options: CheckOptions) -> Report:
    """The report on candidates in memory. Raises ConfigError."""
    notices: list[str] = []
    configurations = Configurations(options, notices)
    report = Report(configurations.here.settings, applied=options.fixes)
    checking = FileChecks([], _baseline(configurations, options))
    with _without_garbage_collection():
        for each in candidates:
            settings = configurations.of_file(each.name)
            notices += check_configurations(configurations.found, configurations.policies)
            if settings is not None:
                outcome = checking.candidate(each, settings)
                report.add(outcome if not options.fixes else _fixed(each, outcome, checking, settings, options, report))
    report.notices += notices
    report.finish()
    return report


def _fixed(
    each: Candidate, outcome: Outcome, checking: FileChecks, settings: Settings, options: CheckOptions, report: Report
) -> Outcome:
    """The outcome of a candidate in memory after its fixes; its new bytes, or the diff, go to the report."""
    from hpolint.fixes.fix_faults import fault_line
    from hpolint.fixes.rounds import apply_fixes
    from hpolint.run.fix_files import show_changes

    found = apply_fixes(each, outcome, options.fixes, lambda changed: checking.candidate(changed, settings))
    report.unreadable += [f"{each.source.name}: not fixed: {fault_line(each)}" for each in found.faults]
    if found.changed:
        report.fixed |= found.fixed
        if options.is_dry_run:
            show_changes(found, report)
    report.fixed_text = None if options.is_dry_run else found.after.data
    return found.outcome


class _Files:
    """The files of one run, checked in this process or in several, or taken from the result cache.

    ``recorder`` records this run's reads of the disk; None if no outcomes are cached.
    """

    def __init__(
        self,
        files: list[Found],
        search: Search,
        checking: FileChecks,
        progress: ReportProgress,
        recorder: disk.ReadRecorder | None,
    ) -> None:
        self._files = files
        self._search = search
        self._checking = checking
        self._progress = progress
        self._sizes: dict[str, int] = {}
        self.cache: ResultCache | None = None
        if recorder is not None:
            from hpolint.cache.outcomes import result_cache

            self.cache = result_cache(search.roots, checking, recorder)

    def outcomes(self, processes: int) -> list[Outcome]:
        """The outcomes of the candidates among the files, in their order, from at most ``processes`` processes."""
        if self.cache is None:
            return self._check(self._files, processes)
        known = self.cache.cached(self._files)
        for name in known:
            self._progress(name)
        fresh = self._check([file for file in self._files if file.name not in known], processes)
        known |= {outcome.name: outcome for outcome in fresh}
        return [outcome for file in self._files if (outcome := known.get(file.name)) is not None]

    def _check(self, files: list[Found], processes: int) -> list[Outcome]:
        if min(processes, len(files)) < 2:
            return self._check_all(files, 1)
        self._sizes = {file.name: disk.size(file.name) for file in files}
        workers = min(processes, len(files), sum(self._sizes.values()) // PARALLEL_MIN_BYTES)
        if workers >= 2:
            return self._check_all(files, workers)
        checked, outcomes = self._check_first(files)
        remaining = files[checked:]
        return [*outcomes, *self._check_all(remaining, min(processes, len(remaining) // PARALLEL_MIN_CANDIDATES))]

    def _check_first(self, files: list[Found]) -> tuple[int, list[Outcome]]:
        """The number of files checked in this process, and their outcomes.

        It stops after ``PARALLEL_MIN_CANDIDATES`` candidates: the other files may be candidates, too.
        """
        outcomes: list[Outcome] = []
        for number, file in enumerate(files, 1):
            outcomes += self._checked(file)
            if len(outcomes) == PARALLEL_MIN_CANDIDATES:
                return number, outcomes
        return len(files), outcomes

    def _check_all(self, files: list[Found], processes: int) -> list[Outcome]:
        """The outcomes of some files, from worker processes; with fewer than two, from this process."""
        if processes < 2:
            return [outcome for file in files for outcome in self._checked(file)]
        from hpolint.run.worker_pool import WorkerPool

        sizes = [self._sizes[file.name] for file in files]
        stores_bytes = self.cache is not None
        shared = WorkerPool(files, sizes, self._checking, self._store, START_METHOD, stores_bytes=stores_bytes)
        return shared.outcomes(processes, self._progress)

    def _checked(self, file: Found) -> list[Outcome]:
        """The outcome of one file in a list; empty if it is not a candidate."""
        self._progress(file.name)
        outcome, search = self._checking.file(file)
        self._store(file, outcome, None, search)
        return [outcome] if outcome is not None else []

    def _store(self, file: Found, outcome: Outcome | None, encoded: StoredBytes | None, search: Search) -> None:
        """Add a file's search to that of the run, and its outcome to the cache."""
        self._search.add(search)
        if self.cache is not None:
            self.cache.store(file, outcome, encoded, search)


def _no_progress(_name: str) -> None:
    """Report no progress."""


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Disable garbage collection: a run makes many objects and few cycles, so collecting costs time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
