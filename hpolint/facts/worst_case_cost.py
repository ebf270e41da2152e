"""The worst-case use of a tuning job: an exact figure, a bound, or a reason why there is none.

Early stopping, completion criteria and failures do not change the worst case; nor do retries, since all attempts of a
trial share one cap. No figure includes the 120 s that a stopped trial has to end, or the upload of its artifacts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Literal

import msgspec

from hpolint.facts.budget import CONFIG, BudgetFacts
from hpolint.facts.compute import ComputeFacts
from hpolint.facts.machines import RESOURCE_CONFIG, Fleet, fleets, prepaid
from hpolint.facts.typed_values import first_unknown, lifted, missing, present, read
from hpolint.facts.worst_case_time import most_of_several, trial_seconds, wall_seconds
from hpolint.model.node import Path, Struct, Unknown, child, place, small_span
from hpolint.model.reasons import named

HOUR = 3600


class Bounds(msgspec.Struct, frozen=True):
    """The bounds on the trials of one definition.

    ``cap`` is the runtime cap of each trial, ``limit`` that of the tuning job, both in seconds.
    """

    trials: int | Unknown | None
    parallel: int | Unknown
    cap: int | Unknown
    limit: int | Unknown | None

    @property
    def open(self) -> Unknown | None:
        """The first Unknown on which the worst case depends; None if it is known."""
        parallel = self.parallel if self.limit is not None else None
        return first_unknown(self.trials, self.limit, parallel, self.cap)

    @property
    def trial_seconds(self) -> int | None:
        """The most seconds over all trials, a lower bound if something is unknown. None: unbounded or unknown."""
        at_once = self.parallel if isinstance(self.parallel, int) else 1
        if isinstance(self.trials, Unknown) or isinstance(self.limit, Unknown) or not isinstance(self.cap, int):
            return None
        if not _are_accepted(self.trials, at_once, self.cap, self.limit):
            return None
        return trial_seconds(self.trials, at_once, self.cap, self.limit)

    @property
    def wall_seconds(self) -> int | Unknown | None:
        """The most seconds until the job ends, without waiting for capacity. None: no bound."""
        return _wall_seconds(self.trials, self.parallel, self.cap, self.limit)


def _are_accepted(*numbers: int | None) -> bool:
    """Whether the service accepts the numbers. Otherwise it refuses the request, so that nothing runs."""
    return all(number is None or number >= 1 for number in numbers)


@lifted
def _wall_seconds(trials: int | None, parallel: int, cap: int, limit: int | None) -> int | None:
    return wall_seconds(trials, parallel, cap, limit) if _are_accepted(trials, parallel, cap, limit) else None


class Use(msgspec.Struct, frozen=True):
    """The instances and the bounds of the trials of one definition.

    ``fleets`` are the fleets that a trial may run on. ``written``: its limits are written; otherwise the service's
    default of one day for each trial is the only bound.
    """

    definition: Path
    bounds: Bounds
    fleets: tuple[Fleet, ...]
    open: tuple[Unknown, ...]
    written: bool

    @property
    def unbounded(self) -> bool:
        """Whether the trials have no bound."""
        return self.bounds.trial_seconds is None and not self.open


class Figure(msgspec.Struct, frozen=True):
    """A worst-case amount, in the unit of the rate × hours.

    ``sign``: ``=`` is exact; ``≥`` is a lower bound, since something is unknown (``open``); ``≤`` is an upper bound
    that no schedule may reach. Without an ``amount``, ``unbounded`` tells an unbounded figure from an unknown one.
    """

    amount: Decimal | None
    sign: Literal["=", "≥", "≤"] = "="
    open: tuple[Unknown, ...] = ()
    unbounded: bool = False


SERVICE_TRIALS, SERVICE_RANDOM_TRIALS = 750, 10_000
"""The most trials of a tuning job that the service runs, and of a random search with a raised quota."""

SERVICE_SECONDS = 30 * 24 * HOUR
"""The longest run time of a tuning job. Source: the developer guide, "Resource limits for automatic model tuning"."""

Rate = Callable[[Use, Fleet], Decimal | None]
"""The amount of one hour of a definition's fleet; None if it is unknown."""


class CostFacts(msgspec.Struct, frozen=True):
    """``cost``: the worst-case use of the whole tuning job. Trials that end early, fail or are retried do not change
    it. It does not include the time of stopping a trial (120 s) and of uploads.
    """

    instance_hours: float | Unknown | None
    """The most instance-hours that the job can bill. Null if nothing bounds them."""
    least_hours: float | None
    """A lower bound of the worst case in instance-hours if something is unknown, else ``instance_hours``. Null if there
    is no figure."""
    written_hours: float | Unknown | None
    """``instance_hours`` if the limits of every definition are written; null if a definition is bounded only by the
    service's default of one day for each trial."""
    wall_hours: float | Unknown | None
    """The most hours until the last trial ends, without waiting for capacity. Null if nothing bounds them."""
    usd: float | Unknown | None
    """Its worst-case cost in USD, by the prices of ``cost.prices``, else by hpolint's indicative prices of us-east-1.
    Null if the prices are in another currency, if an instance type has no price, or if nothing bounds the job."""
    prepaid: bool | Unknown
    """Whether a training plan has paid for the instances of a definition."""


def cost_facts(
    request: Struct,
    definitions: Sequence[Path],
    more: Unknown | None,
    budget: BudgetFacts,
    computes: Sequence[ComputeFacts],
) -> CostFacts:
    """The facts of a request; ``computes`` are its definitions' facts, ``more`` the reason why there may be others."""
    uses = [use_of(request, path, budget, compute) for path, compute in zip(definitions, computes, strict=True)]
    figure = worst(uses, instances, min_instances, more)
    least_hours = float(figure.amount) if figure.amount is not None else None
    hours = figure.open[0] if figure.open else least_hours
    wall = longest(more, *(use.bounds.wall_seconds for use in uses))
    is_written = bool(figure.open) or all(use.written for use in uses)
    return CostFacts(
        instance_hours=hours,
        least_hours=least_hours,
        written_hours=hours if is_written else None,
        wall_hours=wall / HOUR if isinstance(wall, int) else wall,
        usd=None,
        prepaid=more or _any([prepaid(request, path) for path in definitions]),
    )


@lifted
def longest(_: None, *seconds: int | None) -> int | None:
    """The longest of the times in which definitions end; None if one has no bound.

    The first argument is the reason why there may be other definitions.
    """
    known = present(seconds)
    return max(known) if known and len(known) == len(seconds) else None


def _any(values: Sequence[bool | Unknown]) -> bool | Unknown:
    """Whether one of some values is true; if none is, the first Unknown among them, or False."""
    return True in values or first_unknown(*values) or False


def instances(_: Use, fleet: Fleet) -> Decimal | None:
    """The number of instances of a fleet; None if it is unknown."""
    return Decimal(sum(_counts(fleet))) if all(isinstance(machines.count, int) for machines in fleet) else None


def min_instances(_: Use, fleet: Fleet) -> Decimal:
    """The number of instances of a fleet, with an unknown number counted as 1."""
    return Decimal(sum(_counts(fleet)))


def bounds_of(request: Struct, budget: BudgetFacts, compute: ComputeFacts) -> Bounds:
    """The bounds on a definition's trials."""
    limit = read(request, (CONFIG, "ResourceLimits", "MaxRuntimeInSeconds"), int)
    return Bounds(_trials(request, budget), budget.parallel, compute.runtime_cap, limit)


def _trials(request: Struct, budget: BudgetFacts) -> int | Unknown | None:
    """The number of trials; None if there is no limit. With Autotune, a missing limit is unknown."""
    autotune = child(request, "Autotune")
    if budget.trials is not None or autotune is None:
        return budget.trials
    return first_unknown(autotune) or Unknown(
        "has no limit on trials: SageMaker picks one itself", small_span(autotune)
    )


def use_of(request: Struct, definition: Path, budget: BudgetFacts, compute: ComputeFacts) -> Use:
    """The instances and bounds of a definition's trials."""
    bounds = bounds_of(request, budget, compute)
    is_written = compute.runtime_cap_written is not False or bounds.limit is not None
    refused = bounds.open or _below_one(request, bounds, definition)
    known = fleets(request, definition)
    if isinstance(known, Unknown):
        return Use(definition, bounds, (), tuple(present((refused, known))), is_written)
    resources = (*definition, RESOURCE_CONFIG)
    counts = []
    for fleet in known:
        counts += [machines.count for machines in fleet]
        if refused is None and fleet and not any(_counts(fleet)):
            at = place(request, (*resources, "InstanceCount"))[0]
            refused = Unknown(named("InstanceCount", "is 0, but the service requires at least 1"), at)
    unknown = first_unknown(*counts) if known else missing(request, resources)
    return Use(definition, bounds, tuple(known), tuple(present((refused, unknown))), is_written)


def limited_by_service(use: Use, trials: int) -> Use:
    """The same use of a job that nothing bounds, ended by the service after so many trials or 30 days."""
    bounds = msgspec.structs.replace(use.bounds, trials=trials, limit=SERVICE_SECONDS)
    return msgspec.structs.replace(use, bounds=bounds)


def _counts(fleet: Fleet) -> list[int]:
    """The numbers of a fleet's instances, with an unknown one as 1."""
    return [machines.count if isinstance(machines.count, int) else 1 for machines in fleet]


def _below_one(request: Struct, bounds: Bounds, definition: Path) -> Unknown | None:
    """The Unknown for a number that the service refuses, so that nothing runs; None if there is none."""
    places: tuple[tuple[object, Path], ...] = (
        (bounds.trials, (CONFIG, "ResourceLimits", "MaxNumberOfTrainingJobs")),
        (bounds.parallel, (CONFIG, "ResourceLimits", "MaxParallelTrainingJobs")),
        (bounds.limit, (CONFIG, "ResourceLimits", "MaxRuntimeInSeconds")),
        (bounds.cap, (*definition, "StoppingCondition", "MaxRuntimeInSeconds")),
    )
    for value, path in places:
        if isinstance(value, int) and value < 1:
            return Unknown(
                named(str(path[-1]), f"is {value}, but the service requires at least 1"), place(request, path)[0]
            )
    return None


def worst(uses: Sequence[Use], rate: Rate, least: Rate = lambda *_: None, more: Unknown | None = None) -> Figure:
    """The worst-case figure of a job, for a rate per hour of a fleet. Each trial runs on its most expensive fleet.

    ``least`` replaces an unknown rate; ``more`` is the reason why there may be further definitions. With several
    definitions, all trials may be of the most expensive one.
    """
    unknown: list[Unknown] = []
    for use in uses:
        unknown += use.open
    open_ = (*dict.fromkeys(unknown), *present((more,)))
    if not open_ and any(use.unbounded for use in uses):
        return Figure(None, unbounded=True)
    rates = [_highest([rate(use, fleet) for fleet in use.fleets]) for use in uses]
    known = present(rates)
    if uses and len(known) == len(uses) and not open_:
        return _worst_of_known(uses, known)
    amounts = [_minimum(use, rate, least) for use in uses]
    least_amount = max(present(amounts), default=None)
    return Figure(least_amount or None, "≥", open_)  # a lower bound of 0 says nothing


def _highest(rates: list[Decimal | None]) -> Decimal | None:
    """The highest of some rates; None if one is unknown."""
    known = present(rates)
    return max(known) if known and len(known) == len(rates) else None


def _minimum(use: Use, rate: Rate, least: Rate) -> Decimal | None:
    """A lower bound of one definition's worst case; None if it is unknown."""
    rates = []
    for fleet in use.fleets:
        amount = rate(use, fleet)
        if amount is None:
            amount = least(use, fleet)
        if amount is not None:
            rates.append(amount)
    seconds = use.bounds.trial_seconds
    return None if seconds is None or not rates else seconds * max(rates) / HOUR


def _worst_of_known(uses: Sequence[Use], rates: Sequence[Decimal]) -> Figure:
    """The worst-case figure of one or several definitions that are all known."""
    bounds = uses[0].bounds
    runs = [(use.bounds.cap, rate) for use, rate in zip(uses, rates, strict=True)]
    at_once = bounds.parallel if isinstance(bounds.parallel, int) else 1
    found = most_of_several(bounds.trials, at_once, bounds.limit, runs)  # type: ignore[arg-type]
    if found is None:
        return Figure(None, unbounded=True)
    amount, is_reached = found
    return Figure(amount / HOUR, "=" if is_reached else "≤")
