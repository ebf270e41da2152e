"""The objective by which trials are compared."""

from __future__ import annotations

from difflib import get_close_matches

import msgspec

from hpolint.facts.algorithm_data import of_name
from hpolint.facts.typed_values import read
from hpolint.model.node import Path, Struct, Unknown, follow


class ObjectiveFacts(msgspec.Struct, frozen=True):
    """``objective``: the definition's own objective, or the config's if it has none."""

    metric: str | Unknown | None
    """MetricName."""
    type: str | Unknown | None
    """``Maximize`` or ``Minimize``."""
    direction: str | Unknown | None
    """``Maximize`` or ``Minimize``: the better direction of a metric of Amazon's own algorithms; null for any other."""
    channel: str | Unknown | None = None
    """The channel whose data a built-in algorithm needs to report the metric; null for any other metric."""
    near: str | None = None
    """If an algorithm of Amazon's does not have the metric: its most similar metric. Null otherwise."""


def objective_facts(request: Struct, definition: Path | None, algorithm: str | Unknown | None = None) -> ObjectiveFacts:
    """The objective of one definition with its algorithm; of the whole job if ``definition`` is None."""
    path: Path = ("HyperParameterTuningJobConfig", "HyperParameterTuningJobObjective")
    if definition is not None and follow(request, (*definition, "TuningObjective")) is not None:
        path = (*definition, "TuningObjective")
    metric = read(request, (*path, "MetricName"), str)
    return ObjectiveFacts(
        metric,
        read(request, (*path, "Type"), str),
        _direction(metric, algorithm),
        _channel(metric, algorithm),
        _most_similar(metric, algorithm),
    )


def _direction(metric: str | Unknown | None, algorithm: str | Unknown | None) -> str | Unknown | None:
    if isinstance(metric, Unknown) or isinstance(algorithm, Unknown):
        return metric if isinstance(metric, Unknown) else algorithm
    known = of_name(algorithm) if algorithm is not None else None
    return known.metrics.get(metric) if known is not None and metric is not None else None


def _channel(metric: str | Unknown | None, algorithm: str | Unknown | None) -> str | Unknown | None:
    """The channel in the name of a metric that the algorithm has: ``validation`` for ``validation:auc``."""
    if isinstance(metric, Unknown) or isinstance(algorithm, Unknown):
        return metric if isinstance(metric, Unknown) else algorithm
    known = of_name(algorithm) if algorithm is not None else None
    if known is None or metric is None or known.is_jumpstart:
        return None
    return metric.partition(":")[0] if metric in known.metrics or metric in known.undirected else None


MIN_SIMILARITY = 0.6
"""Similarity (0 to 1) from which another metric is suggested."""


def _most_similar(metric: str | Unknown | None, algorithm: str | Unknown | None) -> str | None:
    known = of_name(algorithm) if isinstance(algorithm, str) else None
    if known is None or not isinstance(metric, str) or metric in known.metrics or metric in known.undirected:
        return None
    last = metric.rpartition(":")[2].lower()
    same = [each for each in known.metrics if each.rpartition(":")[2].lower() == last]
    return next(iter(same or get_close_matches(metric, known.metrics, n=1, cutoff=MIN_SIMILARITY)), None)
