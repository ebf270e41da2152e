"""Tables of real trainings: built, kept beside this module, and looked up by searches."""

from __future__ import annotations

import hashlib
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evidence.tasks import Task, from_unit, to_unit

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
FOLDER = Path(__file__).parent / "tables"
SEEDS = 6
SEARCHED = 3
"""Seeds whose results searches see; the others judge what they find."""

BEST = 5
"""Configurations whose mean metric stands for that of the best one, so that it is not the luckiest one's."""

STEP = 1e-5
"""What metrics are rounded to in the files."""

CHUNK = 64
"""Configurations that are trained side by side: their weights fit into the processor's cache."""


class Table:
    """The trainings of a task.

    ``units`` are the configurations as numbers from 0 to 1, (configurations, hyperparameters). Of metrics, smaller is
    better. ``curves`` are those that searches see, (configurations, SEARCHED, parts). ``quality`` judges them:
    the mean of the other seeds, (configurations, parts), so that luck does not count. ``final`` is the last metric, a
    mean over all seeds.
    """

    def __init__(self, task: Task, units: Array, curves: Array) -> None:
        """``curves`` are the metrics with all seeds, (configurations, SEEDS, parts)."""
        self.task = task
        self.units = units
        self.all_curves = curves
        self.curves = curves[:, :SEARCHED]
        self.quality: Array = curves[:, SEARCHED:].mean(1)
        self.final: Array = curves[:, :, -1].mean(1)
        self.values = values_of(task, units)

    def best_of(self, rows: Indices) -> Indices:
        """The rows of the ``BEST`` configurations among some, the best one first."""
        return np.asarray(rows[np.argsort(self.final[rows], kind="stable")[:BEST]])

    def share_like(self, other: Table) -> float:
        """The share of metrics that differ by less than a thousandth from those of another table of the task."""
        return float(np.isclose(self.all_curves, other.all_curves, rtol=0, atol=1e-3).mean())

    @property
    def digest(self) -> str:
        """The first digits of a digest of the metrics, rounded so that another processor's last bits do not count."""
        return hashlib.sha256(np.round(self.all_curves, 3).tobytes()).hexdigest()[:16]


def values_of(task: Task, units: Array) -> Array:
    """The values of configurations; whole numbers are rounded."""
    columns = []
    for number, each in enumerate(task.space):
        values = from_unit(units[:, number], each.low, each.high, each.scale)
        columns.append(np.round(values) if each.is_whole else values)
    return np.stack(columns, 1)


def units_of(task: Task, values: Array) -> Array:
    """Configurations as numbers from 0 to 1 on the scales of the table."""
    columns = [to_unit(values[:, at], each.low, each.high, each.scale) for at, each in enumerate(task.space)]
    return np.stack(columns, 1)


def size_of(task: Task) -> int:
    """The number of configurations in a task's table."""
    return 512 if task.family == "trees" else 1024


def configurations_of(task: Task) -> Array:
    """The configurations of a table as numbers from 0 to 1: a scrambled Sobol sequence."""
    from scipy.stats import qmc

    number = int.from_bytes(hashlib.sha256(task.name.encode()).digest()[:4], "big")
    return np.asarray(qmc.Sobol(len(task.space), rng=np.random.default_rng(number)).random(size_of(task)))


def build(task: Task, jobs: int = 2) -> Table:
    """Train all configurations of a task, in some processes."""
    units = configurations_of(task)
    starts = range(0, len(units), CHUNK)
    pieces = [(task, units[start : start + CHUNK], seed) for start in starts for seed in range(SEEDS)]
    with ProcessPoolExecutor(jobs) as pool:
        found = list(pool.map(_train, pieces))
    rows = [np.stack(found[at : at + SEEDS], 1) for at in range(0, len(found), SEEDS)]
    return Table(task, units, np.concatenate(rows))


def _train(piece: tuple[Task, Array, int]) -> Array:
    from evidence.datasets import dataset
    from evidence.training import trained

    task, units, seed = piece
    with np.errstate(all="ignore"):
        return trained(task.family, dataset(task.data), values_of(task, units), seed)


def path_of(task: Task) -> Path:
    """The file of a task's table."""
    return FOLDER / f"{task.name}.npz"


def save(table: Table) -> None:
    """Write a table; the metrics as multiples of ``STEP``."""
    FOLDER.mkdir(exist_ok=True)
    steps = np.round(table.all_curves / STEP).astype(np.int32)
    np.savez_compressed(path_of(table.task), units=table.units, steps=steps)


@cache
def load(task: Task) -> Table:
    """The table of a task. Raises FileNotFoundError if it was not built."""
    with np.load(path_of(task)) as found:
        return Table(task, found["units"], found["steps"] * STEP)
