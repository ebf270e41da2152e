"""The costs of a run's jobs: each as written, with safe fixes and with all fixes, and their totals."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

import msgspec
from msgspec.structs import replace

from hpolint.cost.estimate import Estimate
from hpolint.cost.launch_sums import WorstCase, worst_case
from hpolint.cost.likely import Likely, Trials, likely
from hpolint.cost.prices import Prices
from hpolint.engine.engine import Engine
from hpolint.facts.typed_values import present
from hpolint.facts.worst_case_cost import Figure
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.model.finding import Finding
from hpolint.model.fix import Fix, applied
from hpolint.model.job import TuningJob
from hpolint.model.message_text import place_of
from hpolint.model.node import Path, Unknown
from hpolint.model.observations import EarlierRun
from hpolint.report.judged import JudgedFiles

SAFE, ALL = frozenset({"safe"}), frozenset({"safe", "unsafe"})
MINUTE_SECONDS = 60
MAX_FIX_ROUNDS = 10
"""Rounds of fixes; the same number as for fixes of files."""

SuppressedPaths = Collection[tuple[str, Path]]
"""Rule ids and paths of suppressed findings."""


class JobCost(msgspec.Struct, frozen=True, dict=True):
    """One job's figures. ``worst`` is the sum of its launches, as it is written and after fixes.

    ``likely`` is None if ``trials``, their run times, are not given.
    """

    worst: WorstCase
    safe_fixes: WorstCase
    all_fixes: WorstCase
    trials: Trials | None = None
    launches_per_month: float | None = None

    @property
    def now(self) -> Estimate:
        """The figures of one launch, as far as all launches share them."""
        return self.worst.estimate

    @property
    def hours(self) -> Figure:
        """The worst-case instance-hours of all its launches."""
        return self.worst.hours

    @property
    def money(self) -> Figure | None:
        """Their cost; None without prices."""
        return self.worst.money

    @property
    def job(self) -> TuningJob:
        """The job as it is written."""
        return self.now.job

    @property
    def place(self) -> str:
        """The job's place as text: ``tune.ipynb, cell 12, line 3``."""
        return place_of(self.job)

    @property
    def is_counted(self) -> bool:
        """Whether the job adds to the bill: not if it runs locally, is prepaid, was launched or nothing launches it."""
        return self.is_billed and not self.job.is_launched

    @property
    def is_billed(self) -> bool:
        """Whether the job adds to the bill of its launch, past or to come."""
        is_launched = not self.job.is_disabled and not self.job.is_unused
        return is_launched and not self.now.is_local and not self.now.is_prepaid

    @cached_property
    def likely(self) -> Likely | Unknown | None:
        """The likely hours and duration with the given trials; None without trials and in local mode."""
        if self.trials is None or self.now.is_local:
            return None
        return likely(self.now, self.trials)

    @property
    def likely_money(self) -> Decimal | None:
        """The cost of the likely hours; None if a trial may run on several fleets, or has no price."""
        hours, money = self.now.hours, self.now.money
        is_sole = len(self.now.uses) == 1 and len(self.now.uses[0].fleets) == 1
        if not is_sole or not isinstance(self.likely, Likely) or money is None or not money.amount or not hours.amount:
            return None
        return Decimal(str(self.likely.hours.expected)) * money.amount / hours.amount


class Total(msgspec.Struct, frozen=True):
    """The sum of some jobs' figures: of those with a ``written`` limit, a ``default`` one, or ``launched`` already.

    The money is that of the jobs with prices.
    """

    kind: str
    hours: Figure | None
    money: Figure | None


class Costs(msgspec.Struct, frozen=True):
    """All jobs of a run, most expensive first: those with explicit limits, with default limits, with unknown hours."""

    jobs: tuple[JobCost, ...]
    prices: Prices | None

    @property
    def totals(self) -> list[Total]:
        """The sums over the jobs with explicit limits, over those with default limits, and over launched ones."""
        sums: dict[str, list[JobCost]] = {"written": [], "default": [], "launched": []}
        for job in self.jobs:
            if job.is_counted:
                sums["written" if job.now.is_written else "default"].append(job)
            elif job.is_billed:
                sums["launched"].append(job)
        totals = []
        for kind, jobs in sums.items():
            hours = _sum(job.hours for job in jobs)
            totals.append(Total(kind, hours, _sum(job.money for job in jobs)))
        return totals

    @property
    def counted(self) -> list[JobCost]:
        """The jobs that add to the bill."""
        return [job for job in self.jobs if job.is_counted]

    @property
    def open(self) -> list[Figure]:
        """Their worst-case hours that are unknown, unbounded or only a lower bound."""
        hours = [job.hours for job in self.counted]
        return [figure for figure in hours if figure.sign == "≥" or figure.unbounded]


def costs_of(
    judged: JudgedFiles,
    prices: Prices | None,
    configured: Mapping[str, Any],
    trials: Trials | None = None,
    name: str | None = None,
) -> Costs:
    """The costs of some files' jobs, or only of those with a ``name``.

    ``configured`` is the configuration's ``cost`` table. ``trials`` are those of the command line, which take
    precedence. A job whose cost fails is left out, and named in ``judged.unreadable``. Raises ConfigError.
    """
    engine = Engine(judged.rules)
    silent: dict[TuningJob | None, set[tuple[str, Any]]] = {}
    for suppressed in judged.suppressed:
        finding = suppressed.finding
        silent.setdefault(finding.job, set()).add((finding.rule.id, finding.path))
    costs: list[JobCost] = []
    for job in judged.jobs:
        if name is not None and not is_called(job, name):
            continue
        own = _configured_for(job, configured)
        try:
            costs.append(_cost(job, engine, silent.get(job, set()), prices, own, trials))
        except Exception as error:
            if debugging():
                raise
            judged.unreadable.append(f"{place_of(job)}: {internal_error('the cost of the job', error)}")
    return Costs(tuple(sorted(costs, key=_order)), prices)


def _sum(figures: Iterable[Figure | None]) -> Figure | None:
    """The sum of figures: a lower bound if any of them is one or has no amount; None if none has an amount."""
    added = present(figures)
    amounts = present(figure.amount for figure in added)
    if not amounts:
        return None
    total = Figure(sum(amounts, Decimal(0)))
    signs = {figure.sign for figure in added}
    if "≥" in signs or len(amounts) < len(added):
        return replace(total, sign="≥")
    return replace(total, sign="≤") if "≤" in signs else total


def _cost(
    job: TuningJob,
    engine: Engine,
    silent: set[tuple[str, Any]],
    prices: Prices | None,
    configured: Mapping[str, Any],
    trials: Trials | None,
) -> JobCost:
    minutes = configured.get("trial-minutes")
    if trials is None and minutes is not None:
        trials = trials_of_minutes(minutes)
    return JobCost(
        worst=worst_case(job, prices),
        safe_fixes=worst_case(_after_fixes(job, engine, SAFE, silent), prices),
        all_fixes=worst_case(_after_fixes(job, engine, ALL, silent), prices),
        trials=trials or _earlier_trials(job),
        launches_per_month=configured.get("launches-per-month"),
    )


def _after_fixes(job: TuningJob, engine: Engine, safeties: Collection[str], silent: SuppressedPaths) -> TuningJob:
    """The job after its fixes of some safeties, without the fixes of suppressed findings."""
    for _ in range(MAX_FIX_ROUNDS):
        fixes, changed = _compatible_fixes(engine.judge(job).findings, safeties, silent)
        if not fixes:
            break
        observations = [observation for observation in job.observations if observation.path not in changed]
        job = replace(job, request=applied(job.request, *fixes), observations=observations)
    return job


def _compatible_fixes(
    findings: list[Finding], safeties: Collection[str], silent: SuppressedPaths
) -> tuple[list[Fix], set[Path]]:
    """The fixes of one round, and the members that they change.

    Of two fixes that change the same member, only the first is applied in this round.
    """
    fixes: list[Fix] = []
    changed: set[Path] = set()
    for finding in findings:
        fix = finding.fix
        if fix is None or fix.safety not in safeties or (finding.rule.id, finding.path) in silent:
            continue
        paths = {*fix.set, *fix.remove, *fix.rename}
        if changed.isdisjoint(paths):
            fixes.append(fix)
            changed |= paths
    return fixes, changed


def trials_of_minutes(minutes: float) -> Trials:
    """Trials that take ``minutes`` each."""
    return Trials((minutes * MINUTE_SECONDS,), f"{minutes:g} minutes per trial")


def _earlier_trials(job: TuningJob) -> Trials | None:
    """The trials of an earlier run that the job's notebook shows; None if it shows none."""
    for observation in job.observations:
        run = observation.observed
        if isinstance(run, EarlierRun):
            count = len(run.seconds)
            label = f"{count} earlier trial{'' if count == 1 else 's'}, shown in cell {run.cell}"
            return Trials(tuple(run.seconds), label)
    return None


def names_of(job: TuningJob) -> Iterable[str]:
    """The names by which a job can be chosen: its variable, its own name, its file."""
    return present((job.variable, job.name, job.source.name))


def is_called(job: TuningJob, name: str) -> bool:
    """Whether a name chooses a job. A file is chosen by its path in any spelling, or by its base name."""
    path = os.path.normpath(name).replace(os.sep, "/")
    return name in names_of(job) or path in (os.path.normpath(job.source.name), os.path.basename(job.source.name))


def _configured_for(job: TuningJob, configured: Mapping[str, Any]) -> Mapping[str, Any]:
    """The configuration of one job: its own table takes precedence over the common keys."""
    for name, own in configured.get("jobs", {}).items():
        if is_called(job, name):
            return {**configured, **own}
    return configured


def unmatched_names(judged: JudgedFiles, configured: Mapping[str, Any]) -> list[str]:
    """The job names of the configuration that match no job."""
    names = list(configured.get("jobs", {}))
    for job in judged.jobs:
        names = [name for name in names if not is_called(job, name)]
    return names


def _order(cost: JobCost) -> tuple[Any, ...]:
    figure = cost.hours
    return (
        not cost.is_counted,
        figure.amount is None,
        not cost.now.is_written,
        -(figure.amount or 0),
        cost.job.source.name,
        cost.job.request.anchor,
    )
