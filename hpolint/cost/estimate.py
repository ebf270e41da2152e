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
from hpolint.facts.machines import Fleet, prepaid
from hpolint.facts.refused import without_refused
from hpolint.facts.space import range_sets, space_facts
from hpolint.facts.typed_values import first_unknown, read
from hpolint.facts.worst_case_cost import (
    SERVICE_RANDOM_TRIALS,
    SERVICE_TRIALS,
    Figure,
    Use,
    instances,
    limited_by_service,
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
        return bool(self.computes) and all(each.local is True for each in self.computes)

    @property
    def is_prepaid(self) -> bool:
        """Whether training plans have paid for the whole job."""
        return bool(self.uses) and all(prepaid(self.request, use.definition) is True for use in self.uses)

    @property
    def is_spot(self) -> bool:
        """Whether a definition of the job uses spot capacity."""
        return any(each.spot is True for each in self.computes)

    @property
    def is_written(self) -> bool:
        """Whether the limits are explicit; else only the default, such as the service's day per trial, bounds it."""
        return all(use.written for use in self.uses)

    @cached_property
    def hours(self) -> Figure:
        """Worst-case instance-hours that SageMaker bills: 0 in local mode."""
        if self.is_local:
            return Figure(Decimal(0))
        return self._figure(lambda each: worst(each.uses, instances, min_instances, each.more))

    @property
    def is_open(self) -> bool:
        """Whether the hours or the cost are only a lower bound, or not known at all."""
        return "≥" in (self.hours.sign, self.money.sign if self.money is not None else "=")

    @property
    def service_limit(self) -> ServiceLimit | None:
        """Where the service ends a job that nothing bounds; None for other jobs."""
        if not self.hours.unbounded:
            return None
        is_random = read(self.request, (CONFIG, "Strategy"), str) == "Random"
        trials = SERVICE_RANDOM_TRIALS if is_random else SERVICE_TRIALS
        limited = replace(self, uses=[limited_by_service(each, trials) for each in self.uses])
        hours = worst(limited.uses, instances, min_instances, self.more)
        return ServiceLimit(trials, hours, None if self.prices is None or self.is_prepaid else limited.priced())

    @cached_property
    def money(self) -> Figure | None:
        """Their cost; None without prices, 0 for prepaid jobs and in local mode."""
        if self.prices is None:
            return None
        if self.is_local or self.is_prepaid:
            return Figure(Decimal(0))
        found = self._figure(lambda each: each.priced())
        return replace(found, sign="≤") if found.sign == "=" and self._may_cost_less else found

    @property
    def _may_cost_less(self) -> bool:
        """Whether it is unknown if a definition is prepaid or uses spot capacity: the cost is then an upper bound."""
        plans = [prepaid(self.request, use.definition) for use in self.uses]
        return any(isinstance(each, Unknown) for each in (*plans, *(each.spot for each in self.computes)))

    @property
    def wall_seconds(self) -> int | Unknown | None:
        """The most seconds until the last trial ends, without waiting for capacity; None without a bound."""
        found = [use.bounds.wall_seconds for use in self.uses]
        known = [each for each in found if isinstance(each, int)]
        return self.more or first_unknown(*found) or (max(known) if known and len(known) == len(found) else None)

    @property
    def types(self) -> list[str]:
        """The known instance types."""
        found = [each.type for use in self.uses for fleet in use.fleets for each in fleet]
        return list(dict.fromkeys(each for each in found if isinstance(each, str)))

    @property
    def unpriced(self) -> list[str]:
        """The known instance types without a price."""
        if self.prices is None or self.is_local or self.is_prepaid:
            return []
        return [each for each in self.types if self.prices.hour(each) is None]

    def with_limits(self, at_once: int, trials: int) -> Estimate:
        """The same job with ``trials`` trials, ``at_once`` of them in parallel."""
        limits = ("HyperParameterTuningJobConfig", "ResourceLimits")
        given = {"MaxParallelTrainingJobs": at_once, "MaxNumberOfTrainingJobs": trials}
        fix = Fix("unsafe", {(*limits, name): number for name, number in given.items()})
        return estimate(self.job.with_request(applied(self.job.request, fix)), self.prices)

    def _figure(self, rate: RateOf) -> Figure:
        """A figure. If the possible values of all unknown ones are known, it is the maximum over them."""
        found = rate(self)
        causes = found.open
        while variants := possible_jobs(self.job, causes) if causes else []:
            figures = [rate(estimate(variant, self.prices)) for variant in variants]
            more = dict.fromkeys(cause for each in figures for cause in each.open)
            if more and not any(cause in causes for cause in more):
                causes = (*causes, *more)  # unknown values that only matter once the first ones are known
                continue
            amounts = [each.amount for each in figures if each.amount is not None]
            if more or len(amounts) < len(figures):
                break
            return figures[0] if len(set(figures)) == 1 else Figure(max(amounts), "≤", found.open)
        return found

    def priced(self) -> Figure:
        """The worst-case cost of the instances; values with several choices count as unknown."""
        return worst(self.uses, self._priced, self._least_priced, self.more)

    def _priced(self, use: Use, fleet: Fleet) -> Decimal | None:
        """The cost of a fleet per hour, with its storage if that has a price; None if something is unknown."""
        found = [self._price(use, each.type, each.volume) for each in fleet]
        counts = [each.count for each in fleet]
        pairs = [(price, count) for price, count in zip(found, counts, strict=True) if price is not None]
        known = [price * count for price, count in pairs if isinstance(count, int)]
        return sum(known, Decimal(0)) if len(known) == len(fleet) else None

    def _least_priced(self, use: Use, fleet: Fleet) -> Decimal | None:
        """A lower bound of the same: instances of a known type, with an unknown count taken as one."""
        found = [(self._price(use, each.type, each.volume), each.count) for each in fleet]
        known = [price * (count if isinstance(count, int) else 1) for price, count in found if price is not None]
        return sum(known, Decimal(0)) if known else None

    def _price(self, use: Use, name: str | Unknown | None, volume: int | Unknown | None) -> Decimal | None:
        """The cost of one instance per hour, at the spot price if there is one and spot capacity is on."""
        if self.prices is None or not isinstance(name, str):
            return None
        compute = next(
            each for each, use_of_compute in zip(self.computes, self.uses, strict=True) if use_of_compute is use
        )
        hour = self.prices.hour(name, spot=compute.spot is True)
        return None if hour is None else hour + (self.prices.storage(volume) if isinstance(volume, int) else 0)


def estimate(job: TuningJob, prices: Prices | None = None) -> Estimate:
    """The worst-case figures of a job. What its unknown values leave open is estimated with parameters' defaults."""
    found = _estimate(job, prices)
    defaults = job_by_default(job) if found.is_open else None
    if defaults is None:
        return found
    by_default = _estimate(defaults, prices)
    if by_default.hours.sign == "≥" or (found.hours.sign != "≥" and by_default.is_open):
        return found
    assumed = (
        node
        for path, node in walk(job.request)
        if isinstance(node, Unknown) and node.default and not COST_MEMBERS.isdisjoint(path)
    )
    return replace(by_default, job=job, by_default=tuple(dict.fromkeys(assumed)))


def worst_case_usd(job: TuningJob, prices: Prices | None) -> float | Unknown | None:
    """The worst-case cost of a job in USD for a condition: an unknown value that it depends on makes it unknown.

    None without prices in USD or without a figure.
    """
    if prices is None or prices.currency != "USD":
        return None
    found = _estimate(job, prices)
    if found.is_local or found.is_prepaid:
        return 0.0
    figure = found.priced()
    plans = [prepaid(found.request, use.definition) for use in found.uses]
    machines = [each for use in found.uses for fleet in use.fleets for each in fleet]
    volumes = [each.volume for each in machines] if prices.gigabyte_month is not None else []
    spots = [each.spot for each in found.computes]
    unknown = first_unknown(*figure.open, *plans, *(each.type for each in machines), *volumes, *spots)
    if unknown is not None:
        return unknown
    return None if figure.amount is None or figure.sign == "≥" else float(figure.amount)  # ≥: a type has no price


def _estimate(job: TuningJob, prices: Prices | None) -> Estimate:
    request = without_refused(job.request)
    definitions, more = definitions_of(request)
    computes = [compute_facts(request, path) for path in definitions]
    space = space_facts(request, range_sets(request, definitions), more if definitions else None)
    budget = budget_facts(request, space, more or computes)
    uses = [use_of(request, path, budget, each) for path, each in zip(definitions, computes, strict=True)]
    return Estimate(job, request, budget, uses, computes, more, prices)
