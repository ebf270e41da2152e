"""Jobs for the tests of costs: a request that is sound but for what is given."""

from __future__ import annotations

import json
from typing import Any

from hpolint.config.lookup import CheckOptions
from hpolint.discovery.candidates import candidate
from hpolint.model.job import TuningJob
from hpolint.report.judged import JudgedFiles
from hpolint.run.reading import read_candidates
from tests.requests import unbounded

LIMITS = {"MaxNumberOfTrainingJobs": 10, "MaxParallelTrainingJobs": 2}


def judged(text: str, name: str = "job.json") -> JudgedFiles:
    """What is read of one file."""
    found = candidate(name, text.encode(), ["."])
    assert found is not None
    return read_candidates([found], CheckOptions(isolated=True))


def definition(cap: Any = 3600, **resources: Any) -> dict[str, Any]:
    """A definition whose trials run for at most so long on one small instance, or on what is given."""
    found: dict[str, Any] = unbounded()["TrainingJobDefinition"]
    found["StoppingCondition"] = {} if cap is None else {"MaxRuntimeInSeconds": cap}
    plain = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
    found["ResourceConfig"] = resources.pop("config", plain | resources)
    return found


def request_of(*definitions: dict[str, Any], limits: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A request with some definitions."""
    request = unbounded()
    del request["TrainingJobDefinition"]
    request |= {"TrainingJobDefinition": definitions[0]} if len(definitions) == 1 else {}
    request |= {"TrainingJobDefinitions": list(definitions)} if len(definitions) > 1 else {}
    request["HyperParameterTuningJobConfig"]["ResourceLimits"] = LIMITS if limits is None else limits
    return request | changes


def job_of(*definitions: dict[str, Any], limits: dict[str, Any] | None = None, **changes: Any) -> TuningJob:
    """The job of such a request."""
    (job,) = judged(json.dumps(request_of(*definitions, limits=limits, **changes))).jobs
    return job
