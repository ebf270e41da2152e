"""Parameters with a default: a rule that they leave open is judged with it, and the finding says so."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings

import hpolint as library
from hpolint.report.report import Report
from tests.conftest import Command, scaled
from tests.requests import sound
from tests.restated.jobs import jobs

LIMIT = "launch/job-limit-exceeded"
TYPES = "policy/allowed-instance-types"
SHAPE = "launch/invalid-request"
"""The rule about what is written: a parameter is not checked against the API's types."""


def template(request: dict[str, Any], parameters: dict[str, Any], **more: Any) -> str:
    """A CloudFormation template with a request, whose parameters have these defaults."""
    declared = {
        name: default
        if isinstance(default, dict)
        else {"Type": "String", "Default": default}
        if isinstance(default, str)
        else {"Type": "Number", "Default": default}
        for name, default in parameters.items()
    }
    resource = {"Type": "AWS::SageMaker::HyperParameterTuningJob", "Properties": request}
    return json.dumps({"Parameters": declared, **more, "Resources": {"Job": resource}}, indent=1)


def with_trials(value: object, **changes: Any) -> dict[str, Any]:
    """A sound request of so many trials."""
    request = sound() | changes
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"] = value
    return request


def checked(text: str, options: dict[str, Any] | None = None, name: str = "template.json") -> Report:
    """The report on a text."""
    report = library.check({name: text}, options or {"select": [LIMIT]}, isolated=True)
    assert not report.failures
    return report


def test_a_finding_by_default_says_so_and_shows_the_default() -> None:
    """Its last sentence has the value, and a related place is where the parameter declares it."""
    text = template(with_trials({"Ref": "Trials"}), {"Trials": 800})
    (finding,) = checked(text).findings
    assert finding.text[0] == "Bayesian search of 800 trials: the limit of a tuning job is 750"
    assert finding.text[-1] == "By default, `MaxNumberOfTrainingJobs` is `800`"
    (place,) = finding.related
    assert text.splitlines()[place.span.line - 1].strip() == '"Default": 800'
    assert finding.fix is None


@pytest.mark.parametrize(
    ("value", "more"),
    [
        ({"Fn::If": ["IsLarge", 800, 5]}, {"Conditions": {"IsLarge": {"Fn::Equals": [{"Ref": "Size"}, "large"]}}}),
        (
            {"Fn::If": ["IsSmall", 5, {"Ref": "Trials"}]},
            {
                "Conditions": {
                    "IsSmall": {"Fn::Not": [{"Fn::Or": [{"Condition": "IsLarge"}, {"Condition": "IsLarge"}]}]},
                    "IsLarge": {"Fn::Equals": [{"Ref": "Size"}, "large"]},
                }
            },
        ),
        (
            {"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, "trials"]},
            {"Mappings": {"Sizes": {"large": {"trials": 800}, "small": {"trials": 8}}}},
        ),
    ],
)
def test_functions_are_evaluated_with_the_defaults(value: object, more: dict[str, Any]) -> None:
    """Conditions, mappings and references to parameters have the value that a stack without parameters gets."""
    found = checked(template(with_trials(value), {"Size": "large", "Trials": 800}, **more)).findings
    assert [each.text[-1] for each in found] == ["By default, `MaxNumberOfTrainingJobs` is `800`"]


def test_the_name_of_a_systems_manager_value_is_no_value_of_a_condition() -> None:
    """What it names is not in the template, so the branch is not known either."""
    size = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "large"}
    condition = {"IsLarge": {"Fn::Equals": [{"Ref": "Size"}, "large"]}}
    text = template(with_trials({"Fn::If": ["IsLarge", 800, 5]}), {"Size": size}, Conditions=condition)
    assert checked(text).findings == []


def test_text_with_parameters_has_its_default() -> None:
    """A string that is joined or substituted from parameters, and one in a state machine's text."""
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/{}:1.7-1"
    options = {"select": ["launch/unknown-hyperparameter"]}
    for value in (
        {"Fn::Sub": image.format("${Name}")},
        {"Fn::Join": ["", [image.format("")[:-6], {"Ref": "Name"}, ":1.7-1"]]},
    ):
        request = sound()
        training = request["TrainingJobDefinition"]
        training["AlgorithmSpecification"]["TrainingImage"] = value
        training["StaticHyperParameters"] = {"num_round": "10", "max_dept": "3"}
        (finding,) = checked(template(request, {"Name": "sagemaker-xgboost"}), options).findings
        assert "max_dept" in finding.text[0]
    states = {"StartAt": "T", "States": {"T": {"Type": "Task", "End": True}}}
    states["States"]["T"] |= {  # type: ignore[index]
        "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync",
        "Parameters": with_trials("TRIALS"),
    }
    body = json.dumps(states).replace('"TRIALS"', "${Trials}")
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": {"Fn::Sub": body}}}
    parameters = {"Trials": {"Type": "Number", "Default": 800}}
    text = json.dumps({"Parameters": parameters, "Resources": {"Machine": machine}})
    assert [each.text[-1] for each in checked(text).findings] == ["By default, `MaxNumberOfTrainingJobs` is `800`"]


MAIN = """resource "aws_sagemaker_hyper_parameter_tuning_job" "t" {
  hyper_parameter_tuning_job_name = "t"
  hyper_parameter_tuning_job_config {
    strategy = "Bayesian"
    resource_limits {
      max_number_of_training_jobs = var.trials
      max_parallel_training_jobs = 1
    }
  }
}
"""
VARIABLES = """variable "trials" {
  type    = number
  default = 800
}
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "main.tf",
            VARIABLES + MAIN,
        ),
        (
            "pipeline.json",
            json.dumps(
                {
                    "Version": "2020-12-01",
                    "Parameters": [{"Name": "Trials", "Type": "Integer", "DefaultValue": 800}],
                    "Steps": [{"Name": "T", "Type": "Tuning", "Arguments": with_trials({"Get": "Parameters.Trials"})}],
                }
            ),
        ),
        (
            "pipeline.py",
            """from sagemaker.workflow.parameters import ParameterInteger
from sagemaker.estimator import Estimator
from sagemaker.tuner import HyperparameterTuner, IntegerParameter
trials = ParameterInteger(name="Trials", default_value=800)
estimator = Estimator("111122223333.dkr.ecr.us-east-1.amazonaws.com/x:1", "role", 1, "ml.m5.xlarge")
tuner = HyperparameterTuner(estimator, "m", {"a": IntegerParameter(1, 9)}, max_jobs=trials)
""",
        ),
    ],
)
def test_each_kind_of_parameter_has_its_default(name: str, text: str) -> None:
    """Variables of Terraform and parameters of pipelines, as JSON and in Python."""
    (finding,) = checked(text, name=name).findings
    assert re.fullmatch(r"By default, `\w+` is `800`", finding.text[-1])


@pytest.mark.parametrize(
    "parameter",
    [
        {"Type": "Number"},
        {"Type": "String", "Default": ""},
        {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "800"},
    ],
)
def test_a_parameter_without_a_value_stays_unknown(parameter: dict[str, Any]) -> None:
    """No default, an empty one, or the name of one: nothing is claimed."""
    report = checked(template(with_trials({"Ref": "Trials"}), {"Trials": parameter}))
    assert not report.findings
    assert report.undecided


def test_a_default_that_breaks_no_rule_is_no_proof() -> None:
    """A deployment may set another value: the judgement is undecided, and a policy that demands proof reports it."""
    request = sound()
    request["TrainingJobDefinition"]["ResourceConfig"]["InstanceType"] = {"Ref": "Kind"}
    text = template(request, {"Kind": "ml.m5.xlarge"})
    options: dict[str, Any] = {"select": [TYPES], "rules": {TYPES: {"types": ["ml.m5.xlarge"]}}}
    report = checked(text, options)
    assert not report.findings
    (judgement,) = report.undecided
    assert judgement.is_met_by_default
    (finding,) = checked(text, options | {"undecided": {TYPES: "error"}}).findings
    assert "cannot be decided" in finding.text[0]


@settings(max_examples=scaled(200), deadline=None)
@given(jobs())
def test_parameters_in_place_of_values_change_no_finding(request: dict[str, Any]) -> None:
    """Every value of a request but names as a parameter with that default: the same rules have a finding."""
    parameters: dict[str, Any] = {}

    def replaced(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: each if name == "Name" else replaced(each) for name, each in value.items()}
        if isinstance(value, list):
            return [replaced(each) for each in value]
        if isinstance(value, bool) or value in (None, ""):
            return value
        name = f"P{len(parameters)}"
        parameters[name] = value
        return {"Ref": name}

    def found(text: str) -> set[str]:
        report = checked(text, {"select": ["ALL"], "ignore": ["hygiene"]})
        return {each.rule.id for each in report.findings} - {SHAPE}

    assert found(template(replaced(request), parameters)) == found(template(request, {}))


@pytest.mark.parametrize(
    ("files", "trials"),
    [
        ({"variables.tf": VARIABLES}, 800),
        ({"variables.tf": VARIABLES, "terraform.tfvars": "trials = 900\n"}, 900),
        ({"variables.tf": VARIABLES, "terraform.tfvars": "trials = 900\n", "a.auto.tfvars": "trials = 950\n"}, 950),
        ({"variables.tf": VARIABLES, "other.tfvars": "trials = 900\n"}, 800),
        ({"variables.tf": VARIABLES, "terraform.tfvars": "trials = 9\n"}, None),
        ({"variables.tf": VARIABLES + "}}} {{{"}, 800),
        ({"variables.tf": VARIABLES, "terraform.tfvars": "trials = null\n"}, None),
        ({"variables.tf": VARIABLES, "terraform.tfvars": "trials = max(1, 2)\n"}, None),
        ({"variables.tf": VARIABLES, "a.auto.tfvars.json": '{"trials": 5}'}, None),
        ({"sub/variables.tf": VARIABLES}, None),
        ({}, None),
    ],
)
def test_a_terraform_variable_has_the_default_of_its_module(
    hpolint: Command, files: dict[str, str], trials: int | None
) -> None:
    """Another file of the folder declares it, and the files that Terraform loads by itself set it; no others do."""
    hpolint.write("main.tf", MAIN)
    for name, text in files.items():
        hpolint.write(name, text)
    found = json.loads(hpolint("check", "-o", "json", "--select", LIMIT).stdout)["findings"]
    expected = [] if trials is None else [f"By default, `max_number_of_training_jobs` is `{trials}`"]
    assert [each["message"][-1] for each in found] == expected
    assert [each["line"] for each in found] == [6] * len(expected)
    if trials == 800:  # a kept result is not used after a change of the other file
        hpolint.write("variables.tf", VARIABLES.replace("800", "80"))
        assert json.loads(hpolint("check", "-o", "json", "--select", LIMIT).stdout)["findings"] == []


def test_only_the_defaults_that_the_rule_needs_are_named() -> None:
    """All of those that make a figure, and none that changes nothing about it."""
    request = with_trials({"Ref": "Trials"})
    resources = request["TrainingJobDefinition"]["ResourceConfig"]
    resources["InstanceCount"] = {"Ref": "Count"}
    resources["VolumeSizeInGB"] = {"Ref": "Volume"}
    text = template(request, {"Trials": 300, "Count": 40, "Volume": 30, "Strategy": "Bayesian"})
    select = {"select": ["policy/max-instance-hours"], "rules": {"policy/max-instance-hours": {"hours": 100}}}
    (finding,) = checked(text, select).findings
    assert finding.text[-1] == "By default, `MaxNumberOfTrainingJobs` is `300` and `InstanceCount` is `40`"
