"""What one job costs at worst: what bounds it, in instance-hours, and in money where there are prices."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cached_property

import msgspec
from msgspec.structs import replace

from hpolint.cost.prices import Prices
from hpolint.engine.possible_values import possible_jobs
from hpolint.facts.budget import BudgetFacts, budget_facts
from hpolint.facts.compute import ComputeFacts, compute_facts
from hpolint.facts.definition_paths import definitions_of
from hpolint.facts.machines import Fleet, prepaid
from hpolint.facts.refused import without_refused
from hpolint.facts.space import range_sets, space_facts
from hpolint.facts.typed_values import first_unknown
from hpolint.facts.worst_case_cost import Figure, Use, instances, min_instances, use_of, worst
from hpolint.model.fix import Fix, applied
from hpolint.model.job import TuningJob
from hpolint.model.node import Struct, Unknown

RateOf = Callable[["Estimate"], Figure]


class Estimate(msgspec.Struct, frozen=True, dict=True):
    """One job's figures, for one launch.

    ``uses`` and ``computes`` are of its definitions, ``more`` says why there may be others: with several any trial may
    be of the dearest.
    """

    job: TuningJob
    request: Struct
    budget: BudgetFacts
    uses: list[Use]
    computes: list[ComputeFacts]
    more: Unknown | None
    prices: Prices | None

    @property
    def is_local(self) -> bool:
        """Whether it runs nothing on SageMaker, as in the SDK's local mode."""
        return bool(self.computes) and all(each.local is True for each in self.computes)

    @property
    def is_prepaid(self) -> bool:
        """Whether a training plan has paid for all of it."""
        return bool(self.uses) and all(prepaid(self.request, use.definition) is True for use in self.uses)

    @property
    def is_spot(self) -> bool:
        """Whether some of it runs on spot capacity."""
        return any(each.spot is True for each in self.computes)

    @property
    def is_written(self) -> bool:
        """Whether somebody wrote the limits; else the service's day for each trial is all that bounds it."""
        return all(use.written for use in self.uses)

    @cached_property
    def hours(self) -> Figure:
        """Instance-hours at worst, billed by SageMaker: local mode has none."""
        if self.is_local:
            return Figure(Decimal(0))
        return self._figure(lambda each: worst(each.uses, instances, min_instances, each.more))

    @cached_property
    def money(self) -> Figure | None:
        """What they cost; None without prices. What is paid already, or runs elsewhere, costs nothing any more."""
        if self.prices is None:
            return None
        if self.is_local or self.is_prepaid:
            return Figure(Decimal(0))
        found = self._figure(lambda each: each.priced())
        return replace(found, sign="≤") if found.sign == "=" and self._may_cost_less else found

    @property
    def _may_cost_less(self) -> bool:
        """Whether nobody can tell if some of it is prepaid, or runs on spot capacity: then this is the most."""
        plans = [prepaid(self.request, use.definition) for use in self.uses]
        return any(isinstance(each, Unknown) for each in (*plans, *(each.spot for each in self.computes)))

    @property
    def wall_seconds(self) -> int | Unknown | None:
        """The most seconds until the last trial has ended, waiting for capacity apart. None: no bound."""
        found = [use.bounds.wall_seconds for use in self.uses]
        known = [each for each in found if isinstance(each, int)]
        return self.more or first_unknown(*found) or (max(known) if known and len(known) == len(found) else None)

    @property
    def types(self) -> list[str]:
        """The instance types that are known by name."""
        found = [each.type for use in self.uses for fleet in use.fleets for each in fleet]
        return list(dict.fromkeys(each for each in found if isinstance(each, str)))

    @property
    def unpriced(self) -> list[str]:
        """The instance types that the prices do not name."""
        if self.prices is None or self.is_local or self.is_prepaid:
            return []
        return [each for each in self.types if self.prices.hour(each) is None]

    def with_limits(self, at_once: int, trials: int) -> Estimate:
        """The same job with so many trials at once, and in all."""
        limits = ("HyperParameterTuningJobConfig", "ResourceLimits")
        given = {"MaxParallelTrainingJobs": at_once, "MaxNumberOfTrainingJobs": trials}
        fix = Fix("unsafe", {(*limits, name): number for name, number in given.items()})
        return estimate(self.job.with_request(applied(self.job.request, fix)), self.prices)

    def _figure(self, rate: RateOf) -> Figure:
        """A figure; where values are open whose choices the text tells, the most of all ways in which it can be."""
        found = rate(self)
        causes = found.open
        while ways := possible_jobs(self.job, causes) if causes else []:
            figures = [rate(estimate(way, self.prices)) for way in ways]
            more = dict.fromkeys(cause for each in figures for cause in each.open)
            if more and not any(cause in causes for cause in more):
                causes = (*causes, *more)  # what only shows where the first are told
                continue
            amounts = [each.amount for each in figures if each.amount is not None]
            if more or len(amounts) < len(figures):
                break
            return figures[0] if len(set(figures)) == 1 else Figure(max(amounts), "≤", found.open)
        return found

    def priced(self) -> Figure:
        """What the instances cost at worst, values with choices left open."""
        return worst(self.uses, self._priced, self._least_priced, self.more)

    def _priced(self, use: Use, fleet: Fleet) -> Decimal | None:
        """What an hour of a fleet costs, with its storage where that has a price."""
        found = [self._price(use, each.type, each.volume) for each in fleet]
        counts = [each.count for each in fleet]
        pairs = [(price, count) for price, count in zip(found, counts, strict=True) if price is not None]
        known = [price * count for price, count in pairs if isinstance(count, int)]
        return sum(known, Decimal(0)) if len(known) == len(fleet) else None

    def _least_priced(self, use: Use, fleet: Fleet) -> Decimal | None:
        """The same of what is known of it; where a number cannot be told one instance."""
        found = [(self._price(use, each.type, each.volume), each.count) for each in fleet]
        known = [price * (count if isinstance(count, int) else 1) for price, count in found if price is not None]
        return sum(known, Decimal(0)) if known else None

    def _price(self, use: Use, name: str | Unknown | None, volume: int | Unknown | None) -> Decimal | None:
        """What one instance costs for an hour; that of spot capacity where the prices tell it."""
        if self.prices is None or not isinstance(name, str):
            return None
        compute = next(each for each, own in zip(self.computes, self.uses, strict=True) if own is use)
        hour = self.prices.hour(name, spot=compute.spot is True)
        return None if hour is None else hour + (self.prices.storage(volume) if isinstance(volume, int) else 0)


def estimate(job: TuningJob, prices: Prices | None = None) -> Estimate:
    """What a job costs."""
    request = without_refused(job.request)
    definitions, more = definitions_of(request)
    computes = [compute_facts(request, path) for path in definitions]
    space = space_facts(request, range_sets(request, definitions), more if definitions else None)
    budget = budget_facts(request, space, more or computes)
    uses = [use_of(request, path, budget, each) for path, each in zip(definitions, computes, strict=True)]
    return Estimate(job, request, budget, uses, computes, more, prices)
