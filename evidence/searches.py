"""Searches over a table: Bayesian, random and grid, with several trials at once and warm start."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from heapq import heappop, heappush
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evidence.gaussian_process import GaussianProcess
from evidence.tables import Table, units_of
from evidence.tasks import Scale, from_unit, to_unit

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
FIRST_TRIALS = 3
"""Results before which a Bayesian search draws trials at random."""

REFIT = 1.1
"""The parameters are fitted anew when there are so many times more results than at the last fit."""

DURATIONS = 0.3
"""The standard deviation of the logarithm of a trial's duration."""


class Range(NamedTuple):
    """A range as a tuning job has it."""

    low: float
    high: float
    scale: Scale


class Space:
    """The ranges of a search, in the order of the task's hyperparameters, and the table's configurations within."""

    def __init__(self, table: Table, changed: dict[str, Range] | None = None) -> None:
        self.table = table
        own = {each.name: Range(each.low, each.high, each.scale) for each in table.task.space}
        self.ranges = list((own | (changed or {})).values())
        margin = 1e-9
        inside = [
            (table.values[:, at] >= each.low - margin) & (table.values[:, at] <= each.high + margin)
            for at, each in enumerate(self.ranges)
        ]
        self.rows: Indices = np.flatnonzero(np.logical_and.reduce(inside))
        final = table.final[self.rows]
        self._best, self._median = final.min(), np.median(final)

    def regret(self, rows: Indices) -> Array:
        """0 for the best configuration of the space, 1 for the median one and for all that are worse."""
        return self.regret_of(self.table.final[rows])

    def regret_of(self, metrics: Array) -> Array:
        """The same of metrics."""
        regret = (metrics - self._best) / max(self._median - self._best, 1e-9)
        return np.asarray(np.clip(regret, 0, 1))

    def points(self, count: int, draw: np.random.Generator) -> Array:
        """Random points, from 0 to 1 on the scale of each range."""
        return draw.random((count, len(self.ranges)))

    @cached_property
    def own_points(self) -> Array:
        """The configurations of ``rows`` as such points."""
        values = self.table.values[self.rows]
        columns = [to_unit(values[:, at], each.low, each.high, each.scale) for at, each in enumerate(self.ranges)]
        return np.clip(np.stack(columns, 1), 0, 1)

    def with_categories(self, at: int, count: int) -> Array:
        """``own_points`` where a range is cut into equal parts, each of them a category.

        Categories have a dimension each, which is 1 for the own one and 0 for all others.
        """
        own = self.own_points
        parts = np.minimum((own[:, at] * count).astype(int), count - 1)
        return np.concatenate([np.delete(own, at, 1), np.eye(count)[parts]], 1)

    def nearest(self, points: Array) -> Indices:
        """The rows of the table's configurations that are nearest to points, on the scales of the table."""
        columns = [from_unit(points[:, at], each.low, each.high, each.scale) for at, each in enumerate(self.ranges)]
        units = units_of(self.table.task, np.stack(columns, 1))
        own = self.table.units[self.rows]
        squares = (units**2).sum(1)[:, None] + (own**2).sum(1)[None] - 2 * units @ own.T
        return np.asarray(self.rows[squares.argmin(1)])

    def grid(self, sizes: Sequence[int]) -> Array:
        """The points of a grid with so many values of each range, evenly spaced on its scale, in a random order."""
        axes = [np.linspace(0, 1, size) if size > 1 else np.array([0.5]) for size in sizes]
        return np.array(list(product(*axes)))


class Trials(NamedTuple):
    """The trials of a search in the order in which they start: rows of the table, and the seed of each."""

    rows: Indices
    seeds: Indices

    def observed(self, table: Table) -> Array:
        """The last metric of each trial."""
        return np.asarray(table.curves[self.rows, self.seeds, -1])


def random_search(space: Space, trials: int, draw: np.random.Generator) -> Trials:
    """Independent trials."""
    return _run(space, space.points(trials, draw), draw)


def grid_search(space: Space, sizes: Sequence[int], draw: np.random.Generator) -> Trials:
    """Every combination, in a random order, as far as is known."""
    points = space.grid(sizes)
    return _run(space, points[draw.permutation(len(points))], draw)


def _run(space: Space, points: Array, draw: np.random.Generator) -> Trials:
    seeds = draw.integers(space.table.curves.shape[1], size=len(points))
    return Trials(space.nearest(points), seeds)


class Parent(NamedTuple):
    """Finished trials that a search starts with: points of its space, and results."""

    points: Array
    results: Array


def bayesian_search(
    space: Space,
    trials: int,
    at_once: int,
    draw: np.random.Generator,
    parent: Parent | None = None,
    view: Array | None = None,
) -> Trials:
    """Trials that are chosen from all results so far; when one ends, the next one starts.

    It chooses among the table's configurations that it has not tried: a choice close to one of them would be looked up
    as the same again. ``view`` is what the model sees in place of ``space.own_points``.
    """
    table = space.table
    seeds = draw.integers(table.curves.shape[1], size=trials)
    durations = np.exp(DURATIONS * draw.standard_normal(trials))
    first = np.searchsorted(space.rows, space.nearest(space.points(trials, draw)))
    model = _Model(space.own_points if view is None else view, parent)
    own: list[int] = []
    running: list[tuple[float, int]] = []
    now = 0.0
    while len(own) < trials:
        if len(running) == at_once:
            now, ended = heappop(running)
            model.add(own[ended], table.curves[space.rows[own[ended]], seeds[ended], -1])
        number = len(own)
        chosen_one = model.choice([own[each] for _, each in running], own)
        own.append(int(first[number]) if chosen_one is None else chosen_one)
        heappush(running, (now + durations[number], number))
    return Trials(space.rows[own], seeds)


class _Model:
    """What a Bayesian search knows: the results so far, and the Gaussian process of them."""

    def __init__(self, view: Array, parent: Parent | None) -> None:
        self._view = view
        self._points = np.empty((0, view.shape[1])) if parent is None else parent.points
        self._results = np.empty(0) if parent is None else parent.results
        self._parameters: Array | None = None
        self._fitted = 0

    def add(self, configuration: int, result: float) -> None:
        """Take in the result of a configuration, which is given by its place in the view."""
        self._points = np.concatenate([self._points, self._view[[configuration]]])
        self._results = np.append(self._results, result)

    def choice(self, pending: list[int], tried: list[int]) -> int | None:
        """The configuration with the largest expected improvement; none while there are too few results."""
        if len(self._results) < FIRST_TRIALS:
            return None
        process = self._process()
        if pending:
            process.add_pending(self._view[pending])
        gains = process.expected_improvement(self._view)
        gains[tried] = -1
        return int(gains.argmax())

    def _process(self) -> GaussianProcess:
        if len(self._results) < REFIT * self._fitted:
            return GaussianProcess(self._points, self._results, parameters=self._parameters)
        self._fitted = len(self._results)
        process = GaussianProcess(self._points, self._results, self._parameters)
        self._parameters = process.parameters
        return process


def chosen(trials: Trials, table: Table, count: int | None = None) -> int:
    """The row of the best trial among the first ``count``, as its metric says."""
    observed = trials.observed(table)[:count]
    return int(trials.rows[int(observed.argmin())])


def trials_to(target: float, trials: Trials, space: Space) -> int:
    """The number of the first trial with at most a regret; one more than there are if none has it."""
    reached = space.regret(trials.rows) <= target
    return int(reached.argmax()) + 1 if reached.any() else len(trials.rows) + 1
