"""What a job takes if its trials take as long as somebody says, or as earlier ones did."""

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

RUNS, MOST_STARTED = 400, 400_000
"""So many schedules are drawn from earlier trials, of so many trials together at most."""
LOW, HIGH = 0.05, 0.95


class Spread(msgspec.Struct, frozen=True):
    """An expected value, and where nine of ten runs lie; of trials that all take as long there is no more than one."""

    expected: float
    low: float
    high: float


class Trials(msgspec.Struct, frozen=True):
    """How long trials run, in seconds: one figure, or those of earlier trials. ``said`` is where it comes from."""

    seconds: tuple[float, ...]
    label: str


class Likely(msgspec.Struct, frozen=True):
    """Instance-hours, and hours until the last trial has ended, waiting for capacity apart."""

    hours: Spread
    wall: Spread
    trials: Trials
    is_capped: bool = False
    """Whether some trials would take longer than they may."""


def likely(estimate: Estimate, trials: Trials) -> Likely | Unknown | None:
    """What a job takes; unknown as its limits are, None where it has none, or nothing to run on.

    Of several definitions the one with the most instances counts, as for the worst case.
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
    """The trials' seconds, added up, and those until the end, of one schedule or of several that are drawn."""
    most, at_once, cap, limit = _known(bounds)
    lengths = [min(each, cap) for each in seconds]
    mean = max(fmean(lengths), 1e-6)
    started = most if most is not None else int((limit or 0) * at_once / mean) + at_once
    if len(set(lengths)) == 1 or started > MOST_STARTED:
        scaled = round(mean * 1000)  # the exact formulas count in whole steps
        bound = None if limit is None else limit * 1000
        total, wall = (of(most, at_once, max(scaled, 1), bound) or 0 for of in (trial_seconds, wall_seconds))
        return [total / 1000], [wall / 1000]
    draw = random.Random(0)  # the same figures for the same files
    runs = [_run(draw, lengths, most, at_once, limit) for _ in range(max(min(RUNS, MOST_STARTED // started), 1))]
    return [total for total, _ in runs], [wall for _, wall in runs]


def _known(bounds: Bounds) -> tuple[int | None, int, int, int | None]:
    trials, limit = (each if isinstance(each, int) else None for each in (bounds.trials, bounds.limit))
    at_once, cap = (each if isinstance(each, int) else 1 for each in (bounds.parallel, bounds.cap))
    return trials, max(at_once, 1), cap, limit


def _run(
    draw: random.Random, lengths: Sequence[float], most: int | None, at_once: int, limit: int | None
) -> tuple[float, float]:
    """One schedule: the next trial starts as soon as one ends, and is as long as an earlier one."""
    ends: list[float] = []
    total = wall = now = 0.0
    started = 0
    while most is None or started < most:
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
