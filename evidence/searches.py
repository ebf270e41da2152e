"""Searches over a table: Bayesian, random and grid, with several trials at once, early stopping and warm start."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from heapq import heappop, heappush
from itertools import product
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from evidence.gaussian_process import GaussianProcess
from evidence.stopping_rules import Progress, StoppingRule
from evidence.tables import Table, units_of
from evidence.tasks import Scale, from_unit, to_unit
from evidence.training import PARTS

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
FIRST_TRIALS = 3
"""Trials that a Bayesian search draws at random, or as many as run at once."""

REFIT = 1.1
"""The parameters are fitted anew when there are so many times more results than at the last fit."""

DURATIONS = 0.3
"""The standard deviation of the logarithm of a trial's duration."""

MOST = 256
"""Trials for which random numbers are drawn: so a shorter search is the beginning of a longer one."""


class Range(NamedTuple):
    """A range as a tuning job has it."""

    low: float
    high: float
    scale: Scale


class Choices(Protocol):
    """What a search chooses among.

    ``rows`` are the rows of the table that stand for the choices, ``view`` what a model sees of each, (choices, inputs
    from 0 to 1).
    """

    @property
    def table(self) -> Table: ...
    @property
    def rows(self) -> Indices: ...
    @property
    def view(self) -> Array: ...
    def drawn(self, count: int, draw: np.random.Generator) -> Indices:
        """So many choices at random, by their places in ``rows``."""
        ...


class Space:
    """Ranges, in the order of the task's hyperparameters: the choices are the table's configurations within."""

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

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The quality of the best configurations, and of the median one."""
        quality = self.table.quality[:, -1]
        return float(quality[self.table.best_of(self.rows)].mean()), float(np.median(quality[self.rows]))

    @cached_property
    def noise(self) -> float:
        """The standard deviation between the seeds of the best tenth, divided by the distance from best to median."""
        rows = self.rows[np.argsort(self.table.final[self.rows])[: len(self.rows) // 10]]
        final = self.table.final
        best, median = final[self.table.best_of(self.rows)].mean(), np.median(final[self.rows])
        deviation = np.sqrt(self.table.all_curves[rows, :, -1].var(1, ddof=1).mean())
        return float(deviation / (median - best))

    def regret(self, quality: Array) -> Array:
        """0 for the quality of the best configurations of the space, 1 for the median one and all that are worse."""
        best, median = self.ends
        return np.asarray(np.minimum((quality - best) / max(median - best, 1e-9), 1))

    def points(self, count: int, draw: np.random.Generator) -> Array:
        """Random points, from 0 to 1 on the scale of each range."""
        return draw.random((count, len(self.ranges)))

    @cached_property
    def view(self) -> Array:
        """The configurations of ``rows`` as such points."""
        values = self.table.values[self.rows]
        columns = [to_unit(values[:, at], each.low, each.high, each.scale) for at, each in enumerate(self.ranges)]
        return np.clip(np.stack(columns, 1), 0, 1)

    def nearest(self, points: Array) -> Indices:
        """The places in ``rows`` of the configurations that are nearest to points, on the scales of the table."""
        columns = [from_unit(points[:, at], each.low, each.high, each.scale) for at, each in enumerate(self.ranges)]
        units = units_of(self.table.task, np.stack(columns, 1))
        own = self.table.units[self.rows]
        squares = (units**2).sum(1)[:, None] + (own**2).sum(1)[None] - 2 * units @ own.T
        return np.asarray(squares.argmin(1))

    def drawn(self, count: int, draw: np.random.Generator) -> Indices:
        """The places of the configurations that are nearest to random points."""
        return self.nearest(self.points(count, draw))


class Lists:
    """Lists of values in place of ranges: values that are evenly spaced on a range's scale, or the range's own.

    ``sizes`` are the numbers of values in the order of the hyperparameters, 0 for a range that stays one. A choice is
    looked up as the nearest configuration. Of a list the model sees one input for each value, which is 1 for the own
    one: values tell nothing of their neighbours. With ``as_numbers`` it sees the values.
    """

    def __init__(self, space: Space, sizes: Sequence[int], *, as_numbers: bool = False) -> None:
        self.table = space.table
        listed = [at for at, size in enumerate(sizes) if size]
        axes = [np.linspace(0, 1, sizes[at]) if sizes[at] > 1 else np.array([0.5]) for at in listed]
        values = np.array(list(product(*axes)))
        rest = np.unique(np.delete(space.view, listed, 1), axis=0)
        points = np.empty((len(values), len(rest), len(sizes)))
        points[:, :, listed] = values[:, None]
        points[:, :, [at for at, size in enumerate(sizes) if not size]] = rest[None]
        self._points = points.reshape(-1, len(sizes))
        self.rows: Indices = space.rows[space.nearest(self._points)]
        columns = []
        for at, size in enumerate(sizes):
            own = self._points[:, at]
            is_list = size > 0 and not as_numbers
            columns.append(np.eye(size)[np.round(own * (size - 1)).astype(int)] if is_list else own[:, None])
        self.view: Array = np.concatenate(columns, 1)

    def drawn(self, count: int, draw: np.random.Generator) -> Indices:
        """Any of the choices."""
        return draw.integers(len(self.rows), size=count)


class Trials(NamedTuple):
    """The trials of a search in the order in which they start.

    Rows of the table, the seed of each, and how many parts of the training it has trained.
    """

    rows: Indices
    seeds: Indices
    parts: Indices

    def observed(self, table: Table) -> Array:
        """The last metric of each trial, which the search sees."""
        return np.asarray(table.curves[self.rows, self.seeds, self.parts - 1])

    def quality(self, table: Table) -> Array:
        """How good the model of each trial is; that of a stopped trial is the model at that point."""
        return np.asarray(table.quality[self.rows, self.parts - 1])

    def first(self, count: int) -> Trials:
        """The trials that start first."""
        return Trials(*(each[:count] for each in self))


class Parent(NamedTuple):
    """Finished trials that a search starts with: what the model sees of them, and their results."""

    view: Array
    results: Array


def random_search(
    choices: Choices, trials: int, draw: np.random.Generator, at_once: int = 1, rule: StoppingRule | None = None
) -> Trials:
    """Independent trials. How many run at once is of interest if a rule stops some of them."""
    return _searched(choices, trials, at_once, draw, None, rule)


def bayesian_search(
    choices: Choices,
    trials: int,
    at_once: int,
    draw: np.random.Generator,
    parent: Parent | None = None,
    rule: StoppingRule | None = None,
) -> Trials:
    """Trials that are chosen from all results so far; when one ends, the next one starts.

    A choice whose configuration was tried is not taken again: a table has the same results for it.
    """
    return _searched(choices, trials, at_once, draw, _Model(choices.view, parent), rule)


def grid_search(grid: Lists, draw: np.random.Generator) -> Trials:
    """Every combination once, in a random order, as far as is known."""
    order = draw.permutation(len(grid.rows))
    seeds = draw.integers(grid.table.curves.shape[1], size=len(order))
    return Trials(grid.rows[order], seeds, np.full(len(order), PARTS))


def _searched(
    choices: Choices,
    trials: int,
    at_once: int,
    draw: np.random.Generator,
    model: _Model | None,
    rule: StoppingRule | None,
) -> Trials:
    table = choices.table
    seeds = draw.integers(table.curves.shape[1], size=MOST)
    step = np.exp(DURATIONS * draw.standard_normal(MOST)) / PARTS
    at_random = _Untried(choices.rows, choices.drawn(MOST, draw))
    own: list[int] = []
    running: list[tuple[float, int]] = []
    progress = Progress(trials, PARTS)
    now = 0.0
    while len(own) < trials or running:
        if len(own) < trials and len(running) < at_once:
            number = len(own)
            asked = None
            if model and (model.has_parent or number >= max(FIRST_TRIALS, at_once)):
                asked = model.choice([own[each] for _, each in running], at_random.tried)
            own.append(at_random.next() if asked is None else asked)
            at_random.add(own[number])
            progress.curves[number] = table.curves[choices.rows[own[number]], seeds[number]]
            heappush(running, (now + step[number], number))
            continue
        now, number = heappop(running)
        if progress.goes_on(number, rule):
            heappush(running, (now + step[number], number))
        elif model:
            model.add(own[number], progress.result(number))
    return Trials(choices.rows[own], seeds[:trials], progress.done)


class _Untried:
    """Random choices, one after the other, whose configuration was not tried."""

    def __init__(self, rows: Indices, drawn: Indices) -> None:
        self._rows = rows
        self._drawn = iter(drawn.tolist())
        self.tried = np.zeros(len(rows), dtype=bool)
        """Whether the configuration of each choice was tried."""

    def next(self) -> int:
        """The next one; if all that were drawn are tried, the first that is not, or any of the choices."""
        found = next((each for each in self._drawn if not self.tried[each]), None)
        return int(self.tried.argmin()) if found is None else int(found)

    def add(self, choice: int) -> None:
        """A choice was tried."""
        self.tried |= self._rows == self._rows[choice]


class Fitted:
    """The inputs and results of a search so far, and a Gaussian process of them that is fitted anew now and then."""

    def __init__(self, inputs: Array, results: Array) -> None:
        self.inputs = inputs
        self.results = results
        self._parameters: Array | None = None
        self._fitted = 0

    def add(self, point: Array, result: float) -> None:
        """Take in the result of a point."""
        self.inputs = np.concatenate([self.inputs, point[None]])
        self.results = np.append(self.results, result)

    def process(self, pending: Array) -> GaussianProcess:
        """The Gaussian process; trials that are still running, (trials, inputs), count with their predicted results."""
        process = self._process()
        if len(pending):
            process.add_pending(pending)
        return process

    def _process(self) -> GaussianProcess:
        if len(self.results) < REFIT * self._fitted:
            return GaussianProcess(self.inputs, self.results, parameters=self._parameters)
        self._fitted = len(self.results)
        process = GaussianProcess(self.inputs, self.results, self._parameters)
        self._parameters = process.parameters
        return process


class _Model:
    """What a Bayesian search knows, and what it chooses next."""

    def __init__(self, view: Array, parent: Parent | None) -> None:
        self.has_parent = parent is not None
        self._view = view
        if parent is None:
            self._known = Fitted(np.empty((0, view.shape[1])), np.empty(0))
        else:
            self._known = Fitted(parent.view, parent.results)

    def add(self, choice: int, result: float) -> None:
        """Take in the result of a choice, which is given by its place in the view."""
        self._known.add(self._view[choice], result)

    def choice(self, pending: list[int], tried: NDArray[np.bool_]) -> int | None:
        """The choice with the largest expected improvement; None without any result, or if all are tried."""
        if not len(self._known.results) or tried.all():
            return None
        gains = self._known.process(self._view[pending]).expected_improvement(self._view)
        gains[tried] = -1
        return int(gains.argmax())


def chosen(trials: Trials, table: Table) -> int:
    """The number of the trial that the search calls best, from 0."""
    return int(trials.observed(table).argmin())


def trials_to(target: float, trials: Trials, space: Space) -> int:
    """The number of the first trial with at most a regret, from 1; one more than there are if none has it."""
    reached = space.regret(trials.quality(space.table)) <= target
    return int(reached.argmax()) + 1 if reached.any() else len(trials.rows) + 1
