"""Lines through points, by least squares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np


class Line(NamedTuple):
    """A line, and the share of the variance of the points that it explains."""

    start: float
    slope: float
    explained: float

    @classmethod
    def fitted(cls, inputs: Sequence[float], values: Sequence[float]) -> Self:
        """The line with the least squares."""
        slope, start = np.polyfit(inputs, values, 1)
        return cls(float(start), float(slope), _explained(float(start), float(slope), inputs, values))

    @classmethod
    def through_origin(cls, inputs: Sequence[float], values: Sequence[float]) -> Self:
        """The line with the least squares among those that are 0 at 0."""
        slope = float(np.dot(inputs, values) / np.dot(inputs, inputs))
        return cls(0.0, slope, _explained(0.0, slope, inputs, values))


def _explained(start: float, slope: float, inputs: Sequence[float], values: Sequence[float]) -> float:
    """The share of the variance of the values that a line explains."""
    rest = np.asarray(values) - (start + slope * np.asarray(inputs))
    return float(1 - (rest**2).sum() / ((np.asarray(values) - np.mean(values)) ** 2).sum())
