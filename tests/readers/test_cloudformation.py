"""Templates: the functions that a template resolves, those that a deployment resolves, and the resources with a job."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpolint.cli.extract import extracted
from hpolint.config.lookup import CheckOptions
from hpolint.model.job import TuningJob
from hpolint.model.node import Array, Scalar, Unknown, follow, parse_path
from hpolint.readers import read_source
from hpolint.readers.cloudformation import definition_files as beside_
from hpolint.run.check import check_paths
from hpolint.syntax.embedded import parse_text
from tests.conftest import ROOT
from tests.harness.growth import assert_linear
from tests.requests import sound

TEMPLATE = """
Parameters:
  Trials: {{Type: Number, Default: 60}}
  Bare: {{Type: String}}
Conditions:
  IsProd: !Equals [!Ref Bare, prod]
Mappings:
  Sizes: {{churn: {{instance: ml.c5.xlarge, list: [a, b]}}}}
Resources:
  Role: {{Type: AWS::IAM::Role}}
  Tuning:
    Type: AWS::SageMaker::HyperParameterTuningJob
    Properties:
      HyperParameterTuningJobName: churn
      HyperParameterTuningJobConfig:
        Strategy: Random
        ResourceLimits: {{MaxParallelTrainingJobs: 2}}
      TrainingJobDefinition:
        RoleArn: {value}
"""


def jobs(text: str, name: str = "t.yaml") -> list[TuningJob]:
    """The jobs of a text."""
    return read_source(name, text.encode())[1].jobs


def role(value: str) -> Scalar | Unknown | None:
    """The node that a value of YAML becomes."""
    (job,) = jobs(TEMPLATE.format(value=value))
    node = follow(job.request, parse_path("TrainingJobDefinition.RoleArn"))
    assert node is None or isinstance(node, Scalar | Unknown)
    return node


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("plain", "plain"),
        ("!Sub plain", "plain"),
        ('!Sub ["${a}-${b}", {a: x, b: !Sub y}]', "x-y"),
        ("!Sub 'a ${!Literal} b'", "a ${Literal} b"),
        ("!Join ['/', [a, b, c]]", "a/b/c"),
        ("!Join ['', []]", ""),
        ("{'Fn::Join': [':', [arn, !Join ['', [a, w, s]], 5]]}", "arn:aws:5"),
        ("!Join ['-', [a, !Ref AWS::NoValue, b]]", "a-b"),
        ("!Join ['-', !Split [',', 'a,b']]", "a-b"),
        ("!Select [1, [a, b]]", "b"),
        ("!Select ['0', !Split ['|', 'x|y']]", "x"),
        ("!FindInMap [Sizes, churn, instance]", "ml.c5.xlarge"),
        ("!FindInMap [Sizes, !Sub churn, instance]", "ml.c5.xlarge"),
        ("!Select [1, !FindInMap [Sizes, churn, list]]", "b"),
        ("!If [IsProd, same, same]", "same"),
        ("5", "5"),
        ("true", "true"),
    ],
)
def test_values_that_a_template_determines_are_known(value: str, known: str) -> None:
    """Functions of known parts, in any nesting; a number or truth value becomes the string that the API wants."""
    node = role(value)
    assert isinstance(node, Scalar), node
    assert node.value == known


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("!Ref Trials", "is the parameter `Trials`, by default `60`"),
        ("!Ref Bare", "is the parameter `Bare`, which has no default"),
        ("!Ref AWS::Region", "is the pseudo parameter `AWS::Region`"),
        ("!Ref Role", "refers to the resource `Role`"),
        ("!GetAtt Role.Arn", "is an attribute of the resource `Role`"),
        ("{'Fn::GetAtt': [Role, Arn]}", "is an attribute of the resource `Role`"),
        ("!Sub '${Role.Arn}'", "is an attribute of the resource `Role`"),
        ("!Sub 'a-${AWS::Region}'", "has a part that is the pseudo parameter `AWS::Region`"),
        ("!Join ['', [a, !Ref Trials]]", "has a part that is the parameter `Trials`, by default `60`"),
        ("!ImportValue other", "is imported from another stack"),
        ("!If [IsProd, a, b]", "depends on the condition `IsProd`"),
        ("!If [IsProd, a, !Ref AWS::NoValue]", "depends on the condition `IsProd`"),
        ("!If [IsProd, 1, '1']", "depends on the condition `IsProd`"),
        ("!FindInMap [Sizes, !Ref AWS::Region, instance]", "is looked up in a mapping"),
        ("!FindInMap [Sizes, churn, nothing]", "is looked up in a mapping"),
        ("!Select [9, [a, b]]", "is a call of `Fn::Select` that is not evaluated"),
        ("!Join text", "is a call of `Fn::Join` that is not evaluated"),
        ("!Sub [a]", "is a call of `Fn::Sub` that is not evaluated"),
        ("!If [IsProd, a]", "is a call of `Fn::If` that is not evaluated"),
        ("!Base64 x", "is a call of `Fn::Base64` that is not evaluated"),
        ("!Cidr [a, 1, 2]", "is a list of address blocks"),
        ("{'Fn::Transform': {Name: M}}", "is the result of a macro"),
        ("'{{resolve:ssm:/role}}'", "is the placeholder {{resolve:ssm:/role}}"),
        ("!Odd x", "the YAML tag `!Odd` is not resolved"),
        ("n", "is an unquoted `n`, which only some YAML 1.1 parsers read as a boolean"),
    ],
)
def test_values_that_only_a_deployment_determines_are_unknown(value: str, reason: str) -> None:
    """The reason names the function; it shows a default, which is never used; an invalid function does not crash."""
    node = role(value)
    assert isinstance(node, Unknown), node
    assert node.reason.startswith(reason)


def test_no_value_is_absent() -> None:
    """``AWS::NoValue`` takes the member away."""
    assert role("!Ref AWS::NoValue") is None


def test_the_known_pieces_of_an_image_are_kept() -> None:
    """They name its algorithm, as for any partly known string."""
    node = role('!Sub "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/sagemaker-xgboost:1.7-1"')
    assert isinstance(node, Unknown)
    assert node.pieces == (None, ".dkr.ecr.", None, ".amazonaws.com/sagemaker-xgboost:1.7-1")


def test_a_macro_within_a_structure_leaves_it_open() -> None:
    """``AWS::Include`` may add any member."""
    text = TEMPLATE.format(value="a") + "        Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3}}\n"
    (job,) = jobs(text)
    assert isinstance(follow(job.request, parse_path("TrainingJobDefinition.OutputDataConfig")), Unknown)


def test_a_value_points_where_it_is_written() -> None:
    """Through a mapping, a substitution's list and a join: the place where it would be fixed."""
    for value, shown in [
        ("!FindInMap [Sizes, churn, instance]", "ml.c5.xlarge"),
        ('!Sub "whole"', '"whole"'),
        ("!Join ['', ['first']]", "first"),
        ("!Ref Trials", "!Ref"),
    ]:
        (job,) = jobs(TEMPLATE.format(value=value))
        node = follow(job.request, parse_path("TrainingJobDefinition.RoleArn"))
        assert isinstance(node, Scalar | Unknown)
        assert job.source.read(node.span) == shown


MACHINE = {
    "StartAt": "T",
    "States": {
        "T": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob",
            "Parameters": {**sound(), "HyperParameterTuningJobName": "${Name}"},
            "End": True,
        }
    },
}


def machine(**properties: Any) -> dict[str, Any]:
    """A template with a state machine."""
    return {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}


def test_substitutions_fill_a_definition() -> None:
    """In an object and in a string; a variable without a substitution is a placeholder."""
    substitutions = {"Name": {"Fn::Sub": "churn"}}
    for definition in ({"Definition": MACHINE}, {"DefinitionString": json.dumps(MACHINE)}):
        (job,) = jobs(json.dumps(machine(**definition, DefinitionSubstitutions=substitutions)), "t.json")
        assert job.name == "churn"
        (job,) = jobs(json.dumps(machine(**definition)), "t.json")
        assert extracted([job])["jobs"][0]["unknown"][0]["reason"] == "is the placeholder ${Name}"


def test_a_number_that_a_deployment_fills_in_is_unknown_alone() -> None:
    """Outside of a string as the CDK splices it, whole or in part."""
    text = json.dumps(MACHINE).replace('"MaxNumberOfTrainingJobs": 6', '"MaxNumberOfTrainingJobs": 1~')
    parts = text.split("~")
    for function in ({"Fn::Join": ["", [parts[0], {"Ref": "X"}, parts[1]]]}, {"Fn::Sub": "${X}".join(parts)}):
        (job,) = jobs(json.dumps(machine(DefinitionString=function)), "t.json")
        limits = follow(job.request, parse_path("HyperParameterTuningJobConfig.ResourceLimits"))
        assert isinstance(follow(job.request, parse_path("TrainingJobDefinition.StoppingCondition")), object)
        assert limits is not None
        assert isinstance(follow(limits, ("MaxNumberOfTrainingJobs",)), Unknown)
        assert isinstance(follow(limits, ("MaxParallelTrainingJobs",)), Scalar)


def test_a_text_that_is_not_json_is_reported_where_it_is_invalid() -> None:
    """Also in a string of a template; a placeholder could complete such a text, so that one is only a notice."""
    broken = json.dumps(MACHINE, indent=1).replace("${Name}", "churn")[:-4]
    _, reading = read_source("t.json", json.dumps(machine(DefinitionString=broken)).encode())
    assert [problem.span.line for problem in reading.problems] == [1]
    join = {"Fn::Join": ["", [broken, {"Ref": "X"}]]}
    _, reading = read_source("t.json", json.dumps(machine(DefinitionString=join)).encode())
    assert (reading.jobs, reading.problems) == ([], [])
    (notice,) = reading.notices
    assert notice.startswith("not read: line 1: a text with placeholders that names a tuning job: ")


def test_a_call_on_create_and_on_update_is_one_job() -> None:
    """The CDK writes the same call twice; another one counts."""
    call = {"service": "SageMaker", "action": "createHyperParameterTuningJob", "parameters": sound()}
    other = {**call, "parameters": {**sound(), "HyperParameterTuningJobName": "other"}}
    for update, names in [(call, ["example"]), (other, ["example", "other"])]:
        properties = {"Create": json.dumps(call), "Update": json.dumps(update)}
        template = {"Resources": {"C": {"Type": "Custom::AWS", "Properties": properties}}}
        assert [job.name for job in jobs(json.dumps(template), "t.json")] == names
    command = {**call, "action": "CreateHyperParameterTuningJobCommand", "service": "@aws-sdk/client-sagemaker"}
    template = {"Resources": {"C": {"Type": "Custom::AWS", "Properties": {"Create": command}}}}
    assert len(jobs(json.dumps(template), "t.json")) == 1


def test_the_construct_names_the_job() -> None:
    """Where a CDK app made it; the logical name elsewhere."""
    template = machine(DefinitionString=json.dumps(MACHINE))
    (job,) = jobs(json.dumps(template), "t.json")
    assert job.carrier == "state `T` of the resource `M`"
    template["Resources"]["M"]["Metadata"] = {"aws:cdk:path": "App/Tuning/Resource"}
    (job,) = jobs(json.dumps(template), "t.json")
    assert job.carrier == "state `T` of the construct `App/Tuning`"


@pytest.mark.parametrize(
    "properties",
    [
        {"DefinitionString": {"Ref": "Text"}},
        {"DefinitionS3Location": {"Bucket": "b", "Key": "k"}},
        {"Definition": {"Fn::Transform": {"Name": "AWS::Include"}}},
        {"DefinitionString": {"Fn::Sub": 5}},
        {"DefinitionString": "not JSON at all"},
        {"DefinitionUri": "nowhere.json"},
        {"DefinitionUri": {"Bucket": "b"}},
        {},
    ],
)
def test_a_definition_that_the_template_does_not_hold_is_no_job(properties: Any) -> None:
    """And no problem either."""
    _, reading = read_source("t.json", json.dumps(machine(**properties)).encode())
    assert (reading.jobs, reading.problems) == ([], [])


def test_a_definition_beside_its_template_is_one_job_with_the_templates_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the template alone is checked or the folder; by itself the file has placeholders."""
    monkeypatch.chdir(ROOT)
    whole = check_paths(["fixtures/sam"], CheckOptions())
    template = check_paths(["fixtures/sam/template.yaml"], CheckOptions())
    alone = check_paths(["fixtures/sam/statemachine"], CheckOptions())
    assert [len(report.jobs) for report in (whole, template, alone)] == [2, 2, 2]
    places = [(finding.source, finding.span, finding.text) for finding in whole.findings]
    assert places == [(finding.source, finding.span, finding.text) for finding in template.findings]
    assert len(alone.findings) < len(whole.findings)


def test_a_loop_over_resources_is_read_with_its_name_unknown() -> None:
    """``Fn::ForEach`` of the language extensions."""
    properties = {**sound(), "HyperParameterTuningJobName": {"Fn::Sub": "tune-${X}"}}
    body = {"Tuning${X}": {"Type": "AWS::SageMaker::HyperParameterTuningJob", "Properties": properties}}
    template = {"Resources": {"R": {"Type": "AWS::S3::Bucket"}, "Fn::ForEach::L": ["X", ["a", "b"], body]}}
    (job,) = jobs(json.dumps(template), "t.json")
    assert job.name is None


NATIVE = "AWS::SageMaker::HyperParameterTuningJob"


def resource(properties: Any, **beside: Any) -> str:
    """A template in JSON with one job."""
    return json.dumps({"Resources": {"J": {"Type": NATIVE, "Properties": properties} | beside}})


def unknown(text: str, path: str, name: str = "t.json") -> bool:
    """Whether the value at a path of the only job is unknown."""
    (job,) = jobs(text, name)
    return isinstance(follow(job.request, parse_path(path)), Unknown)


def test_an_item_that_a_condition_omits_leaves_the_list_open() -> None:
    """It is not counted, and the index of every item after it is unknown."""
    maybe = {"Fn::If": ["C", "x", {"Ref": "AWS::NoValue"}]}
    tags = [{"Key": "a", "Value": "b"}, {"Fn::If": ["C", {"Key": "c", "Value": "d"}, {"Ref": "AWS::NoValue"}]}]
    (job,) = jobs(
        resource({"Tags": tags, "HyperParameterTuningJobName": {"Fn::Select": [1, [maybe, "y", "z"]]}}), "t.json"
    )
    listed = job.request.members["Tags"]
    assert isinstance(listed, Array)
    assert (len(listed.items), listed.open is None) == (1, False)
    assert isinstance(job.request.members["HyperParameterTuningJobName"], Unknown)


@pytest.mark.parametrize(
    "name",
    [
        "{{resolve:ssm:/name}}",
        {"Fn::Join": [":", ["{{resolve", "ssm", "/name}}"]]},
        {"Fn::FindInMap": ["M", "a", "b"]},
        {"Fn::Sub": "x-{{resolve:ssm:/${AWS::Region}/name}}"},
        {"Fn::Sub": ["run-${n}", {"n": 1.1}]},
    ],
)
def test_a_dynamic_reference_is_unknown_wherever_it_comes_from(name: Any) -> None:
    """What the stack resolves is never taken for a value."""
    text = json.loads(resource({"HyperParameterTuningJobName": name}))
    text["Mappings"] = {"M": {"a": {"b": "{{resolve:ssm:/name}}"}}}
    assert unknown(json.dumps(text).replace("1.1}", "1.10}"), "HyperParameterTuningJobName")


def test_a_dynamic_reference_within_a_definition_is_unknown_alone() -> None:
    """The rest of the definition is read."""
    request = sound() | {"HyperParameterTuningJobName": "{{resolve:ssm:/name}}"}
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob",
        "Parameters": request,
    }
    text = json.dumps({"StartAt": "T", "States": {"T": task}})
    for value in (text, {"Fn::Sub": text}, {"Fn::If": ["C", text, text]}):
        properties = {"DefinitionString": value}
        template = {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
        (job,) = jobs(json.dumps(template), "t.json")
        assert [each["path"] for each in extracted([job])["jobs"][0]["unknown"]] == ["HyperParameterTuningJobName"]


def test_both_branches_of_a_choice_of_definitions_are_read() -> None:
    """Each is what is launched if its condition holds."""
    branches = []
    for name in ("one", "two"):
        request = sound() | {"HyperParameterTuningJobName": name}
        resource_ = "arn:aws:states:::sagemaker:createHyperParameterTuningJob"
        task = {"Type": "Task", "Resource": resource_, "Parameters": request}
        branches.append(json.dumps({"StartAt": "T", "States": {"T": task}}))
    properties = {"DefinitionString": {"Fn::If": ["C", *branches]}}
    template = {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    assert [job.name for job in jobs(json.dumps(template), "t.json")] == ["one", "two"]


def test_names_of_a_loop_are_unknown_in_what_it_makes() -> None:
    """In both spellings; a template may have nothing but loops."""
    for name in ("run-${N}", "run-&{N}"):
        made = {"J${N}": {"Type": NATIVE, "Properties": {"HyperParameterTuningJobName": name}}}
        text = json.dumps({"Resources": {"Fn::ForEach::L": ["N", ["a", "b"], made]}})
        assert unknown(text, "HyperParameterTuningJobName")
    assert jobs(json.dumps({"Resources": {"Fn::ForEach::L": [], "R": {"Type": NATIVE}}}), "t.json") == []


def test_a_macro_beside_the_properties_and_omitted_properties() -> None:
    """Members that a macro may change are unknown; a resource without properties is not a job."""
    (job,) = jobs(resource(sound(), **{"Fn::Transform": {"Name": "M"}}), "t.json")
    assert (job.request.members, job.request.open is None) == ({}, False)
    assert jobs(resource({"Ref": "AWS::NoValue"}), "t.json") == []


def test_substitutions_reach_a_metrics_expression() -> None:
    """A name that is given is filled in; what only looks like one is the expression's own."""
    metrics = [{"Name": "a", "Regex": "${Re}"}, {"Name": "b", "Regex": "x${2}"}]
    request = {"TrainingJobDefinition": {"AlgorithmSpecification": {"MetricDefinitions": metrics}}}
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob",
        "Parameters": request,
    }
    properties = {
        "Definition": {"StartAt": "T", "States": {"T": task}},
        "DefinitionSubstitutions": {"Re": "auc=(.*)"},
    }
    template = {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    (job,) = jobs(json.dumps(template), "t.json")
    for index, words in enumerate(("auc=(.*)", "x${2}")):
        path = f"TrainingJobDefinition.AlgorithmSpecification.MetricDefinitions[{index}].Regex"
        node = follow(job.request, parse_path(path))
        assert isinstance(node, Scalar)
        assert node.value == words


def test_bare_words_in_texts_are_what_yaml_makes_of_them() -> None:
    """``Yes`` is true in a definition; a number that may have had another spelling is unknown."""
    definition = (
        '{"StartAt":"T","States":{"T":{"Type":"Task",'
        '"Resource":"arn:aws:states:::sagemaker:createHyperParameterTuningJob","Parameters":'
        '{"TrainingJobDefinition":{"EnableManagedSpotTraining":${Spot}},"HyperParameterTuningJobName":"x-${N}"}}}}'
    )
    text = f"""
Resources:
  M:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionSubstitutions: {{Spot: Yes, N: 1_000}}
      DefinitionString: '{definition}'
"""
    (job,) = extracted(jobs(text))["jobs"]
    assert job["request"]["TrainingJobDefinition"] == {"EnableManagedSpotTraining": True}
    assert [each["path"] for each in job["unknown"]] == ["HyperParameterTuningJobName"]


def test_the_cdks_custom_resource_makes_numbers_of_strings() -> None:
    """Only where the API wants a number; its mark for the resource's name is unknown."""
    request = {
        "HyperParameterTuningJobName": "PHYSICAL:RESOURCEID:",
        "HyperParameterTuningJobConfig": {"ResourceLimits": {"MaxNumberOfTrainingJobs": "50"}},
        "TrainingJobDefinition": {"EnableManagedSpotTraining": "true"},
    }
    call = {"service": "SageMaker", "action": "createHyperParameterTuningJob", "parameters": request}
    template = {"Resources": {"C": {"Type": "Custom::AWS", "Properties": {"Create": json.dumps(call)}}}}
    (job,) = extracted(jobs(json.dumps(template), "t.json"))["jobs"]
    assert [each["path"] for each in job["unknown"]] == ["HyperParameterTuningJobName"]
    assert job["request"]["HyperParameterTuningJobConfig"]["ResourceLimits"] == {"MaxNumberOfTrainingJobs": 50}
    assert job["request"]["TrainingJobDefinition"] == {"EnableManagedSpotTraining": "true"}


def test_functions_outside_of_a_template_are_unknown() -> None:
    """The Serverless Framework passes them on to CloudFormation."""
    text = """
stepFunctions:
  stateMachines:
    tune:
      definition:
        StartAt: T
        States:
          T:
            Type: Task
            Resource: arn:aws:states:::sagemaker:createHyperParameterTuningJob
            Parameters:
              HyperParameterTuningJobName: {Ref: Name}
              HyperParameterTuningJobConfig: {Strategy: {Fn::GetAtt: [R, S]}}
"""
    (job,) = extracted(jobs(text, "serverless.yml"))["jobs"]
    assert [each["path"] for each in job["unknown"]] == [
        "HyperParameterTuningJobName",
        "HyperParameterTuningJobConfig.Strategy",
    ]


def _named_often(count: int, value: Callable[[int], Any]) -> tuple[bytes, dict[str, tuple[str, bytes]]]:
    """A template whose resources all name one file, each in its own way, and the files beside it."""
    uris = [f"{'./' * number}m.asl.json" for number in range(count)]
    resources = {
        f"M{number}": {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {"DefinitionUri": uri, "DefinitionSubstitutions": {"Name": value(number), "Unused": number}},
        }
        for number, uri in enumerate(uris)
    }
    definition = json.dumps(MACHINE).encode()
    template = {"Parameters": {"P": {"Type": "String"}}, "Resources": resources}
    return json.dumps(template).encode(), dict.fromkeys(uris, ("m.asl.json", definition))


@pytest.mark.parametrize(
    ("value", "parses"),
    [
        (lambda _: "arn", 1),
        (lambda _: {"Ref": "P"}, 1),
        (lambda number: f"arn{number % 3}", 3),
        (lambda number: "arn" if number % 2 else {"Ref": "P"}, 2),
    ],
)
@pytest.mark.parametrize("count", [10, 20])
def test_a_file_that_many_resources_name_is_parsed_once_for_each_set_of_values(
    monkeypatch: pytest.MonkeyPatch, value: Callable[[int], Any], parses: int, count: int
) -> None:
    """In any spelling of its path, and whatever else the resources contain; each resource has its job."""
    calls = []

    def counted(text: Any) -> Any:
        calls.append(text)
        return parse_text(text)

    monkeypatch.setattr(beside_, "parse_text", counted)
    template, beside = _named_often(count, value)
    _, reading = read_source("t.json", template, beside)
    assert len(calls) == parses
    assert [job.carrier for job in reading.jobs] == [f"state `T` of the resource `M{each}`" for each in range(count)]


def test_definitions_beside_a_template_are_parsed_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where each resource gives the one file another value; what is not read is named, and the others are."""
    template, beside = _named_often(10, lambda number: f"arn{number}")
    monkeypatch.setattr(beside_, "MAX_PARSED_CHARACTERS", 4 * len(next(iter(beside.values()))[1]))
    _, reading = read_source("t.json", template, beside)
    assert len(reading.jobs) == 4
    (notice,) = reading.notices
    assert notice.startswith("not read: the definitions of 6 resources: at most ")


def nested_conditions(count: int) -> dict[str, Any]:
    """A template whose conditions each name the next one twice, and whose role depends on the first."""
    conditions: dict[str, Any] = {"C0": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    for number in range(1, count + 1):
        conditions[f"C{number}"] = {"Fn::And": [{"Condition": f"C{number - 1}"}] * 2}
    role = {"Fn::If": [f"C{count}", "arn:aws:iam::111122223333:role/prod", "arn:aws:iam::111122223333:role/test"]}
    request = sound()
    request["TrainingJobDefinition"]["RoleArn"] = role
    parameters = {"Stage": {"Type": "String", "Default": "prod"}}
    template: dict[str, Any] = json.loads(resource(request))
    return template | {"Conditions": conditions, "Parameters": parameters}


def test_a_condition_is_evaluated_once_however_often_others_name_it() -> None:
    """The work grows with the number of conditions."""
    (job,) = assert_linear(nested_conditions, lambda template: jobs(json.dumps(template), "t.json"), 16)
    assert isinstance(follow(job.request, parse_path("TrainingJobDefinition.RoleArn")), Unknown)
