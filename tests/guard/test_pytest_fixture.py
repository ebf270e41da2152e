"""The fixture ``hpolint_guard`` in other people's tests."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

TESTS = """
import boto3, hpolint.guard, pytest
from botocore.stub import Stubber
from tests.guard.test_guard import careless
from tests.requests import sound

@pytest.fixture
def client():
    client = boto3.client("sagemaker", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        for _ in range(2):
            stubber.add_response("create_hyper_parameter_tuning_job", {"HyperParameterTuningJobArn": "arn:aws:x"})
        yield client

def test_careful(client, hpolint_guard):
    client.create_hyper_parameter_tuning_job(**sound())
    assert [call.findings for call in hpolint_guard.calls] == [[]]

def test_careless(client, hpolint_guard):
    client.create_hyper_parameter_tuning_job(**careless())

def test_without_it(client):
    client.create_hyper_parameter_tuning_job(**careless())

class TestWarn:
    @pytest.fixture
    def hpolint_guard_options(self):
        return {"mode": "warn"}

    def test_careless(self, client, hpolint_guard):
        client.create_hyper_parameter_tuning_job(**careless())
        assert hpolint_guard.calls[0].refusing
"""


def test_the_fixture_guards_one_test(pytester: pytest.Pytester) -> None:
    """A careless launch fails its test with the report; others are as they were, and options can be overridden."""
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["*hpolint.guard.Refused: CreateHyperParameterTuningJob from *was not sent: 1 error*"])
