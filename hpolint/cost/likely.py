"""The likely hours and duration of a job, from a given run time of its trials or from those of earlier trials."""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from statistics import fmean

import msgspec

from hpolint.cost.estimate import Estimate
from hpolint.facts.typed_values import first_unknown, lifted
from hpolint.facts.worst_case_cost import HOUR, Use, min_instances
from hpolint.facts.worst_case_time import trial_seconds, wall_seconds
from hpolint.model.node import Unknown

MAX_SCHEDULES, MAX_DRAWN_TRIALS = 400, 400_000
"""Schedules that are drawn from earlier trials, and the trials of all of them together."""
LOW, HIGH = 0.05, 0.95


class Spread(msgspec.Struct, frozen=True):
    """An expected value and the interval of nine in ten runs; all three are equal for trials of equal length."""

    expected: float
    low: float
    high: float


class Trials(msgspec.Struct, frozen=True):
    """How long trials run, in seconds: one figure, or those of earlier trials. ``label`` names their origin."""

    seconds: tuple[float, ...]
    label: str


class Likely(msgspec.Struct, frozen=True):
    """Instance-hours, and hours until the last trial ends, without waiting for capacity."""

    hours: Spread
    wall: Spread
    trials: Trials
    is_capped: bool = False
    """Whether some trials would take longer than their cap."""


def likely(estimate: Estimate, trials: Trials) -> Likely | Unknown | None:
    """The likely figures of a job; unknown if its limits are, None if it has no limits or no instances.

    Of several definitions the one with the most instance-hours counts, as for the worst case.
    """
    figures = [_of_use(use, trials) for use in estimate.uses]
    unknown = first_unknown(estimate.more, *figures)
    known = [figure for figure in figures if isinstance(figure, Likely)]
    if unknown is not None or len(known) < len(figures):
        return unknown
    return max(known, key=lambda figure: figure.hours.expected, default=None)


def _of_use(use: Use, trials: Trials) -> Likely | Unknown | None:
    bounds = use.bounds
    unknown = first_unknown(bounds.open, bounds.wall_seconds, *use.open)
    if unknown is not None or bounds.trial_seconds is None or not use.fleets:
        return unknown
    count = float(max(min_instances(use, fleet) for fleet in use.fleets))
    return _figures(bounds.trials, bounds.parallel, bounds.cap, bounds.limit, trials, count)


@lifted
def _figures(
    max_trials: int | None, at_once: int, cap: int, limit: int | None, trials: Trials, instances: float
) -> Likely:
    lengths = [min(seconds, cap) for seconds in trials.seconds]
    totals, walls = _schedules(lengths, max_trials, at_once, limit)
    return Likely(
        hours=_spread([seconds * instances / HOUR for seconds in totals]),
        wall=_spread([seconds / HOUR for seconds in walls]),
        trials=trials,
        is_capped=max(trials.seconds) > cap,
    )


def _schedules(
    lengths: Sequence[float], max_trials: int | None, at_once: int, limit: int | None
) -> tuple[list[float], list[float]]:
    """The sum of the trials' seconds, and the seconds until the end, for one schedule or several drawn ones."""
    mean = max(fmean(lengths), 1e-6)
    started = int((limit or 0) * at_once / mean) + at_once if max_trials is None else max_trials
    if len(set(lengths)) == 1 or started > MAX_DRAWN_TRIALS:
        scaled = max(round(mean * 1000), 1)  # the exact formulas count in whole steps
        bound = None if limit is None else limit * 1000
        total = trial_seconds(max_trials, at_once, scaled, bound) or 0
        wall = wall_seconds(max_trials, at_once, scaled, bound) or 0
        return [total / 1000], [wall / 1000]
    draw = random.Random(0)  # the same figures for the same files
    count = max(min(MAX_SCHEDULES, MAX_DRAWN_TRIALS // started), 1)
    runs = [_schedule(draw, lengths, max_trials, at_once, limit) for _ in range(count)]
    return [total for total, _ in runs], [wall for _, wall in runs]


def _schedule(
    draw: random.Random, lengths: Sequence[float], max_trials: int | None, at_once: int, limit: int | None
) -> tuple[float, float]:
    """The summed and the elapsed seconds of one schedule: a trial starts when one ends, with a drawn length."""
    ends: list[float] = []
    total = wall = now = 0.0
    started = 0
    while max_trials is None or started < max_trials:
        if len(ends) == at_once:
            now = heapq.heappop(ends)
        if limit is not None and now >= limit:
            break
        end = now + draw.choice(lengths)
        end = end if limit is None else min(end, limit)
        total += end - now
        wall = max(wall, end)
        started += 1
        heapq.heappush(ends, end)
    return total, wall


def _spread(values: list[float]) -> Spread:
    ordered = sorted(values)
    last = len(ordered) - 1
    low, high = ordered[min(int(LOW * len(ordered)), last)], ordered[min(int(HIGH * len(ordered)), last)]
    return Spread(fmean(ordered), low, high)
