"""An earlier run of the job, as a table of trials in the notebook's outputs shows it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from hpolint.facts.typed_values import first_unknown, lifted
from hpolint.facts.worst_case_cost import HOUR
from hpolint.model.job import Observation
from hpolint.model.node import Unknown
from hpolint.model.observations import EarlierRun


class EarlierFacts(msgspec.Struct, frozen=True):
    """``earlier``: a table of finished trials in an output of the job's notebook. Null where there is none."""

    trials: int | None
    """The number of trials that the table shows."""
    mean_seconds: int | None
    """How long the completed trials ran on average."""
    cell: int | None
    """The number of the cell with the output."""
    instance_hours: float | Unknown | None
    """The instance-hours that the job bills if all of its trials run as long as those did on average; null also if its
    number of trials has no limit."""


def earlier_facts(
    observations: Iterable[Observation], trials: int | Unknown | None, counts: list[int | Unknown | None] | Unknown
) -> EarlierFacts:
    """The facts of a job with some observations; ``counts`` are the instances of a trial of each definition."""
    for observation in observations:
        run = observation.observed
        if isinstance(run, EarlierRun):
            return EarlierFacts(run.trials, run.mean_seconds, run.cell, _hours(run.mean_seconds, trials, counts))
    return EarlierFacts(None, None, None, None)


@lifted
def _hours(seconds: int, trials: int | None, counts: list[int | Unknown | None]) -> float | Unknown | None:
    unknown = first_unknown(*counts)
    known = [count for count in counts if isinstance(count, int)]
    if unknown is not None or trials is None or not known:
        return unknown
    return seconds * trials * max(known) / HOUR
