"""Policies that require proof: an undecided rule is a finding; a value with several candidates is tried with each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import hpolint as library
from hpolint.cost.estimate import estimate
from hpolint.engine.undecided import demanded_findings, import_findings, unread_findings, unread_launch_findings
from hpolint.model.finding import UndecidedJudgement
from hpolint.model.level import Level
from hpolint.model.node import Scalar, Unknown
from hpolint.model.reasons import CODE_CHANNEL, CONFIG_FILE, Kind, is_a, named
from hpolint.model.rule import Rule
from hpolint.model.source import Source, Span
from hpolint.readers import read_source
from hpolint.report.records import Diagnostic
from tests.cost.jobs import judged
from tests.engine.test_engine import RULE
from tests.requests import sound

TYPES = "policy/allowed-instance-types"
TRIALS = "policy/max-trials"
SETTINGS: dict[str, Any] = {
    "select": [TYPES, TRIALS],
    "rules": {TYPES: {"types": ["ml.m5.xlarge", "ml.c5.xlarge"]}, TRIALS: {"trials": 20}},
}
PROOF: dict[str, Any] = SETTINGS | {"undecided": {TYPES: "error", TRIALS: "warning"}}


def found(folder: Path, name: str, text: str, settings: dict[str, Any] = PROOF) -> list[tuple[str, str, int, str]]:
    """Rule, level, line and first sentence of what is found in a file."""
    return [(each.rule.id, each.level, each.span.line, each.text[0]) for each in findings(folder, name, text, settings)]


def findings(folder: Path, name: str, text: str, settings: dict[str, Any] = PROOF) -> Sequence[Diagnostic]:
    """What is found in a file."""
    (folder / name).write_text(text)
    report = library.check([folder / name], settings, isolated=True)
    assert not report.failures
    assert not report.unreadable
    return report.findings


def template(instance: str, parameters: str = "", trials: str = "10") -> str:
    """A CloudFormation template whose job has an instance type, and parameters."""
    request = sound()
    request["TrainingJobDefinition"]["ResourceConfig"]["InstanceType"] = "INSTANCE"
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"] = "TRIALS"
    body = json.dumps(request, indent=1).replace('"INSTANCE"', instance).replace('"TRIALS"', trials)
    resource = f'{{"Type": "AWS::SageMaker::HyperParameterTuningJob", "Properties": {body}}}'
    return f'{{"Resources": {{"Job": {resource}}},\n"Conditions": {{}},\n"Parameters": {{{parameters}}}}}'


REF = '{"Ref": "Kind"}'


def parameter(*values: object, kind: str = "String", name: str = "Kind") -> str:
    """A template's parameter with AllowedValues."""
    return f'"{name}": {{"Type": "{kind}", "AllowedValues": {json.dumps(values)}}}'


def test_an_undecided_rule_is_reported_at_the_unknown_value(tmp_path: Path) -> None:
    """With the reason, what would make it known, and the level that the configuration gives it."""
    (finding,) = findings(tmp_path, "t.json", template(REF, '"Kind": {"Type": "String", "Default": "ml.m5.xlarge"}'))
    assert (finding.rule.id, finding.level) == (TYPES, "error")
    assert finding.text == (
        (
            "`InstanceType` is the parameter `Kind`, by default `ml.m5.xlarge`, so "
            f"`{TYPES}` cannot be decided, but a decision is required"
        ),
        "Write the value here, or give the parameter `AllowedValues` that all satisfy the rule",
    )
    (line,) = finding.place.excerpt
    assert line.text[line.start : line.end] == '"Ref"'
    assert finding.fix is None


def test_without_such_a_setting_it_is_no_finding(tmp_path: Path) -> None:
    """As for every rule: an unknown value decides nothing."""
    report_settings = SETTINGS
    assert found(tmp_path, "t.json", template(REF), report_settings) == []
    assert found(tmp_path, "t.json", template(REF), PROOF | {"undecided": {"policy": "off"}}) == []
    assert found(tmp_path, "t.json", template(REF), PROOF | {"undecided": {"policy": "note"}})[0][1] == "note"


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["ml.m5.xlarge", "ml.c5.xlarge"], "String", None),
        (["ml.p3.2xlarge", "ml.p4d.24xlarge"], "String", "An instance type that the organisation does not allow"),
        (["ml.m5.xlarge", "ml.p4d.24xlarge"], "String", "(it is `ml.m5.xlarge` or `ml.p4d.24xlarge`), so"),
        (["ml.p3.2xlarge", "ml.p4d.24xlarge"], "AWS::SSM::Parameter::Value<String>", "so `policy/allowed-inst"),
        ([], "String", "so `policy/allowed-instance-types` cannot be decided"),
        ([f"ml.m5.{n}xlarge" for n in range(17)], "String", "so `policy/allowed-instance-types` cannot be decided"),
    ],
)
def test_allowed_values_of_a_parameter_are_looked_at_one_by_one(
    tmp_path: Path, values: list[str], kind: str, expected: str | None
) -> None:
    """All satisfy the rule: nothing; all violate it: a finding; else undecided, with the values. SSM names are none."""
    text = template(REF, parameter(*values, kind=kind))
    results = found(tmp_path, "t.json", text)
    if expected is None:
        assert results == []
    else:
        ((rule, level, _, sentence),) = results
        assert (rule, level) == (TYPES, "error")
        assert expected in sentence


def test_a_finding_whatever_the_value_lists_the_values_and_has_no_fix(tmp_path: Path) -> None:
    """It says nothing that holds for one of them alone."""
    text = template(REF, parameter("ml.p3.2xlarge", "ml.p4d.24xlarge"))
    (finding,) = findings(tmp_path, "t.json", text, SETTINGS)
    assert finding.text == (
        (
            "An instance type that the organisation does not allow, "
            "whether `InstanceType` is `ml.p3.2xlarge` or `ml.p4d.24xlarge`"
        ),
        "Allowed types: `ml.m5.xlarge` and `ml.c5.xlarge`",
    )
    assert (finding.fix, finding.undecided) == (None, None)


def test_facts_are_made_anew_for_each_value(tmp_path: Path) -> None:
    """What a rule asks of a number of trials is asked of each number."""
    count = '{"Ref": "Count"}'
    for values, number in (([10, 20], 0), ([30, 40], 1), ([10, 40], 1)):
        text = template('"ml.m5.xlarge"', parameter(*values, kind="Number", name="Count"), count)
        results = found(tmp_path, "t.json", text)
        assert len(results) == number, values
        assert not results or results[0][:2] == (TRIALS, "error" if values[0] == 30 else "warning")


def test_both_branches_of_a_condition_are_looked_at(tmp_path: Path) -> None:
    """``Fn::If`` is one or the other, and ``AWS::NoValue`` is absent."""
    both = '{"Fn::If": ["Big", "ml.p3.2xlarge", "ml.p4d.24xlarge"]}'
    assert [each[0] for each in found(tmp_path, "t.json", template(both), SETTINGS)] == [TYPES]
    mixed = '{"Fn::If": ["Big", "ml.p3.2xlarge", "ml.m5.xlarge"]}'
    assert found(tmp_path, "t.json", template(mixed), SETTINGS) == []
    spot: dict[str, Any] = {"select": ["policy/require-spot"]}
    absent = '{"Fn::If": ["Big", {"Ref": "AWS::NoValue"}, false]}'
    text = template('"ml.m5.xlarge"').replace(
        '"EnableManagedSpotTraining": true', f'"EnableManagedSpotTraining": {absent}'
    )
    assert [each[0] for each in found(tmp_path, "t.json", text, spot)] == ["policy/require-spot"]


MAPPINGS = '"Mappings": {{"Types": {{"a": {{"Kind": "{}"}}, "b": {{"Kind": "{}"}}}}}}'
FAMILY = parameter("m5", "c5", name="Family")
OTHERS = parameter("p3", "p4d", name="Family")


@pytest.mark.parametrize(
    ("instance", "good", "bad"),
    [
        ('{"Fn::Sub": "${Kind}"}', parameter("ml.m5.xlarge", "ml.c5.xlarge"), parameter("ml.p3.xlarge")),
        ('{"Fn::Sub": "ml.${Family}.xlarge"}', FAMILY, OTHERS),
        ('{"Fn::Sub": ["ml.${F}.xlarge", {"F": {"Ref": "Family"}}]}', FAMILY, OTHERS),
        ('{"Fn::Join": [".", ["ml", {"Ref": "Family"}, "xlarge"]]}', FAMILY, OTHERS),
        ('{"Fn::If": ["Big", {"Ref": "Kind"}, "ml.c5.xlarge"]}', parameter("ml.m5.xlarge"), None),
        ('{"Fn::If": ["A", "ml.m5.xlarge", {"Fn::If": ["B", "ml.c5.xlarge", "ml.m5.xlarge"]}]}', "", None),
        ('{"Fn::Join": ["", ["ml.", {"Fn::If": ["A", "m5", "c5"]}, ".xlarge"]]}', "", None),
    ],
)
def test_what_is_made_of_allowed_values_is_looked_at_too(
    tmp_path: Path, instance: str, good: str, bad: str | None
) -> None:
    """A parameter within a text, branches within branches: all that they can make."""
    assert found(tmp_path, "t.json", template(instance, good)) == []
    if bad is not None:
        ((rule, level, _, sentence),) = found(tmp_path, "t.json", template(instance, bad))
        assert (rule, level) == (TYPES, "error")
        assert "cannot be decided" not in sentence


@pytest.mark.parametrize("key", ['{"Ref": "Env"}', '{"Ref": "AWS::Region"}', '{"Fn::If": ["Big", "a", "b"]}'])
def test_what_a_mapping_can_give_is_looked_at(tmp_path: Path, key: str) -> None:
    """By a key with several candidates, or by an unknown key: a stack with any other key cannot be deployed."""
    text = template(f'{{"Fn::FindInMap": ["Types", {key}, "Kind"]}}', parameter("a", "b", name="Env"))
    for one, other, number in (("m5", "c5", 0), ("p3", "p4d", 1), ("m5", "p3", 1)):
        mappings = MAPPINGS.format(f"ml.{one}.xlarge", f"ml.{other}.xlarge")
        assert len(found(tmp_path, "t.json", f"{text[:-1]},\n{mappings}}}")) == number
    lacking = MAPPINGS.format("ml.m5.xlarge", "ml.c5.xlarge").replace('"b": {"Kind"', '"b": {"Other"')
    assert len(found(tmp_path, "t.json", f"{text[:-1]},\n{lacking}}}")) == 1


def machine(definition: str, parameters: str, more: str = "") -> str:
    """A template whose state machine launches a tuning job; ``KIND`` and ``COUNT`` are filled into its text."""
    request = sound()
    request["TrainingJobDefinition"]["ResourceConfig"]["InstanceType"] = "${Kind}"
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"] = "COUNT"
    resource = "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync"
    states = {
        "StartAt": "T",
        "States": {"T": {"Type": "Task", "Resource": resource, "Parameters": request, "End": True}},
    }
    text = json.dumps(json.dumps(states).replace('"COUNT"', "${Count}"))
    properties = f'{{"DefinitionString": {definition.replace("TEXT", text)}{more}}}'
    body = f'{{"M": {{"Type": "AWS::StepFunctions::StateMachine", "Properties": {properties}}}}}'
    return f'{{"Resources": {body}, "Parameters": {{{parameters}}}}}'


@pytest.mark.parametrize(
    ("definition", "more"),
    [
        ('{"Fn::Sub": TEXT}', ""),
        ("TEXT", ', "DefinitionSubstitutions": {"Kind": {"Ref": "Kind"}, "Count": {"Ref": "Count"}}'),
    ],
)
def test_what_is_filled_into_a_state_machine_is_looked_at(tmp_path: Path, definition: str, more: str) -> None:
    """Within a string and outside of one, where a number stands."""
    for types, counts, expected in (
        (["ml.m5.xlarge", "ml.c5.xlarge"], [10, 20], []),
        (["ml.p3.2xlarge", "ml.p4d.24xlarge"], [30, 40], [TYPES, TRIALS]),
    ):
        parameters = f"{parameter(*types)}, {parameter(*counts, kind='Number', name='Count')}"
        results = found(tmp_path, "t.json", machine(definition, parameters, more))
        assert sorted(each[0] for each in results) == expected
        assert all("cannot be decided" not in each[3] for each in results)


def test_each_definition_is_looked_at_in_each_way_for_itself(tmp_path: Path) -> None:
    """The candidates of one of several definitions are reported for that definition, at any index."""
    request = sound()
    first = request.pop("TrainingJobDefinition")
    second = json.loads(json.dumps(first))
    second["ResourceConfig"]["InstanceType"] = "INSTANCE"
    both = [
        {**each, "DefinitionName": name, "TuningObjective": {"Type": "Minimize", "MetricName": "loss"}}
        for name, each in (("one", first), ("two", second), ("three", first))
    ]
    body = json.dumps(request | {"TrainingJobDefinitions": both}).replace('"INSTANCE"', REF)
    resource = f'{{"Type": "AWS::SageMaker::HyperParameterTuningJob", "Properties": {body}}}'
    for types, number in ((["ml.p3.2xlarge", "ml.p4d.24xlarge"], 1), (["ml.m5.xlarge", "ml.c5.xlarge"], 0)):
        text = f'{{"Resources": {{"Job": {resource}}}, "Parameters": {{{parameter(*types)}}}}}'
        results = [each for each in found(tmp_path, "t.json", text) if each[0] == TYPES]
        assert len(results) == number
        assert all("cannot be decided" not in each[3] for each in results)


def test_possibilities_are_combined_up_to_a_bound(tmp_path: Path) -> None:
    """Two parameters of four values are sixteen ways; of five and four they are too many, and undecided."""
    hours: dict[str, Any] = {
        "select": ["policy/max-instance-hours"],
        "rules": {"policy/max-instance-hours": {"hours": 1}},
    }
    for count, number in ((4, 1), (5, 0)):
        parameters = [
            parameter(*range(100, 100 + count), kind="Number", name="Count"),
            parameter(*range(3600, 3604), kind="Number", name="Cap"),
        ]
        text = template('"ml.m5.xlarge"', ",".join(parameters), '{"Ref": "Count"}')
        text = text.replace('"MaxRuntimeInSeconds": 3600', '"MaxRuntimeInSeconds": {"Ref": "Cap"}')
        assert len(found(tmp_path, "t.json", text, hours)) == number


PYTHON = """
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

{kind}
estimator = Estimator(image, role, instance_count=1, instance_type=kind)
tuner = HyperparameterTuner(estimator, "loss", {{"lr": ContinuousParameter(0.1, 0.2)}}, max_jobs=10)
tuner.fit()
"""


@pytest.mark.parametrize(
    ("kind", "number", "line"),
    [
        ("if gpu:\n    kind = 'ml.p3.2xlarge'\nelse:\n    kind = 'ml.p4d.24xlarge'", 1, 6),
        ("kind = 'ml.p3.2xlarge' if gpu else 'ml.p4d.24xlarge'", 1, 5),
        (
            "if a:\n    kind = 'ml.p3.2xlarge'\nelif b:\n    kind = 'ml.m5.xlarge'\nelse:\n    kind = 'ml.c5.xlarge'",
            0,
            0,
        ),
        ("if gpu:\n    kind = 'ml.p3.2xlarge'\nelse:\n    kind = pick()", 0, 0),
        (
            "kind = 'ml.p3.2xlarge'\ntry:\n    kind = 'ml.p2.xlarge'\n    kind = pick()\nexcept ValueError:\n    pass",
            0,
            0,
        ),
        ("kind = 'ml.p3.2xlarge'\nfor each in items:\n    kind = 'ml.p4d.24xlarge'", 0, 0),
        ("kind = 'ml.p3.2xlarge'\nwhile more():\n    kind = 'ml.p4d.24xlarge' if gpu else 'ml.p3.2xlarge'", 0, 0),
    ],
)
def test_two_branches_of_python_are_looked_at(tmp_path: Path, kind: str, number: int, line: int) -> None:
    """Where one of them is what comes about; what a loop or a ``try`` leaves open stays open."""
    results = found(tmp_path, "t.py", PYTHON.format(kind=kind), SETTINGS)
    assert len(results) == number
    assert not results or results[0][:3] == (TYPES, "error", line)


TERRAFORM = """
variable "kind" {{
  type = string
  validation {{
    condition     = {condition}
    error_message = "no"
  }}
}}

resource "aws_sagemaker_hyper_parameter_tuning_job" "job" {{
  hyper_parameter_tuning_job_name = "churn"
  hyper_parameter_tuning_job_config {{
    strategy = "Bayesian"
    resource_limits {{
      max_parallel_training_jobs   = 1
      max_number_of_training_jobs = 10
    }}
  }}
  training_job_definition {{
    resource_config {{
      instance_type     = var.kind
      instance_count    = 1
      volume_size_in_gb = 30
    }}
  }}
}}
"""


@pytest.mark.parametrize(
    ("condition", "number"),
    [
        ('contains(["ml.p3.2xlarge", "ml.p4d.24xlarge"], var.kind)', 1),
        ('contains(["ml.p3.2xlarge", "ml.m5.xlarge"], var.kind)', 0),
        ('contains(["ml.p3.2xlarge", "ml.p4d.24xlarge"], var.other)', 0),
        ('!contains(["ml.m5.xlarge"], var.kind)', 0),
        ('contains(["ml.p3.2xlarge"], var.kind) || var.any', 0),
        ("contains(local.kinds, var.kind)", 0),
    ],
)
def test_a_variables_validation_says_what_it_can_be(tmp_path: Path, condition: str, number: int) -> None:
    """If its whole condition is a literal list that holds the variable."""
    results = found(tmp_path, "main.tf", TERRAFORM.format(condition=condition), SETTINGS)
    assert [each[0] for each in results] == [TYPES] * number


def test_a_pipelines_parameter_may_enumerate_its_values(tmp_path: Path) -> None:
    """``EnumValues`` are all that it can be."""
    request = sound()
    del request["HyperParameterTuningJobName"]
    request["TrainingJobDefinition"]["ResourceConfig"]["InstanceType"] = {"Get": "Parameters.Kind"}
    for values, number in ((["ml.p3.2xlarge", "ml.p2.xlarge"], 1), (["ml.p3.2xlarge", "ml.m5.xlarge"], 0)):
        kind = {"Name": "Kind", "Type": "String", "EnumValues": values}
        step = {"Name": "Tune", "Type": "Tuning", "Arguments": request}
        pipeline = {"Version": "2020-12-01", "Parameters": [kind], "Steps": [step]}
        assert len(found(tmp_path, "p.json", json.dumps(pipeline, indent=1), SETTINGS)) == number


def test_lists_that_may_go_on_are_undecided_too(tmp_path: Path) -> None:
    """In a list of definitions of unknown length, one may be what the policy forbids."""
    request = sound()
    first = request.pop("TrainingJobDefinition")
    request["TrainingJobDefinitions"] = [first | {"DefinitionName": "a"}, {"Ref": "More"}]
    text = template('"ml.m5.xlarge"')
    body = json.loads(text)
    body["Resources"]["Job"]["Properties"] = {**request, "TrainingJobDefinitions": {"Ref": "All"}}
    results = found(tmp_path, "t.json", json.dumps(body, indent=1))
    assert TYPES in {each[0] for each in results}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("strange.json", '{"HyperParameterTuningJobConfig": "elsewhere"}'),
        ("broken.json", '{"HyperParameterTuningJobConfig": {'),
        ("t.yaml", "{% for x in y %}\nHyperParameterTuningJobConfig: 1\n{% endfor %}\n"),
    ],
)
def test_a_file_that_names_a_job_and_gave_none_is_undecided(tmp_path: Path, name: str, text: str) -> None:
    """Whatever the form: policies that demand proof do not take silence for it, and say so once; others say nothing."""
    ((rule, level, _, sentence),) = found(tmp_path, name, text)
    assert (rule, level) == (TYPES, "error")
    assert sentence.startswith(("This file names a tuning job, and ", "A tuning job may be launched here, in a form"))
    assert f": `{TYPES}` and `{TRIALS}` cannot be decided" in sentence
    assert found(tmp_path, name, text, SETTINGS) == []


def test_it_stands_where_the_job_is_named_with_what_to_do(tmp_path: Path) -> None:
    """The program of a CDK app names the resource's type, and makes a template that is checked by itself."""
    text = 'import aws_cdk\n\nCfnResource(self, "J", properties={"HyperParameterTuningJobConfig": config})\n'
    (one,) = findings(tmp_path, "app.py", text)
    assert (one.span.line, one.span.column) == (3, 36)
    advice = "If it defines no job, or its output is checked elsewhere, such as the CDK's `cdk.out`, `exclude` it"
    assert one.text[1] == advice


def test_a_job_of_another_cloud_is_none_of_ours(tmp_path: Path) -> None:
    """Vertex AI has tuning jobs, too: its callers are neither counted as unread nor refused by a policy."""
    text = "from google.cloud import aiplatform\nclient.create_hyperparameter_tuning_job(parent=p)\n"
    (tmp_path / "launcher.py").write_text(text)
    report = library.check([tmp_path / "launcher.py"], PROOF, isolated=True)
    assert (report.findings, report.without_definition) == ([], [])
    (tmp_path / "launcher.py").write_text(text + "import sagemaker\n")
    assert library.check([tmp_path / "launcher.py"], isolated=True).without_definition


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from sagemaker.tuner import HyperparameterTuner\nprint(1)\n", False),
        ("import sagemaker\n# tuner = HyperparameterTuner(estimator)\n", False),
        ("from sagemaker.tuner import HyperparameterTuner as Base\nclass Tuner(Base): pass\n", True),
        ("import sagemaker\ntuner = make(sagemaker.tuner.HyperparameterTuner)\n", True),
        ("import boto3\ngetattr(boto3.client('sagemaker'), 'create_hyper_parameter_tuning_job')\n", True),
        ("import sagemaker\n%run HyperparameterTuner.py\n", True),
    ],
)
def test_what_python_only_imports_or_notes_is_no_job(tmp_path: Path, text: str, expected: bool) -> None:
    """A report does not call such a file unread; a use under any name is one."""
    (tmp_path / "launcher.py").write_text(text)
    assert bool(library.check([tmp_path / "launcher.py"], isolated=True).without_definition) is expected


def test_an_unreadable_file_is_a_notice_where_no_rule_reports_it(tmp_path: Path) -> None:
    """Without ``unreadable-definition``, a truncated file is still not mistaken for a file without a definition."""
    (tmp_path / "broken.json").write_text('{"HyperParameterTuningJobConfig": {\n')
    report = library.check([tmp_path / "broken.json"], {"select": ["scale"]}, isolated=True)
    assert (report.findings, report.without_definition) == ([], [])
    (notice,) = report.notices
    assert "broken.json: not read: line 1: " in notice
    assert library.check([tmp_path / "broken.json"], isolated=True).notices == []


def test_one_value_that_leaves_a_rule_undecided_is_reported_once(tmp_path: Path) -> None:
    """However many judgements of the rule depend on it: each of the ranges that share a bound."""
    text = TWO_RANGES
    settings: dict[str, Any] = {"select": ["linear-learning-rate"], "undecided": {"scale": "note"}}
    results = found(tmp_path, "t.py", text, settings)
    assert [each[:3] for each in results] == [("scale/linear-learning-rate", "note", 5)]


TWO_RANGES = """
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

top = float(input())
ranges = {name: ContinuousParameter(0.001, top, "Linear") for name in ("learning_rate", "eta")}
estimator = Estimator(image, role, instance_count=1, instance_type="ml.m5.xlarge")
HyperparameterTuner(estimator, "loss", ranges, max_jobs=10).fit()
"""


def test_a_policy_may_say_it_itself(tmp_path: Path) -> None:
    """``undecided`` in a rule's front matter holds where no configuration says otherwise."""
    policy = (Path(__file__).parent.parent.parent / "rules" / "policy" / "require-spot.md").read_text()
    (tmp_path / "rules" / "acme").mkdir(parents=True)
    (tmp_path / "rules" / "acme" / "spot.md").write_text(
        policy.replace("scope: training", "scope: training\nundecided: warning")
    )
    settings: dict[str, Any] = {"policies": [str(tmp_path / "rules")], "select": ["acme"]}
    request = sound()
    request["TrainingJobDefinition"]["EnableManagedSpotTraining"] = "$SPOT"
    text = json.dumps(request, indent=1)
    assert [each[:2] for each in found(tmp_path, "r.json", text, settings)] == [("acme/spot", "warning")]
    assert found(tmp_path, "r.json", text, settings | {"undecided": {"acme/spot": "off"}}) == []


NOT_A_RANGE = """\
import os
from sagemaker.tuner import HyperparameterTuner, IntegerParameter

v = 7
if os.environ.get("SMALL"):
    v = 1
ranges = {"lambda": v, "depth": IntegerParameter(1, 5)}
tuner = HyperparameterTuner(est, "m", ranges, max_jobs=6)
"""
"""A range that is one of two numbers, neither of which is a range."""

CHOSEN = """\
import os
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

v = 7
if os.environ.get("SMALL"):
    v = 1
ranges = {"lambda": v, "eta": ContinuousParameter(0.1, 0.3)}
estimator = Estimator(image, role, 1, "ml.m5.large", max_run=v)
tuner = HyperparameterTuner(estimator, "m", ranges, max_jobs=v, max_parallel_jobs=v)
tuner.fit()
"""


def test_a_value_that_every_candidate_leaves_unknown_ends_the_evaluation() -> None:
    """Rules stay undecided, and the cost is an upper bound; neither tries candidates for ever."""
    report = judged(NOT_A_RANGE, "tune.py")
    assert len(report.jobs) == 1
    assert report.outcomes[0].undecided
    (job,) = judged(CHOSEN, "tune.py").jobs
    assert (estimate(job).hours.sign, estimate(job).hours.amount) == ("≤", Decimal(49) / 3600)


def test_a_list_too_long_for_a_condition_leaves_it_undecided(tmp_path: Path) -> None:
    """Each condition has a limited number of steps: more channels than a built-in rule can compare are no internal
    error, and a configuration that requires proof has its finding."""
    request = sound()
    channels = request["TrainingJobDefinition"]["InputDataConfig"]
    request["TrainingJobDefinition"]["InputDataConfig"] = channels * 400
    rule = "launch/duplicate-channel"
    named = found(tmp_path, "job.json", json.dumps(request), {"select": [rule], "undecided": {rule: "error"}})
    assert [(each[0], each[1]) for each in named] == [(rule, "error")]


HERE = Span(2, 1, 2, 2)


def demanding(name: str, undecided: str, fails_from: Level | None = None) -> Rule:
    """A rule that must be decided, with the level of its finding otherwise; a locked one with ``fails_from``."""
    return replace(RULE, name=name, undecided=undecided, fails_from=fails_from)


@pytest.mark.parametrize(
    ("rules", "expected", "words"),
    [
        (
            [demanding("a", "note"), demanding("b", "error"), demanding("c", "warning", "note"), demanding("d", "off")],
            "policy/b",
            "`policy/a`, `policy/b` and `policy/c`",
        ),
        ([demanding("a", "error"), demanding("b", "error", "note")], "policy/b", "`policy/a` and `policy/b`"),
        (
            [demanding(name, "note") for name in "abcde"],
            "policy/a",
            "`policy/a`, `policy/b`, `policy/c` and 2 more",
        ),
        ([demanding("a", "off")], None, ""),
    ],
)
def test_one_finding_stands_for_all_rules_that_a_file_leaves_undecided(
    rules: list[Rule], expected: str | None, words: str
) -> None:
    """It is of the most severe one, of a locked one first, and names at most three; without any there is none."""
    reason = "was not searched to its end"
    results = [
        *unread_findings(rules, Source("x.json", ""), reason, is_named=False),
        *unread_launch_findings(rules, Source("x.py", "launch()"), [HERE], has_jobs=True),
        *import_findings(rules, Source("x.py", "import launcher"), [HERE], "launcher"),
    ]
    starts = (
        f"This file may name a tuning job, and {reason}",
        "A tuning job may be launched here, in a form that hpolint does not read",
        "`launcher` launches a tuning job, and this file may launch it with other values",
    )
    ends = (
        "If it defines no job, or its output is checked elsewhere",
        "Launch it in a form that hpolint reads",
        "Have the module itself write all values",
    )
    assert [finding.rule.id for finding in results] == ([expected] * 3 if expected is not None else [])
    for finding, start, end in zip(results, starts, ends, strict=False):
        assert finding.text[0] == f"{start}: {words} cannot be decided, but a decision is required"
        assert finding.text[1].startswith(end)
        assert finding.level == finding.rule.undecided
    assert [finding.span for finding in results] == [Span(1, 1, 1, 2), HERE, HERE][: len(results)]


def test_further_launches_that_are_not_read_are_related_places() -> None:
    """Up to ten; without jobs beside them, the file itself may be excluded."""
    places = [Span(line, 1, line, 2) for line in range(1, 14)]
    source = Source("x.py", "")
    for count, related in ((1, 0), (11, 10), (13, 10)):
        (finding,) = unread_launch_findings([demanding("a", "note")], source, places[:count], has_jobs=False)
        assert finding.span == places[0]
        assert [place.span for place in finding.related] == places[1 : related + 1]
        assert finding.text[1].startswith("If it defines no job")
    assert unread_launch_findings([demanding("a", "note")], source, [], has_jobs=False) == []


@pytest.mark.parametrize(
    ("cause", "advice"),
    [
        (Unknown("is a guess", HERE), ""),
        (Unknown(CODE_CHANNEL, HERE), ""),
        (Unknown(CONFIG_FILE, HERE), ", or set `sdk-config` (its path, or `none`) in the configuration that"),
        (Unknown(is_a("the variable `x`", Kind.TERRAFORM_VARIABLE), HERE), ", or give it a validation, `contains("),
        (
            Unknown(is_a("the parameter `x`", Kind.PIPELINE_PARAMETER), HERE),
            ", or give the pipeline's parameter `EnumV",
        ),
        (Unknown(is_a("the parameter `x`", Kind.TEMPLATE_PARAMETER), HERE, ("a", None)), ""),
        (Unknown("is one of two", HERE, (), (Scalar("a", HERE), Scalar("b", HERE))), ", or leave only values that"),
    ],
)
def test_what_decides_a_rule_besides_the_value_itself_is_named(cause: Unknown, advice: str) -> None:
    """What the source or the configuration has to declare; for a part of a text, there is nothing else."""
    (job,) = read_source("x.json", json.dumps(sound()).encode())[1].jobs
    others = Unknown("is another", HERE), Unknown(named("Tags", "is not in what Describe returns"), HERE)
    judgements = [
        UndecidedJudgement(demanding("a", "note"), job, ("Tags",), (cause, *others)),
        UndecidedJudgement(demanding("b", "off"), job, ("Tags",), (cause,)),
        UndecidedJudgement(demanding("c", "note"), job, ("Tags",), ()),
    ]
    (finding,), left = demanded_findings(judgements)
    assert left == judgements[1:]
    assert finding.text[1][len("Write the value here") :].startswith(advice)
    assert bool(advice) is (finding.text[1] != "Write the value here")
    assert (finding.path, finding.fingerprint, finding.undecided) == (("Tags",), "undecided Tags", cause)
    assert [place.name for place in finding.related] == ["this value", "also unknown"]
