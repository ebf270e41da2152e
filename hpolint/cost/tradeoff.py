"""What running more trials at once saves in time, and costs in trials: the search learns between them.

Only what was measured is told (``data/parallelism.yaml``): for Bayesian search of 20 to 100 trials, so many at once.
"""

from __future__ import annotations

from math import log

import msgspec

from hpolint.cost.estimate import Estimate
from hpolint.cost.likely import Likely, Trials, likely
from hpolint.data import load
from hpolint.facts.budget import CONFIG
from hpolint.facts.typed_values import read
from hpolint.model.node import Unknown


class Factor(msgspec.Struct, frozen=True):
    """How many times as many trials are needed to get as far as one at a time, with an interval of 95 %."""

    value: float
    low: float
    high: float


class Choice(msgspec.Struct, frozen=True):
    """One way to run a job. ``likely`` is None where nobody says how long trials take."""

    at_once: int
    rounds: int
    factor: Factor
    likely: Likely | None
    as_far: Likely | None
    """What as many trials take as get as far as one at a time."""


class Tradeoff(msgspec.Struct, frozen=True):
    """The ways to run a job of so many ``trials``; the factors were measured with ``measured`` ones."""

    trials: int
    measured: int
    tasks: int
    choices: tuple[Choice, ...]


def tradeoff(estimate: Estimate, trials: Trials | None) -> Tradeoff | str:
    """The ways to run a job at once; a text says why nothing can be told."""
    count = estimate.budget.trials
    strategy = read(estimate.request, (CONFIG, "Strategy"), str)
    if not isinstance(count, int):
        return "its number of trials is " + ("not limited" if count is None else f"unknown: {count.reason}")
    if strategy != "Bayesian":
        name = strategy.reason if isinstance(strategy, Unknown) else f"`{strategy}`"
        return f"the trade-off was measured for Bayesian search, and this job's strategy is {name}"
    data = load("parallelism")
    sizes = sorted(map(int, data["factors"]))
    if not sizes[0] <= count <= sizes[-1]:
        return f"the trade-off was measured for {sizes[0]} to {sizes[-1]} trials, and this job has {count:,}"
    measured = min(sizes, key=lambda each: abs(log(each / count)))
    factors = {1: Factor(1.0, 1.0, 1.0)}
    factors |= {int(name): Factor(*map(float, each)) for name, each in data["factors"][str(measured)].items()}
    choices = [_choice(estimate, at_once, count, factor, trials) for at_once, factor in sorted(factors.items())]
    return Tradeoff(count, measured, int(data["tasks"][str(measured)]), tuple(filter(None, choices)))


def _choice(estimate: Estimate, at_once: int, count: int, factor: Factor, trials: Trials | None) -> Choice | None:
    if at_once > count:
        return None
    own, further = (
        _likely(estimate.with_limits(at_once, number), trials) for number in (count, round(count * factor.value))
    )
    return Choice(at_once, -(-count // at_once), factor, own, further)


def _likely(estimate: Estimate, trials: Trials | None) -> Likely | None:
    found = likely(estimate, trials) if trials is not None else None
    return found if isinstance(found, Likely) else None
