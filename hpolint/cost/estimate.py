"""The worst-case cost of one job: its bounds, in instance-hours, and in money if there are prices."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cached_property

import msgspec
from msgspec.structs import replace

from hpolint.cost.prices import Prices
from hpolint.engine.possible_values import job_by_default, possible_jobs
from hpolint.facts.budget import CONFIG, BudgetFacts, budget_facts
from hpolint.facts.compute import ComputeFacts, compute_facts
from hpolint.facts.definition_paths import definitions_of
from hpolint.facts.machines import Fleet, Machines, prepaid
from hpolint.facts.refused import without_refused
from hpolint.facts.space import range_sets, space_facts
from hpolint.facts.typed_values import first_unknown, present, read
from hpolint.facts.worst_case_cost import (
    SERVICE_RANDOM_TRIALS,
    SERVICE_TRIALS,
    Figure,
    Use,
    instances,
    limited_by_service,
    longest,
    min_instances,
    use_of,
    worst,
)
from hpolint.model.fix import Fix, applied
from hpolint.model.job import TuningJob
from hpolint.model.node import Struct, Unknown, walk

COST_MEMBERS = frozenset(
    {"ResourceLimits", "Strategy", "ParameterRanges", "HyperParameterRanges", "StoppingCondition", "ResourceConfig"}
    | {"HyperParameterTuningResourceConfig", "EnableManagedSpotTraining"}
)
"""The members of a request whose values its figures depend on."""

RateOf = Callable[["Estimate"], Figure]


class ServiceLimit(msgspec.Struct, frozen=True):
    """The trials after which the service ends a job, and its instance-hours and cost until then or until 30 days."""

    trials: int
    hours: Figure
    money: Figure | None


class Estimate(msgspec.Struct, frozen=True, dict=True):
    """One job's figures, for one launch.

    ``uses`` and ``computes`` are those of its definitions. ``more`` is the reason why there may be other definitions.
    With several definitions, every trial may be one of the most expensive definition. ``by_default`` are the unknown
    values in whose place the figures have their parameters' defaults.
    """

    job: TuningJob
    request: Struct
    budget: BudgetFacts
    uses: list[Use]
    computes: list[ComputeFacts]
    more: Unknown | None
    prices: Prices | None
    by_default: tuple[Unknown, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether the job runs nothing on SageMaker, as in the SDK's local mode."""
        return bool(self.computes) and all(compute.local for compute in self.computes)

    @property
    def plans(self) -> list[bool | Unknown]:
        """Whether a training plan has paid for the instances of each definition."""
        return [prepaid(self.request, use.definition) for use in self.uses]

    @property
    def is_prepaid(self) -> bool:
        """Whether training plans have paid for the whole job."""
        return bool(self.uses) and all(plan is True for plan in self.plans)

    @property
    def is_spot(self) -> bool:
        """Whether a definition of the job uses spot capacity."""
        return any(compute.spot is True for compute in self.computes)

    @property
    def is_written(self) -> bool:
        """Whether the limits are explicit; else only the default, such as the service's day per trial, bounds it."""
        return all(use.written for use in self.uses)

    @cached_property
    def hours(self) -> Figure:
        """Worst-case instance-hours that SageMaker bills: 0 in local mode."""
        if self.is_local:
            return Figure(Decimal(0))
        return self._figure(_worst_hours)

    @property
    def is_open(self) -> bool:
        """Whether the hours or the cost are only a lower bound, or not known at all."""
        return any(figure is not None and figure.sign == "≥" for figure in (self.hours, self.money))

    @property
    def service_limit(self) -> ServiceLimit | None:
        """Where the service ends a job that nothing bounds; None for other jobs."""
        if not self.hours.unbounded:
            return None
        is_random = read(self.request, (CONFIG, "Strategy"), str) == "Random"
        trials = SERVICE_RANDOM_TRIALS if is_random else SERVICE_TRIALS
        limited = replace(self, uses=[limited_by_service(use, trials) for use in self.uses])
        money = limited.priced() if self.prices is not None and not self.is_prepaid else None
        return ServiceLimit(trials, _worst_hours(limited), money)

    @cached_property
    def money(self) -> Figure | None:
        """Their cost; None without prices, 0 for prepaid jobs and in local mode."""
        if self.prices is None:
            return None
        if self.is_local or self.is_prepaid:
            return Figure(Decimal(0))
        figure = self._figure(Estimate.priced)
        # a definition that is prepaid, or uses spot capacity, costs less
        if figure.sign == "=" and first_unknown(*self.plans, *(compute.spot for compute in self.computes)) is not None:
            return replace(figure, sign="≤")
        return figure

    @property
    def wall_seconds(self) -> int | Unknown | None:
        """The most seconds until the last trial ends, without waiting for capacity; None without a bound."""
        return longest(self.more, *(use.bounds.wall_seconds for use in self.uses))

    @property
    def machines(self) -> list[Machines]:
        """All instances that a trial may run on."""
        machines: list[Machines] = []
        for use in self.uses:
            for fleet in use.fleets:
                machines += fleet
        return machines

    @property
    def types(self) -> list[str]:
        """The known instance types."""
        return list(dict.fromkeys(machines.type for machines in self.machines if isinstance(machines.type, str)))

    @property
    def unpriced(self) -> list[str]:
        """The known instance types without a price."""
        if self.prices is None or self.is_local or self.is_prepaid:
            return []
        return [name for name in self.types if self.prices.hour(name) is None]

    def with_limits(self, at_once: int, trials: int) -> Estimate:
        """The same job with ``trials`` trials, ``at_once`` of them in parallel."""
        limits = (CONFIG, "ResourceLimits")
        numbers = {"MaxParallelTrainingJobs": at_once, "MaxNumberOfTrainingJobs": trials}
        fix = Fix("unsafe", {(*limits, name): number for name, number in numbers.items()})
        return estimate(replace(self.job, request=applied(self.job.request, fix)), self.prices)

    def _figure(self, rate: RateOf) -> Figure:
        """A figure. If the possible values of all unknown ones are known, it is the maximum over them."""
        figure = rate(self)
        causes = figure.open
        while variants := possible_jobs(self.job, causes):
            figures = [rate(estimate(variant, self.prices)) for variant in variants]
            more: list[Unknown] = []
            for variant_figure in figures:
                more += variant_figure.open
            if more and not any(cause in causes for cause in more):
                causes = (*causes, *dict.fromkeys(more))  # values that only matter once the first ones are known
                continue
            amounts = present(variant_figure.amount for variant_figure in figures)
            if more or len(amounts) < len(figures):
                break
            return figures[0] if len(set(figures)) == 1 else Figure(max(amounts), "≤", figure.open)
        return figure

    def priced(self) -> Figure:
        """The worst-case cost of the instances; values with several choices count as unknown."""
        return worst(self.uses, self._priced, self._least_priced, self.more)

    def _priced(self, use: Use, fleet: Fleet) -> Decimal | None:
        """The cost of a fleet per hour, with its storage if that has a price; None if something is unknown."""
        total = Decimal(0)
        for machines in fleet:
            price = self._price(use, machines)
            if price is None or not isinstance(machines.count, int):
                return None
            total += price * machines.count
        return total

    def _least_priced(self, use: Use, fleet: Fleet) -> Decimal | None:
        """A lower bound of the same: instances of a known type, with an unknown count taken as one."""
        amounts = []
        for machines in fleet:
            price = self._price(use, machines)
            if price is not None:
                amounts.append(price * (machines.count if isinstance(machines.count, int) else 1))
        return sum(amounts, Decimal(0)) if amounts else None

    def _price(self, use: Use, machines: Machines) -> Decimal | None:
        """The cost of one instance per hour, at the spot price if there is one and spot capacity is on."""
        if self.prices is None or not isinstance(machines.type, str):
            return None
        compute = next(compute for compute, own in zip(self.computes, self.uses, strict=True) if own is use)
        hour = self.prices.hour(machines.type, spot=compute.spot is True)
        if hour is None or not isinstance(machines.volume, int):
            return hour
        return hour + self.prices.storage(machines.volume)


def _worst_hours(estimate: Estimate) -> Figure:
    return worst(estimate.uses, instances, min_instances, estimate.more)


def estimate(job: TuningJob, prices: Prices | None = None) -> Estimate:
    """The worst-case figures of a job. What its unknown values leave open is estimated with parameters' defaults."""
    written = _estimate(job, prices)
    defaults = job_by_default(job) if written.is_open else None
    if defaults is None:
        return written
    by_default = _estimate(defaults, prices)
    if by_default.hours.sign == "≥" or (written.hours.sign != "≥" and by_default.is_open):
        return written
    assumed: dict[Unknown, None] = {}
    for path, node in walk(job.request):
        if isinstance(node, Unknown) and node.default and not COST_MEMBERS.isdisjoint(path):
            assumed[node] = None
    return replace(by_default, job=job, by_default=tuple(assumed))


def worst_case_usd(job: TuningJob, prices: Prices | None) -> float | Unknown | None:
    """The worst-case cost of a job in USD for a condition: an unknown value that it depends on makes it unknown.

    None without prices in USD or without a figure.
    """
    if prices is None or prices.currency != "USD":
        return None
    written = _estimate(job, prices)
    if written.is_local or written.is_prepaid:
        return 0.0
    figure = written.priced()
    types = [machines.type for machines in written.machines]
    volumes = [machines.volume for machines in written.machines] if prices.gigabyte_month is not None else []
    spots = [compute.spot for compute in written.computes]
    unknown = first_unknown(*figure.open, *written.plans, *types, *volumes, *spots)
    if unknown is not None:
        return unknown
    return None if figure.amount is None or figure.sign == "≥" else float(figure.amount)  # ≥: a type has no price


def _estimate(job: TuningJob, prices: Prices | None) -> Estimate:
    request = without_refused(job.request)
    definitions, more = definitions_of(request)
    computes = [compute_facts(request, path) for path in definitions]
    space = space_facts(request, range_sets(request, definitions), more if definitions else None)
    budget = budget_facts(request, space, more or computes)
    uses = [use_of(request, path, budget, compute) for path, compute in zip(definitions, computes, strict=True)]
    return Estimate(job, request, budget=budget, uses=uses, computes=computes, more=more, prices=prices)
