"""Members of Python's calls and dicts that a fix renames or takes out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.conftest import Command
from tests.requests import sound

POLICY = """---
summary: Debugging is for laptops
level: warning
precision: high
scope: training
since: 0.1.0
when: training.StaticHyperParameters != null && training.StaticHyperParameters.exists(p, p.Name == "debug")
message: ["Debugging is on"]
fix: {safety: safe, remove: [StaticHyperParameters.debug]}
sources: ["https://example.com"]
---
## Why
An example.

## Instead
Nothing.

## Examples
### Found
```json
{"StaticHyperParameters": {"debug": "1"}}
```

### Clean
```json
{"StaticHyperParameters": {"a": "1"}}
```

### Undecided
```json
{"StaticHyperParameters": "$N"}
```
"""
TUNER = """from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

statics = {"epochs": 3}
est = Estimator(
    "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1", "role", 1, "ml.m5.large", hyperparameters=GIVEN
)
tuner = HyperparameterTuner(est, "m", {"lr": ContinuousParameter(0.1, 0.2)}, [{"Name": "m", "Regex": "(.)"}])
"""
REQUEST = """import boto3
limits = {"MaxParallelTrainingJobs": 2, "MaxNumberOfTrainingJobs": 3}
config = dict(Strategy="Random", ResourceLimits=limits)
config["ParameterRanges"] = {"ContinuousParameterRanges": [{"Name": "lr", "MinValue": "0.1", "MaxValue": "0.2"}]}
config["HyperParameterTuningJobObjective"] = {"Type": "Minimize", "MetricName": "loss"}
boto3.client("sagemaker").create_hyper_parameter_tuning_job(
    HyperParameterTuningJobName="a",
    HyperParameterTuningJobConfig=config,
    TrainingJobDefinition={
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": PLACE},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 100},
    },
)
"""


@pytest.fixture
def policed(hpolint: Command) -> Command:
    """A folder whose policy takes a hyperparameter out."""
    hpolint.write("rules/acme/debug.md", POLICY)
    hpolint.write("hpolint.toml", "policies = ['rules']\nselect = ['acme']\n")
    return hpolint


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"epochs": 3, "debug": 1}', '{"epochs": 3}'),
        ('{"debug": (1), **statics}', "{**statics}"),
        ("dict(debug=1, epochs=3)", "dict(epochs=3)"),
        ('{\n    "debug": 1,  # for my laptop\n    "epochs": 3,\n}', '{\n    "epochs": 3,\n}'),
    ],
)
def test_a_member_is_taken_out(policed: Command, before: str, after: str) -> None:
    """With its comma, its line and its comment; the rest stays."""
    policed.write("t.py", TUNER.replace("GIVEN", before))
    run = policed("check", "--fix", "t.py")
    assert run.stderr == b"hpolint: 1 finding fixed in 1 file\n"
    assert (policed.folder / "t.py").read_text() == TUNER.replace("GIVEN", after)
    assert policed("check", "--fix", "t.py").stderr == b""


def test_a_member_of_what_others_have_is_left(policed: Command) -> None:
    """The dict is given to something else, too."""
    text = TUNER.replace('{"epochs": 3}', '{"debug": 1}').replace("GIVEN", "statics") + "train(statics)\n"
    policed.write("t.py", text)
    run = policed("check", "--fix", "t.py")
    assert b"not written by `--fix`: `statics` is used elsewhere, too" in run.stdout
    assert (policed.folder / "t.py").read_text() == text


@pytest.mark.parametrize(("right", "wrong"), [("ResourceLimits=", "ResourceLimts="), ("MaxParallel", "MaxParalell")])
def test_a_misspelt_member_is_renamed(hpolint: Command, right: str, wrong: str) -> None:
    """An argument as such, an entry in its quotes."""
    hpolint.write("t.py", REQUEST.replace(right, wrong))
    run = hpolint("check", "--fix", "--select", "invalid-request")
    assert (run.returncode, run.stderr) == (0, b"hpolint: 1 finding fixed in 1 file\n")
    assert (hpolint.folder / "t.py").read_text() == REQUEST


def with_statics(*names: str) -> dict[str, Any]:
    """A sound request with static hyperparameters of these names."""
    request = sound()
    request["TrainingJobDefinition"]["StaticHyperParameters"] = dict.fromkeys(names, "1")
    return request


def in_a_text(request: dict[str, Any]) -> str:
    """A template with the request as the input of a schedule."""
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:createHyperParameterTuningJob",
        "Input": json.dumps(request),
    }
    resource = {"Type": "AWS::Scheduler::Schedule", "Properties": {"Target": target}}
    return json.dumps({"Resources": {"Nightly": resource}}, indent=1)


FORMS: list[tuple[str, Callable[[dict[str, Any]], str]]] = [
    ("r.json", json.dumps),
    ("r.json", lambda request: json.dumps(request, indent=2)),
    ("r.yaml", lambda request: yaml.safe_dump(request, sort_keys=False)),
    ("r.yaml", lambda request: yaml.safe_dump(request, sort_keys=False, default_flow_style=True, width=10_000)),
    ("t.json", in_a_text),
]


@pytest.mark.parametrize("names", [("debug", "a"), ("a", "debug"), ("a", "debug", "b")])
@pytest.mark.parametrize(("name", "written"), FORMS)
def test_a_member_of_a_document_is_taken_out(
    policed: Command, name: str, written: Callable[[dict[str, Any]], str], names: tuple[str, ...]
) -> None:
    """Of JSON and YAML in either style, and of JSON in a text: what is left is as if it had never been there."""
    policed.write(name, written(with_statics(*names)))
    assert policed("check", "--fix", name).stderr == b"hpolint: 1 finding fixed in 1 file\n"
    left = [each for each in names if each != "debug"]
    assert (policed.folder / name).read_text() == written(with_statics(*left))
