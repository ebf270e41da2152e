"""What the trials are judged by."""

from __future__ import annotations

from dataclasses import dataclass

from hpolint.facts.reading import read
from hpolint.node import Path, Struct, Unknown, follow


@dataclass(frozen=True, slots=True)
class ObjectiveFacts:
    """``objective``: the definition's own, else the config's."""

    metric: str | Unknown | None
    """MetricName."""
    type: str | Unknown | None
    """``Maximize`` or ``Minimize``."""


def objective_facts(request: Struct, definition: Path | None) -> ObjectiveFacts:
    """The objective of one definition; of the job as a whole where that is None."""
    path: Path = ("HyperParameterTuningJobConfig", "HyperParameterTuningJobObjective")
    if definition is not None and follow(request, (*definition, "TuningObjective")) is not None:
        path = (*definition, "TuningObjective")
    return ObjectiveFacts(read(request, (*path, "MetricName"), str), read(request, (*path, "Type"), str))
