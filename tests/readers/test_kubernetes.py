"""Kubernetes resources: two controllers' spellings, and what each of them cannot hold."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.cli.extract import extracted
from hpolint.config.lookup import CheckOptions
from hpolint.discovery.candidates import Candidate
from hpolint.readers import read_source
from hpolint.run.orchestration import check_candidates

ACK = """
apiVersion: sagemaker.services.k8s.aws/v1alpha1
kind: HyperParameterTuningJob
metadata: {name: search}
spec:
  hyperParameterTuningJobName: search
  hyperParameterTuningJobConfig:
    strategy: Random
    resourceLimits: {maxParallelTrainingJobs: 2, maxNumberOfTrainingJobs: 9}
"""
OPERATOR = """
apiVersion: sagemaker.aws.amazon.com/v1
kind: HyperparameterTuningJob
metadata: {name: search}
spec:
  region: us-east-1
  hyperParameterTuningJobConfig: {strategy: Random, resourceLimits: {maxParallelTrainingJobs: 2}}
  trainingJobDefinition:
    staticHyperParameters: [{name: a, value: "1"}, {name: b, value: "2"}]
"""
CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec: {names: {kind: HyperParameterTuningJob}, hyperParameterTuningJobConfig: {}}
"""


def jobs(text: str) -> list[dict[str, Any]]:
    """The jobs of a stream as ``extract`` prints them."""
    found: list[dict[str, Any]] = extracted(read_source("x.yaml", text.encode())[1].jobs)["jobs"]
    return found


def messages(text: str) -> list[str]:
    """What is said of a stream."""
    report = check_candidates([Candidate("x.yaml", text.encode())], CheckOptions())
    return [finding.text[0] for finding in report.findings]


def test_streams_and_lists() -> None:
    """Each document and each item of a List; other resources are left alone."""
    config = "apiVersion: v1\nkind: ConfigMap\ndata: {HyperParameterTuningJobConfig: x}\n"
    items = "".join(f"  - {line}\n" if not i else f"    {line}\n" for i, line in enumerate(ACK.strip().split("\n")))
    stream = f"{config}---{ACK}---{OPERATOR}---\napiVersion: v1\nkind: List\nitems:\n{items}"
    assert [job["form"] for job in jobs(stream)] == ["kubernetes"] * 3


def test_the_operator_names_a_job_and_lists_its_hyperparameters() -> None:
    """A name that is not given is its own; names and values are the map that the API has."""
    (job,) = jobs(OPERATOR)
    assert job["unknown"][0]["reason"] == "is given by the operator"
    assert job["request"]["TrainingJobDefinition"]["StaticHyperParameters"] == {"a": "1", "b": "2"}


def test_a_member_that_the_resource_cannot_hold_is_unknown_if_it_is_written() -> None:
    """And absent, provably, if it is not."""
    (job,) = jobs(ACK + "    randomSeed: 5\n")
    assert job["unknown"] == [
        {
            "path": "HyperParameterTuningJobConfig.RandomSeed",
            "reason": "`randomSeed` is not in the resource definition of `sagemaker.services.k8s.aws`, "
            "which refuses or drops it",
            "line": 10,
        }
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("hyperParameterTuningJobObjective: {type: Minimize, metricName: a}", "`type` is not a member"),
        ("strategie: Random", "`strategie` is not a member of `hyperParameterTuningJobConfig`"),
        ("trainingJobEarlyStoppingType: off", "`off` is parsed as the boolean false"),
        ("trainingJobEarlyStoppingType: No", "`No` is parsed as the boolean false"),
    ],
)
def test_the_controllers_own_spelling_counts(line: str, message: str) -> None:
    """``type_`` and initialisms; and YAML 1.1, where a bare word may be a truth value."""
    assert any(message in each for each in messages(f"{ACK}    {line}\n"))


def test_the_apis_own_spelling_does_not_count() -> None:
    """What the controller drops is neither the value nor absent."""
    (job,) = jobs(ACK.replace("strategy: Random", "Strategy: Grid"))
    assert job["unknown"][0]["reason"].startswith("`Strategy` is spelt `strategy` in the resource definition")
    (job,) = jobs(ACK + "    Strategy: Grid\n")
    assert job["request"]["HyperParameterTuningJobConfig"]["Strategy"] == "Random"


def test_a_misread_word_is_told_once() -> None:
    """Not also as a value of the wrong type."""
    assert len(messages(f"{ACK}    trainingJobEarlyStoppingType: Off\n")) == 1


@pytest.mark.parametrize(
    "text",
    [
        CRD,
        ACK.replace("strategy: Random", "strategy: {{ .Values.strategy }}").replace("spec:", "{{- if x }}\nspec:"),
        ACK.replace("sagemaker.services.k8s.aws", "example.com"),
    ],
)
def test_templates_and_other_kinds_are_passed_over(text: str) -> None:
    """A chart's template, a resource definition, another group's kind: no job and no noise."""
    _, reading = read_source("x.yaml", text.encode())
    assert (reading.jobs, reading.problems) == ([], [])


def test_a_stream_of_several_consumers_is_read_as_each_reads_it() -> None:
    """A request beside a resource is the AWS CLI's, for which a bare Off is a word."""
    request = "Strategy: Random\nTrainingJobEarlyStoppingType: Off\nResourceLimits: {MaxParallelTrainingJobs: 2}\n"
    first, second = jobs(f"{ACK}    trainingJobEarlyStoppingType: Off\n---\n{request}")
    assert first["request"]["HyperParameterTuningJobConfig"]["TrainingJobEarlyStoppingType"] is False
    assert second["request"]["HyperParameterTuningJobConfig"]["TrainingJobEarlyStoppingType"] == "Off"


def test_what_go_reads_in_another_way_is_unknown() -> None:
    """Base 60, exponents, octals and bare truth values as keys; null is absent."""
    text = ACK.replace("maxNumberOfTrainingJobs: 9", "maxNumberOfTrainingJobs: 1e2") + (
        "  warmStartConfig: null\n"
        "  trainingJobDefinition:\n    staticHyperParameters: {a: 1:30, b: 010, on: x, c: '1:30'}\n"
    )
    (job,) = jobs(text)
    assert sorted(each["path"] for each in job["unknown"]) == [
        "HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs",
        "TrainingJobDefinition.StaticHyperParameters.a",
        "TrainingJobDefinition.StaticHyperParameters.b",
        "TrainingJobDefinition.StaticHyperParameters{}",
    ]
    assert job["request"]["TrainingJobDefinition"]["StaticHyperParameters"] == {"c": "1:30"}
    assert "WarmStartConfig" not in job["request"]


def test_a_patch_and_an_adopted_job_lack_nothing() -> None:
    """A part of another file's resource is not told to be incomplete; adopting launches nothing."""
    patch = ACK.replace("  hyperParameterTuningJobName: search\n", "").replace("    strategy: Random\n", "")
    assert messages(patch) == []
    adopted = ACK.replace("{name: search}", "{name: x, annotations: {services.k8s.aws/adoption-policy: adopt}}")
    assert jobs(adopted) == []
