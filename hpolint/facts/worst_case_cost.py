"""What a tuning job can use at worst, told as far as it can be: exactly, at least so much, or not at all.

Nothing that ends a trial or the job early changes it: early stopping, completion criteria, failures. Nor do retries,
whose attempts share one cap. What comes on top is in no figure: the 120 s that a stopped trial has to end, and what its
artifacts take to be uploaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Literal

import msgspec

from hpolint.facts.budget import CONFIG, BudgetFacts
from hpolint.facts.compute import DEFAULT_RUNTIME, ComputeFacts
from hpolint.facts.machines import PLAIN, Fleet, fleets, prepaid
from hpolint.facts.typed_values import first_unknown, missing, read
from hpolint.facts.worst_case_time import most_of_several, trial_seconds, wall_seconds
from hpolint.model.node import Path, Struct, Unknown, place, small_span
from hpolint.model.reasons import named

HOUR = 3600


class Bounds(msgspec.Struct, frozen=True):
    """What bounds the trials of one definition; ``limit`` is the tuning job's own, in seconds as ``cap`` is."""

    trials: int | Unknown | None
    parallel: int | Unknown
    cap: int | Unknown
    limit: int | Unknown | None

    @property
    def open(self) -> Unknown | None:
        """The first that cannot be told and that the worst case depends on."""
        parallel = self.parallel if self.limit is not None else None
        return first_unknown(self.trials, self.limit, parallel, self.cap)

    @property
    def trial_seconds(self) -> int | None:
        """All trials' seconds at worst, added up; of what cannot be told the least. None: no bound, or none told."""
        if not isinstance(self.cap, int) or self.cap < 1 or isinstance(self.trials, Unknown):
            return None
        if isinstance(self.limit, Unknown) or any(each is not None and each < 1 for each in (self.trials, self.limit)):
            return None  # where the service refuses a number nothing runs
        at_once = self.parallel if isinstance(self.parallel, int) else 1
        if at_once < 1:
            return None
        return trial_seconds(self.trials, at_once, self.cap, self.limit)

    @property
    def wall_seconds(self) -> int | Unknown | None:
        """How long the job takes at worst, but for waiting. None: no bound."""
        unknown = first_unknown(self.trials, self.parallel, self.cap, self.limit)
        if unknown is not None:
            return unknown
        if not isinstance(self.cap, int) or not isinstance(self.parallel, int) or min(self.cap, self.parallel) < 1:
            return None
        trials, limit = (each if isinstance(each, int) else None for each in (self.trials, self.limit))
        if any(each is not None and each < 1 for each in (trials, limit)):
            return None
        return wall_seconds(trials, self.parallel, self.cap, limit)


class Use(msgspec.Struct, frozen=True):
    """What the trials of one definition run on, and how long at worst.

    ``fleets`` are what each trial may run on. ``written``: somebody chose the limits that bound it; else the service's
    day for each trial is all that does.
    """

    definition: Path
    bounds: Bounds
    fleets: tuple[Fleet, ...]
    open: tuple[Unknown, ...]
    written: bool

    @property
    def unbounded(self) -> bool:
        """Whether nothing bounds the trials."""
        return self.bounds.trial_seconds is None and not self.open


class Figure(msgspec.Struct, frozen=True):
    """An amount at worst, in what the rate was per hour.

    ``sign`` says how it is meant: ``=`` exactly, ``≥`` at least, since something is unknown (``open``), ``≤`` at most:
    no schedule may reach it. Without an ``amount`` nothing is told; ``unbounded`` then says that nothing bounds it.
    """

    amount: Decimal | None
    sign: Literal["=", "≥", "≤"] = "="
    open: tuple[Unknown, ...] = ()
    unbounded: bool = False


Rate = Callable[[Use, Fleet], Decimal | None]
"""What an hour of a definition's fleet counts; None where that cannot be told."""


class CostFacts(msgspec.Struct, frozen=True):
    """``cost``: what the whole tuning job can use at worst. Trials that end early, fail or are retried change nothing;
    what stopping (120 s) and uploads take comes on top."""

    instance_hours: float | Unknown | None
    """The most instance-hours that the job can bill, whatever happens. Null where nothing bounds it."""
    least_hours: float | None
    """What of them is certain where something is unknown: at least so many at worst. Null where nothing is told."""
    written_hours: float | Unknown | None
    """The same as instance_hours where somebody wrote the limits of every definition; null where the service's day for
    each trial is all that bounds one."""
    wall_hours: float | Unknown | None
    """The most hours until the last trial has ended, waiting for capacity apart. Null where nothing bounds it."""
    prepaid: bool | Unknown
    """Whether a training plan has paid for the instances of some definition."""


def cost_facts(
    request: Struct,
    definitions: Sequence[Path],
    more: Unknown | None,
    budget: BudgetFacts,
    computes: Sequence[ComputeFacts],
) -> CostFacts:
    """The facts of a request; ``computes`` are those of its definitions, ``more`` why there may be others."""
    uses = [use_of(request, path, budget, each) for path, each in zip(definitions, computes, strict=True)]
    figure = worst(uses, instances, least_instances, more)
    hours: float | Unknown | None = float(figure.amount) if figure.amount is not None else None
    walls = [use.bounds.wall_seconds for use in uses]
    longest = [each for each in walls if isinstance(each, int)]
    wall = max(longest) / HOUR if longest and len(longest) == len(walls) else None
    return CostFacts(
        instance_hours=figure.open[0] if figure.open else hours,
        least_hours=float(figure.amount) if figure.amount is not None else None,
        written_hours=figure.open[0] if figure.open else hours if all(use.written for use in uses) else None,
        wall_hours=more or first_unknown(*walls) or wall,
        prepaid=more or _any(prepaid(request, path) for path in definitions),
    )


def _any(found: Iterable[bool | Unknown]) -> bool | Unknown:
    """Whether one is true; one that cannot be told leaves it open where none is."""
    told = list(found)
    return True in told or first_unknown(*told) or False


def instances(_: Use, fleet: Fleet) -> Decimal | None:
    """The instances of a fleet."""
    counts = [each.count for each in fleet]
    return Decimal(sum(counts)) if all(isinstance(each, int) for each in counts) else None  # type: ignore[arg-type]


def least_instances(_: Use, fleet: Fleet) -> Decimal:
    """The instances of a fleet; where a number cannot be told one."""
    return Decimal(sum(each.count if isinstance(each.count, int) else 1 for each in fleet))


def bounds_of(request: Struct, budget: BudgetFacts, compute: ComputeFacts) -> Bounds:
    """What bounds a definition."""
    limit = read(request, (CONFIG, "ResourceLimits", "MaxRuntimeInSeconds"), int)
    return Bounds(_trials(request, budget), budget.parallel, compute.runtime_cap, limit)


def _trials(request: Struct, budget: BudgetFacts) -> int | Unknown | None:
    """The trials; where there is no limit, Autotune chooses one."""
    if budget.trials is not None:
        return budget.trials
    autotune = request.members.get("Autotune", request.open)
    if autotune is None or isinstance(autotune, Unknown):
        return autotune
    return Unknown("has no limit of trials: SageMaker picks one itself", small_span(autotune))


def use_of(request: Struct, definition: Path, budget: BudgetFacts, compute: ComputeFacts) -> Use:
    """What a definition can use."""
    bounds = bounds_of(request, budget, compute)
    found = fleets(request, definition)
    known = () if isinstance(found, Unknown) else tuple(found)
    counts = [each.count for fleet in known for each in fleet]
    none = None if known else missing(request, (*definition, PLAIN))
    few = _too_few(request, bounds, definition)
    open_ = (bounds.open or few, found if isinstance(found, Unknown) else none, first_unknown(*counts))
    unknown = tuple(each for each in open_ if each is not None)
    return Use(definition, bounds, known, unknown, _is_written(bounds, compute))


def _is_written(bounds: Bounds, compute: ComputeFacts) -> bool:
    """Whether somebody limits the trials: by a cap that is not the service's default, or for the whole job."""
    says = compute.runtime_cap_written is True and compute.runtime_cap != DEFAULT_RUNTIME
    return says or isinstance(compute.runtime_cap_written, Unknown) or bounds.limit is not None


def _too_few(request: Struct, bounds: Bounds, definition: Path) -> Unknown | None:
    """Why nothing runs: a number that the service does not take."""
    places: tuple[tuple[object, Path], ...] = (
        (bounds.trials, (CONFIG, "ResourceLimits", "MaxNumberOfTrainingJobs")),
        (bounds.parallel, (CONFIG, "ResourceLimits", "MaxParallelTrainingJobs")),
        (bounds.limit, (CONFIG, "ResourceLimits", "MaxRuntimeInSeconds")),
        (bounds.cap, (*definition, "StoppingCondition", "MaxRuntimeInSeconds")),
    )
    for value, path in places:
        if isinstance(value, int) and value < 1:
            return Unknown(
                named(str(path[-1]), f"is {value}, and the service takes 1 at least"), place(request, path)[0]
            )
    return None


def worst(uses: Sequence[Use], rate: Rate, least: Rate = lambda *_: None, more: Unknown | None = None) -> Figure:
    """What a job can use at worst, an hour of a fleet counted as a rate says, the dearest that a trial can run on.

    ``least`` stands in for a rate that is not told, ``more`` says why there may be definitions that are not seen. With
    several definitions all trials may be of the dearest.
    """
    open_ = tuple(dict.fromkeys(each for use in uses for each in use.open)) + ((more,) if more is not None else ())
    if not open_ and any(use.unbounded for use in uses):
        return Figure(None, unbounded=True)
    rates = [_dearest(use, rate) for use in uses]
    known = [each for each in rates if each is not None]
    if uses and len(known) == len(uses) and not open_:
        return _mixed(uses, known)
    found = [_least(use, rate, least) for use in uses]
    return Figure(max((each for each in found if each is not None), default=None), "≥", open_)


def _dearest(use: Use, rate: Rate) -> Decimal | None:
    """The rate of the dearest fleet; None where one cannot be told."""
    found = [rate(use, fleet) for fleet in use.fleets]
    known = [each for each in found if each is not None]
    return max(known) if known and len(known) == len(found) else None


def _least(use: Use, rate: Rate, least: Rate) -> Decimal | None:
    """What one definition uses at least in the worst case."""
    seconds = use.bounds.trial_seconds
    told = [each if (each := rate(use, fleet)) is not None else least(use, fleet) for fleet in use.fleets]
    known = [each for each in told if each is not None]
    return None if seconds is None or not known else seconds * max(known) / HOUR


def _mixed(uses: Sequence[Use], rates: Sequence[Decimal]) -> Figure:
    """What a job of one or several definitions uses at worst, everything known."""
    first = uses[0].bounds
    trials, limit = (each if isinstance(each, int) else None for each in (first.trials, first.limit))
    at_once = first.parallel if isinstance(first.parallel, int) else 1
    caps = [use.bounds.cap for use in uses]
    runs = [(cap, rate) for cap, rate in zip(caps, rates, strict=True) if isinstance(cap, int)]
    found = most_of_several(trials, at_once, limit, runs)
    return Figure(None, unbounded=True) if found is None else Figure(found[0] / HOUR, "=" if found[1] else "≤")
