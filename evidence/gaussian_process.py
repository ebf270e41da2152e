"""A Gaussian process as the service's published method has it, fitted to the results of some trials.

Matérn 5/2 kernel with a length scale for each hyperparameter, Kumaraswamy input warping, and the most probable
parameters (the service samples them). Source: Perrone et al., 2020, "Amazon SageMaker Automatic Model Tuning".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SQRT5 = 5**0.5
LEAST = 1e-6
"""The margin of inputs from 0 and 1, where the warping has no derivative."""

PRIOR_DEVIATIONS = {"length": 1.0, "warping": 0.75, "amplitude": 1.0, "noise": 1.0}
PRIOR_MEANS = {"length": np.log(0.5), "warping": 0.0, "amplitude": 0.0, "noise": np.log(1e-2)}
"""Of the logarithms of the parameters, which are normally distributed beforehand."""


class GaussianProcess:
    """Of inputs from 0 to 1, (trials, hyperparameters), and their results, of which smaller is better.

    Its parameters are those that are given, or else fitted, from ``start`` on.
    """

    def __init__(
        self, inputs: Array, results: Array, start: Array | None = None, parameters: Array | None = None
    ) -> None:
        self._inputs = np.clip(inputs, LEAST, 1 - LEAST)
        self._mean, self._deviation = results.mean(), max(results.std(), 1e-9)
        self._results = (results - self._mean) / self._deviation
        self._size = inputs.shape[1]
        self.parameters = self._fitted(start) if parameters is None else parameters
        self._condition()

    def _priors(self) -> tuple[Array, Array]:
        names = ["length"] * self._size + ["warping"] * 2 * self._size + ["amplitude", "noise"]
        return np.array([PRIOR_MEANS[name] for name in names]), np.array([PRIOR_DEVIATIONS[name] for name in names])

    def _fitted(self, start: Array | None) -> Array:
        from scipy.optimize import minimize

        mean, deviation = self._priors()
        found = minimize(
            self._loss,
            mean if start is None else start,
            jac=True,
            method="L-BFGS-B",
            bounds=list(zip(mean - 4 * deviation, mean + 4 * deviation, strict=True)),
            options={"maxiter": 20},
        )
        return np.asarray(found.x)

    def _loss(self, parameters: Array) -> tuple[float, Array]:
        """The negative logarithm of the posterior density, with its gradient."""
        warped, by_a, by_b = self._warped(self._inputs, parameters, with_gradients=True)
        lengths = np.exp(parameters[: self._size])
        amplitude, noise = np.exp(parameters[-2]), np.exp(parameters[-1])
        differences = warped[:, None] - warped[None]
        squares = differences**2 / lengths**2
        distance = np.sqrt(squares.sum(2))
        decay = np.exp(-SQRT5 * distance)
        kernel = amplitude * (1 + SQRT5 * distance + 5 / 3 * distance**2) * decay
        slope = -5 / 6 * amplitude * (1 + SQRT5 * distance) * decay  # by the squared distance
        covariance = kernel + (noise + 1e-8) * np.eye(len(kernel))
        mean, deviation = self._priors()
        standard = (parameters - mean) / deviation
        try:
            lower = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            return 1e10, np.zeros_like(parameters)
        inverse = np.linalg.inv(lower)
        inverse = inverse.T @ inverse
        weights = inverse @ self._results
        inner = np.outer(weights, weights) - inverse
        loss = 0.5 * self._results @ weights + np.log(np.diag(lower)).sum() + 0.5 * (standard**2).sum()
        pull = inner * slope
        gradient = np.empty_like(parameters)
        gradient[: self._size] = np.einsum("ij,ijd->d", pull, squares)  # halved and doubled, see the chain rule
        moved = 2 * np.einsum("ij,ijd->id", pull, differences) / lengths**2
        gradient[self._size : 2 * self._size] = -(moved * by_a).sum(0)
        gradient[2 * self._size : 3 * self._size] = -(moved * by_b).sum(0)
        gradient[-2] = -0.5 * (inner * kernel).sum()
        gradient[-1] = -0.5 * noise * np.trace(inner)
        return float(loss), gradient + standard / deviation

    def _warped(self, inputs: Array, parameters: Array, *, with_gradients: bool = False) -> tuple[Array, Array, Array]:
        """Kumaraswamy's distribution function of the inputs, and its derivatives by its parameters' logarithms."""
        a, b = np.exp(parameters[self._size : 2 * self._size]), np.exp(parameters[2 * self._size : 3 * self._size])
        power = inputs**a
        rest = np.maximum(1 - power, 1e-12)
        survival = rest**b
        if not with_gradients:
            return 1 - survival, power, power
        return 1 - survival, a * b * rest ** (b - 1) * power * np.log(inputs), -b * survival * np.log(rest)

    def _kernel(self, one: Array, other: Array) -> Array:
        lengths, amplitude = np.exp(self.parameters[: self._size]), np.exp(self.parameters[-2])
        scaled, against = one / lengths, other / lengths
        squares = (scaled**2).sum(1)[:, None] + (against**2).sum(1)[None] - 2 * scaled @ against.T
        distance = np.sqrt(np.maximum(squares, 0))
        return np.asarray(
            amplitude * (1 + SQRT5 * distance + 5 / 3 * distance**2) * np.exp(-SQRT5 * distance), dtype=float
        )

    def _condition(self) -> None:
        """Prepare predictions."""
        self._known = self._warped(self._inputs, self.parameters)[0]
        noise = np.exp(self.parameters[-1]) + 1e-8
        covariance = self._kernel(self._known, self._known) + noise * np.eye(len(self._known))
        self._lower = np.linalg.cholesky(covariance)
        self._weights = np.linalg.solve(self._lower.T, np.linalg.solve(self._lower, self._results))

    def add_pending(self, points: Array) -> None:
        """Let trials that are running count with their predicted results."""
        predicted, _ = self.predict(points)
        self._inputs = np.concatenate([self._inputs, np.clip(points, LEAST, 1 - LEAST)])
        self._results = np.append(self._results, predicted)
        self._condition()

    def predict(self, inputs: Array) -> tuple[Array, Array]:
        """Means and standard deviations of standardized results."""
        warped = self._warped(np.clip(inputs, LEAST, 1 - LEAST), self.parameters)[0]
        cross = self._kernel(warped, self._known)
        solved = np.linalg.solve(self._lower, cross.T)
        variance = np.exp(self.parameters[-2]) - (solved**2).sum(0)
        return cross @ self._weights, np.sqrt(np.maximum(variance, 1e-12))

    def expected_improvement(self, inputs: Array) -> Array:
        """By how much each input is expected to be better than the best result so far, also of pending trials."""
        from scipy.special import ndtr

        means, deviations = self.predict(inputs)
        best = self._results.min()
        score = (best - means) / deviations
        density = np.exp(-(score**2) / 2) / np.sqrt(2 * np.pi)
        return np.asarray(deviations * (score * ndtr(score) + density))
