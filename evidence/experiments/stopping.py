"""Early stopping by the median rule: the training that it saves, and the quality that it costs."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from evidence.experiment import Arms, Case, Experiment, tasks
from evidence.experiments.strategies import usual_space
from evidence.searches import random_search

Array = NDArray[np.float64]


def stopped_parts(curves: Array, at_once: int) -> NDArray[np.int64]:
    """How many parts each trial trains, with so many at once; a trial starts as soon as another one ends.

    A trial is stopped at the first part at which its metric is worse than the median of the running means up to that
    part of all trials that have ended before and got as far. Source: the developer guide, "Stop training jobs early".
    """
    count, parts = curves.shape
    means = np.cumsum(curves, 1) / np.arange(1, parts + 1)
    done = np.zeros(count, dtype=np.int64)
    ended: list[int] = []
    events = [(1, number) for number in range(min(at_once, count))]
    waiting = iter(range(len(events), count))
    while events:
        time, number = heappop(events)
        part = int(done[number])
        done[number] += 1
        earlier = [means[each, part] for each in ended if done[each] > part]
        if part + 1 < parts and not (earlier and curves[number, part] > np.median(earlier)):
            heappush(events, (time + 1, number))
            continue
        ended.append(number)
        following = next(waiting, None)
        if following is not None:
            heappush(events, (time + 1, following))
    return done


def _cases() -> Iterator[Case]:
    for task in tasks():
        for trials in (5, 10, 20, 40, 100):
            for at_once in (1, 5, 10, 20):
                if at_once <= trials:
                    yield Case(task, {"trials": trials, "at_once": at_once}, {})


def _stopped(case: Case, one: np.random.Generator, other: np.random.Generator) -> Arms:
    """The result of a stopped trial is its last metric, which may win: the model is then the one at that point."""
    del one
    space = usual_space(case)
    table = space.table
    trials = random_search(space, case.condition["trials"], other)
    curves = table.curves[trials.rows, trials.seeds]
    done = stopped_parts(curves, case.condition["at_once"])
    ends = curves[np.arange(len(done)), done - 1]
    with_all, stopped = int(curves[:, -1].argmin()), int(ends.argmin())
    kept = table.curves[trials.rows[stopped], :, done[stopped] - 1].mean()
    metrics = np.array([table.curves[trials.rows[with_all], :, -1].mean(), kept])
    regret = space.regret_of(metrics)
    return {
        "spent": (1.0, float(done.sum() / curves.size)),
        "regret": (float(regret[0]), float(regret[1])),
    }


EXPERIMENTS = (
    Experiment(
        "early-stopping",
        ("strategy/no-early-stopping",),
        _cases,
        _stopped,
        {"spent": "share", "regret": "difference"},
        full=60,
        quick=2,
    ),
)
