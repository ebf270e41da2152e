"""Early stopping by the median rule, and by halving: the training that it saves, and the quality that it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from evidence.experiment import Arms, Case, Experiment, tasks
from evidence.searches import random_search
from evidence.usual import usual_space

Array = NDArray[np.float64]


Rule = Callable[[int, int, NDArray[np.int64], list[int]], bool]
"""Whether a trial goes on after a part, given how many parts each trial has trained, and those that have ended."""

RUNGS = (1, 3, 9)
"""The parts after which halving decides, of 15: a factor of 3."""


def _trained_parts(count: int, parts: int, at_once: int, goes_on: Rule) -> NDArray[np.int64]:
    """How many parts each trial trains, with so many at once; a trial starts as soon as another one ends."""
    done = np.zeros(count, dtype=np.int64)
    ended: list[int] = []
    events = [(1, number) for number in range(min(at_once, count))]
    waiting = iter(range(len(events), count))
    while events:
        time, number = heappop(events)
        part = int(done[number])
        done[number] += 1
        if part + 1 < parts and goes_on(number, part, done, ended):
            heappush(events, (time + 1, number))
            continue
        ended.append(number)
        following = next(waiting, None)
        if following is not None:
            heappush(events, (time + 1, following))
    return done


def stopped_parts(curves: Array, at_once: int) -> NDArray[np.int64]:
    """The parts that trials train under the median rule.

    A trial is stopped at the first part at which its metric is worse than the median of the running means up to that
    part of all trials that have ended before and got as far. Source: the developer guide, "Stop training jobs early".
    """
    means = np.cumsum(curves, 1) / np.arange(1, curves.shape[1] + 1)

    def goes_on(number: int, part: int, done: NDArray[np.int64], ended: list[int]) -> bool:
        earlier = [means[each, part] for each in ended if done[each] > part]
        return not (earlier and curves[number, part] > np.median(earlier))

    return _trained_parts(curves.shape[0], curves.shape[1], at_once, goes_on)


def halved_parts(curves: Array, at_once: int) -> NDArray[np.int64]:
    """The parts that trials train under asynchronous successive halving.

    After each of ``RUNGS`` a trial goes on if its metric is in the best third of those that have got as far. Source:
    Li et al., 2020, "A System for Massively Parallel Hyperparameter Tuning", which the developer guide's description of
    Hyperband follows; the service's own implementation is not public.
    """

    def goes_on(number: int, part: int, done: NDArray[np.int64], ended: list[int]) -> bool:
        del ended
        return part + 1 not in RUNGS or bool(curves[number, part] <= np.quantile(curves[done > part, part], 1 / 3))

    return _trained_parts(curves.shape[0], curves.shape[1], at_once, goes_on)


def _cases() -> Iterator[Case]:
    for task in tasks():
        for trials in (5, 10, 20, 40, 100):
            for at_once in (1, 5, 10, 20):
                if at_once <= trials:
                    yield Case(task, {"trials": trials, "at_once": at_once}, {})


def _halving_cases() -> Iterator[Case]:
    for task in tasks():
        for trials in (20, 40, 100):
            for at_once in sorted({5, 10, 20, trials}):
                yield Case(task, {"trials": trials, "at_once": at_once}, {})


def _stopped(case: Case, one: np.random.Generator, other: np.random.Generator) -> Arms:
    del one
    return _ended_early(case, other, stopped_parts)


def _halved(case: Case, one: np.random.Generator, other: np.random.Generator) -> Arms:
    del one
    return _ended_early(case, other, halved_parts)


def _ended_early(case: Case, draw: np.random.Generator, rule: Callable[[Array, int], NDArray[np.int64]]) -> Arms:
    """Random search with a rule against the same trials without.

    The result of a stopped trial is its last metric, which may win: the model is then the one at that point.
    """
    space = usual_space(case)
    table = space.table
    trials = random_search(space, case.condition["trials"], draw)
    curves = table.curves[trials.rows, trials.seeds]
    done = rule(curves, case.condition["at_once"])
    ends = curves[np.arange(len(done)), done - 1]
    with_all, stopped = int(curves[:, -1].argmin()), int(ends.argmin())
    kept = table.curves[trials.rows[stopped], :, done[stopped] - 1].mean()
    metrics = np.array([table.curves[trials.rows[with_all], :, -1].mean(), kept])
    regret = space.regret_of(metrics)
    return {
        "spent": (1.0, float(done.sum() / curves.size)),
        "regret": (float(regret[0]), float(regret[1])),
    }


SPENT_AND_REGRET = {"spent": "share", "regret": "difference"}
EXPERIMENTS = (
    Experiment("early-stopping", ("strategy/no-early-stopping",), _cases, _stopped, SPENT_AND_REGRET, full=60, quick=2),
    Experiment(
        "hyperband", ("strategy/excessive-parallelism",), _halving_cases, _halved, SPENT_AND_REGRET, full=60, quick=2
    ),
)
