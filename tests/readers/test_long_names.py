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
