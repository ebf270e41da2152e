"""The numbers of trials of a job, in total and in parallel, and their worst-case instance-hours."""

from __future__ import annotations

import msgspec

from hpolint.facts.compute import ComputeFacts
from hpolint.facts.space import SpaceFacts
from hpolint.facts.typed_values import first_unknown, read, required
from hpolint.facts.worst_case_time import most_of_several, trial_seconds
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
    unknown = first_unknown(trials, parallel)
    rounds: int | Unknown | None = unknown
    if unknown is None and isinstance(trials, int) and isinstance(parallel, int):
        rounds = -(-trials // parallel) if parallel > 0 else None
    hours = _dearest(request, trials, parallel, computes)
    return BudgetFacts(
        trials, parallel, _at_once(trials, parallel), rounds, hours, hours if _whole_grid(request, space) else None
    )


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
    strategy = read(request, (CONFIG, "Strategy"), str)
    if isinstance(trials, int):
        return _limited(trials, strategy, space.combinations)
    if trials is not None:
        return trials
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


def _dearest(
    request: Struct, trials: int | Unknown | None, parallel: int | Unknown, computes: list[ComputeFacts] | Unknown
) -> float | Unknown | None:
    """The most instance-hours, with all trials of the most expensive definition; None if a definition has no bound."""
    if isinstance(computes, Unknown):
        return computes
    hours = [instance_hours(request, trials, parallel, compute) for compute in computes]
    unknown = first_unknown(*hours)
    if unknown is not None or None in hours:
        return unknown
    return _together(request, trials, parallel, computes) if hours else None


def _together(
    request: Struct, trials: int | Unknown | None, parallel: int | Unknown, computes: list[ComputeFacts]
) -> float | None:
    """The most instance-hours of definitions that are all known, with any division of the trials among them."""
    limit = read(request, (CONFIG, "ResourceLimits", "MaxRuntimeInSeconds"), int)
    runs = [(each.runtime_cap, each.instance_count) for each in computes]
    known = [(cap, count) for cap, count in runs if isinstance(cap, int) and isinstance(count, int)]
    found = most_of_several(*_limits(trials, parallel, limit), known)
    return None if found is None else found[0] / 3600


def instance_hours(
    request: Struct, trials: int | Unknown | None, parallel: int | Unknown, compute: ComputeFacts
) -> float | Unknown | None:
    """The most instance-hours that the trials of one definition can bill; None if nothing bounds them."""
    limit = read(request, (CONFIG, "ResourceLimits", "MaxRuntimeInSeconds"), int)
    if trials is None and limit is None:
        return None
    cap, instances = compute.runtime_cap, compute.instance_count
    unknown = first_unknown(trials, limit, parallel if limit is not None else None, cap, instances)
    if unknown is not None:
        return unknown
    if not isinstance(instances, int) or instances < 1 or not isinstance(cap, int) or cap < 1:
        return None
    most, at_once, longest = _limits(trials, parallel, limit)
    seconds = trial_seconds(most, at_once, cap, longest)
    return None if seconds is None else seconds * instances / 3600


def _limits(
    trials: int | Unknown | None, parallel: int | Unknown, limit: int | Unknown | None
) -> tuple[int | None, int, int | None]:
    """The trials, the parallel trials, and the job's own limit in seconds, as far as they are known and valid."""
    most, longest = (each if isinstance(each, int) else None for each in (trials, limit))
    at_once = parallel if isinstance(parallel, int) else 1
    return (most, at_once, longest) if at_once >= 1 else (most, 1, None)


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
