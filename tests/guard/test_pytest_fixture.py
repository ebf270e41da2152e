"""The fixture ``hpolint_guard`` in other people's tests."""

from __future__ import annotations

import pytest

import hpolint.cel.runtime  # noqa: F401 - pytester forgets modules that its runs import, and CEL's is imported only once

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


SWALLOWED = """
import contextlib, threading, unittest
import boto3, hpolint.guard, pytest
from hpolint.guard import Refused as Refusal
from tests.guard.test_guard import careless

@pytest.fixture
def client():
    return boto3.client("sagemaker", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")

@pytest.fixture
def launch(client):
    return lambda: client.create_hyper_parameter_tuning_job(**careless())

def launched(launch):
    try:
        launch()
    except Exception:
        return False
    return True

def test_swallowed_by_the_program(launch, hpolint_guard):
    launched(launch)

def test_swallowed_by_the_test(launch, hpolint_guard):
    try:
        launch()
    except (ValueError, Exception):
        pass

def test_swallowed_by_a_context(launch, hpolint_guard):
    with contextlib.suppress(Exception):
        launch()

@pytest.mark.filterwarnings("ignore")
def test_swallowed_by_a_thread(launch, hpolint_guard):
    thread = threading.Thread(target=launch)
    thread.start()
    thread.join()

def test_expected(launch, hpolint_guard):
    with pytest.raises(hpolint.guard.Refused):
        launch()
    pytest.raises(Refusal, launch)
    unittest.TestCase().assertRaises(Refusal, launch)
    with contextlib.suppress(Refusal):
        launch()

def test_handled_by_its_name(launch, hpolint_guard):
    try:
        try:
            launch()
        except (KeyError, Refusal):
            pass
    except Exception:
        raise AssertionError

def test_taken_note_of(launch, hpolint_guard):
    assert not launched(launch)
    assert len(hpolint_guard.refusals) == 1
    hpolint_guard.refusals.clear()

def test_not_caught(launch, hpolint_guard):
    launch()
"""


def test_a_swallowed_refusal_fails_its_test(pytester: pytest.Pytester) -> None:
    """At teardown, with the report. A test that expects the refusal, or handles it by its name, passes."""
    pytester.makepyfile(SWALLOWED)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=7, failed=1, errors=4)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_swallowed_by_the_program*",
            "*The code under test caught a refusal of hpolint.guard*",
            "*CreateHyperParameterTuningJob from *was not sent: 1 error*",
        ]
    )
