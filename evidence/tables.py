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
FOLDER = Path(__file__).parent / "tables"
SEEDS = 3
ALIKE = 5
"""Configurations whose median is the quality of one."""

CHUNK = 64
"""Configurations that are trained side by side: their weights fit into the processor's cache."""


class Table:
    """The trainings of a task.

    ``units`` are the configurations as numbers from 0 to 1, (configurations, hyperparameters); ``curves`` the metrics,
    (configurations, seeds, parts), of which smaller is better. ``final`` is how good each configuration is: the median
    of the last metric, a mean over the seeds, of it and of its nearest ones, so that the best one is not the luckiest.
    """

    def __init__(self, task: Task, units: Array, curves: Array) -> None:
        self.task = task
        self.units = units
        self.curves = curves
        self.final: Array = np.median(curves[:, :, -1].mean(1)[_nearest(units)], axis=1)
        self.values = values_of(task, units)

    def share_like(self, other: Table) -> float:
        """The share of metrics that differ by less than a thousandth from those of another table of the task."""
        return float(np.isclose(self.curves, other.curves, rtol=0, atol=1e-3).mean())

    @property
    def digest(self) -> str:
        """The first digits of a digest of the metrics, rounded so that another processor's last bits do not count."""
        return hashlib.sha256(np.round(self.curves, 3).tobytes()).hexdigest()[:16]


def _nearest(units: Array) -> NDArray[np.int64]:
    """The rows of the configurations nearest to each, and itself, (configurations, ALIKE)."""
    squares = (units**2).sum(1)[:, None] + (units**2).sum(1)[None] - 2 * units @ units.T
    return np.argpartition(squares, ALIKE, axis=1)[:, :ALIKE]


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
    """Write a table; the metrics with single precision."""
    FOLDER.mkdir(exist_ok=True)
    np.savez_compressed(path_of(table.task), units=table.units, curves=np.round(table.curves, 5).astype(np.float32))


@cache
def load(task: Task) -> Table:
    """The table of a task. Raises FileNotFoundError if it was not built."""
    with np.load(path_of(task)) as found:
        return Table(task, found["units"], found["curves"].astype(float))
