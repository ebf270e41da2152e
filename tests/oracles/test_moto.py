"""A job created through boto3, as moto describes it."""

from __future__ import annotations

import json
from typing import Any

import boto3
from moto import mock_aws

from hpolint.cli.extract import extracted
from hpolint.engine.engine import Engine
from hpolint.model.settings import Settings
from hpolint.readers import read_source
from hpolint.registry import builtin_rules
from hpolint.registry.choosing import chosen_rules
from tests.conftest import FIXTURES

REFUSED = "!job.launched"
"""In the conditions of what the service would refuse: it has taken the job that it describes."""


@mock_aws
def described(request: dict[str, Any]) -> dict[str, Any]:
    """What Describe returns for a job that was created from the request."""
    client = boto3.client("sagemaker", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    client.create_hyper_parameter_tuning_job(**request)
    name = request["HyperParameterTuningJobName"]
    return dict(client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name))


def test_describe_gives_the_request_and_the_same_findings() -> None:
    """The response of DescribeHyperParameterTuningJob is read as the request that made the job."""
    request = json.loads((FIXTURES / "request/churn-xgboost.json").read_text())
    response = json.dumps(described(request), default=str)
    _, reading = read_source("described.json", response.encode())
    (job,) = extracted(reading.jobs)["jobs"]
    assert job["form"] == "describe"
    assert job["request"] == request
    engine = Engine(chosen_rules(Settings()))
    _, original = read_source("request.json", json.dumps(request).encode())
    of_response = [(f.rule.id, f.path, f.text) for f in engine.judge(reading.jobs[0]).findings]
    of_request = [(f.rule.id, f.path, f.text) for f in engine.judge(original.jobs[0]).findings]
    for_the_next_one = {
        "strategy/missing-warm-start",
        *(rule.id for rule in builtin_rules() if REFUSED in str(rule.when)),
    }
    assert of_response == [found for found in of_request if found[0] not in for_the_next_one]
    assert len(of_response) >= 5
