"""What both doors of a run do first: find the files, read their configurations and the baseline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.config.naming import check_configurations, reported_at
from hpolint.discovery.walk import Found, Search, find_files
from hpolint.io import disk
from hpolint.model.finding import UNREAD_LAUNCH
from hpolint.model.settings import ConfigError
from hpolint.model.source import Span
from hpolint.run.file_check import FileChecks
from hpolint.suppressions.baseline import Baseline, baseline_of

if TYPE_CHECKING:
    from hpolint.report.outcome import Outcome
    from hpolint.report.records import FileRecord


class Preparation(msgspec.Struct, frozen=True):
    """The files of a run, with what their check needs."""

    paths: list[str]
    search: Search
    configurations: Configurations
    files: list[Found]
    checks: FileChecks
    baseline: Baseline | None

    @property
    def searched(self) -> list[Found]:
        """The files, and below a lock those that no reader reads, which are searched for launches."""
        return [*self.files, *self.search.others]

    @property
    def folders(self) -> list[str]:
        """The folders among the paths, which are checked as a whole."""
        return [path for path in self.paths if disk.is_folder(path)]

    def lines(self, records: Sequence[FileRecord]) -> dict[str, Any]:
        """The fields of a ``Run``, with the lines about files that were not read, after all files were checked."""
        search = self.search
        notices, errors = said_of(records)
        search.notices += self._locked_notice(records)
        search.notices += self.configurations.unmatched(self.folders)
        return {
            "settings": self.configurations.here.settings,
            "other_settings": [resolved.settings for resolved in self.configurations.found],
            "files": len(self.files),
            "notices": [*notices, *dict.fromkeys(search.notices)],
            "skipped_folders": list(dict.fromkeys(search.skipped_folders)),
            "vanished": search.vanished,
            "unreadable": [*errors, *dict.fromkeys(search.unreadable)],
        }

    def _locked_notice(self, records: Sequence[FileRecord]) -> Iterator[str]:
        """A notice about excluded or ignored files with jobs to which locked rules apply."""
        excluded = {file.name for file in self.files if file.settings.only_locked}
        sources = dict.fromkeys(job.source for job in chain.from_iterable(record.jobs for record in records))
        names = [name for name in sources if name in excluded]
        if names:
            others = f" and {len(names) - 1:,} more are" if len(names) > 1 else " is"
            yield f"{names[0]}{others} excluded or ignored, but locked rules still apply"


def said_of(files: Iterable[FileRecord | Outcome]) -> tuple[list[str], list[str]]:
    """The notices about files, and the errors that have lost files, each with the name of its file."""
    notices: list[str] = []
    errors: list[str] = []
    for file in files:
        notices += [f"{file.name}: {line}" for line in file.notices]
        if file.internal_error is not None:
            errors.append(f"{file.name}: {file.internal_error}")
    return notices, errors


def prepared(paths: list[str], options: CheckOptions) -> Preparation:
    """The files of some paths, and what their check needs. Raises ConfigError."""
    search = Search()
    configurations = Configurations(options, search.notices)
    files = find_files(paths, configurations, search)
    search.notices += check_configurations(configurations.found, configurations.policies)
    baseline = baseline_of_run(configurations, options)
    in_use = baseline
    if baseline is not None and options.writes_baseline:
        in_use = Baseline(baseline.path)
    return Preparation(paths, search, configurations, files, FileChecks(search.roots, in_use), baseline)


def baseline_of_run(configurations: Configurations, options: CheckOptions) -> Baseline | None:
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


def without_included(records: list[FileRecord]) -> list[FileRecord]:
    """The records without those of files that another file includes or takes, which are read with its values.

    Such a file keeps its own record if it has more than these jobs.
    """
    included, taken = _included(records), _taken(records)
    if not included and not taken:
        return records
    left: list[FileRecord] = []
    for record in records:
        real = disk.real(record.name)
        if _has_more(record, included.get(real)) and not _is_taken(record, taken.get(real, set())):
            left.append(record)
    return left


def _included(records: list[FileRecord]) -> dict[str, int]:
    """The files that other files include, each with the number of its jobs there."""
    included: dict[str, int] = {}
    for record in records:
        for name in record.included:
            jobs = sum(job.source == name for job in record.jobs)
            real = disk.real(name)
            included[real] = max(jobs, included.get(real, 0))
    return included


def _taken(records: list[FileRecord]) -> dict[str, set[Span]]:
    """The files of which the jobs of other files take parts, each with the places of these."""
    taken: dict[str, set[Span]] = {}
    for record in records:
        for name, part in record.taken:
            taken.setdefault(disk.real(name), set()).add(part)
    return taken


def _has_more(record: FileRecord, included: int | None) -> bool:
    """Whether a file has more jobs than those that other files include, or launches that are not read."""
    return included is None or len(record.jobs) > included or _has_unread_launch(record)


def _is_taken(record: FileRecord, taken: set[Span]) -> bool:
    """Whether the jobs of other files take all parts of each job of a file, and nothing else is launched there."""
    if not record.jobs or _has_unread_launch(record):
        return False
    return all(job.parts and taken.issuperset(job.parts) for job in record.jobs)


def _has_unread_launch(record: FileRecord) -> bool:
    return any(diagnostic.fingerprint == UNREAD_LAUNCH for diagnostic in record.diagnostics)


def has_locks(files: list[Found]) -> bool:
    """Whether some settings, or those above them, lock a rule."""
    return any(settings.locking for settings in {file.settings for file in files})


def demands_decisions(files: list[Found]) -> bool:
    """Whether a rule of some settings may demand that it is decided."""
    every = {file.settings for file in files}
    layers = chain.from_iterable(settings.with_above for settings in every)
    return any(layer.rules.undecided for layer in layers)
