"""How long the trials of a tuning job can run in all, at worst."""

from __future__ import annotations


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
