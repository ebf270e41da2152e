"""Ranges over a published table: continuous values on the scale of a search, looked up as configurations."""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from evidence.published.tables import Array, Axis, Indices, Lookup, PublishedTable
from evidence.searches import Range
from evidence.tasks import Scale, from_unit, to_unit

WRITTEN_RATE = Range(1e-4, 0.1, "Logarithmic")
"""The range of the rate unless it is varied."""


class _Dimension(NamedTuple):
    """A hyperparameter that is searched: its place among the axes, and its first input in the model's view."""

    axis: Axis
    number: int
    range: Range | None
    """None for a category."""

    column: int

    @property
    def columns(self) -> int:
        return 1 if self.range else len(self.axis.levels)


class PublishedSpace:
    """The ranges of a job over a table.

    ``changed`` gives the range of a hyperparameter in place of the table's own. ``fixed`` names those that are not
    searched and stay in the middle of their levels. ``lookup`` is the axis on which the nearest level of the changed
    ones is found.
    """

    def __init__(
        self,
        table: PublishedTable,
        changed: dict[str, Range] | None = None,
        fixed: frozenset[str] = frozenset(),
        lookup: Lookup = "Logarithmic",
    ) -> None:
        self.table = table
        ranges = {"rate": WRITTEN_RATE} | (changed or {})
        self._lookups = {axis.name: axis.lookup for axis in table.axes} | dict.fromkeys(changed or {}, lookup)
        sizes = [len(axis.levels) for axis in table.axes]
        strides = [*accumulate(reversed(sizes[1:]), lambda product, size: product * size, initial=1)][::-1]
        self._strides = np.array(strides)
        self._fixed = sum(
            stride * (len(axis.levels) // 2)
            for axis, stride in zip(table.axes, strides, strict=True)
            if axis.name in fixed
        )
        self._dimensions: list[_Dimension] = []
        self.inputs = 0
        """How many inputs the model sees."""

        for number, axis in enumerate(table.axes):
            if axis.name in fixed:
                continue
            own = None if axis.lookup == "Category" else ranges.get(axis.name, _whole(axis))
            dimension = _Dimension(axis, number, own, self.inputs)
            self._dimensions.append(dimension)
            self.inputs += dimension.columns

    # What a search draws, and what it gets

    def drawn(self, count: int, draw: np.random.Generator) -> Array:
        """Random points, (count, inputs).

        Numbers are from 0 to 1 on the scale of their range, categories one input of 1 among zeros.
        """
        points = np.zeros((count, self.inputs))
        for each in self._dimensions:
            if each.range:
                points[:, each.column] = draw.random(count)
            else:
                points[np.arange(count), each.column + draw.integers(each.columns, size=count)] = 1
        return points

    def near(self, points: Array, steps: Array, draw: np.random.Generator) -> Array:
        """Points with about half of their hyperparameters changed; numbers by normal steps of sizes (points,)."""
        moved = points.copy()
        for each in self._dimensions:
            changed = np.flatnonzero(draw.random(len(points)) < 0.5)
            if each.range:
                shift = steps[changed] * draw.standard_normal(len(changed))
                moved[changed, each.column] = np.clip(moved[changed, each.column] + shift, 0, 1)
            else:
                moved[changed, each.column : each.column + each.columns] = 0
                moved[changed, each.column + draw.integers(each.columns, size=len(changed))] = 1
        return moved

    def looked_up(self, points: Array) -> Indices:
        """The configurations of the table that stand for points."""
        rows = np.full(len(points), self._fixed)
        for each in self._dimensions:
            if each.range:
                values = from_unit(points[:, each.column], *each.range)
                ends = _ends(each.axis, self._lookups[each.axis.name])
                levels = np.searchsorted(ends, values, side="right")
            else:
                levels = points[:, each.column : each.column + each.columns].argmax(1)
            rows += self._strides[each.number] * levels
        return rows

    # What is searched

    def shares(self, name: str) -> Array:
        """How likely a random draw is looked up as each level of a hyperparameter."""
        each = next(each for each in self._dimensions if each.axis.name == name)
        if not each.range:
            return np.full(each.columns, 1 / each.columns)
        ends = np.clip(_ends(each.axis, self._lookups[name]), each.range.low, each.range.high)
        return np.diff(to_unit(ends, *each.range), prepend=0, append=1)

    @cached_property
    def rows(self) -> Indices:
        """The searched configurations: those that some point is looked up as."""
        return np.flatnonzero(self._weights > 0)

    @cached_property
    def weights(self) -> Array:
        """How likely a random draw is looked up as each of ``rows``."""
        return np.asarray(self._weights[self.rows])

    @cached_property
    def _weights(self) -> Array:
        """How likely a random draw is looked up as each configuration of the table."""
        weights = np.ones(1)
        searched = {each.number for each in self._dimensions}
        for number, axis in enumerate(self.table.axes):
            middle = np.eye(len(axis.levels))[len(axis.levels) // 2]
            own = self.shares(axis.name) if number in searched else middle
            weights = np.outer(weights, own).ravel()
        return weights

    # How good it is

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The quality of the best hundredth of the searched configurations, by what searches see, and of the median."""
        seen = self.table.observed[self.rows].mean(1)
        best = self.rows[np.argsort(seen, kind="stable")[: max(len(self.rows) // 100, 1)]]
        quality = self.table.quality
        return float(quality[best].mean()), float(np.median(quality[self.rows]))

    def regret(self, rows: Indices) -> Array:
        """0 for the quality of the best configurations, 1 for the median one and all that are worse."""
        return self.regret_of(self.table.quality[rows])

    def regret_of(self, quality: Array) -> Array:
        """The regret of a quality."""
        best, median = self.ends
        return np.asarray(np.minimum((quality - best) / (median - best), 1))

    @cached_property
    def noise(self) -> float:
        """The deviation between seeds of the best tenth of the searched ones, as ``PublishedTable.noise``."""
        return PublishedTable(self.table.name, self.table.axes, self.table.losses[self.rows]).noise


def _whole(axis: Axis) -> Range:
    scale: Scale = "Linear" if axis.lookup == "Linear" else "Logarithmic"
    return Range(axis.levels[0], axis.levels[-1], scale)


def _ends(axis: Axis, lookup: Lookup) -> Array:
    """The values between levels from which on the upper one is nearer."""
    levels = np.array(axis.levels)
    if lookup == "Linear":
        return np.asarray((levels[:-1] + levels[1:]) / 2)
    return np.asarray(np.sqrt(levels[:-1] * levels[1:]))
