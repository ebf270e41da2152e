"""Real trainings: of networks and linear models, many configurations side by side, and of boosted trees.

Each returns the validation metric at ``PARTS`` equally spaced points of the training, one row for each configuration.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from evidence.datasets import Array, Dataset, baseline
from evidence.tasks import Family

PARTS = 15
EPOCHS, BATCH, HIDDEN = 120, 64, 32
ROUNDS = 300
TOO_LARGE = 1e6
"""Weights beyond this have diverged; they are set to zero, so that no overflow is passed on."""

Weights = list[NDArray[np.float32]]


def trained(family: Family, data: Dataset, configurations: Array, seed: int) -> Array:
    """The validation metrics, shape (configurations, PARTS); none is worse than that of a constant prediction."""
    found = _trees(data, configurations, seed) if family == "trees" else _descended(family, data, configurations, seed)
    worst = baseline(data)
    return np.where(np.isfinite(found), np.minimum(found, worst), worst)


def _descended(family: Family, data: Dataset, configurations: Array, seed: int) -> Array:
    """Stochastic gradient descent with momentum of all configurations at once, on the same batches."""
    draw = np.random.default_rng(seed)
    count, outputs = len(configurations), max(data.classes, 1)
    rate, decay, momentum = (configurations[:, [number], None].astype(np.float32) for number in range(3))
    features = data.features.astype(np.float32)
    sizes = [features.shape[1], HIDDEN, outputs] if family == "network" else [features.shape[1], outputs]
    weights = _first_weights(sizes, count, draw, is_zero=family == "linear")
    speeds = [np.zeros_like(each) for each in weights]
    found = np.empty((count, PARTS))
    for epoch in range(EPOCHS):
        order = draw.permutation(len(features))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            gradients = _gradients(weights, features[rows], data.targets[rows], data.classes)
            for number, gradient in enumerate(gradients):
                is_matrix = number % 2 == 0  # biases have no decay
                step = gradient + decay * weights[number] if is_matrix else gradient
                speeds[number] = momentum * speeds[number] - rate * step
                weights[number] = weights[number] + speeds[number]
                _stop_diverged(weights[number], speeds[number])
        if (epoch + 1) % (EPOCHS // PARTS) == 0:
            found[:, (epoch + 1) // (EPOCHS // PARTS) - 1] = _metric(weights, data)
    return found


def _first_weights(sizes: list[int], count: int, draw: np.random.Generator, *, is_zero: bool) -> Weights:
    weights: Weights = []
    for inputs, outputs in pairwise(sizes):
        scale = 0.0 if is_zero else np.sqrt(2 / inputs)
        first = (draw.standard_normal((inputs, outputs)) * scale).astype(np.float32)
        weights += [np.repeat(first[None], count, 0), np.zeros((count, 1, outputs), np.float32)]
    return weights


def _outputs(weights: Weights, features: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """The outputs of each configuration's model, (configurations, rows, outputs), and its hidden units."""
    if len(weights) == 2:
        return np.matmul(features, weights[0]) + weights[1], None
    hidden = np.maximum(np.matmul(features, weights[0]) + weights[1], 0)
    return np.matmul(hidden, weights[2]) + weights[3], hidden


def _gradients(weights: Weights, features: NDArray[np.float32], targets: Array, classes: int) -> Weights:
    outputs, hidden = _outputs(weights, features)
    if classes:
        outputs = np.exp(outputs - outputs.max(2, keepdims=True))
        outputs /= outputs.sum(2, keepdims=True)
        outputs[:, np.arange(len(targets)), targets.astype(int)] -= 1
    else:
        outputs = outputs - targets[None, :, None].astype(np.float32)
    error = outputs / np.float32(len(targets))
    if hidden is None:
        return [np.matmul(features.T, error), error.sum(1, keepdims=True)]
    before = np.matmul(error, weights[2].transpose(0, 2, 1)) * (hidden > 0)
    return [
        np.matmul(features.T, before),
        before.sum(1, keepdims=True),
        np.matmul(hidden.transpose(0, 2, 1), error),
        error.sum(1, keepdims=True),
    ]


def _stop_diverged(weights: NDArray[np.float32], speeds: NDArray[np.float32]) -> None:
    wrong = ~(np.abs(weights).max((1, 2)) < TOO_LARGE)
    if wrong.any():
        weights[wrong], speeds[wrong] = np.nan, 0


def _metric(weights: Weights, data: Dataset) -> Array:
    outputs = _outputs(weights, data.validation_features.astype(np.float32))[0].astype(float)
    if not data.classes:
        return np.asarray(np.sqrt(np.mean((outputs[:, :, 0] - data.validation_targets) ** 2, axis=1)))
    outputs -= outputs.max(2, keepdims=True)
    logarithms = outputs - np.log(np.exp(outputs).sum(2, keepdims=True))
    rows = np.arange(len(data.validation_targets))
    return np.asarray(-logarithms[:, rows, data.validation_targets.astype(int)].mean(1))


def _trees(data: Dataset, configurations: Array, seed: int) -> Array:
    import xgboost

    training = xgboost.DMatrix(data.features, data.targets)
    validation = xgboost.DMatrix(data.validation_features, data.validation_targets)
    metric = "logloss" if data.classes else "rmse"
    found = np.empty((len(configurations), PARTS))
    for number, (eta, penalty, depth) in enumerate(configurations):
        settings = {
            "objective": "binary:logistic" if data.classes else "reg:squarederror",
            "eval_metric": metric,
            "eta": eta,
            "lambda": penalty,
            "max_depth": int(depth),
            "subsample": 0.8,
            "tree_method": "hist",
            "nthread": 1,
            "seed": seed,
        }
        results: dict[str, dict[str, list[float]]] = {}
        xgboost.train(settings, training, ROUNDS, evals=[(validation, "v")], evals_result=results, verbose_eval=False)
        found[number] = results["v"][metric][ROUNDS // PARTS - 1 :: ROUNDS // PARTS]
    return found
