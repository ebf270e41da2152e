"""A simulation of a tuning job's schedule as the service runs it; reported costs are compared with it."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Trial:
    """What a trial would do if nothing stopped it: its attempts, in seconds each; all but the last end in an error.

    A retried trial keeps its place and its cap: the cap is for all attempts together.
    """

    attempts: tuple[int, ...]
    rate: int = 1
    """What a second of it counts."""
    own_cap: int | None = None
    """The cap of its definition, if that is another than the job's."""

    def seconds(self, cap: int) -> int:
        """How long it runs in all."""
        return min(sum(self.attempts), cap if self.own_cap is None else self.own_cap)


@dataclass(frozen=True)
class Run:
    """What a run took: the seconds of its trials added up, plain and by their rates, and until its last one ended."""

    trial_seconds: int
    counted: int
    wall_seconds: int
    started: int


def run(trials: Iterator[Trial], most: int | None, at_once: int, cap: int, limit: int | None) -> Run:
    """A tuning job that starts the next trial as soon as one ends, until ``most`` were started or ``limit`` is over.

    Trials that run at the limit are stopped. ``trials`` is asked for one more each time.
    """
    ends: list[int] = []
    total = counted = started = wall = now = 0
    while most is None or started < most:
        if len(ends) == at_once:
            now = heapq.heappop(ends)
        if limit is not None and now >= limit:
            break
        trial = next(trials, None)
        if trial is None:
            break
        end = now + trial.seconds(cap)
        end = end if limit is None else min(end, limit)
        total += end - now
        counted += (end - now) * trial.rate
        wall = max(wall, end)
        started += 1
        heapq.heappush(ends, end)
    return Run(total, counted, wall, started)
