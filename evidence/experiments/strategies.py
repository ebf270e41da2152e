"""How a job searches: parallelism, grids, random search, budgets, warm start."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evidence.experiment import TARGET, Arms, Case, Condition, Draw, Experiment, tasks
from evidence.searches import Array, Lists, Parent, bayesian_search, grid_search, random_search, trials_to
from evidence.tasks import Task
from evidence.usual import compared, end_of, usual_space

AT_ONCE = {
    10: (2, 5, 10),
    20: (4, 5, 7, 10, 20),
    40: (4, 5, 8, 10, 14, 20, 40),
    60: (6, 10, 20, 30),
    100: (5, 10, 20, 34),
}
"""How many run at once by the number of trials: 2 to 20 rounds, and one."""

GRIDS = {27: (3, 3, 3), 64: (4, 4, 4), 125: (5, 5, 5)}
"""Combinations of grids. The ranges hold about 260 configurations: a larger grid would visit most of them."""


def _each_task() -> Iterator[Case]:
    for task in tasks():
        yield Case(task, {}, {})


def _parallel(case: Case, draw: Draw) -> Iterator[tuple[Condition, Arms]]:
    """Several trials at once against one at a time."""
    space = usual_space(case.task)
    one = bayesian_search(space, max(AT_ONCE), 1, draw())
    for at_once in sorted({each for sizes in AT_ONCE.values() for each in sizes}):
        budgets = [trials for trials, sizes in AT_ONCE.items() if at_once in sizes]
        several = bayesian_search(space, max(budgets), at_once, draw())
        for trials in budgets:
            condition = {"trials": trials, "at_once": at_once}
            yield condition, compared(space, several.first(trials), one.first(trials))


def _random_or_bayesian(case: Case, draw: Draw) -> Iterator[tuple[Condition, Arms]]:
    """Random search against Bayesian search with the same trials: what all trials at once come to."""
    space = usual_space(case.task)
    at_random = random_search(space, 100, draw())
    for trials, at_once in ((20, 5), (40, 5), (100, 10)):
        searched = bayesian_search(space, trials, at_once, draw())
        yield {"trials": trials, "at_once": at_once}, compared(space, at_random.first(trials), searched)


def _fewer(case: Case, draw: Draw) -> Iterator[tuple[Condition, Arms]]:
    """Random search with 100 trials against Bayesian search with fewer."""
    space = usual_space(case.task)
    at_random = end_of(random_search(space, 100, draw()), space)
    for at_once in (5, 10):
        searched = bayesian_search(space, 60, at_once, draw())
        for trials in (20, 40, 60):
            end = end_of(searched.first(trials), space)
            yield {"trials": trials, "at_once": at_once}, {"regret": (at_random, end)}


def _grid_cases() -> Iterator[Case]:
    for task in tasks():
        for combinations in GRIDS:
            yield Case(task, {"combinations": combinations}, {})


def _grid(case: Case, draw: Draw) -> Iterator[tuple[Condition, Arms]]:
    """A grid on logarithmic scales against searches that choose among its values, and ones of the ranges.

    A linear grid is not measured: 125 combinations of it are 35 to 43 configurations of a table.
    """
    combinations, space = case.condition["combinations"], usual_space(case.task)
    grid = Lists(space, GRIDS[combinations])
    before = end_of(grid_search(grid, draw()), space)
    for chooses, choices in (("the grid's values", grid), ("ranges", space)):
        budgets = [trials for trials in (15, 30, 60) if trials < combinations]
        for strategy in ("Bayesian", "Random"):
            if strategy == "Bayesian":
                found = bayesian_search(choices, max(budgets), 5, draw())
            else:
                found = random_search(choices, max(budgets), draw())
            for trials in budgets:
                condition = {"from": chooses, "by": strategy, "trials": trials}
                arms = {
                    "regret": (before, end_of(found.first(trials), space)),
                    "cost": (float(combinations), float(trials)),
                }
                yield condition, arms


def _few(case: Case, draw: Draw) -> Iterator[tuple[Condition, Arms]]:
    """The regret after few trials, and after 20 of the same search."""
    space = usual_space(case.task)
    searched = bayesian_search(space, 20, 2, draw())
    for trials in (2, 3, 4, 6, 8, 10, 15):
        yield {"trials": trials}, {"regret": (end_of(searched.first(trials), space), end_of(searched, space))}


PARENTS = (5, 10, 20, 30, 50)
OTHER_PARENT = 30
REGRESSIONS = ("diabetes",)
"""Data whose metric is another one than that of all others."""


def _warm(case: Case, draw: Draw) -> Iterator[tuple[Condition, Arms]]:
    """A search that knows the trials of an earlier random one, on the same data or on others, against a new one."""
    task = case.task
    space = usual_space(task)

    def arms(parent: Parent) -> Arms:
        warm = bayesian_search(space, 40, 4, draw(), parent)
        return {"trials": (float(trials_to(TARGET, cold, space)), float(trials_to(TARGET, warm, space)))}

    cold = bayesian_search(space, 40, 4, draw())
    for size in PARENTS:
        yield {"parent": size, "data": "same"}, arms(_parent(task, size, draw()))
    if task.data in REGRESSIONS:
        return
    for other in tasks(task.family):
        if other.data not in (task.data, *REGRESSIONS):
            yield {"parent": OTHER_PARENT, "data": "other"}, arms(_parent(other, OTHER_PARENT, draw()))


def _parent(task: Task, size: int, draw: np.random.Generator) -> Parent:
    """Trials of another random search than the one that begins with the same seed."""
    draw = draw.spawn(1)[0]
    space = usual_space(task)
    trials = random_search(space, size, draw)
    places = np.searchsorted(space.rows, trials.rows)
    return Parent(space.view[places], trials.observed(space.table))


LEAST_IMPROVEMENT = 0.01


def _completion(case: Case, draw: Draw) -> Iterator[tuple[Condition, Arms]]:
    """A job of 60 trials, 5 at a time, that ends after so many trials without a better one."""
    space = usual_space(case.task)
    whole = bayesian_search(space, 60, 5, draw())
    for patience in (3, 5, 10, 15, 20):
        ended = whole.first(end_without_improvement(whole.observed(space.table), patience))
        arms = {
            "spent": (1.0, len(ended.rows) / len(whole.rows)),
            "regret": (end_of(whole, space), end_of(ended, space)),
        }
        yield {"without_improvement": patience}, arms


def end_without_improvement(observed: Array, patience: int) -> int:
    """The number of trials of which the last ones bring no improvement; those that run beside the last one count.

    An improvement is one by ``LEAST_IMPROVEMENT`` or more. Source: the API reference, BestObjectiveNotImproving.
    """
    best, since = np.inf, 0
    for number, value in enumerate(observed):
        is_better = value <= best * (1 - LEAST_IMPROVEMENT)
        best, since = min(best, value), 0 if is_better else since + 1
        if since >= patience:
            return min(number + 5, len(observed))
    return len(observed)


QUALITY = {"regret": "difference"}
EXPERIMENTS = (
    Experiment(
        "parallelism",
        ("strategy/excessive-parallelism",),
        _each_task,
        _parallel,
        {"trials": "ratio", **QUALITY},
        full=24,
        quick=1,
    ),
    Experiment(
        "random-or-bayesian",
        ("strategy/random-search-with-large-budget", "strategy/excessive-parallelism"),
        _each_task,
        _random_or_bayesian,
        {"trials": "ratio", **QUALITY},
        full=20,
        quick=1,
    ),
    Experiment(
        "fewer-trials-than-random",
        ("strategy/random-search-with-large-budget",),
        _each_task,
        _fewer,
        QUALITY,
        full=30,
        quick=1,
    ),
    Experiment(
        "grid",
        ("strategy/grid-search-on-large-space",),
        _grid_cases,
        _grid,
        {**QUALITY, "cost": "ratio"},
        full=15,
        quick=1,
    ),
    Experiment("few-trials", ("strategy/budget-too-small-for-space",), _each_task, _few, QUALITY, full=60, quick=3),
    Experiment(
        "warm-start", ("strategy/missing-warm-start",), _each_task, _warm, {"trials": "ratio"}, full=16, quick=1
    ),
    Experiment(
        "completion-criteria",
        ("strategy/no-completion-criteria",),
        _each_task,
        _completion,
        {"spent": "share", **QUALITY},
        full=60,
        quick=2,
    ),
)
