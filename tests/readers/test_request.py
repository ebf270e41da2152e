"""Which files hold a job, in which form, and what of it is unknown."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.utils import ArgumentGenerator

from hpolint.cli.extract import extracted
from hpolint.readers import read_source
from scripts.generate_schema import request_shape
from tests.conftest import Command
from tests.requests import sound


def jobs(text: str | bytes, name: str = "x.json") -> list[dict[str, Any]]:
    """The jobs of a file as ``extract`` prints them."""
    data = text if isinstance(text, bytes) else text.encode()
    found: list[dict[str, Any]] = extracted(read_source(name, data)[1].jobs)["jobs"]
    return found


def job(value: Any) -> dict[str, Any]:
    """The only job of a JSON document."""
    (found,) = jobs(json.dumps(value))
    return found


def unknown(found: dict[str, Any]) -> dict[str, str]:
    """The unknown paths with their reasons."""
    return {entry["path"]: entry["reason"] for entry in found["unknown"]}


def test_a_whole_request() -> None:
    """A request is its own extract."""
    found = job(sound())
    assert found["form"] == "request"
    assert found["request"] == sound()
    assert found["name"] == "example"
    assert (found["unknown"], found["defaults"], found["cell"]) == ([], [], None)


def test_a_bare_config_knows_only_itself() -> None:
    """What the CLI takes from other files is unknown, not missing."""
    found = job(sound()["HyperParameterTuningJobConfig"])
    assert found["form"] == "tuning-config"
    assert found["request"] == {"HyperParameterTuningJobConfig": sound()["HyperParameterTuningJobConfig"]}
    assert set(unknown(found)) == {
        *("HyperParameterTuningJobName", "TrainingJobDefinition", "TrainingJobDefinitions"),
        *("WarmStartConfig", "Tags", "Autotune"),
    }


def test_a_bare_training_job_definition() -> None:
    """The other file of the CLI's pair."""
    definition = {**sound()["TrainingJobDefinition"], "StaticHyperParameters": {"num_round": "100"}}
    found = job(definition)
    assert found["form"] == "training-definition"
    assert found["request"] == {"TrainingJobDefinition": definition}
    assert "HyperParameterTuningJobConfig" in unknown(found)
    assert "TrainingJobDefinitions" not in unknown(found)


def test_a_described_job_is_read_as_the_request_behind_it() -> None:
    """Nulls are absent, the service's own additions are gone, a wrapper does not matter."""
    request = {**sound(), "WarmStartConfig": None}
    definition = request["TrainingJobDefinition"]
    definition["StaticHyperParameters"] = {"num_round": "9", "_tuning_objective_metric": "validation:rmse"}
    definition["VpcConfig"] = None
    definition["AlgorithmSpecification"]["MetricDefinitions"] = [
        {"Name": "validation:rmse", "Regex": ".*rmse:(\\S+)"},
        {"Name": "ObjectiveMetric", "Regex": ".*rmse:(\\S+)"},
    ]
    expected = copy.deepcopy(request)
    del expected["WarmStartConfig"], expected["TrainingJobDefinition"]["VpcConfig"]
    del expected["TrainingJobDefinition"]["StaticHyperParameters"]["_tuning_objective_metric"]
    expected["TrainingJobDefinition"]["AlgorithmSpecification"]["MetricDefinitions"].pop()
    described = {**request, "HyperParameterTuningJobStatus": "Completed", "BestTrainingJob": {"TrainingJobName": "x"}}
    found = job({"status_code": 200, "data": described})
    assert found["form"] == "describe"
    assert found["request"] == expected
    assert set(unknown(found)) == {"Tags"}


def test_null_in_a_request_is_a_value() -> None:
    """Only Describe prints null for what is absent; in a request it is a wrong type."""
    request = {**sound(), "WarmStartConfig": None}
    assert job(request)["request"] == request


def test_requests_at_any_depth_and_several_in_a_file() -> None:
    """Recognised by structure, under whatever key, in lists and in documents of a stream."""
    one, two = sound(), {**sound(), "HyperParameterTuningJobName": "two"}
    assert [j["name"] for j in jobs(json.dumps({"a": [{"request": one}], "b": {"c": two}}))] == ["example", "two"]
    stream = f"---\n{json.dumps(one)}\n---\nother: 1\n---\n{json.dumps(two)}\n"
    assert [j["name"] for j in jobs(stream, "x.yaml")] == ["example", "two"]


@pytest.mark.parametrize(
    ("value", "is_unknown"),
    [
        ("$ROLE", True),
        ("<YOUR ROLE>", True),
        ("<ROLE_ARN>", True),
        ("a-${ROLE}-b", True),
        ("s3://<YOUR BUCKET>/x", True),
        ("{{ role }}", True),
        ("arn:aws:iam::111122223333:role/{{ role }}", True),
        ("arn:aws:iam::ACCOUNT:role/ROLE", True),
        ("arn:aws:iam::YOUR_ACCOUNT_ID:role/tuning", True),
        ("arn:aws:iam::<account-id>:role/tuning", True),
        ("arn:aws:iam::xxxxxxxxxxxx:role/tuning", True),
        ("arn:aws:iam::your-account-id:role/tuning", True),
        ("arn:aws:iam::111122223333:role/<role name>", True),
        ("arn:aws:iam::111122223333:role/ROLE", False),
        ("arn:aws:iam::11112222333:role/tuning", False),
        ("arn:aws:iam:role/tuning", False),
        ("$5", False),
        ("costs $ROLE", False),
        ("<your role>", False),
        ("a < b > c", False),
        ("{role}", False),
        ("$", False),
    ],
)
def test_placeholders_make_a_value_unknown(value: str, is_unknown: bool) -> None:
    """What a later step fills in is not what the job will have; anything else is taken as it is."""
    request = sound()
    request["TrainingJobDefinition"]["RoleArn"] = value
    found = job(request)
    assert ("TrainingJobDefinition.RoleArn" in unknown(found)) is is_unknown
    assert ("RoleArn" in found["request"]["TrainingJobDefinition"]) is not is_unknown


def test_a_placeholder_in_braces_without_quotes() -> None:
    """YAML reads it as a structure; a single empty member is taken for a placeholder."""
    text = json.dumps(sound()).replace('"arn:aws:iam::111122223333:role/tuning"', "{ROLE_ARN}")
    (found,) = jobs(text, "x.yaml")
    assert unknown(found) == {"TrainingJobDefinition.RoleArn": "is the placeholder {ROLE_ARN}"}
    (found,) = jobs(text.replace("{ROLE_ARN}", "{ROLE_ARN: x}"), "x.yaml")
    assert unknown(found) == {}


def test_a_placeholder_outside_of_a_string_is_a_value() -> None:
    """A template's number, or members that it adds: the rest is read."""
    text = json.dumps(sound())
    (found,) = jobs(text.replace(": 6,", ": ${TRIALS},"))
    assert list(unknown(found)) == ["HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs"]
    (found,) = jobs(text.replace('"VolumeSizeInGB"', '${a ? b : c}, "VolumeSizeInGB"'))
    assert list(unknown(found)) == ["TrainingJobDefinition.ResourceConfig{}"]


def test_a_metrics_regex_has_no_placeholders() -> None:
    """Braces and dollars are the regular expression's own there, and nowhere else."""
    request = sound()
    request["TrainingJobDefinition"]["AlgorithmSpecification"]["MetricDefinitions"] = [
        {"Name": "m", "Regex": "loss=([0-9.]+)${X}{{1}}$"},
        {"Name": "${METRIC}", "Regex": "$END"},
    ]
    found = job(request)
    assert list(unknown(found)) == ["TrainingJobDefinition.AlgorithmSpecification.MetricDefinitions[1].Name"]


def test_unknown_items_and_keys_in_the_extract() -> None:
    """An unknown item is null in the request and listed; a placeholder key leaves its map open."""
    request = sound()
    request["HyperParameterTuningJobConfig"]["ParameterRanges"] = {
        "CategoricalParameterRanges": [{"Name": "booster", "Values": ["gbtree", "$OTHER"]}]
    }
    request["TrainingJobDefinition"]["StaticHyperParameters"] = {"odd key": "$X", "${KEY}": "1", "a": "2"}
    found = job(request)
    ranges = found["request"]["HyperParameterTuningJobConfig"]["ParameterRanges"]["CategoricalParameterRanges"]
    assert ranges[0]["Values"] == ["gbtree", None]
    assert found["request"]["TrainingJobDefinition"]["StaticHyperParameters"] == {"a": "2"}
    assert set(unknown(found)) == {
        "HyperParameterTuningJobConfig.ParameterRanges.CategoricalParameterRanges[0].Values[1]",
        'TrainingJobDefinition.StaticHyperParameters["odd key"]',
        "TrainingJobDefinition.StaticHyperParameters{}",
    }


@pytest.mark.parametrize("form", ["whole", "config", "definition"])
def test_a_cli_skeleton_is_no_job(form: str) -> None:
    """The file that --generate-cli-skeleton prints, whatever choices it happened to draw."""
    skeleton = ArgumentGenerator().generate_skeleton(request_shape())
    part = {
        "whole": skeleton,
        "config": skeleton["HyperParameterTuningJobConfig"],
        "definition": skeleton["TrainingJobDefinition"],
    }[form]
    assert jobs(json.dumps(part)) == []
    skeleton["HyperParameterTuningJobName"] = "filled-in"
    skeleton["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"] = 2
    assert len(jobs(json.dumps(skeleton))) == 1


def test_an_empty_name_does_not_hide_a_request() -> None:
    """A request that is complete except for its name is judged."""
    assert len(jobs(json.dumps({**sound(), "HyperParameterTuningJobName": ""}))) == 1


def test_a_request_with_an_unknown_config_is_a_request() -> None:
    """A placeholder or misspelt members do not turn a request into something else."""
    found = job({**sound(), "HyperParameterTuningJobConfig": "${CONFIG}"})
    assert (found["form"], found["name"]) == ("request", "example")
    found = job({**sound(), "HyperParameterTuningJobConfig": {"Stratgy": "Grid", "ResourceLimit": {}}})
    assert found["form"] == "request"


LIST_SUMMARY = {
    "HyperParameterTuningJobName": "x",
    "HyperParameterTuningJobArn": "arn",
    "HyperParameterTuningJobStatus": "Completed",
    "Strategy": "Bayesian",
    "ResourceLimits": {"MaxParallelTrainingJobs": 1},
}
SHAPES = {
    "HyperParameterTuningJobConfig": {"type": "structure", "members": {"Strategy": {"shape": "StrategyType"}}},
    "HyperParameterTuningJobName": {"type": "string", "max": 32},
}
OPEN_API = {"properties": {"HyperParameterTuningJobConfig": {"type": "object", "$ref": "#/x"}}}
TEMPLATE = {"Resources": {"Job": {"Type": "AWS::Batch::JobDefinition", "Properties": sound()}}}
MACHINE = {"StartAt": "a", "States": {"a": {"Type": "Task", "Parameters": sound()}}}
STEP = {"Steps": [{"Name": "a", "Type": "Training", "Arguments": {}}]}
DESCRIBED_MAP = {
    "RoleArn": {"shape": "RoleArn"},
    "StaticHyperParameters": {"shape": "HyperParameters", "documentation": "Specifies the values"},
}
OPEN_API_MAP = {"RoleArn": {"$ref": "#/r"}, "StaticHyperParameters": {"$ref": "#/h"}, "OutputDataConfig": {}}
KUBERNETES = {"apiVersion": "v1", "kind": "ConfigMap", "spec": sound()}


@pytest.mark.parametrize(
    "value",
    [LIST_SUMMARY, SHAPES, OPEN_API, DESCRIBED_MAP, OPEN_API_MAP, TEMPLATE, MACHINE, STEP, KUBERNETES, {}, [], 1, "x"],
)
def test_look_alikes_are_no_request(value: Any) -> None:
    """Summaries, descriptions of the API, and what the other carriers hold that launches no tuning job."""
    assert jobs(json.dumps(value)) == []


def test_yaml_is_read_as_the_cli_reads_it() -> None:
    """In YAML 1.2 a bare Off is the string that the API wants."""
    text = "Strategy: Random\nTrainingJobEarlyStoppingType: Off\nResourceLimits: {MaxParallelTrainingJobs: 2}\n"
    (found,) = jobs(text, "x.yaml")
    assert found["request"]["HyperParameterTuningJobConfig"]["TrainingJobEarlyStoppingType"] == "Off"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_line_ends(encoding: str, newline: str) -> None:
    """Files from Windows editors are read, and the place is the visible one."""
    text = json.dumps(sound(), indent=1).replace("\n", newline)
    (found,) = jobs(text.encode(encoding))
    assert (found["line"], found["column"]) == (2, 2)


def problems(text: str | bytes, name: str = "x.json") -> list[tuple[str, int]]:
    """The reasons and lines of what could not be read."""
    data = text if isinstance(text, bytes) else text.encode()
    return [(problem.reason, problem.span.line) for problem in read_source(name, data)[1].problems]


def test_an_invalid_definition_is_reported() -> None:
    """A file that names a definition's members and does not parse is not skipped."""
    broken = json.dumps(sound(), indent=1)[:-10]
    ((reason, line),) = problems(broken)
    assert "ends too early" in reason
    assert line == broken.count("\n") + 1
    assert problems(b"HyperParameterTuningJobConfig: \xff", "x.yaml")[0][1] == 1
    assert read_source("x.json", None)[1].problems[0].reason == "larger than 10 MB, so it was not parsed"
    assert read_source("x.ipynb", None)[1].problems[0].reason == "larger than 64 MB, so it was not parsed"


@pytest.mark.parametrize(
    "text",
    [
        '{"Action": "sagemaker:CreateHyperParameterTuningJob",}',
        '{"HyperParameterTuningJobConfig": {"Strategy": {{ strategy }}}}',
        '{"HyperParameterTuningJobConfig": {"ResourceLimits": {"MaxParallelTrainingJobs": ${N}}}}',
        '{"HyperParameterTuningJobConfig": {%- if x %}{}{% endif %}}',
    ],
)
def test_texts_without_a_definition_are_skipped(text: str) -> None:
    """The API's action in a policy, and templates that are rendered before they are parsed."""
    assert problems(text) == []
    assert jobs(text) == []


def test_an_invalid_file_that_only_resembles_a_definition_is_skipped() -> None:
    """The name of an SDK argument alone does not make a configuration file a definition."""
    assert problems("hyperparameter_ranges: [\n", "x.yaml") == []
    assert len(problems("HyperParameterTuningJobConfig: [\n", "x.yaml")) == 1


def test_a_mark_in_a_string_makes_no_template_of_json() -> None:
    """A truncated request with braces in one of its values is broken, not a template."""
    request = {**sound(), "Tags": [{"Key": "a", "Value": "see {{ range }}"}]}
    assert len(problems(json.dumps(request, indent=1)[:-3])) == 1


@pytest.mark.parametrize("spoiled", ["<<<<<<< HEAD\n", ",", "<b>"])
def test_an_error_is_reported_although_the_file_has_a_placeholder(spoiled: str) -> None:
    """Conflict markers and stray commas are not template syntax, even in a file with a placeholder."""
    request = {**sound(), "Tags": "{{ tags }}"}
    text = json.dumps(request, indent=1).replace(
        '"HyperParameterTuningJobConfig"', f'{spoiled}"HyperParameterTuningJobConfig"', 1
    )
    assert len(problems(text)) == 1


def test_a_broken_document_loses_only_itself() -> None:
    """The jobs before the error are judged; the error is reported at its place."""
    stream = f"{json.dumps(sound())}\n---\nHyperParameterTuningJobConfig: [\n"
    assert len(jobs(stream, "x.yaml")) == 1
    assert len(problems(stream, "x.yaml")) == 1
    unrelated = f"{json.dumps(sound())}\n---\nother: [\n"
    assert problems(unrelated, "x.yaml") == []


def test_an_error_after_the_jobs_of_a_stream_is_a_notice() -> None:
    """Although the invalid document names no definition: a parser of the whole stream fails there."""
    text = f"---\n{json.dumps(sound())}\n---\na: [1\nb: 2\n"
    _, reading = read_source("x.yaml", text.encode())
    assert len(reading.jobs) == 1
    assert reading.problems == []
    (notice,) = reading.notices
    assert notice.startswith("not read: line 5 and what follows it: expected ',' or ']'")


def test_a_line_that_only_begins_like_a_marker_begins_no_document() -> None:
    """A definition before an error in the same document is reported, although dashes are between them."""
    members = "".join(f"{name}: {json.dumps(value)}\n" for name, value in sound().items())
    text = f"{members}---word\na: [1\n"
    _, reading = read_source("x.yaml", text.encode())
    assert (len(reading.jobs), len(reading.problems)) == (0, 1)


def test_a_request_among_a_reports_keys_is_one(tmp_path: Path) -> None:
    """A file is hpolint's own report only if it has no other members, so a job beside them is found."""
    (tmp_path / "r.json").write_text(json.dumps(sound()))
    report = json.loads(Command(tmp_path)("check", "--output", "json", "--all").stdout)
    assert found_jobs(json.dumps(report)) == 0
    assert found_jobs(json.dumps({**report, **sound()})) == 1


def found_jobs(text: str) -> int:
    """How many jobs a text holds."""
    return len(read_source("t.json", text.encode())[1].jobs)
