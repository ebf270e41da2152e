"""What a job may cost: trials, rounds and instance-hours at and around each limit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.facts.test_facts import binding, fact, ranges
from tests.requests import sound

CATEGORICAL = ranges(Categorical=[["a", "b"], ["x", "y", "z"]])
"""Six combinations."""


def budget(field: str, strategy: str = "Bayesian", trials: Any = None, parallel: Any = 2, **changes: Any) -> Any:
    """A fact about the whole job's budget, or the reason why it is unknown."""
    limits = {"MaxParallelTrainingJobs": parallel, "MaxNumberOfTrainingJobs": trials} | changes.pop("limits", {})
    limits = {name: value for name, value in limits.items() if value is not None}
    return fact(binding(ResourceLimits=limits, Strategy=strategy, **changes).subjects("job")[0], "budget", field)


def runs(count: Any, cap: Any = 3600) -> dict[str, Any]:
    """A definition whose trials run on so many instances for at most so long."""
    definition: dict[str, Any] = sound()["TrainingJobDefinition"]
    definition["ResourceConfig"] = {"InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 1}
    definition["StoppingCondition"] = {"MaxRuntimeInSeconds": cap}
    return definition


@pytest.mark.parametrize(
    ("strategy", "most", "trials"),
    [
        ("Grid", None, 6),
        ("Grid", 5, 5),
        ("Grid", 6, 6),
        ("Grid", 7, 6),
        ("Grid", "$MOST", "is the placeholder $MOST"),
        ("Random", 7, 7),
        ("Random", None, None),
        ("$STRATEGY", 7, "is the placeholder $STRATEGY"),
        ("$STRATEGY", 6, 6),
        ("$STRATEGY", None, "is the placeholder $STRATEGY"),
    ],
)
def test_a_grid_has_no_more_trials_than_combinations(strategy: str, most: Any, trials: Any) -> None:
    """And a limit below them cuts it short; any other search has the limit alone. What may be a grid may have fewer."""
    assert budget("trials", strategy, most, **CATEGORICAL) == trials


def test_a_grid_whose_size_is_unknown_has_trials_that_are() -> None:
    """It may have fewer combinations than its limit; without one the trials are as unknown as the combinations."""
    unknown = ranges(Categorical=["$VALUES"])
    assert budget("trials", "Grid", 5, **unknown) == "is the placeholder $VALUES"
    assert budget("trials", "Grid", **unknown) == "is the placeholder $VALUES"


@pytest.mark.parametrize(
    ("trials", "parallel", "rounds", "at_once"),
    [
        (10, 1, 10, 1),
        (10, 5, 2, 5),
        (11, 5, 3, 5),
        (9, 5, 2, 5),
        (5, 5, 1, 5),
        (4, 5, 1, 4),
        (10, 0, None, 0),
        (None, 5, None, 5),
        ("$T", 5, "is the placeholder $T", "is the placeholder $T"),
        ("$T", 1, "is the placeholder $T", 1),
        ("$T", 2, "is the placeholder $T", "is the placeholder $T"),
        ("$T", 0, "is the placeholder $T", 0),
        (1, 2, 1, 1),
        (10, "$P", "is the placeholder $P", "is the placeholder $P"),
    ],
)
def test_rounds_are_whole_and_no_more_run_at_once_than_there_are(
    trials: Any, parallel: Any, rounds: Any, at_once: Any
) -> None:
    """A last round that is not full counts; nothing runs at once beyond the trials that there are."""
    assert budget("rounds", trials=trials, parallel=parallel) == rounds
    assert budget("at_once", trials=trials, parallel=parallel) == at_once
    assert budget("parallel", trials=trials, parallel=parallel) == (parallel if parallel != "$P" else rounds)


@pytest.mark.parametrize(
    ("trials", "parallel", "limit", "hours"),
    [
        (10, 2, None, 10.0),
        (10, 2, 3600, 2.0),
        (10, 2, 18_000, 10.0),
        (10, 2, 18_001, 10.0),
        (10, 2, 17_999, 2 * 17_999 / 3600),
        (1, 2, 1800, 0.5),
        (None, 2, 7200, 4.0),
        (None, 2, None, None),
        (10, 0, 7200, 10.0),
        (None, 0, 7200, None),
        (10, 1, 7200, 2.0),
        (10, "$P", None, 10.0),
        (10, "$P", 7200, "is the placeholder $P"),
        ("$T", 2, None, "is the placeholder $T"),
        (10, 2, "$L", "is the placeholder $L"),
    ],
)
def test_the_most_that_a_job_can_bill(trials: Any, parallel: Any, limit: Any, hours: Any) -> None:
    """What both limits leave, or the one that there is; what does not bound it does not keep it open."""
    limits = {"MaxRuntimeInSeconds": limit}
    found = budget("instance_hours", trials=trials, parallel=parallel, limits=limits, TrainingJobDefinition=runs(1))
    assert found == hours


def test_a_trial_that_the_jobs_own_limit_cuts_off_counts_as_far_as_it_runs() -> None:
    """4 trials of 2 h, 3 at once, 3 h in all: three whole ones, and an hour of the fourth."""
    limits = {"MaxRuntimeInSeconds": 10_800}
    found = budget("instance_hours", trials=4, parallel=3, limits=limits, TrainingJobDefinition=runs(1, 7200))
    assert found == 7.0


@pytest.mark.parametrize(
    ("count", "cap", "hours"),
    [
        (1, 3600, 4.0),
        (3, 3600, 12.0),
        (1, 7200, 8.0),
        (0, 3600, None),
        (-1, 3600, None),
        (1, 0, None),
        ("$COUNT", 3600, "is the placeholder $COUNT"),
        (1, "$CAP", "is the placeholder $CAP"),
    ],
)
def test_a_bill_needs_instances_and_a_runtime(count: Any, cap: Any, hours: Any) -> None:
    """A definition without any instance, or with a runtime of 0, has no bill."""
    assert budget("instance_hours", trials=4, TrainingJobDefinition=runs(count, cap)) == hours


@pytest.mark.parametrize(
    ("counts", "hours"),
    [((1, 3), 12.0), ((3, 1), 12.0), ((1, 0), None), ((0, "$COUNT"), "is the placeholder $COUNT"), ((), None)],
)
def test_the_dearest_definition_counts_for_all(counts: tuple[Any, ...], hours: Any) -> None:
    """Wherever it stands; one that has no bound leaves the job without one, an unknown one leaves it unknown."""
    several = [runs(count) for count in counts]
    found = budget("instance_hours", trials=4, TrainingJobDefinition=None, TrainingJobDefinitions=several)
    assert found == hours


def test_definitions_that_cannot_be_seen_leave_the_bill_open() -> None:
    """A known one beside them may not be the dearest."""
    found = budget("instance_hours", trials=4, TrainingJobDefinitions="$MORE")
    assert found == "is the placeholder $MORE"


@pytest.mark.parametrize(
    ("strategy", "most", "given", "whole"),
    [
        ("Grid", None, CATEGORICAL, True),
        ("Grid", 6, CATEGORICAL, False),
        ("Grid", "$MOST", CATEGORICAL, False),
        ("Random", None, CATEGORICAL, False),
        ("$STRATEGY", None, CATEGORICAL, False),
        ("Grid", None, ranges(Integer=[("1", "2")]), False),
        ("Grid", None, ranges(Continuous=[("0", "1")]), False),
        ("Random", None, ranges(Integer=[("1", "2")]), False),
    ],
)
def test_grid_hours_are_known_only_for_a_whole_grid(
    strategy: str, most: Any, given: dict[str, Any], whole: bool
) -> None:
    """Only for a grid of categories that no limit cuts short."""
    limits = {"MaxRuntimeInSeconds": 3600}
    found = budget("grid_hours", strategy, most, limits=limits, TrainingJobDefinition=runs(1), **given)
    assert found == (2.0 if whole else None)


@pytest.mark.parametrize(
    ("cap", "limit", "written"),
    [
        (86_400, None, 4 * 24.0),
        (86_399, None, 4 * 86_399 / 3600),
        (86_401, None, 4 * 86_401 / 3600),
        (86_400, 3600, 2.0),
        ("$CAP", None, "is the placeholder $CAP"),
        (3600, "$LIMIT", "is the placeholder $LIMIT"),
    ],
)
def test_hours_from_written_limits(cap: Any, limit: Any, written: Any) -> None:
    """A written cap counts, also one that equals the service's default; so does the tuning job's own limit."""
    limits: dict[str, Any] = {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2}
    limits |= {} if limit is None else {"MaxRuntimeInSeconds": limit}
    (subject,) = binding(ResourceLimits=limits, TrainingJobDefinition=runs(1, cap)).subjects("training")
    assert fact(subject, "compute", "written_hours") == written
