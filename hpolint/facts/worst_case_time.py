"""The worst-case running times of a tuning job's trials."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

N = TypeVar("N", int, Decimal)


def trial_seconds(trials: int | None, at_once: int, cap: int, limit: int | None) -> int | None:
    """The most seconds that a job's trials can run, summed over the trials; None if nothing bounds the sum.

    ``trials`` may start in total (None: no limit), ``at_once`` at the same time. Each runs for at most ``cap`` seconds,
    and all are stopped ``limit`` seconds after the job's start (None: never). With one instance for each trial, the
    result is in instance-seconds.

    Within the limit, each of the parallel slots fits ⌊limit / cap⌋ whole trials and the beginning of one more. The
    worst schedule reaches this figure: every trial runs until it is stopped.
    Source for the two limits: botocore's documentation of StoppingCondition (for all attempts of a trial together) and
    of ResourceLimits.
    """
    if limit is None:
        return None if trials is None else trials * cap
    slots = at_once if trials is None else min(at_once, trials)
    whole, rest = divmod(limit, cap)
    if trials is None:
        return slots * limit
    return cap * min(trials, slots * whole) + rest * min(max(trials - slots * whole, 0), slots)


def wall_seconds(trials: int | None, at_once: int, cap: int, limit: int | None) -> int | None:
    """The most seconds until the last trial ends, without waiting for capacity; None if nothing bounds them."""
    if trials is None:
        return limit
    seconds = -(-trials // at_once) * cap
    return seconds if limit is None else min(seconds, limit)


def most_of_several(
    trials: int | None, at_once: int, limit: int | None, runs: Sequence[tuple[int, N]]
) -> tuple[N, bool] | None:
    """The most that the trials of one or several definitions use together, and whether a schedule reaches it.

    ``runs`` has each definition's cap in seconds and the rate of one trial per second. None if nothing bounds the
    trials. Short expensive trials and long cheap ones may share the job's time and together use more than either
    definition alone. The result is at most the maximum number of the most expensive trials, and at most the highest
    rate in every slot all the time.
    """
    alone = [(trial_seconds(trials, at_once, cap, limit), rate) for cap, rate in runs]
    amounts = [seconds * rate for seconds, rate in alone if seconds is not None]
    if not amounts:
        return None
    if limit is None or len(set(runs)) == 1:
        return max(amounts), True
    slots = at_once if trials is None else min(at_once, trials)
    most = limit * slots * max(rate for _, rate in runs)
    if trials is not None:
        most = min(most, trials * max(cap * rate for cap, rate in runs))
    return most, most == max(amounts)
