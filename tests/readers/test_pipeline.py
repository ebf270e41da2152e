"""Pipelines' definitions: the tuning steps, and what the pipeline fills in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.cli.extract import extracted
from hpolint.readers import read_source
from tests.requests import sound


def step(**changes: Any) -> dict[str, Any]:
    """A tuning step."""
    arguments = {**sound(), **changes}
    del arguments["HyperParameterTuningJobName"]
    return {"Name": "Tune", "Type": "Tuning", "Arguments": arguments}


def jobs(*steps: Any, parameters: Any = ()) -> list[dict[str, Any]]:
    """The jobs of a pipeline as ``extract`` prints them."""
    definition = {"Version": "2020-12-01", "Parameters": list(parameters), "Steps": list(steps)}
    found: list[dict[str, Any]] = extracted(read_source("x.json", json.dumps(definition).encode())[1].jobs)["jobs"]
    return found


def test_the_pipeline_names_the_job() -> None:
    """A step has no name of the job: it is unknown, not missing. One that it has counts."""
    (job,) = jobs(step())
    assert job["unknown"][0]["reason"] == "is given by the pipeline when the step runs"
    assert job["carrier"] == "step `Tune`"
    named = step()
    named["Arguments"]["HyperParameterTuningJobName"] = "base"
    assert jobs(named)[0]["name"] == "base"


def test_steps_in_conditions_and_loops() -> None:
    """Both branches of a condition, a loop's body, other kinds of steps between."""
    condition = {"Name": "c", "Type": "Condition", "Arguments": {"IfSteps": [step()], "ElseSteps": [step()]}}
    loop = {"Name": "f", "Type": "ForEach", "Arguments": {"ForEachBody": [condition]}}
    assert len(jobs({"Name": "t", "Type": "Training", "Arguments": {}}, loop, step())) == 3


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"Get": "Parameters.Role"}, "is the pipeline's parameter `Role`, `arn` unless a run is given another"),
        ({"Get": "Parameters.Other"}, "is the pipeline's parameter `Other`"),
        ({"Get": "Steps.Train.Output"}, "comes from the step `Train`"),
        ({"Get": "Execution.PipelineExecutionId"}, "is known only when the pipeline runs"),
        ({"Std:JsonGet": {"PropertyFile": {"Get": "x"}, "Path": "y"}}, "is read from a file when the step runs"),
        ({"Std:Join": {"On": "/", "Values": ["a", {"Get": "Parameters.Role"}]}}, "has a part that is the pipeline's"),
        ({"Std:Join": {"On": "", "Values": [{"Get": "Steps.S.x"}]}}, "comes from the step `S`"),
        ({"Std:Join": "broken"}, "is joined from what cannot be followed here"),
        ({"Get": ["x"]}, "is taken from what cannot be followed here"),
        (None, "is null, and what the pipeline makes of that is not known"),
    ],
)
def test_what_the_pipeline_fills_in_is_unknown(value: Any, reason: str) -> None:
    """With what it is; a parameter's default is told and not taken."""
    definition = {**sound()["TrainingJobDefinition"], "RoleArn": value}
    (job,) = jobs(step(TrainingJobDefinition=definition), parameters=[{"Name": "Role", "DefaultValue": "arn"}])
    (found,) = [each for each in job["unknown"] if each["path"] == "TrainingJobDefinition.RoleArn"]
    assert found["reason"].startswith(reason)


def test_a_join_of_words_is_known() -> None:
    """Nothing in it is the pipeline's."""
    definition = {**sound()["TrainingJobDefinition"], "RoleArn": {"Std:Join": {"On": "/", "Values": ["a", "b"]}}}
    assert jobs(step(TrainingJobDefinition=definition))[0]["request"]["TrainingJobDefinition"]["RoleArn"] == "a/b"


@pytest.mark.parametrize(
    "value",
    [
        {"type": "tuning", "name": "cni", "sysctl": {}},
        {"cniVersion": "1.0.0", "plugins": [{"type": "tuning"}]},
        {"Steps": [{"Type": "Tuning", "Name": "x"}]},
        {"Steps": [{"Type": "Tuning", "Arguments": "x"}]},
        {"Steps": "x"},
    ],
)
def test_look_alikes_are_no_job(value: Any) -> None:
    """A network's plugin, and what has no arguments."""
    assert read_source("x.json", json.dumps(value).encode())[1].jobs == []
