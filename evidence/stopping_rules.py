"""Rules that stop trials early: the median rule, and asynchronous successive halving."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
RUNGS = (1, 3, 9)
"""The parts after which halving decides, of 15: a factor of 3."""


class Progress:
    """How far the trials of a search have got.

    ``curves`` are the metrics of each trial that has started, (trials, parts), of which ``done`` parts are known.
    ``ended`` are the trials that train no more.
    """

    def __init__(self, trials: int, parts: int) -> None:
        self.curves: Array = np.full((trials, parts), np.nan)
        self.done = np.zeros(trials, dtype=np.int64)
        self.ended: list[int] = []

    def goes_on(self, number: int, rule: StoppingRule | None) -> bool:
        """Count a further part of a trial; whether it trains another one."""
        self.done[number] += 1
        if self.done[number] < self.curves.shape[1] and not (rule and rule(self, number)):
            return True
        self.ended.append(number)
        return False

    def result(self, number: int) -> float:
        """The last known metric of a trial."""
        return float(self.curves[number, self.done[number] - 1])


StoppingRule = Callable[[Progress, int], bool]
"""Whether a trial, given by its number, is stopped after the part that it has just trained."""


def median_rule(progress: Progress, number: int) -> bool:
    """Stopped if its metric is worse than the median of the running means of all trials that have ended and got as far.

    Source: the developer guide, "Stop training jobs early".
    """
    done = progress.done[number]
    earlier = [each for each in progress.ended if progress.done[each] >= done]
    if not earlier:
        return False
    means = progress.curves[earlier, :done].mean(1)
    return bool(progress.curves[number, done - 1] > np.median(means))


def halving(progress: Progress, number: int) -> bool:
    """Stopped after each of ``RUNGS`` unless its metric is in the best third of those that have got as far.

    Source: Li et al., 2020, "A System for Massively Parallel Hyperparameter Tuning", which the developer guide's
    description of Hyperband follows; the service's own implementation is not public.
    """
    done = progress.done[number]
    if done not in RUNGS:
        return False
    reached = progress.curves[progress.done >= done, done - 1]
    return bool(progress.curves[number, done - 1] > np.quantile(reached, 1 / 3))
