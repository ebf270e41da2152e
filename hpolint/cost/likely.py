"""The likely hours and duration of a job, from a given run time of its trials or from those of earlier trials."""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from statistics import fmean

import msgspec

from hpolint.cost.estimate import Estimate
from hpolint.facts.worst_case_cost import HOUR, Bounds, Use, min_instances
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
    found = [_of_use(use, trials) for use in estimate.uses]
    unknown = estimate.more or next((each for each in found if isinstance(each, Unknown)), None)
    known = [each for each in found if isinstance(each, Likely)]
    if unknown is not None or len(known) < len(found):
        return unknown
    return max(known, key=lambda each: each.hours.expected, default=None)


def _of_use(use: Use, trials: Trials) -> Likely | Unknown | None:
    bounds = use.bounds
    unknown = next((each for each in (bounds.open, bounds.wall_seconds, *use.open) if isinstance(each, Unknown)), None)
    if unknown is not None or bounds.trial_seconds is None or not use.fleets:
        return unknown
    count = float(max(min_instances(use, fleet) for fleet in use.fleets))
    hours, wall = _schedules(bounds, trials.seconds)
    capped = isinstance(bounds.cap, int) and max(trials.seconds) > bounds.cap
    return Likely(
        _spread([each * count / HOUR for each in hours]), _spread([each / HOUR for each in wall]), trials, capped
    )


def _schedules(bounds: Bounds, seconds: Sequence[float]) -> tuple[list[float], list[float]]:
    """The sum of the trials' seconds, and the seconds until the end, for one schedule or several drawn ones."""
    max_trials, at_once, cap, limit = _known(bounds)
    lengths = [min(each, cap) for each in seconds]
    mean = max(fmean(lengths), 1e-6)
    started = max_trials if max_trials is not None else int((limit or 0) * at_once / mean) + at_once
    if len(set(lengths)) == 1 or started > MAX_DRAWN_TRIALS:
        scaled = round(mean * 1000)  # the exact formulas count in whole steps
        bound = None if limit is None else limit * 1000
        total, wall = (of(max_trials, at_once, max(scaled, 1), bound) or 0 for of in (trial_seconds, wall_seconds))
        return [total / 1000], [wall / 1000]
    draw = random.Random(0)  # the same figures for the same files
    runs = [
        _schedule(draw, lengths, max_trials, at_once, limit)
        for _ in range(max(min(MAX_SCHEDULES, MAX_DRAWN_TRIALS // started), 1))
    ]
    return [total for total, _ in runs], [wall for _, wall in runs]


def _known(bounds: Bounds) -> tuple[int | None, int, int, int | None]:
    trials, limit = (each if isinstance(each, int) else None for each in (bounds.trials, bounds.limit))
    at_once, cap = (each if isinstance(each, int) else 1 for each in (bounds.parallel, bounds.cap))
    return trials, max(at_once, 1), cap, limit


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
    low, high = (ordered[min(int(part * len(ordered)), len(ordered) - 1)] for part in (LOW, HIGH))
    return Spread(fmean(ordered), low, high)
