"""How a job searches: parallelism, grids, random search, budgets, warm start."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evidence.experiment import TARGET, Arms, Case, Experiment, tasks
from evidence.searches import Parent, bayesian_search, chosen, grid_search, random_search, trials_to
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


def _parallel_cases() -> Iterator[Case]:
    for task in tasks():
        for trials, sizes in AT_ONCE.items():
            for at_once in sizes:
                yield Case(task, {"trials": trials, "at_once": at_once}, {})


def _parallel(case: Case, one: np.random.Generator, other: np.random.Generator) -> Arms:
    """Several trials at once against one at a time."""
    trials, at_once = case.condition["trials"], case.condition["at_once"]
    space = usual_space(case)
    return compared(space, bayesian_search(space, trials, at_once, one), bayesian_search(space, trials, 1, other))


def _random_parallel(case: Case, one: np.random.Generator, other: np.random.Generator) -> Arms:
    """Random search against Bayesian search with the same trials: what all trials at once come to."""
    trials, at_once = case.condition["trials"], case.condition["at_once"]
    space = usual_space(case)
    return compared(space, random_search(space, trials, one), bayesian_search(space, trials, at_once, other))


def _random_cases() -> Iterator[Case]:
    for task in tasks():
        for trials in (20, 40, 100):
            yield Case(task, {"trials": trials, "at_once": 5 if trials < 100 else 10}, {})


def _budget_cases() -> Iterator[Case]:
    """Random search with 100 trials against Bayesian search with fewer."""
    for task in tasks():
        for trials in (20, 40, 60):
            for at_once in (5, 10):
                yield Case(task, {"trials": trials, "at_once": at_once}, {})


def _budget(case: Case, one: np.random.Generator, other: np.random.Generator) -> Arms:
    space = usual_space(case)
    drawn = end_of(space, chosen(random_search(space, 100, one), space.table))
    searched = bayesian_search(space, case.condition["trials"], case.condition["at_once"], other)
    end = end_of(space, chosen(searched, space.table))
    return {"regret": (drawn, end)}


def _grid_cases() -> Iterator[Case]:
    for task in tasks():
        for combinations in GRIDS:
            for scale in ("Linear", "Logarithmic"):
                for strategy in ("Bayesian", "Random"):
                    for trials in (15, 30, 60):
                        if trials < combinations:
                            condition = {"combinations": combinations, "grid": scale, "by": strategy, "trials": trials}
                            yield Case(task, condition, {})


def _grid(case: Case, one: np.random.Generator, other: np.random.Generator) -> Arms:
    """The grid is on the scale that its author has chosen; the search that replaces it is on a logarithmic one."""
    given = case.condition
    grid_space = usual_space(case, is_linear=given["grid"] == "Linear")
    space = usual_space(case)
    grid = grid_search(grid_space, GRIDS[given["combinations"]], one)
    before = end_of(space, chosen(grid, space.table))
    if given["by"] == "Random":
        trials = random_search(space, given["trials"], other)
    else:
        trials = bayesian_search(space, given["trials"], 5, other)
    end = end_of(space, chosen(trials, space.table))
    return {"regret": (before, end), "cost": (float(len(grid.rows)), float(given["trials"]))}


def _small_cases() -> Iterator[Case]:
    for task in tasks():
        for trials in (2, 3, 4, 6, 8, 10, 15):
            yield Case(task, {"trials": trials}, {})


def _small(case: Case, one: np.random.Generator, other: np.random.Generator) -> Arms:
    """The regret after few trials, and after 20: both searches are the same one, ended at different times."""
    del one
    space = usual_space(case)
    trials = bayesian_search(space, 20, 2, other)
    few = chosen(trials, space.table, case.condition["trials"])
    return {"regret": (end_of(space, few), end_of(space, chosen(trials, space.table)))}


def _warm_cases() -> Iterator[Case]:
    for task in tasks():
        for parent in (5, 10, 20, 30, 50):
            yield Case(task, {"parent": parent, "data": "same"}, {"of": task.data})
        regressions = ("diabetes",)  # their metric is another one
        others = [each.data for each in tasks(task.family) if each.data not in (task.data, *regressions)]
        others = [] if task.data in regressions else others
        for other in others:
            yield Case(task, {"parent": 30, "data": "other"}, {"of": other})


def _warm(case: Case, one: np.random.Generator, other: np.random.Generator) -> Arms:
    space = usual_space(case)
    source = next(each for each in tasks(case.task.family) if each.data == case.given["of"])
    before = usual_space(Case(source, {}, {}))
    size = case.condition["parent"]
    points = before.points(size, other)
    rows = before.nearest(points)
    seeds = other.integers(before.table.curves.shape[1], size=size)
    parent = Parent(points, before.table.curves[rows, seeds, -1])
    cold = bayesian_search(space, 40, 4, one)
    warm = bayesian_search(space, 40, 4, other, parent)
    return {"trials": (float(trials_to(TARGET, cold, space)), float(trials_to(TARGET, warm, space)))}


def _completion_cases() -> Iterator[Case]:
    for task in tasks():
        for patience in (3, 5, 10, 15, 20):
            yield Case(task, {"without_improvement": patience}, {})


def _completion(case: Case, one: np.random.Generator, other: np.random.Generator) -> Arms:
    """A job of 60 trials, 5 at a time, that ends after so many trials without a better one."""
    del one
    space = usual_space(case)
    trials = bayesian_search(space, 60, 5, other)
    observed = trials.observed(space.table)
    best, since, end = np.inf, 0, len(observed)
    for number, value in enumerate(observed):
        best, since = (value, 0) if value < best else (best, since + 1)
        if since >= case.condition["without_improvement"]:
            end = min(number + 5, len(observed))  # what runs beside it ends, too
            break
    return {
        "spent": (1.0, end / len(observed)),
        "regret": (end_of(space, chosen(trials, space.table)), end_of(space, chosen(trials, space.table, end))),
    }


QUALITY = {"regret": "difference"}
EXPERIMENTS = (
    Experiment(
        "parallelism",
        ("strategy/excessive-parallelism",),
        _parallel_cases,
        _parallel,
        {"trials": "ratio", **QUALITY},
        full=16,
        quick=1,
    ),
    Experiment(
        "random-or-bayesian",
        ("strategy/random-search-with-large-budget", "strategy/excessive-parallelism"),
        _random_cases,
        _random_parallel,
        {"trials": "ratio", **QUALITY},
        full=20,
        quick=1,
    ),
    Experiment(
        "fewer-trials-than-random",
        ("strategy/random-search-with-large-budget",),
        _budget_cases,
        _budget,
        QUALITY,
        full=20,
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
    Experiment("few-trials", ("strategy/budget-too-small-for-space",), _small_cases, _small, QUALITY, full=20, quick=3),
    Experiment(
        "warm-start", ("strategy/missing-warm-start",), _warm_cases, _warm, {"trials": "ratio"}, full=14, quick=1
    ),
    Experiment(
        "completion-criteria",
        ("strategy/no-completion-criteria",),
        _completion_cases,
        _completion,
        {"spent": "share", **QUALITY},
        full=15,
        quick=2,
    ),
)
