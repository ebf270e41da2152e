"""The costs of a run's jobs: each as written, with safe fixes and with all fixes, and their totals."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

import msgspec

from hpolint.cost.estimate import Estimate, estimate
from hpolint.cost.likely import Likely, Trials, likely
from hpolint.cost.prices import Prices
from hpolint.engine.engine import Engine
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
    """One job's figures, each for one launch. ``likely`` is None if ``trials``, their run times, are not given."""

    now: Estimate
    safe_fixes: Estimate
    all_fixes: Estimate
    trials: Trials | None = None
    launches: float | None = None

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
        """Whether the job adds to the bill: not if it runs locally, is prepaid, was launched or is turned off."""
        return self._is_billed and not self.job.is_launched

    @property
    def is_counted_as_launched(self) -> bool:
        """Whether the job adds to the bill of what was launched already."""
        return self._is_billed and self.job.is_launched

    @property
    def _is_billed(self) -> bool:
        return not (self.now.is_local or self.now.is_prepaid or self.job.is_disabled)

    @cached_property
    def likely(self) -> Likely | Unknown | None:
        """The likely hours and duration with the given trials; None without trials and in local mode."""
        return likely(self.now, self.trials) if self.trials is not None and not self.now.is_local else None

    @property
    def likely_money(self) -> Decimal | None:
        """The cost of the likely hours; None if a trial may run on several fleets, or has no price."""
        found, (hours, money) = self.likely, (self.now.hours, self.now.money)
        sole = len(self.now.uses) == 1 and len(self.now.uses[0].fleets) == 1
        if not sole or not isinstance(found, Likely) or money is None or not money.amount or not hours.amount:
            return None
        return Decimal(str(found.hours.expected)) * money.amount / hours.amount


class Costs(msgspec.Struct, frozen=True):
    """All jobs of a run, most expensive first: those with explicit limits, with default limits, with unknown hours."""

    jobs: tuple[JobCost, ...]
    prices: Prices | None

    def hours(self, *, written: bool) -> Figure | None:
        """The instance-hours of the jobs with explicit limits (``written``), or of those with default limits."""
        return _sum(each.now.hours for each in self._counted(written=written))

    def money(self, *, written: bool) -> Figure | None:
        """The cost of those jobs, as far as they have prices."""
        return _sum(each.now.money for each in self._counted(written=written) if each.now.money is not None)

    def launched_hours(self) -> Figure | None:
        """The instance-hours of the jobs that were launched already, whatever their limits."""
        return _sum(each.now.hours for each in self.jobs if each.is_counted_as_launched)

    def launched_money(self) -> Figure | None:
        """The cost of those jobs, as far as they have prices."""
        launched = [each for each in self.jobs if each.is_counted_as_launched]
        return _sum(each.now.money for each in launched if each.now.money is not None)

    def _counted(self, *, written: bool) -> list[JobCost]:
        return [each for each in self.jobs if each.is_counted and each.now.is_written == written]

    @property
    def open(self) -> list[JobCost]:
        """The jobs whose worst case is unknown, unbounded or only a lower bound."""
        counted = [each for each in self.jobs if each.is_counted]
        return [each for each in counted if each.now.hours.sign == "≥" or each.now.hours.unbounded]

    @property
    def unbounded(self) -> int:
        """The number of those jobs without any limit."""
        return sum(each.now.hours.unbounded for each in self.open)

    @property
    def unpriced(self) -> int:
        """The number of jobs with an instance type without a price."""
        return sum(each.is_counted and bool(each.now.unpriced) for each in self.jobs)


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
    silent: dict[int, set[tuple[str, Any]]] = {}
    for each in judged.suppressed:
        silent.setdefault(id(each.finding.job), set()).add((each.finding.rule.id, each.finding.path))
    chosen = [job for job in judged.jobs if name is None or is_called(job, name)]
    found: list[JobCost] = []
    for job in chosen:
        own = _configured_for(job, configured)
        try:
            found.append(_cost(job, engine, silent.get(id(job), set()), prices, own, trials))
        except Exception as error:
            if debugging():
                raise
            judged.unreadable.append(f"{place_of(job)}: {internal_error('the cost of the job', error)}")
    return Costs(tuple(sorted(found, key=_order)), prices)


def _sum(figures: Iterable[Figure]) -> Figure | None:
    """The sum of figures: a lower bound if any of them is one or has no amount; None if none has an amount."""
    found = list(figures)
    known = [each for each in found if each.amount is not None]
    signs = {each.sign for each in known} | ({"≥"} if len(known) < len(found) else set())
    total = sum((each.amount for each in known if each.amount is not None), Decimal(0))
    return Figure(total, "≥" if "≥" in signs else "≤" if "≤" in signs else "=") if known else None


def _cost(
    job: TuningJob,
    engine: Engine,
    silent: set[tuple[str, Any]],
    prices: Prices | None,
    configured: Mapping[str, Any],
    trials: Trials | None,
) -> JobCost:
    now = estimate(job, prices)
    safe, all_fixes = (estimate(_after_fixes(job, engine, safeties, silent), prices) for safeties in (SAFE, ALL))
    minutes = configured.get("trial-minutes")
    given = trials or (trials_of_minutes(minutes) if minutes is not None else _earlier_trials(job))
    return JobCost(now, safe, all_fixes, given, configured.get("launches-per-month"))


def _after_fixes(job: TuningJob, engine: Engine, safeties: Collection[str], silent: SuppressedPaths) -> TuningJob:
    """The job after its fixes of some safeties, without the fixes of suppressed findings."""
    for _ in range(MAX_FIX_ROUNDS):
        fixes = _compatible_fixes(engine.judge(job).findings, safeties, silent)
        if not fixes:
            break
        touched = {path for fix in fixes for path in (*fix.set, *fix.remove, *fix.rename)}
        observations = [each for each in job.observations if each.path not in touched]
        job = job.with_request(applied(job.request, *fixes), observations)
    return job


def _compatible_fixes(findings: list[Finding], safeties: Collection[str], silent: SuppressedPaths) -> list[Fix]:
    """The fixes of one round. Of two fixes that change the same member, only the first is applied in this round."""
    chosen: list[Fix] = []
    taken: set[Path] = set()
    for each in findings:
        fix = each.fix
        if fix is None or fix.safety not in safeties or (each.rule.id, each.path) in silent:
            continue
        touched = {*fix.set, *fix.remove, *fix.rename}
        if not touched & taken:
            chosen.append(fix)
            taken |= touched
    return chosen


def trials_of_minutes(minutes: float) -> Trials:
    """Trials that take ``minutes`` each."""
    return Trials((minutes * MINUTE_SECONDS,), f"{minutes:g} minutes per trial")


def _earlier_trials(job: TuningJob) -> Trials | None:
    """The trials of an earlier run that the job's notebook shows; None if it shows none."""
    run = next((each.observed for each in job.observations if isinstance(each.observed, EarlierRun)), None)
    if run is None:
        return None
    count = len(run.seconds)
    return Trials(tuple(run.seconds), f"{count} earlier trial{'' if count == 1 else 's'}, shown in cell {run.cell}")


def names_of(job: TuningJob) -> Iterable[str]:
    """The names by which a job can be chosen: its variable, its own name, its file."""
    return [each for each in (job.variable, job.name, job.source.name) if each is not None]


def is_called(job: TuningJob, name: str) -> bool:
    """Whether a name chooses a job. A file is chosen by its path in any spelling, or by its base name."""
    path = os.path.normpath(name).replace(os.sep, "/")
    return name in names_of(job) or path in (os.path.normpath(job.source.name), os.path.basename(job.source.name))


def _configured_for(job: TuningJob, configured: Mapping[str, Any]) -> Mapping[str, Any]:
    """The configuration of one job: its own table takes precedence over the common keys."""
    own = configured.get("jobs", {})
    return {**configured, **next((own[name] for name in own if is_called(job, name)), {})}


def unmatched_names(judged: JudgedFiles, configured: Mapping[str, Any]) -> list[str]:
    """The job names of the configuration that match no job."""
    return [name for name in configured.get("jobs", {}) if not any(is_called(job, name) for job in judged.jobs)]


def _order(cost: JobCost) -> tuple[Any, ...]:
    figure: Figure = cost.now.hours
    return (
        not cost.is_counted,
        figure.amount is None,
        not cost.now.is_written,
        -(figure.amount or 0),
        cost.job.source.name,
        cost.job.request.anchor,
    )
