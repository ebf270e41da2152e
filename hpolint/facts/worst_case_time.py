"""How long the trials of a tuning job can run in all, at worst."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

N = TypeVar("N", int, Decimal)


def trial_seconds(trials: int | None, at_once: int, cap: int, limit: int | None) -> int | None:
    """The most seconds that the trials of a job can run, added up; on one instance each these are instance-seconds.

    ``trials`` may start in all (None: no limit), ``at_once`` at the same time, each runs for ``cap`` seconds at most,
    and all are stopped ``limit`` seconds after the job began (None: never). None where nothing bounds it.

    Within the limit each of the places holds ⌊limit / cap⌋ whole trials and the beginning of one more, and there are
    no more trials than there are. The worst schedule does so: every trial runs until it is stopped.
    Source for the two limits: botocore's documentation of StoppingCondition (for all attempts of a trial together) and
    of ResourceLimits.
    """
    if limit is None:
        return None if trials is None else trials * cap
    places = at_once if trials is None else min(at_once, trials)
    whole, rest = divmod(limit, cap)
    if trials is None:
        return places * limit
    return cap * min(trials, places * whole) + rest * min(max(trials - places * whole, 0), places)


def wall_seconds(trials: int | None, at_once: int, cap: int, limit: int | None) -> int | None:
    """The most seconds until the last trial has ended, waiting for capacity apart. None where nothing bounds it."""
    if trials is None:
        return limit
    rounds = -(-trials // at_once) * cap
    return rounds if limit is None else min(rounds, limit)


def most_of_several(
    trials: int | None, at_once: int, limit: int | None, runs: Sequence[tuple[int, N]]
) -> tuple[N, bool] | None:
    """The most that trials of one or several definitions use together, and whether some schedule reaches it.

    ``runs`` are the definitions' caps in seconds, each with what a second of a trial counts. None where nothing bounds
    them. Short dear trials and long cheap ones may share the job's time: together they may use more than either would
    alone, but no more than as many of the dearest as there may be, nor than the dearest all of the time.
    """
    alone = [(trial_seconds(trials, at_once, cap, limit), rate) for cap, rate in runs]
    amounts = [seconds * rate for seconds, rate in alone if seconds is not None]
    if not amounts:
        return None
    if limit is None or len(set(runs)) == 1:
        return max(amounts), True
    places = at_once if trials is None else min(at_once, trials)
    most = limit * places * max(rate for _, rate in runs)
    if trials is not None:
        most = min(most, trials * max(cap * rate for cap, rate in runs))
    return most, most == max(amounts)
