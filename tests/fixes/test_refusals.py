"""Fixes that cannot be written: each says why, and none is an internal error."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hpolint.config.lookup import CheckOptions
from hpolint.fixes.changes import NoEditError, changes
from hpolint.model.fix import Fix
from hpolint.model.node import Path as NodePath
from hpolint.report.records import Diagnostic
from hpolint.report.report import Report
from hpolint.run.check import check_paths
from tests.conftest import FIXTURES
from tests.fixes import fix_edits, read_jobs, text_with
from tests.requests import unbounded

SAFETIES = frozenset({"safe", "unsafe"})
EVERY = {"select": ["ALL"]}
SEED: NodePath = ("HyperParameterTuningJobConfig", "RandomSeed")
CONVERGENCE: NodePath = (
    *("HyperParameterTuningJobConfig", "TuningJobCompletionCriteria"),
    *("ConvergenceDetected", "CompleteOnConvergence"),
)
ISOLATION: NodePath = ("TrainingJobDefinition", "EnableNetworkIsolation")
RETURNS = "the file contains a bare carriage return: convert its line endings to LF or CRLF"


def place(finding: Diagnostic) -> tuple[str, str, object]:
    """What is found where."""
    return finding.source, finding.rule.id, finding.span


@pytest.mark.slow("all fixtures are checked by all rules, fixed, and checked again")
def test_every_fix_of_every_fixture_is_written_or_refused_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all rules and all fixes: no internal error, and what is fixed is not found by the next run."""
    shutil.copytree(FIXTURES, tmp_path / "f")
    monkeypatch.chdir(tmp_path)
    first = check_paths(["f"], CheckOptions(EVERY, isolated=True, fixes=SAFETIES))
    assert [line for line in first.unreadable if "internal error" in line] == []
    assert sum(each.total() for each in first.fixes.counts.values()) > 200
    second = check_paths(["f"], CheckOptions(EVERY, isolated=True))
    assert set(map(place, second.findings)) == set(map(place, first.findings))


def reports(name: str, rules: list[str]) -> Report:
    """A fixture, checked by some rules."""
    return check_paths([str(FIXTURES / name)], CheckOptions({"select": rules}, isolated=True))


NO_FIELD = "the resource definition of `{}` has no such field"
ACK, OPERATOR = NO_FIELD.format("sagemaker.services.k8s.aws"), NO_FIELD.format("sagemaker.aws.amazon.com")
OTHERWISE = "Launch the job in another way, such as boto3, the AWS CLI or CloudFormation"
IN_THE_DICT = "`tuning_config` drops it. Set it in the dict that `tuning_config` returns"
IN_THE_STEP = "the step exports its tuner without it. Set it in the `parameters` of the step"
BY_CORE = "`tune()` does not send it. Launch the job with `HyperParameterTuningJob.create` or with boto3"


@pytest.mark.parametrize(
    ("name", "rule", "member", "why"),
    [
        ("kubernetes/ack.yaml", "require-random-seed", "randomSeed", f"{ACK}. {OTHERWISE}"),
        ("kubernetes/operator.yaml", "no-random-seed", "randomSeed", f"{OPERATOR}. {OTHERWISE}"),
        ("python/dag_helper.py", "require-network-isolation", "enable_network_isolation", IN_THE_DICT),
        ("python/state_machine.py", "require-random-seed", "random_seed", IN_THE_STEP),
        ("python/tune_sdk3.py", "require-network-isolation", "enable_network_isolation", BY_CORE),
    ],
)
def test_what_a_form_has_no_place_for_is_said(name: str, rule: str, member: str, why: str) -> None:
    """A rule that demands it is violated; the message says what to do instead, and no fix is offered."""
    (finding,) = reports(name, [rule]).findings
    _, *others = finding.text
    assert others == [f"`{member}` cannot be set here: {why}"]
    assert finding.fix is None


@pytest.mark.parametrize(
    ("name", "path", "member", "why"),
    [
        ("kubernetes/ack.yaml", SEED, "randomSeed", ACK),
        ("kubernetes/ack.yaml", CONVERGENCE, "convergenceDetected", ACK),
        ("kubernetes/operator.yaml", CONVERGENCE, "tuningJobCompletionCriteria", OPERATOR),
        ("python/dag_helper.py", SEED, "random_seed", "`tuning_config` drops it"),
        ("python/tune_sdk3.py", ISOLATION, "enable_network_isolation", "`tune()` does not send it"),
    ],
)
def test_a_fix_without_a_place_is_refused(name: str, path: NodePath, member: str, why: str) -> None:
    """The error names the member that has no place, and why."""
    (job,) = read_jobs(name, (FIXTURES / name).read_text("utf-8"))
    with pytest.raises(NoEditError) as refused:
        changes(job, Fix("safe", {path: "Enabled"}))
    assert str(refused.value) == f"there is no place for `{member}`: {why}"


def test_what_the_steps_own_parameters_say_is_fixed_there() -> None:
    """They override the tuner: a value that is written in them has a place."""
    text = (FIXTURES / "python" / "state_machine.py").read_text("utf-8")
    off = "parameters={'TrainingJobDefinition': {'EnableNetworkIsolation': False}}"
    given = text.replace("tuner=tuner,", f"tuner=tuner, {off},")
    assert given != text
    (job,) = read_jobs("t.py", given)
    (change,) = changes(job, Fix("unsafe", {ISOLATION: True}))
    assert job.source.text.splitlines()[change.span.line - 1].count("False") == 1  # type: ignore[union-attr]


def reasons(name: str, text: str) -> set[str | None]:
    """Why the fixes of a text are not written; None for those that are."""
    _planner, found = fix_edits(name, text)
    assert found
    assert not any(each.is_fault for each in found)
    return {each.reason for each in found}


GRID = (FIXTURES / "request" / "forecast-grid.yaml").read_text("utf-8")
TERRAFORM = (FIXTURES / "terraform" / "tuning.tf").read_text("utf-8")


def test_a_stream_with_a_broken_document_is_not_fixed() -> None:
    """Nothing is promised of a file that cannot be read to its end; the reason has the line."""
    broken = f"{GRID}---\nHyperParameterTuningJobConfig: [1\nb: 2\n"
    (reason,) = reasons("r.yaml", broken)
    line = broken[: broken.index("b: 2")].count("\n") + 1
    assert reason is not None
    assert reason.startswith(f"a part of the file cannot be read (line {line}: expected ',' or ']'")


def test_lines_that_end_with_a_carriage_return_alone_are_not_fixed() -> None:
    """YAML reads them as lines. One within a comment of a file with other line ends does not prevent fixes."""
    assert reasons("r.yaml", GRID.replace("\n", "\r")) == {RETURNS}
    assert reasons("r.yaml", GRID.replace("\n", "\r\n")) == {None}
    assert reasons("r.yaml", f"# one\r# two\n{GRID}") == {None}


def test_terraform_refuses_a_carriage_return_alone() -> None:
    """The definitions are read all the same, and none of them is fixed in a file that Terraform does not read."""
    text = TERRAFORM.replace("\n", "\r")
    found = reasons("t.tf", text)
    line_end = "a carriage return without a line feed, which Terraform refuses"
    assert found == {RETURNS, f"a part of the file cannot be read (line 1: {line_end})"}


def template(kind: str, properties: str) -> str:
    """A template with one resource."""
    return f"Resources:\n  R:\n    Type: {kind}\n    Properties:\n{properties}"


def call(request: dict[str, object]) -> str:
    """A call of the API as the CDK's custom resource has it, in a string of YAML."""
    text = json.dumps({"service": "SageMaker", "action": "createHyperParameterTuningJob", "parameters": request})
    return json.dumps(text)


def test_a_definition_that_is_written_for_create_and_update_is_not_fixed_in_one_of_them() -> None:
    """They would be two jobs; one that is written once is fixed."""
    request = call(unbounded(MaxNumberOfTrainingJobs=20, MaxParallelTrainingJobs=20))
    once = f"      Create: {request}\n"
    assert reasons("t.yaml", template("Custom::AWS", once)) == {None}
    found = reasons("t.yaml", template("Custom::AWS", f"{once}      Update: {request}\n"))
    assert found == {"the file contains the definition more than once, and all copies would have to change"}


def test_nothing_is_put_into_a_string_that_is_folded_or_in_pieces_within_a_member() -> None:
    """The string's text does not show where a line is continued or where pieces meet."""
    request = unbounded(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=4)
    del request["TrainingJobDefinition"]["EnableManagedSpotTraining"]
    whole = call(request)
    folded = whole.replace('\\"StoppingCondition\\": {', '\\"StoppingCondition\\": {\\\n          ')
    assert folded != whole
    assert "it is in a string that is folded over several lines" in reasons(
        "t.yaml", template("Custom::AWS", f"      Create: {folded}\n")
    )
    start, end = whole.split('\\"MaxRuntimeInSeconds\\": ')
    pieces = f'{start}\\"MaxRuntimeInSeconds\\": "'
    resource = f'{{"Type": "Custom::AWS", "Properties": {{"Create": {{"Fn::Join": ["", [{pieces},\n"{end}]]}}}}}}'
    assert "it is in a string that is split within it" in reasons("t.json", f'{{"Resources": {{"R": {resource}}}}}')


@pytest.mark.parametrize("join", ["Fn::Join:", "!Join"])
def test_nothing_is_put_into_a_structure_that_begins_in_one_string_and_ends_in_another(join: str) -> None:
    """Their quotes and escapes can differ. What lies in one of the strings is fixed."""
    request = unbounded(MaxNumberOfTrainingJobs=40, MaxParallelTrainingJobs=4)
    del request["TrainingJobDefinition"]["EnableManagedSpotTraining"]
    del request["HyperParameterTuningJobConfig"]["TrainingJobEarlyStoppingType"]
    text = json.dumps({"service": "SageMaker", "action": "createHyperParameterTuningJob", "parameters": request})
    before, after = text.split('"ResourceLimits"')
    rest = json.dumps('"ResourceLimits"' + after)
    pieces = f"      Create:\n        {join}\n        - ''\n        - - '{before}'\n          - {rest}\n"
    found = reasons("t.yaml", template("Custom::AWS", pieces))
    assert found == {None, "it is in a string that is split within it"}


@pytest.mark.parametrize("method", ["identical_dataset_and_algorithm_tuner", "transfer_learning_tuner"])
def test_a_tuner_that_continues_another_one_gets_no_argument_that_its_method_does_not_take(method: str) -> None:
    """Its settings are those of the first tuner, where they are set for both if both need them."""
    text = (FIXTURES / "python" / "tune_churn.py").read_text("utf-8")
    assert "early_stopping_type" not in text
    text += f"child = tuner.{method}()\n"
    plans = fix_edits("t.py", f"{text}child.fit()\n")[1]
    first, second = [each for each in plans if each.finding.rule.name == "no-early-stopping"]
    assert text_with([first]).count('early_stopping_type="Auto"') == 1
    assert text_with([first, second]) == text_with([second]) == text_with([first])
    plans = fix_edits("t.py", f"{text}child.max_jobs = 1\nchild.fit()\n")[1]
    (first,) = [each for each in plans if each.finding.rule.name == "no-early-stopping"]
    assert (first.reason, first.is_fault) == ("the value is used elsewhere, too", False)
