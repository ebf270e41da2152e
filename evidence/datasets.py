"""The data sets, split into rows that train and rows that validate."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SPLIT_SEED = 20261129
VALIDATION_SHARE = 1 / 3
MAX_HEALTH_ROWS = 6000


class Dataset(NamedTuple):
    """Rows of standardized features, and targets: the numbers of classes, or of a regression standardized values."""

    features: Array
    targets: Array
    validation_features: Array
    validation_targets: Array
    classes: int
    """Zero for a regression."""


def _digits() -> tuple[Array, Array, int]:
    from sklearn.datasets import load_digits

    found = load_digits()
    return found.data, found.target, 10


def _breast() -> tuple[Array, Array, int]:
    from sklearn.datasets import load_breast_cancer

    found = load_breast_cancer()
    return found.data, found.target, 2


def _diabetes() -> tuple[Array, Array, int]:
    from sklearn.datasets import load_diabetes

    found = load_diabetes(scaled=False)
    return found.data, found.target, 0


def _affairs() -> tuple[Array, Array, int]:
    from statsmodels.datasets import fair

    found = fair.load().data
    return found.drop(columns="affairs").to_numpy(float), (found["affairs"] > 0).to_numpy(int), 2


def _health() -> tuple[Array, Array, int]:
    from statsmodels.datasets import randhie

    found = randhie.load().data.sample(MAX_HEALTH_ROWS, random_state=SPLIT_SEED)
    return found.drop(columns="mdvis").to_numpy(float), (found["mdvis"] > 0).to_numpy(int), 2


def _vote() -> tuple[Array, Array, int]:
    from statsmodels.datasets import anes96

    found = anes96.load().data
    return found.drop(columns="vote").to_numpy(float), found["vote"].to_numpy(int), 2


def _choice() -> tuple[Array, Array, int]:
    from statsmodels.datasets import modechoice

    found = modechoice.load().data
    return found.drop(columns=["individual", "choice"]).to_numpy(float), found["choice"].to_numpy(int), 2


READERS: dict[str, Callable[[], tuple[Array, Array, int]]] = {
    "digits": _digits,
    "breast": _breast,
    "diabetes": _diabetes,
    "affairs": _affairs,
    "health": _health,
    "vote": _vote,
    "choice": _choice,
}


@cache
def dataset(name: str) -> Dataset:
    """The data set of a name."""
    features, targets, classes = READERS[name]()
    order = np.random.default_rng(SPLIT_SEED).permutation(len(features))
    cut = round(len(features) * VALIDATION_SHARE)
    validation, training = order[:cut], order[cut:]
    mean, deviation = features[training].mean(0), features[training].std(0)
    scaled = (features - mean) / np.where(deviation > 0, deviation, 1.0)
    values = targets.astype(float)
    if not classes:
        values = (values - values[training].mean()) / values[training].std()
    return Dataset(scaled[training], values[training], scaled[validation], values[validation], classes)


def baseline(data: Dataset) -> float:
    """The validation metric of the best constant prediction: of the mean, or of the shares of the classes."""
    if not data.classes:
        return float(np.sqrt(np.mean((data.validation_targets - data.targets.mean()) ** 2)))
    shares = np.bincount(data.targets.astype(int), minlength=data.classes) / len(data.targets)
    return float(-np.mean(np.log(shares[data.validation_targets.astype(int)])))
