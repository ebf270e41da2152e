"""Whether a job can have a warm start from another job of its file."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from hpolint.engine.evaluation_context import EvaluationContext
from hpolint.model.job import TuningJob, mark_parents
from hpolint.readers import read_source
from tests.facts.test_facts import fact
from tests.requests import sound

DEPTH = {"Name": "max_depth", "MinValue": "3", "MaxValue": "9"}
STATIC = {"objective": "reg:squarederror", "num_round": "300"}


def job(name: str, parents: list[str], **changes: Any) -> dict[str, Any]:
    """A request with a metric, static values, ranges and parents."""
    request = sound() | {"HyperParameterTuningJobName": name}
    config = request["HyperParameterTuningJobConfig"]
    config["HyperParameterTuningJobObjective"] = {"Type": "Minimize", "MetricName": changes.get("metric", "loss")}
    config["ParameterRanges"] = changes.get("ranges", {"IntegerParameterRanges": [DEPTH]})
    request["TrainingJobDefinition"]["StaticHyperParameters"] = changes.get("static", STATIC)
    if parents:
        listed = [{"HyperParameterTuningJobName": parent} for parent in parents]
        request["WarmStartConfig"] = {"WarmStartType": "TransferLearning", "ParentHyperParameterTuningJobs": listed}
    return request


def read_jobs(*requests: dict[str, Any]) -> list[TuningJob]:
    """The jobs of one file with some requests."""
    jobs = read_source("jobs.json", json.dumps(requests).encode())[1].jobs
    mark_parents(jobs)
    return jobs


def difference(read: TuningJob) -> Any:
    """The fact ``parent.difference``, or the reason why it is unknown."""
    (subject,) = EvaluationContext(read).subjects("job")
    return fact(subject, "parent", "difference")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"metric": "auc"}, "the parent's objective is `auc`, that of this job is `loss`"),
        ({"static": STATIC | {"gamma": "1"}}, "the parent sends `gamma`, which this job does not"),
        ({"static": {"num_round": "300"}}, "this job sends `objective`, which the parent does not"),
        ({"static": STATIC | {"num_round": "9"}}, None),
        ({"static": STATIC | {"sagemaker_region": "eu-west-1"}}, None),
        ({"ranges": {}, "static": STATIC | {"max_depth": "6"}}, None),
        (
            {"ranges": {"CategoricalParameterRanges": [{"Name": "max_depth", "Values": ["3", "9"]}]}},
            "the parent's range of `max_depth` is categorical, that of this job is integer",
        ),
        ({"metric": "$METRIC"}, "is the placeholder $METRIC"),
        ({"metric": "$METRIC", "static": {}}, "this job sends `num_round`, `objective`, which the parent does not"),
    ],
)
def test_a_parent_has_the_same_objective_hyperparameters_and_types(changes: Any, expected: str | None) -> None:
    """Values may change, and what is tuned may become static; an unknown value is no difference."""
    _, child = read_jobs(job("one", [], **changes), job("two", ["one"]))
    assert difference(child) == expected


def test_the_first_parent_that_does_not_fit_is_named() -> None:
    """Another parent may fit, or be none of this file's jobs."""
    *_, child = read_jobs(job("one", []), job("two", [], metric="auc"), job("three", ["none", "one", "two"]))
    (subject,) = EvaluationContext(child).subjects("job")
    assert fact(subject, "parent", "name") == "two"


def test_of_two_jobs_with_the_parents_name_neither_is_compared() -> None:
    """Only one of them can have been launched."""
    *_, child = read_jobs(job("one", [], metric="auc"), job("one", [], metric="mae"), job("two", ["one"]))
    assert difference(child) is None


def test_a_parent_is_kept_in_another_process() -> None:
    """A job that a worker sends has its parents' requests."""
    _, child = read_jobs(job("one", [], metric="auc"), job("two", ["one"]))
    assert difference(pickle.loads(pickle.dumps(child))) == difference(child) is not None
