"""The numbers of trials of a job, in total and in parallel, and their worst-case instance-hours."""

from __future__ import annotations

import msgspec

from hpolint.facts.compute import ComputeFacts
from hpolint.facts.space import SpaceFacts
from hpolint.facts.typed_values import first_unknown, lifted, read, required
from hpolint.facts.worst_case_time import most_of_several
from hpolint.model.node import Struct, Unknown

CONFIG = "HyperParameterTuningJobConfig"


class BudgetFacts(msgspec.Struct, frozen=True):
    """``budget``: the facts of the whole tuning job."""

    trials: int | Unknown | None
    """MaxNumberOfTrainingJobs; for the Grid strategy the number of combinations, if that is smaller or there is no
    limit. Null if there is no limit."""
    parallel: int | Unknown
    """MaxParallelTrainingJobs."""
    at_once: int | Unknown
    """The most trials that may run at the same time: the smaller of MaxParallelTrainingJobs and ``trials``."""
    rounds: int | Unknown | None
    """⌈trials / parallel⌉: the search learns only between rounds. Null if ``trials`` is null, or ``parallel`` is 0."""
    instance_hours: float | Unknown | None
    """The most instance-hours that the job can bill. Each trial counts its runtime cap, or the part of it that fits
    into the tuning job's own MaxRuntimeInSeconds, × instances. Several definitions are bounded together, for any
    division of the trials among them. Null if neither limit bounds the job."""
    grid_hours: float | Unknown | None
    """``instance_hours`` of a grid without a limit on trials, which trains all combinations. Null for any other job."""


def budget_facts(request: Struct, space: SpaceFacts, computes: list[ComputeFacts] | Unknown) -> BudgetFacts:
    """The facts of a request; ``computes`` are its definitions' facts."""
    trials = _trials(request, space)
    parallel = required(request, (CONFIG, "ResourceLimits", "MaxParallelTrainingJobs"), int)
    hours: float | Unknown | None = None
    if isinstance(computes, Unknown):
        hours = computes
    elif computes:
        hours = instance_hours(request, trials, parallel, *computes)
    grid_hours = hours if _whole_grid(request, space) else None
    return BudgetFacts(
        trials=trials,
        parallel=parallel,
        at_once=_at_once(trials, parallel),
        rounds=_rounds(trials, parallel),
        instance_hours=hours,
        grid_hours=grid_hours,
    )


@lifted
def _rounds(trials: int | None, parallel: int) -> int | None:
    if trials is None or parallel < 1:
        return None
    return -(-trials // parallel)


def _at_once(trials: int | Unknown | None, parallel: int | Unknown) -> int | Unknown:
    if isinstance(parallel, Unknown) or parallel <= 1 or trials is None:
        return parallel
    return trials if isinstance(trials, Unknown) else min(parallel, trials)


def _whole_grid(request: Struct, space: SpaceFacts) -> bool:
    """Whether the job is known to train every combination of a valid grid."""
    most = read(request, (CONFIG, "ResourceLimits", "MaxNumberOfTrainingJobs"), int)
    grid = read(request, (CONFIG, "Strategy"), str) == "Grid"
    return grid and most is None and space.numeric == []


def _trials(request: Struct, space: SpaceFacts) -> int | Unknown | None:
    trials = read(request, (CONFIG, "ResourceLimits", "MaxNumberOfTrainingJobs"), int)
    if isinstance(trials, Unknown):
        return trials
    strategy = read(request, (CONFIG, "Strategy"), str)
    if trials is not None:
        return _limited(trials, strategy, space.combinations)
    if isinstance(strategy, Unknown):
        return strategy
    return space.combinations if strategy == "Grid" else None


def _limited(trials: int, strategy: str | Unknown | None, combinations: int | Unknown | None) -> int | Unknown:
    """MaxNumberOfTrainingJobs, unless the search is, or may be, a grid with fewer combinations."""
    if combinations is None or (isinstance(combinations, int) and combinations >= trials):
        return trials
    if isinstance(strategy, Unknown):
        return strategy
    return combinations if strategy == "Grid" else trials


def instance_hours(
    request: Struct, trials: int | Unknown | None, parallel: int | Unknown, *computes: ComputeFacts
) -> float | Unknown | None:
    """The most instance-hours that a job can bill, with any division of the trials among the definitions.

    None if nothing bounds them.
    """
    limit = read(request, (CONFIG, "ResourceLimits", "MaxRuntimeInSeconds"), int)
    if trials is None and limit is None:
        return None
    at_once = 1 if limit is None else parallel  # without a limit, the order of the trials makes no difference
    return _most_hours(trials, limit, at_once, *computes)


@lifted
def _most_hours(trials: int | None, limit: int | None, at_once: int, *computes: ComputeFacts) -> float | Unknown | None:
    runs = []
    for compute in computes:
        cap, count = compute.runtime_cap, compute.instance_count
        unknown = first_unknown(cap, count)
        if unknown is not None:
            return unknown
        if isinstance(cap, int) and isinstance(count, int) and min(cap, count) >= 1:
            runs.append((cap, count))
    if len(runs) < len(computes):
        return None
    if at_once < 1:
        at_once, limit = 1, None
    most = most_of_several(trials, at_once, limit, runs)
    return None if most is None else most[0] / 3600


def written_hours(
    request: Struct, trials: int | Unknown | None, parallel: int | Unknown, compute: ComputeFacts
) -> float | Unknown | None:
    """The most instance-hours from written limits: without a written cap, only the tuning job's limit counts."""
    if isinstance(compute.runtime_cap_written, Unknown):
        return compute.runtime_cap_written
    limit = read(request, (CONFIG, "ResourceLimits", "MaxRuntimeInSeconds"), int)
    if not compute.runtime_cap_written and limit is None:
        return None
    return instance_hours(request, trials, parallel, compute)
