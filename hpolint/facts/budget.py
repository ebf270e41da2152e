"""How many trials the job may run, how many at once, and what that costs at worst."""

from __future__ import annotations

from dataclasses import dataclass

from hpolint.facts.compute import ComputeFacts
from hpolint.facts.reading import first_unknown, read, required
from hpolint.facts.space import SpaceFacts
from hpolint.node import Struct, Unknown

CONFIG = "HyperParameterTuningJobConfig"


@dataclass(frozen=True, slots=True)
class BudgetFacts:
    """``budget``: of the whole tuning job."""

    trials: int | Unknown | None
    """MaxNumberOfTrainingJobs; for Grid without it, the number of combinations. Null: no limit."""
    parallel: int | Unknown
    """MaxParallelTrainingJobs."""
    rounds: int | Unknown | None
    """⌈trials / parallel⌉: how often the search can learn from what came before. Null: no limit."""
    instance_hours: float | Unknown | None
    """The most instance-hours that the job can bill: the smaller of trials × runtime cap × instances
    and the tuning job's own MaxRuntimeInSeconds × parallel × instances, the dearest definition
    counting for all. Null where neither is bounded."""


def budget_facts(request: Struct, space: SpaceFacts, computes: list[ComputeFacts] | Unknown) -> BudgetFacts:
    """The facts of a request; ``computes`` are its definitions' facts."""
    trials = _trials(request, space)
    parallel = required(request, (CONFIG, "ResourceLimits", "MaxParallelTrainingJobs"), int)
    unknown = first_unknown(trials, parallel)
    rounds: int | Unknown | None = unknown
    if unknown is None and isinstance(trials, int) and isinstance(parallel, int):
        rounds = -(-trials // parallel) if parallel > 0 else None
    return BudgetFacts(trials, parallel, rounds, _instance_hours(request, trials, parallel, computes))


def _trials(request: Struct, space: SpaceFacts) -> int | Unknown | None:
    trials = read(request, (CONFIG, "ResourceLimits", "MaxNumberOfTrainingJobs"), int)
    if trials is not None:
        return trials
    strategy = read(request, (CONFIG, "Strategy"), str)
    if isinstance(strategy, Unknown):
        return strategy
    return space.combinations if strategy == "Grid" else None


def _instance_hours(
    request: Struct, trials: int | Unknown | None, parallel: int | Unknown, computes: list[ComputeFacts] | Unknown
) -> float | Unknown | None:
    if isinstance(computes, Unknown):
        return computes
    limit = read(request, (CONFIG, "ResourceLimits", "MaxRuntimeInSeconds"), int)
    counts = [compute.instance_count for compute in computes]
    caps = [compute.runtime_cap for compute in computes]
    unknown = first_unknown(trials, limit, parallel if limit is not None else None, *counts, *caps)
    if unknown is not None:
        return unknown
    instances = max((count for count in counts if isinstance(count, int)), default=0)
    costs = [c.runtime_cap * c.instance_count for c in computes if isinstance(c.instance_count, int)]  # type: ignore[operator]
    bounds = []
    if isinstance(trials, int) and costs:
        bounds.append(trials * max(costs))
    if isinstance(limit, int) and isinstance(parallel, int) and instances:
        bounds.append(limit * parallel * instances)
    return min(bounds) / 3600 if bounds else None
