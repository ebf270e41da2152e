"""The road: paths → sources → jobs → findings."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol

from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.config.naming import check_configurations, reported_at
from hpolint.discovery.candidates import Candidate, candidate
from hpolint.discovery.walk import Found, Search, find_files
from hpolint.io import disk
from hpolint.report.report import Report
from hpolint.run.file_check import FileChecks
from hpolint.suppressions.baseline import Baseline, BaselineEntry, baseline_of, locked_entries, stale_entries

if TYPE_CHECKING:
    from hpolint.cache.outcomes import ResultCache
    from hpolint.model.rule import Rule
    from hpolint.model.settings import Settings
    from hpolint.report.outcome import Outcome
    from hpolint.run.fix_files import Fixer

ReportProgress = Callable[[str], None]


class Progress(Protocol):
    """Told the name of each file as it is read, or of each candidate as it comes back from another process."""

    total: int
    """How many files there are."""

    def __call__(self, name: str) -> None:
        """A file is read."""


START = "fork" if sys.platform.startswith("linux") else "spawn"
"""How another process starts. A forked one has all modules; macOS's own libraries do not bear it."""

PARALLEL_MIN_BYTES = (8 if START == "fork" else 64) * 1024 * 1024
"""Bytes of files that are worth a process: forking takes 25 ms, a fresh start several times as long."""

PARALLEL_MIN_CANDIDATES = 24 if START == "fork" else 200
"""Candidates that are worth a process, too, however small they are: each takes 10 ms."""


def check_paths(
    paths: list[str], options: CheckOptions, progress: Progress | None = None, processes: int = 1
) -> Report:
    """Search some paths, read and judge what is there, in so many processes at most. Raises ConfigError.

    More than one process is for a program that has no threads, such as the command.
    """
    search = Search()
    configurations = Configurations(options, search.notices)
    report = Report(configurations.here.settings)
    with _without_garbage_collection(), _recording(options) as watch:
        files = find_files(paths, configurations, search)
        search.notices += check_configurations(configurations.found)
        baseline = _baseline(configurations, options)
        held = Baseline(baseline.path) if baseline is not None and options.writes_baseline else baseline
        if progress is not None:
            progress.total = len(files)
        checking = FileChecks(search.roots, held)
        looked = _Files(files, search, checking, progress or _silent, watch)
        outcomes = looked.outcomes(processes)
        report.cache = looked.cache
        read = [outcome for outcome in outcomes if search.is_new(outcome.name)]
        fixer = _fixer(options, files, FileChecks(search.roots, held), report, read)
        for outcome in _without_doubles(read):
            report.add(outcome if fixer is None else fixer.outcome(outcome, search.roots))
        if any(path.endswith(".py") for path in paths):
            from hpolint.run.launchers import script_outcomes

            for outcome in script_outcomes(paths, files, configurations, FileChecks(search.roots, held)):
                report.add(outcome)
    search.notices += _held(report, files)
    report.other_settings = [each.settings for each in configurations.found]
    report.files = len(files)
    report.notices += dict.fromkeys(search.notices)
    report.skipped_folders = list(dict.fromkeys(search.skipped_folders))
    report.vanished += search.vanished
    report.unreadable += dict.fromkeys(search.unreadable)
    report.finish(path for path in paths if disk.is_folder(path))
    if baseline is not None:
        report.baseline = baseline
        report.stale_entries = _unmatched(report, baseline, files, search)
        if _is_foreign(report, baseline):
            reason = "they are relative to its folder, or to the repository's root where it lies elsewhere"
            report.notices.append(f"{baseline.path}: none of its files is there: {reason}")
    return report


def _recording(options: CheckOptions) -> AbstractContextManager[disk.ReadRecorder | None]:
    """What is asked of the disk is noted where what the files give may be taken again."""
    return (
        disk.recorded_reads()
        if options.uses_cache and not options.fixes and not options.writes_baseline
        else nullcontext()
    )


def _fixer(
    options: CheckOptions, files: list[Found], checking: FileChecks, report: Report, read: list[Outcome]
) -> Fixer | None:
    """What mends files, where that is asked for."""
    if not options.fixes:
        return None
    from hpolint.run.fix_files import Fixer

    return Fixer(options.fixes, files, checking, report, _common_files(read), is_dry=options.is_dry_run)


def _common_files(outcomes: list[Outcome]) -> set[str]:
    """The files that several others name."""
    named = Counter(disk.real(source.name) for outcome in outcomes for source in outcome.beside)
    return {source.name for outcome in outcomes for source in outcome.beside if named[disk.real(source.name)] > 1}


def _baseline(configurations: Configurations, options: CheckOptions) -> Baseline | None:
    """What is known, if anything. Raises ConfigError."""
    if options.no_baseline:
        return None
    with reported_at(configurations.here, "baseline"):
        return baseline_of(configurations.here.settings, is_new=options.writes_baseline)


def _held(report: Report, files: list[Found]) -> Iterator[str]:
    """A line about the files with jobs that are excluded, or ignored by git, where rules are locked."""
    excluded = {file.name for file in files if file.settings.only_locked}
    held = (
        list(dict.fromkeys(job.source.name for job in report.jobs if job.source.name in excluded)) if excluded else []
    )
    if held:
        others = f" and {len(held) - 1:,} more that are" if len(held) > 1 else " is"
        yield f"{held[0]}{others} excluded or ignored: locked rules are asked of what it holds all the same"


def _is_foreign(report: Report, baseline: Baseline) -> bool:
    """Whether none of a baseline's files is there, though there are findings: it is another repository's, perhaps."""
    if not baseline.entries or not report.findings:
        return False
    return not any(disk.exists(os.path.join(baseline.folder, file)) for file in baseline.entries)


def _unmatched(report: Report, baseline: Baseline, files: list[Found], search: Search) -> list[BaselineEntry]:
    """The entries of the baseline that nothing was found for; none where something could not be read or judged."""
    if report.unreadable or report.failures or not baseline.entries:
        return []
    from hpolint.registry.choosing import chosen_rules

    rules: dict[int, tuple[Rule, ...]] = {}
    for file in files:
        if id(file.settings) not in rules:
            rules[id(file.settings)] = chosen_rules(file.settings)
    asked = {file.name: rules[id(file.settings)] for file in files if file.name not in report.in_part}
    free = {name: _ids(some, are_locked=False) for name, some in asked.items()}
    count = locked_entries(baseline, {name: _ids(some, are_locked=True) for name, some in asked.items()})
    if count:
        whose = "entry is of a locked rule and does" if count == 1 else "entries are of locked rules and do"
        report.notices.append(f"{baseline.path}: {count:,} {whose} not count")
    return stale_entries(baseline, report.baseline_entries, free, search.roots)


def _ids(rules: tuple[Rule, ...], *, are_locked: bool) -> frozenset[str]:
    return frozenset(rule.id for rule in rules if (rule.fails_from is not None) is are_locked)


def _without_doubles(outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes without those of files that another has read with its own values in them."""
    beside = {disk.real(source.name) for outcome in outcomes for source in outcome.beside}
    return [outcome for outcome in outcomes if not beside or disk.real(outcome.name) not in beside]


def check_texts(texts: Mapping[str, bytes], options: CheckOptions) -> Report:
    """Read and judge texts that have names. Raises ConfigError."""
    found = [candidate(name, data, []) for name, data in texts.items()]
    report = check_candidates([each for each in found if each is not None], options, texts)
    report.files = len(texts)
    return report


def check_candidates(
    candidates: Iterable[Candidate], options: CheckOptions, texts: Mapping[str, bytes] | None = None
) -> Report:
    """Read and judge what is at hand already, with the ``texts`` that it may name. Raises ConfigError."""
    report_told: list[str] = []
    configurations = Configurations(options, report_told)
    report = Report(configurations.here.settings)
    checking = FileChecks([], _baseline(configurations, options), texts)
    with _without_garbage_collection():
        for each in candidates:
            settings = configurations.of_file(each.name)
            report_told += check_configurations(configurations.found)
            if settings is not None:
                outcome = checking.candidate(each, settings)
                report.add(outcome if not options.fixes else _fixed(each, outcome, checking, settings, options, report))
    report.notices += report_told
    report.finish()
    return report


def _fixed(
    each: Candidate, outcome: Outcome, checking: FileChecks, settings: Settings, options: CheckOptions, report: Report
) -> Outcome:
    """What is left of a text at hand once it is mended; its new bytes, or the diff, go to the report."""
    from hpolint.fixes.fix_faults import fault_line
    from hpolint.fixes.rounds import apply_fixes
    from hpolint.run.fix_files import diffs

    found = apply_fixes(each, outcome, options.fixes, lambda anew: checking.candidate(anew, settings))
    report.unreadable += [f"{each.source.name}: not fixed: {fault_line(each)}" for each in found.faults]
    if found.changed:
        report.fixed |= found.fixed
        report.diffs += diffs(found) if options.is_dry_run else ()
    report.fixed_text = None if options.is_dry_run else found.after.data
    return found.outcome


class _Files:
    """The files of one run, looked at here or in several processes; those of an earlier run are taken from there.

    A ``watch`` notes what this run asks of the disk, if what its files give is to be kept.
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
        self.cache: ResultCache | None = None
        if recorder is not None:
            from hpolint.cache.outcomes import result_cache

            self.cache = result_cache(search.roots, checking, recorder)

    def outcomes(self, processes: int) -> list[Outcome]:
        """What the candidates among the files give, in their order, in so many processes at most."""
        if self.cache is None:
            return self._fresh(self._files, processes)
        known = self.cache.cached(self._files)
        for name in known:
            self._progress(name)
        fresh = self._fresh([file for file in self._files if file.name not in known], processes)
        known |= {outcome.name: outcome for outcome in fresh}
        return [outcome for file in self._files if (outcome := known.get(file.name)) is not None]

    def _fresh(self, files: list[Found], processes: int) -> list[Outcome]:
        if min(processes, len(files)) < 2:
            return self._together(files, 1)
        worth = min(processes, len(files), sum(disk.size(file.name) for file in files) // PARALLEL_MIN_BYTES)
        if worth >= 2:
            return self._together(files, worth)
        begun, outcomes = self._begun(files)
        rest = files[begun:]
        return [*outcomes, *self._together(rest, min(processes, len(rest) // PARALLEL_MIN_CANDIDATES))]

    def _begun(self, files: list[Found]) -> tuple[int, list[Outcome]]:
        """The first files alone, until a few were candidates: then the others may be, too. How many, and theirs."""
        outcomes: list[Outcome] = []
        for number, file in enumerate(files, 1):
            outcomes += self._looked_at(file)
            if len(outcomes) == PARALLEL_MIN_CANDIDATES:
                return number, outcomes
        return len(files), outcomes

    def _together(self, files: list[Found], processes: int) -> list[Outcome]:
        """What some files give, in so many processes; fewer than two are this one."""
        if processes < 2:
            return [outcome for file in files for outcome in self._looked_at(file)]
        from hpolint.run.worker_pool import WorkerPool

        sizes = [disk.size(file.name) for file in files]
        keeps = self.cache is not None
        shared = WorkerPool(files, sizes, self._checking, self._keep, START, keeps=keeps)
        return shared.outcomes(processes, self._progress)

    def _looked_at(self, file: Found) -> list[Outcome]:
        """What one file gives, if it is a candidate."""
        self._progress(file.name)
        outcome, met = self._checking.file(file)
        self._keep(file, outcome, b"", met)
        return [outcome] if outcome is not None else []

    def _keep(self, file: Found, outcome: Outcome | None, packed: bytes, met: Search) -> None:
        """Take in what came of a file, and what was met."""
        self._search.add(met)
        if self.cache is not None:
            self.cache.keep(file, outcome, packed, met)


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
