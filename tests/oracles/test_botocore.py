"""The request's shape, compared with botocore: the client that would send it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.validate import ParamValidator
from hypothesis import given, settings

from hpolint import schema
from hpolint.cli.extract import extracted
from hpolint.model.job import TuningJob
from hpolint.model.node import Struct, path_text
from hpolint.model.source import Source
from hpolint.readers import read_source
from hpolint.schema.breaches import breaches
from hpolint.schema.request_errors import shape_errors
from hpolint.syntax.json_syntax import parse_json
from scripts.generate_schema import TARGET, generate, request_shape, same_shapes
from tests.conftest import scaled
from tests.requests import WRONG, mutated, sentences, sound, valid

KINDS = {
    "missing required field": "required",
    "unknown field": "unknown",
    "invalid type": "type",
    "invalid range": "minimum",
    "invalid length": "minimum",
}
OURS = {
    "required": "required",
    "additionalProperties": "unknown",
    "type": "type",
    "minimum": "minimum",
    "minLength": "minimum",
    "minItems": "minimum",
}


def job_of(request: Any) -> TuningJob:
    """The request as a job, whether or not a reader would recognise what is left of it."""
    source = Source("request.json", json.dumps(request))
    root = parse_json(source)
    assert isinstance(root, Struct)
    return TuningJob("request", source, root)


def botocores(request: Any) -> set[tuple[str, str]]:
    """What botocore's own validator reports: path and kind."""
    report = ParamValidator().validate(request, request_shape())
    return {_botocores(*error) for error in report._errors}


def _botocores(reason: str, name: str, additional: dict[str, Any]) -> tuple[str, str]:
    path = name
    if reason == "missing required field":
        path = f"{name}.{additional['required_name']}"
    elif reason == "unknown field":
        path = f"{name}.{additional['unknown_param']}"
    return path.removeprefix("."), KINDS[reason]


def ours(job: TuningJob) -> set[tuple[str, str]]:
    """What our validator reports of the kinds that botocore checks at all."""
    found = set()
    for breach in breaches(job.request, schema.linked_request_schema()):
        if breach.keyword not in OURS:
            continue
        names: list[Any] = [None]
        if breach.keyword == "required":
            names = [name for name in breach.expected if name not in breach.value]
        elif breach.keyword == "additionalProperties":
            names = [name for name in breach.value if name not in breach.schema["properties"]]
        for name in names:
            path = (*breach.path, name) if name else breach.path
            found.add((path_text(path), OURS[breach.keyword]))
    return found


@given(WRONG, WRONG)
def test_no_mutation_changes_another(first: Any, second: Any) -> None:
    """What is written into one request is in no other, where the next mutation would reach it, or within itself."""
    assert first is not second or not isinstance(first, list | dict)


@settings(max_examples=scaled(2000))
@given(mutated())
def test_agrees_with_botocore(request_: dict[str, Any]) -> None:
    """Members, types and minimums: hpolint refuses exactly what boto3 would refuse to send."""
    assert ours(job_of(request_)) == botocores(request_)


@settings(max_examples=scaled(500))
@given(mutated())
def test_every_breach_becomes_a_finding_with_a_place(request_: dict[str, Any]) -> None:
    """Whatever is wrong with a request, something is said, within the text, and the other way round."""
    job = job_of(request_)
    errors = shape_errors(job)
    if botocores(request_):
        assert errors
    for error in errors:
        assert sentences(error)
        assert error.span.line <= len(job.source.line_starts)


@settings(max_examples=scaled(1000))
@given(valid())
def test_extract_gives_the_request_back(request_: dict[str, Any]) -> None:
    """What hpolint extracts from a request is the request, with nothing unknown and nothing defaulted."""
    request_["HyperParameterTuningJobConfig"]["Strategy"] = "Bayesian"
    request_["HyperParameterTuningJobName"] = "job"
    _, reading = read_source("request.json", json.dumps(request_).encode())
    (job,) = extracted(reading.jobs)["jobs"]
    assert job["request"] == request_
    assert job["unknown"] == []
    assert job["defaults"] == []


@pytest.mark.parametrize(("value", "accepted"), [(True, False), (1.0, False), (1, True)])
def test_numbers_that_botocore_and_the_service_see_differently(value: Any, accepted: bool) -> None:
    """A boolean is no number, though botocore sends it; 1.0 is no integer, since botocore refuses it.

    A value that either of the two refuses does not launch, so hpolint refuses it.
    """
    request = sound()
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"] = value
    assert (not shape_errors(job_of(request))) is accepted


def test_schema_is_botocores() -> None:
    """The committed schema is what the installed botocore's model gives: a new member shows up here."""
    assert same_shapes(generate("2000-01-01"), json.loads(TARGET.read_text("utf-8")))
