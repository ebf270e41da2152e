"""Amazon States Language: which states launch a tuning job, and what of their payload is known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.cli.extract import extracted
from hpolint.model.node import Array, follow, parse_path
from hpolint.readers import read_source
from tests.requests import sound

ARN = "arn:aws:states:::sagemaker:createHyperParameterTuningJob"


def machine(parameters: Any = None, resource: str = f"{ARN}.sync", **more: Any) -> dict[str, Any]:
    """A state machine with one state."""
    state = {"Type": "Task", "Resource": resource, "End": True, **more}
    if parameters is not None:
        state["Parameters"] = parameters
    return {"StartAt": "Tune", "States": {"Tune": state}}


def jobs(definition: Any, name: str = "x.asl.json") -> list[dict[str, Any]]:
    """The jobs of a definition as ``extract`` prints them."""
    found: list[dict[str, Any]] = extracted(read_source(name, json.dumps(definition).encode())[1].jobs)["jobs"]
    return found


def unknown(job: dict[str, Any]) -> dict[str, str]:
    """The unknown paths with their reasons."""
    return {entry["path"]: entry["reason"] for entry in job["unknown"]}


@pytest.mark.parametrize(
    ("resource", "launches"),
    [
        (ARN, True),
        (f"{ARN}.sync", True),
        ("arn:aws-cn:states:::sagemaker:createHyperParameterTuningJob.sync", True),
        ("arn:aws-us-gov:states:::aws-sdk:sagemaker:createHyperParameterTuningJob", True),
        ("arn:${AWS::Partition}:states:::sagemaker:createHyperParameterTuningJob.sync", True),
        ("arn:aws:states:::sagemaker:createTrainingJob.sync", False),
        ("arn:aws:states:::sagemaker:createHyperParameterTuningJobs", False),
        ("arn:aws:states:::aws-sdk:sagemaker:describeHyperParameterTuningJob", False),
        ("arn:aws:lambda:us-east-1:1:function:createHyperParameterTuningJob", False),
        ("${Resource}", False),
    ],
)
def test_which_resources_launch_a_job(resource: str, launches: bool) -> None:
    """Both integrations, with and without waiting, in any partition; nothing else."""
    assert len(jobs(machine(sound(), resource))) == int(launches)


def test_states_at_any_depth() -> None:
    """Branches, both spellings of a map's processor, several in one machine."""
    inner = machine(sound())
    around = {
        "P": {"Type": "Parallel", "Branches": [inner, {"StartAt": "N", "States": {"N": {"Type": "Pass"}}}, inner]},
        "M": {"Type": "Map", "Iterator": inner},
        "I": {"Type": "Map", "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Map", "Iterator": inner}}}},
    }
    assert len(jobs({"StartAt": "P", "States": around})) == 4


def test_a_json_path_makes_its_member_unknown() -> None:
    """At any level, whole structures and scalars, paths, the context and intrinsic functions."""
    request = sound()
    request["HyperParameterTuningJobName.$"] = "States.Format('x-{}', $.name)"
    del request["HyperParameterTuningJobName"]
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs.$"] = "$$.Execution.Input['n']"
    del request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"]
    request["TrainingJobDefinition"]["StaticHyperParameters.$"] = "$.static"
    request["Tags.$"] = 5
    (job,) = jobs(machine(request))
    assert unknown(job) == {
        "HyperParameterTuningJobName": "is computed when the state runs: `States.Format('x-{}', $.name)`",
        "HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs": (
            "is taken from the state's input: `$$.Execution.Input['n']`"
        ),
        "TrainingJobDefinition.StaticHyperParameters": "is taken from the state's input: `$.static`",
        "Tags": "is neither a path nor an intrinsic function",
    }


def test_jsonata_expressions_are_unknown() -> None:
    """Strings that are wholly an expression, in arguments; a path's suffix means nothing there."""
    request = {**sound(), "HyperParameterTuningJobName": "{% 'a' & $x %}", "Tags": "a {% no %} b"}
    definition = machine(Arguments=request)
    (job,) = jobs({**definition, "QueryLanguage": "JSONata"})
    assert unknown(job) == {"HyperParameterTuningJobName": "is computed when the state runs: `{% 'a' & $x %}`"}
    definition["States"]["Tune"]["QueryLanguage"] = "JSONata"
    (job,) = jobs(definition)
    assert list(unknown(job)) == ["HyperParameterTuningJobName"]


@pytest.mark.parametrize("value", ["{% $states.input %}", "{% $merge([$a, {}]) %}"])
def test_arguments_that_are_an_expression_leave_all_open(value: str) -> None:
    """A job without any known member is still a job."""
    (job,) = jobs({**machine(Arguments=value), "QueryLanguage": "JSONata"})
    assert (job["request"], list(unknown(job))) == ({}, ["{}"])


def test_a_state_without_parameters_sends_its_input() -> None:
    """All open, nothing absent; and so for what another query language would read."""
    (job,) = jobs(machine())
    assert unknown(job) == {"{}": "is the state's input, since the state sets no parameters"}
    (job,) = jobs(machine(Arguments=sound()))
    assert unknown(job) == {"{}": "`Arguments` is not read by this state's query language"}


def test_a_missing_name_is_missing() -> None:
    """Step Functions sends what stands there, and the API wants a name."""
    request = sound()
    del request["HyperParameterTuningJobName"]
    (job,) = jobs(machine(request))
    assert unknown(job) == {}
    assert "HyperParameterTuningJobName" not in job["request"]


@pytest.mark.parametrize(
    "definition",
    [
        {"StartAt": "x", "States": []},
        {"StartAt": "x", "States": {"x": None, "y": [], "z": {"Type": "Task", "Resource": 5}}},
        {"StartAt": "x", "States": {"x": {"Type": "Parallel", "Branches": {"a": 1}}}},
        {"StartAt": "x", "States": {"x": {"Type": "Map", "Iterator": "y"}}},
    ],
)
def test_an_invalid_machine_is_no_job(definition: Any) -> None:
    """And no crash."""
    assert jobs(definition) == []


def test_only_a_task_launches() -> None:
    """A state of another type with a resource is no job; one without a type is taken for a task."""
    for kind, count in (("Pass", 0), ("Task", 1)):
        text = json.dumps(
            {
                "StartAt": "T",
                "States": {
                    "T": {
                        "Type": kind,
                        "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob",
                        "Parameters": {},
                    }
                },
            }
        )
        assert len(read_source("x.asl.json", text.encode())[1].jobs) == count


def test_what_stands_between_commas_may_be_any_number_of_items() -> None:
    """A placeholder among a list's items is not counted as one; the list is open."""
    text = json.dumps(
        {
            "HyperParameterTuningJobName": "x",
            "HyperParameterTuningJobConfig": {
                "Strategy": "Grid",
                "ParameterRanges": {"CategoricalParameterRanges": [{"Name": "a", "Values": ["1", "2", "@"]}]},
            },
        }
    )
    (job,) = read_source("x.json", text.replace('"@"', "${MORE}").encode())[1].jobs
    node = follow(
        job.request, parse_path("HyperParameterTuningJobConfig.ParameterRanges.CategoricalParameterRanges[0].Values")
    )
    assert isinstance(node, Array)
    assert (len(node.items), node.open is None) == (2, False)
