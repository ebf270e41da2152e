"""The trade-off of running more trials at once: less time, but more trials, since the search learns between them.

It uses only measured values (``data/parallelism.yaml``): Bayesian search of 20 to 100 trials.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log

import msgspec

from hpolint.cost.estimate import Estimate
from hpolint.cost.likely import Likely, Trials, likely
from hpolint.data import load
from hpolint.facts.budget import CONFIG
from hpolint.facts.typed_values import read
from hpolint.model.message_text import subject_text
from hpolint.model.node import Unknown


class Factor(msgspec.Struct, frozen=True):
    """The factor of trials needed to get as far as one trial at a time does, with its 95 % interval."""

    value: float
    low: float
    high: float


class Choice(msgspec.Struct, frozen=True):
    """One number of trials at once. ``likely`` and ``as_far`` are None if run times of trials are not given."""

    at_once: int
    rounds: int
    factor: Factor
    likely: Likely | None
    as_far: Likely | None
    """The likely figures with as many trials as are needed to get as far as one at a time."""


class Tradeoff(msgspec.Struct, frozen=True):
    """The choices for a job of ``trials`` trials. The factors were measured on ``tasks`` with ``measured`` trials."""

    trials: int
    measured: int
    tasks: int
    choices: tuple[Choice, ...]


def tradeoff(estimate: Estimate, trials: Trials | None) -> Tradeoff | str:
    """The trade-off of a job; a text with the reason if no measurement fits the job."""
    count = estimate.budget.trials
    if count is None:
        return "the number of trials is not limited"
    if isinstance(count, Unknown):
        return f"the number of trials is unknown: {subject_text(estimate.job, count)}{count.reason}"
    strategy = read(estimate.request, (CONFIG, "Strategy"), str)
    if strategy != "Bayesian":
        name = f"`{strategy}`"
        if isinstance(strategy, Unknown):
            name = f"unknown: {subject_text(estimate.job, strategy)}{strategy.reason}"
        return f"the trade-off was measured for Bayesian search, and this job's strategy is {name}"
    sizes = sorted(int(size) for size in load("parallelism")["factors"])
    if not sizes[0] <= count <= sizes[-1]:
        return f"the trade-off was measured for {sizes[0]} to {sizes[-1]} trials, and this job has {count:,}"
    measured = min(sizes, key=lambda size: abs(log(size / count)))
    choices = tuple(_choices(estimate, count, measured, trials))
    return Tradeoff(count, measured, int(load("parallelism")["tasks"][str(measured)]), choices)


def _choices(estimate: Estimate, count: int, measured: int, trials: Trials | None) -> Iterator[Choice]:
    """The choices for a job of ``count`` trials, by the factors that were ``measured`` with a number of trials."""
    factors = {1: Factor(1.0, 1.0, 1.0)}
    for at_once, (value, low, high) in load("parallelism")["factors"][str(measured)].items():
        factors[int(at_once)] = Factor(float(value), float(low), float(high))
    for at_once, factor in sorted(factors.items()):
        if at_once <= count:
            same_trials = _likely(estimate.with_limits(at_once, count), trials)
            more_trials = _likely(estimate.with_limits(at_once, round(count * factor.value)), trials)
            yield Choice(at_once, -(-count // at_once), factor, same_trials, more_trials)


def _likely(estimate: Estimate, trials: Trials | None) -> Likely | None:
    found = likely(estimate, trials) if trials is not None else None
    return found if isinstance(found, Likely) else None
