"""Names of jobs that are too long, as far as they are known."""

from __future__ import annotations

import json

import pytest

from hpolint.model.observations import NameTooLong
from hpolint.readers import read_source

HEAD = """
import datetime, settings, time, uuid
from time import gmtime, strftime
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
now = datetime.datetime.now()
estimator = Estimator("image", "arn:aws:iam::111122223333:role/r", 1, "ml.m5.large")
tuner = HyperparameterTuner(estimator, "m", {"lr": ContinuousParameter(0.1, 0.5)}, max_jobs=4)
"""


def lengths(name: str) -> list[int]:
    """The lengths that are observed of a name in a program."""
    _, reading = read_source("program.py", f"{HEAD}tuner.fit('s3://b/t', job_name={name})\n".encode())
    (job,) = reading.jobs
    return [seen.observed.length for seen in job.observations if isinstance(seen.observed, NameTooLong)]


@pytest.mark.parametrize(
    ("name", "length"),
    [
        ("f'finetune-text-to-image-{now:%Y%m%d}-tuning'", 38),
        ("'tuning-job-xgb' + strftime('%Y-%m-%d-%H-%M-%S', gmtime())", 33),
        ("'tuning-job-xgb{}'.format(now.strftime('%Y-%m-%d-%H-%M-%S'))", 33),
        ("'tuning-job-xgb' + datetime.datetime.strftime(now, '%Y-%m-%d-%H-%M-%S')", 33),
        ("f'hpo-{uuid.uuid4()}'", 40),
        ("'my-very-long-tuning-job-' + str(int(time.time()))", 34),
        ("f'tuning-of-{settings.model}-of-the-churn-project-1'", 33),
    ],
)
def test_a_name_is_too_long(name: str, length: int) -> None:
    """Its written parts and its date are longer than the service accepts."""
    assert lengths(name) == [length]


@pytest.mark.parametrize(
    "name",
    [
        "'tuning-job-' + strftime('%Y-%m-%d-%H-%M-%S', gmtime())",
        "f'finetune-text-to-image-{now:%Y%m%d}-tuning'[:32]",
        "f'finetune-text-to-image-in-{now:%b %A}'",
        "f'finetune-text-to-image-{now:%-d%-m}'",
        "f'finetune-text-to-image-in-{settings.parts:.3%}'",
        "f'hpo-{str(uuid.uuid4())[:8]}'",
        "f'hpo-{settings.name}-{settings.name}-{settings.name}-{settings.name}'",
        "'tuning-job-xgb{:.10}'.format(strftime('%Y-%m-%d-%H-%M-%S'))",
        "settings.short(f'finetune-text-to-image-{now:%Y%m%d}-tuning')",
    ],
)
def test_a_name_that_may_be_short_enough_is_not_judged(name: str) -> None:
    """Something may cut it, and the rest of it may be empty."""
    assert lengths(name) == []


def of_state(name: str, *, jsonata: bool = False) -> list[tuple[int, bool]]:
    """The length that is observed of the name in a state machine, and whether the execution's name makes it long."""
    member, key = ("Arguments", "") if jsonata else ("Parameters", ".$")
    resource = "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync"
    state = {"Type": "Task", "Resource": resource, member: {f"HyperParameterTuningJobName{key}": name}, "End": True}
    machine = {"StartAt": "Tune", "States": {"Tune": state}}
    if jsonata:
        machine["QueryLanguage"] = "JSONata"
    _, reading = read_source("machine.json", json.dumps(machine).encode())
    (job,) = reading.jobs
    return [
        (seen.observed.length, seen.observed.is_by_execution)
        for seen in job.observations
        if isinstance(seen.observed, NameTooLong)
    ]


@pytest.mark.parametrize(
    ("name", "jsonata", "expected"),
    [
        ("$$.Execution.Name", False, (36, True)),
        ("States.Format('churn-{}', $$.Execution.Name)", False, (42, True)),
        ("States.Format('{}-{}', $.model, States.UUID())", False, (37, False)),
        ("{% $states.context.Execution.Name %}", True, (36, True)),
        ("{% 'churn-' & $states.context.Execution.Name %}", True, (42, True)),
        ("{% 'churn-' & $uuid() %}", True, (42, False)),
    ],
)
def test_the_name_of_an_execution_is_too_long(name: str, jsonata: bool, expected: tuple[int, bool]) -> None:
    """It is a UUID if nobody names the execution."""
    assert of_state(name, jsonata=jsonata) == [expected]


@pytest.mark.parametrize(
    ("name", "jsonata"),
    [
        ("$.name", False),
        ("$$.Execution.Input.name", False),
        ("States.Format('churn-{}', $.name)", False),
        ("States.ArrayGetItem(States.StringSplit($$.Execution.Name, '-'), 0)", False),
        ("States.Format('churn-{}', States.ArrayGetItem(States.StringSplit($$.Execution.Name, '-'), 0))", False),
        ("{% $substring($states.context.Execution.Name, 0, 32) %}", True),
        ("{% $substring('churn-' & $states.context.Execution.Name & '-a', 0, 32) %}", True),
        ("{% $states.input.name %}", True),
        ("{% 'churn\\u002d' & $states.input.name & 'abcdefghijklmnopqrstu' %}", True),
    ],
)
def test_a_name_that_a_state_machine_cuts_is_not_judged(name: str, jsonata: bool) -> None:
    """Nor is one of its input."""
    assert of_state(name, jsonata=jsonata) == []


CREATE = """boto3.client("stepfunctions").create_state_machine(
    name="churn", roleArn=settings.role, definition=json.dumps(machine)
)"""
CHANGED = "machine['States']['Tune']['Parameters']['HyperParameterTuningJobName.$'] = '$.name'"


def of_dict(name: str, use: str, *, jsonata: bool = False) -> list[int]:
    """The lengths that are observed of a name, as an expression, in a state machine that a program writes as a dict."""
    member, key = ("Arguments", "") if jsonata else ("Parameters", ".$")
    program = f"""
import boto3, json, settings
machine = {{
    "QueryLanguage": "{"JSONata" if jsonata else "JSONPath"}",
    "StartAt": "Tune",
    "States": {{"Tune": {{
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync",
        "{member}": {{"HyperParameterTuningJobName{key}": {name}, "HyperParameterTuningJobConfig": settings.config}},
        "End": True,
    }}}},
}}
{use}
"""
    _, reading = read_source("program.py", program.encode())
    (job,) = reading.jobs
    return [seen.observed.length for seen in job.observations if isinstance(seen.observed, NameTooLong)]


@pytest.mark.parametrize(
    ("name", "use", "length"),
    [
        ("'$$.Execution.Name'", CREATE, 36),
        ("'$$.Execution.Name'", "", 36),
        ("'$$.Execution.Name'", "def machine_of_churn():\n    return machine", 36),
        ("'$$.Execution.Name'", f"if settings.new:\n    {CREATE}\nelse:\n    {CREATE}", 36),
        ("\"States.Format('churn-{}', $$.Execution.Name)\"", CREATE, 42),
        ("\"States.Format('\" + 'churn' + \"-{}', $$.Execution.Name)\"", CREATE, 42),
    ],
)
def test_the_name_of_an_execution_is_too_long_in_a_dict(name: str, use: str, length: int) -> None:
    """A program sends the same state machine as a document has."""
    assert of_dict(name, use) == [length]


def test_the_name_of_an_execution_is_too_long_in_a_dict_with_jsonata() -> None:
    """The query language is that of the dict."""
    assert of_dict("'{% $states.context.Execution.Name %}'", CREATE, jsonata=True) == [36]


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("'$.name'", CREATE),
        ("settings.name", CREATE),
        ("\"States.Format('churn-{}', $.name)\"", CREATE),
        ("\"States.Format('{{ params.name_of_the_job_in_airflow }}-{}', $.name)\"", CREATE),
        ("\"States.Format('{inputs.name_of_the_job_in_flyte.or_another}-{}', $.name)\"", CREATE),
        ("'$$.Execution.Name'", f"settings.change(machine['States']['Tune']['Parameters'])\n{CREATE}"),
        ("'$$.Execution.Name'", f"{CHANGED}\n{CREATE}"),
        ("'$$.Execution.Name'", f"if settings.short:\n    {CHANGED}\n{CREATE}"),
        ("'$$.Execution.Name'", f"{CREATE}\n{CHANGED}\n{CREATE}"),
    ],
)
def test_a_name_in_a_dict_that_may_be_short_enough_is_not_judged(name: str, use: str) -> None:
    """It comes from the input, something fills it later, or the program may change it."""
    assert of_dict(name, use) == []
