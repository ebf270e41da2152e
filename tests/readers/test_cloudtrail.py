"""CloudTrail's events: what was launched is read as it was sent, and what the trail does not show is unknown."""

from __future__ import annotations

import json
from typing import Any

from hpolint import schema
from hpolint.config.lookup import CheckOptions
from hpolint.discovery.candidates import Candidate
from hpolint.model.job import Reading
from hpolint.model.node import Scalar, Unknown, follow, plain
from hpolint.readers import read_source
from hpolint.readers.cloudtrail import _names
from hpolint.run.orchestration import check_candidates

PARAMETERS: dict[str, Any] = {
    "hyperParameterTuningJobName": "search",
    "hyperParameterTuningJobConfig": {
        "strategy": "Bayesian",
        "resourceLimits": {"maxNumberOfTrainingJobs": 20, "maxParallelTrainingJobs": 20},
        "randomSeed": None,
    },
    "trainingJobDefinition": {
        "staticHyperParameters": {"Epochs": "5", "omitted": "true"},
        "environment": "HIDDEN_DUE_TO_SECURITY_REASONS",
        "resourceConfig": {"instanceType": "ml.m5.large", "useReservedCapacity": False},
    },
}


def event(parameters: Any = PARAMETERS, **more: Any) -> dict[str, Any]:
    """An event of the operation."""
    named = {"eventSource": "sagemaker.amazonaws.com", "eventName": "CreateHyperParameterTuningJob"}
    return {**named, "requestParameters": parameters, **more}


def read(document: Any) -> Reading:
    """What is read from a document."""
    return read_source("events.json", json.dumps(document, indent=1).encode())[1]


def test_a_request_is_read_as_it_was_sent() -> None:
    """In the API's names, without nulls and what the service adds; keys of maps are the sender's own."""
    (job,) = read(event(eventID="e1", eventTime="2026-11-20T09:12:33Z")).jobs
    assert (job.form, job.is_launched, job.carrier) == ("cloudtrail", True, "event `e1` of 2026-11-20T09:12:33Z")
    definition = follow(job.request, ("TrainingJobDefinition",))
    assert plain(follow(definition, ("StaticHyperParameters",)) or job.request) == {"Epochs": "5", "omitted": "true"}
    assert plain(follow(definition, ("ResourceConfig",)) or job.request) == {"InstanceType": "ml.m5.large"}
    assert follow(job.request, ("HyperParameterTuningJobConfig", "RandomSeed")) is None
    parallel = follow(job.request, ("HyperParameterTuningJobConfig", "ResourceLimits", "MaxParallelTrainingJobs"))
    assert isinstance(parallel, Scalar)
    assert job.source.read(parallel.span) == "20"


def test_what_the_trail_does_not_show_is_unknown() -> None:
    """A hidden value, and all that an event which would be too large leaves out: never absent."""
    (job,) = read(event()).jobs
    assert isinstance(follow(job.request, ("TrainingJobDefinition", "Environment")), Unknown)
    for parameters in ({"omitted": True, "originalSize": 300000, "reason": "too large"}, None, "omitted"):
        (job,) = read(event(parameters)).jobs
        missing = follow(job.request, ("HyperParameterTuningJobConfig",))
        assert isinstance(missing, Unknown), parameters
    part = {**PARAMETERS, "trainingJobDefinition": {"omitted": True}}
    (job,) = read(event(part)).jobs
    assert isinstance(follow(job.request, ("TrainingJobDefinition", "RoleArn")), Unknown)
    assert isinstance(follow(job.request, ("HyperParameterTuningJobConfig", "Strategy")), Scalar)
    definition = {"staticHyperParameters": {"omitted": True}}
    (job,) = read(event({**PARAMETERS, "trainingJobDefinition": definition})).jobs
    static = ("TrainingJobDefinition", "StaticHyperParameters")
    assert isinstance(follow(job.request, (*static, "epochs")), Unknown)
    assert isinstance(follow(job.request, (*static, "omitted")), Unknown)
    unrecorded = {name: each for name, each in event(eventVersion="1.11").items() if name != "requestParameters"}
    (job,) = read(unrecorded).jobs
    assert isinstance(follow(job.request, ("TrainingJobDefinition",)), Unknown)


def test_only_what_was_launched_is_a_job() -> None:
    """No refused request, no other operation or service; a result of a look-up counts once, whatever is beside it."""
    assert not read(event(errorCode="ValidationException")).jobs
    assert not read(event(eventName="CreateTrainingJob")).jobs
    assert not read(event(eventSource="other.amazonaws.com")).jobs
    found = {"EventName": "CreateHyperParameterTuningJob", "CloudTrailEvent": json.dumps(event())}
    assert len(read({"Events": [found, found]}).jobs) == 2
    assert not read({"Events": [{**found, "CloudTrailEvent": "{}"}]}).jobs
    broken = read({"Events": [{**found, "CloudTrailEvent": json.dumps(event())[:-9]}]})
    assert (len(broken.jobs), len(broken.problems)) == (0, 1)


def test_each_name_in_an_event_is_of_one_member() -> None:
    """In every structure of the request."""
    for shape in schema.request_schema()["$defs"]:
        assert len(_names(shape)) == len(schema.members(shape))


def test_a_launched_job_is_judged_and_not_fixed() -> None:
    """What it costs is reported with the names that the event has; nothing in a log is to be changed."""
    bounds = {"name": "learning_rate", "minValue": "0.0001", "maxValue": "1", "scalingType": "Linear"}
    config = {
        **PARAMETERS["hyperParameterTuningJobConfig"],
        "parameterRanges": {"continuousParameterRanges": [bounds]},
    }
    data = json.dumps({"Records": [event({**PARAMETERS, "hyperParameterTuningJobConfig": config})]}).encode()
    report = check_candidates([Candidate("log.json", data)], CheckOptions(isolated=True))
    found = {each.rule.id: each for each in report.findings}
    assert "strategy/excessive-parallelism" in found
    assert '"scalingType": "Logarithmic"' in " ".join(found["scale/linear-learning-rate"].text)
    assert all(each.fix is None for each in report.findings)
    assert not [each for each in report.findings if each.rule.category == "launch"]
