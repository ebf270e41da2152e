"""What the trials are judged by."""

from __future__ import annotations

from dataclasses import dataclass

from hpolint.data import load
from hpolint.facts.reading import read
from hpolint.node import Path, Struct, Unknown, follow


@dataclass(frozen=True, slots=True)
class ObjectiveFacts:
    """``objective``: the definition's own, else the config's."""

    metric: str | Unknown | None
    """MetricName."""
    type: str | Unknown | None
    """``Maximize`` or ``Minimize``."""
    direction: str | Unknown | None
    """The direction in which the metric of a built-in algorithm is better; null for any other metric."""


def objective_facts(request: Struct, definition: Path | None, algorithm: str | Unknown | None = None) -> ObjectiveFacts:
    """The objective of one definition and its algorithm; of the job as a whole where that is None."""
    path: Path = ("HyperParameterTuningJobConfig", "HyperParameterTuningJobObjective")
    if definition is not None and follow(request, (*definition, "TuningObjective")) is not None:
        path = (*definition, "TuningObjective")
    metric = read(request, (*path, "MetricName"), str)
    return ObjectiveFacts(metric, read(request, (*path, "Type"), str), _direction(metric, algorithm))


def _direction(metric: str | Unknown | None, algorithm: str | Unknown | None) -> str | Unknown | None:
    if isinstance(metric, Unknown) or isinstance(algorithm, Unknown):
        return metric if isinstance(metric, Unknown) else algorithm
    directions = load("metrics")["metrics"].get(algorithm, {})
    return next((str(direction) for direction, metrics in directions.items() if metric in metrics), None)
