"""Each row of the table in docs/formats.md is read, from fixtures that are careless and from such as they should be."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from hpolint.model.forms import FORM_NAMES
from tests.conftest import ROOT, Command

PAGE = (ROOT / "docs" / "formats.md").read_text("utf-8")
ROWS = re.search(r"^\| Format .*?\n\|---\|---\|\n(.*?)\n\n", PAGE, re.S | re.M)
FORMS = {
    "API request: CreateHyperParameterTuningJob": [("request/.*json", ""), ("request/.*yaml", "")],
    "AWS CLI: separate files": [("split/tuning.*", ""), ("split/training.*", "")],
    "API response: DescribeHyperParameterTuningJob": [("describe/.*", "")],
    "CloudTrail: events of CreateHyperParameterTuningJob": [("cloudtrail/.*", "event `.*` of .*")],
    "Nested requests": [("nested/.*", "")],
    "Python and notebooks, SageMaker SDK: `HyperparameterTuner(…)`": [
        ("python/tune_churn.*", ""),
        ("python/tune_sdk3.*", ""),
        ("notebook/.*", ""),
    ],
    "Python and notebooks, API calls: `HyperParameterTuningJob.create(…)`": [
        ("python/launch_core.*", ""),
        ("python/launch_boto3.*", ""),
    ],
    "Python and notebooks, steps": [
        ("python/pipeline_.*", ""),
        ("python/state_machine.*", ""),
        ("python/dag_helper.*", ""),
    ],
    "Python, Airflow: `SageMakerTuningOperator": [("python/dag_airflow.*", "")],
    "Python and notebooks, [dicts]": [("python/dict_flyte.*", "")],
    "[R](#r) scripts and notebooks of R": [("r/.*", "")],
    "CloudFormation and SAM: `AWS::SageMaker::HyperParameterTuningJob`": [
        ("cloudformation/.*", "resource `FirstSearch`"),
        ("cdk/.*", "construct `.*/TuneNative.*`"),
    ],
    "CloudFormation and SAM, state machines": [
        ("cloudformation/.*", "state .* of the resource .*"),
        ("sam/.*", "state .* of the resource .*"),
        ("cdk/.*", "state .* of the construct .*"),
    ],
    "CloudFormation and SAM, pipelines": [("cdk/.*", "step .* of the construct .*")],
    "CloudFormation and SAM, API calls": [
        ("cdk/.*", "call on create and update of the construct .*"),
        ("cdk/.*", "target of the construct .*"),
    ],
    "Amazon States Language": [("states/.*json", "state .*"), ("sam/statemachine/.*", "state .*")],
    "SageMaker pipeline definition": [("pipeline/.*", "step .*")],
    "Kubernetes": [("kubernetes/ack.*", "resource .*"), ("kubernetes/operator.*", "resource .*")],
    "Terraform: `aws_sagemaker_hyper_parameter_tuning_job`": [
        ("terraform/" + name, "resource .*") for name in ("tuning.*", "search.*", "plan.*")
    ],
    "Terraform, state machines and pipelines": [("terraform/.*", "state .* of the resource .*")],
    "Terraform, EventBridge Scheduler": [("terraform/.*", "target of the resource .*")],
}
"""What the rows begin with; the paths and carriers of the jobs that show each of their forms."""


CARELESS = "missing-spot,excessive-parallelism,linear-learning-rate,grid-needs-categorical,max-wait-below-runtime"
"""Rules that report a careless job of each form, and no careful one."""


@cache
def jobs() -> list[tuple[dict[str, Any], bool]]:
    """Every job of the fixtures, and whether it is one to be warned of."""
    run = Command(ROOT)
    found = json.loads(run("extract", "fixtures").stdout)["jobs"]
    findings = json.loads(run("check", "fixtures", "--select", CARELESS, "--output", "json").stdout)["findings"]
    warned = {(each["path"], each["carrier"], each["job"]) for each in findings}
    return [(job, (job["path"], job["carrier"], job["name"]) in warned) for job in found]


def test_the_fixtures_have_a_job_of_every_form_that_a_rule_can_name() -> None:
    """`job.form` in a rule is compared with these names, and any other is an error of `hpolint test`."""
    assert {job["form"] for job, _ in jobs()} == set(FORM_NAMES)


def test_every_row_of_the_table_is_known_here() -> None:
    """A form that the page promises has its test, and no test is of a form that it does not name."""
    assert ROWS
    rows = ROWS.group(1).splitlines()
    begun = [[begin for begin in FORMS if row.startswith(f"| {begin}")] for row in rows]
    assert [len(each) for each in begun] == [1] * len(rows), rows
    assert len(rows) == len(FORMS)


@pytest.mark.parametrize(
    ("path", "carrier"), [pytest.param(*each, id=f"{row}-{each[0]}") for row, forms in FORMS.items() for each in forms]
)
def test_a_form_is_read(path: str, carrier: str) -> None:
    """Of each form the careless job is warned of, and the careful one is not."""
    warned = {
        is_warned
        for job, is_warned in jobs()
        if re.fullmatch(f"fixtures/{path}", job["path"]) and re.fullmatch(carrier, job["carrier"] or "")
    }
    assert warned == {True, False}


def test_the_check_of_a_request_imports_no_other_reader() -> None:
    """Its start is most of its time; a template's reader and the parsers of other languages take 5 ms of it."""
    code = "import hpolint, sys; hpolint.check(['fixtures/request/churn-xgboost.json']); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    readers = ("cloudformation.reader", "cloudformation.intrinsics", "kubernetes", "terraform.plan", "python.reader")
    assert not {*(f"hpolint.readers.{each}" for each in readers), "tree_sitter"} & {*run.stdout.split()}
