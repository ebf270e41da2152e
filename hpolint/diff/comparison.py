"""The changes between two states of a repository: jobs, their fields, findings and cost."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import cached_property
from itertools import chain

import msgspec
from msgspec.structs import replace

from hpolint.config.lookup import CheckOptions
from hpolint.cost.launch_sums import WorstCase, worst_case
from hpolint.cost.prices import Prices
from hpolint.diff.checkouts import copy_settings, files_of, write_commit, write_working_tree
from hpolint.diff.compared_launches import LaunchChange, compared_launches
from hpolint.diff.fields import Change
from hpolint.diff.finding_changes import changes_of_files, changes_of_job
from hpolint.diff.git import Repository
from hpolint.diff.matching import matched
from hpolint.diff.renames import renamed_files
from hpolint.facts.worst_case_cost import Figure
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.model.finding import Finding
from hpolint.model.job import TuningJob
from hpolint.model.message_text import place_of
from hpolint.report.judged import JudgedFiles
from hpolint.run.reading import read_paths

WORKING_TREE = "the working tree"


class JobChange(msgspec.Struct, frozen=True):
    """A job in both states, or in one: without ``before`` it is new, without ``after`` it is removed.

    ``fields`` changed in all its launches, ``launches`` are those that changed, of a job with several.
    ``is_unread``: its file can no longer be read, so it is unknown whether the job is removed.
    """

    before: WorstCase | None
    after: WorstCase | None
    fields: tuple[Change, ...] = ()
    launches: tuple[LaunchChange, ...] = ()
    new: tuple[Finding, ...] = ()
    resolved: tuple[Finding, ...] = ()
    is_unread: bool = False

    @property
    def job(self) -> TuningJob:
        """The job in the later state; a removed job in the earlier one."""
        found = self.after or self.before
        assert found is not None, "a change is of some job"
        return found.estimate.job

    @property
    def place(self) -> str:
        """The place of that job as text."""
        return place_of(self.job)

    @property
    def kind(self) -> str:
        """``added``, ``removed``, ``unread``, ``changed`` or ``same``."""
        if self.before is None:
            return "added"
        if self.is_unread:
            return "unread"
        if self.after is None:
            return "removed"
        is_changed = self.fields or self.launches or self.new or self.resolved or self.changes_cost
        return "changed" if is_changed else "same"

    @property
    def hours(self) -> tuple[Decimal | None, Decimal | None]:
        """Worst-case instance-hours before and after, None if unknown; 0 before a new job and after a removed one."""
        return _pair(self, "hours")

    @property
    def money(self) -> tuple[Decimal | None, Decimal | None]:
        """The same in money; None without prices."""
        return _pair(self, "money")

    @property
    def changes_cost(self) -> bool:
        """Whether the worst case changes, in hours or money."""
        return _figures(self.before) != _figures(self.after)

    @property
    def becomes_unknown(self) -> bool:
        """Whether a known worst case becomes unknown."""
        before, after = self.hours
        return self.before is not None and not self.becomes_unbounded and before is not None and after is None

    @property
    def becomes_unbounded(self) -> bool:
        """Whether the job has no limit now, and is new or had a limit before."""
        was = self.before is not None and self.before.hours.unbounded
        return self.after is not None and self.after.hours.unbounded and not was

    @property
    def becomes_written(self) -> bool:
        """Whether default limits become explicit."""
        if self.before is None or self.after is None:
            return False
        return self.after.estimate.is_written and not self.before.estimate.is_written


def _pair(change: JobChange, what: str) -> tuple[Decimal | None, Decimal | None]:
    """A figure before and after, each None if the two cannot be compared.

    Two lower bounds can be compared, since their unknown parts are in both. A lower bound that is above the known
    figure before proves an increase.
    """
    before, after = (_figure(found, what) for found in (change.before, change.after))
    if change.is_unread:
        after = None
    one, other = (_upper_bound(each) for each in (before, after))
    if before is None or after is None or before.amount is None or after.amount is None:
        return one, other
    if before.sign == after.sign == "≥" or (after.sign == "≥" and one is not None and after.amount > one):
        return before.amount, after.amount
    return one, other


def _figure(found: WorstCase | None, what: str) -> Figure | None:
    """The hours or the money of a job; 0 for a job that does not exist."""
    if found is None:
        return Figure(Decimal(0))
    return found.hours if what == "hours" else found.money


def _upper_bound(figure: Figure | None) -> Decimal | None:
    """The amount of an exact figure or an upper bound; None for other figures."""
    return figure.amount if figure is not None and figure.sign != "≥" else None


def _figures(found: WorstCase | None) -> object:
    if found is None:
        return None
    money = found.money.amount if found.money is not None else None
    return found.hours.amount, found.hours.sign, found.hours.unbounded, money


class Comparison(msgspec.Struct, frozen=True, dict=True):
    """Two states. ``new`` and ``resolved`` are findings without a job, such as those of unreadable files."""

    base: str
    head: str
    jobs: tuple[JobChange, ...]
    new: tuple[Finding, ...] = ()
    resolved: tuple[Finding, ...] = ()
    notices: tuple[str, ...] = ()
    failed: bool = False

    @cached_property
    def changed(self) -> list[JobChange]:
        """The jobs that differ."""
        return [each for each in self.jobs if each.kind != "same"]

    @property
    def is_empty(self) -> bool:
        """Whether there is no change to report."""
        return not self.changed and not self.new and not self.resolved

    @property
    def without_figure(self) -> list[JobChange]:
        """The changed jobs whose worst case is unknown now."""
        return [each for each in self.changed if each.hours[1] is None and not each.becomes_unbounded]

    @property
    def unbounded(self) -> list[JobChange]:
        """The changed jobs that have no limit now."""
        return [each for each in self.changed if each.becomes_unbounded]

    @property
    def totals(self) -> tuple[Decimal, Decimal]:
        """Instance-hours before and after, summed over the jobs known in both states; a new job counts from 0."""
        return _total(self._counted, "hours")

    @property
    def money(self) -> tuple[Decimal, Decimal]:
        """The same in money, summed over the jobs with a price in both states."""
        return _total(self._counted, "money")

    @property
    def unpriced(self) -> int:
        """The number of jobs that count in the hours but have no price."""
        return sum(None not in each.hours and None in each.money for each in self._counted)

    @property
    def currency(self) -> str | None:
        """The currency of the money; None without prices."""
        for job in self.jobs:
            state = job.before or job.after
            if state is not None and state.estimate.prices is not None:
                return state.estimate.prices.currency
        return None

    @property
    def _counted(self) -> list[JobChange]:
        return [each for each in self.jobs if each.after is not None and not each.job.is_launched]

    @property
    def removed(self) -> tuple[int, Decimal]:
        """The number of removed jobs, and their known instance-hours."""
        found = [each for each in self.jobs if each.kind == "removed"]
        return len(found), sum((each.hours[0] or Decimal(0) for each in found), Decimal(0))

    def increase(self) -> float | None:
        """The increase of instance-hours or money, whichever is larger, as a fraction; None for one from 0."""
        hours, money = (_increase(before, after) for before, after in (self.totals, self.money))
        if money is None and not self._becomes_billed:
            money = 0.0  # only new jobs have a price
        return None if hours is None or money is None else max(hours, money)

    @property
    def _becomes_billed(self) -> bool:
        """Whether a job that cost nothing, being prepaid or local, costs something now."""
        pairs = [each.money for each in self._counted if each.before is not None]
        return any(before == 0 and after for before, after in pairs)

    @property
    def severe(self) -> list[Finding]:
        """The new warnings and errors."""
        findings = chain(self.new, *(job.new for job in self.jobs))
        return [finding for finding in findings if finding.level != "note"]


def _total(jobs: list[JobChange], what: str) -> tuple[Decimal, Decimal]:
    pairs = [each.hours if what == "hours" else each.money for each in jobs]
    known = [pair for pair in pairs if None not in pair]
    before, after = (sum((pair[at] or Decimal(0) for pair in known), Decimal(0)) for at in (0, 1))
    return before, after


def _increase(before: Decimal, after: Decimal) -> float | None:
    if not before:
        return 0.0 if not after else None
    return float((after - before) / before)


def compare(
    repository: Repository, base: str, head: str | None, options: CheckOptions, prices_of: PricesOf, processes: int
) -> Comparison:
    """The comparison of two commits, or of a commit and the working tree (no ``head``). Raises ConfigError.

    ``prices_of`` returns the prices of the later state's configuration; it is called in the folder of that state, with
    the repository's root.
    """
    with tempfile.TemporaryDirectory(prefix="hpolint-", ignore_cleanup_errors=True) as folder:
        before, after = os.path.join(folder, "base"), os.path.join(folder, "head")
        os.makedirs(before)
        os.makedirs(after)
        missing_before = write_commit(repository, base, before)
        missing_after = write_working_tree(repository, after) if head is None else write_commit(repository, head, after)
        copy_settings(after, before)
        with _within(after):
            prices = prices_of(repository.root)
        old, new = (_checked(each, options, processes) for each in (before, after))
        renamed = renamed_files(before, after, files_of(before), files_of(after))
    found = _compared(old, new, renamed, prices, (base, head or WORKING_TREE))
    return replace(found, notices=(*found.notices, *_missing_objects(missing_before ^ missing_after)))


PricesOf = Callable[[str], Prices | None]


def _missing_objects(missing: set[tuple[str, str]]) -> Iterator[str]:
    """A notice about files of one state that a partial clone lacks; those that both states lack do not differ."""
    names = sorted({path for path, _ in missing})
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield f"not read, because this partial clone lacks them: {', '.join(names[:3])}{more}"


def _checked(folder: str, options: CheckOptions, processes: int) -> JudgedFiles:
    with _within(folder):
        return read_paths(["."], options, None, processes)


@contextmanager
def _within(folder: str) -> Iterator[None]:
    """Change the working folder, so that files are named relative to it."""
    here = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)


def _compared(
    old: JudgedFiles, new: JudgedFiles, renamed: Mapping[str, str], prices: Prices | None, names: tuple[str, str]
) -> Comparison:
    both, gone, added = matched(old.jobs, new.jobs, renamed)
    before, after = _by_job(old), _by_job(new)
    jobs: list[JobChange] = []
    lost: list[str] = []
    for one, other in both:
        with _lost_alone(other, lost):
            jobs.append(_compared_job(one, other, before.get(one, []), after.get(other, []), prices))
    for job in added:
        with _lost_alone(job, lost):
            jobs.append(JobChange(None, worst_case(job, prices), new=tuple(after.get(job, []))))
    unread = {each.source for each in new.findings if each.rule.emitted_by == "readers"}
    for job in gone:
        with _lost_alone(job, lost):
            name = renamed.get(job.source.name, job.source.name)
            jobs.append(JobChange(worst_case(job, prices), None, is_unread=name in unread))
    jobs.sort(key=lambda each: (each.job.source.name, each.job.request.anchor))
    resolved, fresh = changes_of_files(before.get(None, []), after.get(None, []), renamed)
    notices = tuple(dict.fromkeys([*new.unreadable, *(failure.text for failure in new.failures), *lost]))
    failed = bool(new.unreadable or new.failures or lost)
    return Comparison(*names, tuple(jobs), fresh, resolved, notices, failed)


def _compared_job(
    one: TuningJob, other: TuningJob, before: list[Finding], after: list[Finding], prices: Prices | None
) -> JobChange:
    """A job of both states, with its findings before and after."""
    compared = compared_launches(one, other)
    resolved, new = changes_of_job(before, after, compared)
    return JobChange(
        before=worst_case(one, prices),
        after=worst_case(other, prices),
        fields=compared.fields,
        launches=compared.launches,
        new=new,
        resolved=resolved,
    )


@contextmanager
def _lost_alone(job: TuningJob, lost: list[str]) -> Iterator[None]:
    """Let an exception cost the comparison of one job: it becomes a line of ``lost``."""
    try:
        yield
    except Exception as error:
        if debugging():
            raise
        lost.append(f"{place_of(job)}: {internal_error('the comparison of the job', error)}")


def _by_job(judged: JudgedFiles) -> dict[TuningJob | None, list[Finding]]:
    """The findings by their job; those without a job by None."""
    by_job: dict[TuningJob | None, list[Finding]] = {}
    for group in judged.groups:
        for finding in group:
            by_job.setdefault(finding.job, []).append(finding)
    return by_job
