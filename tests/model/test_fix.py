"""A fix as it would be carried out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.model.fix import Fix, applied
from hpolint.model.job import TuningJob
from hpolint.model.node import Path, Scalar, ScalarValue, Struct, follow, plain, small_span
from hpolint.readers import read_source
from tests.harness.growth import assert_linear
from tests.requests import sound, unbounded


@pytest.mark.parametrize("path", [("Tags", 7, "Key"), ("HyperParameterTuningJobName", 0, "Key"), ("Autotune", "Mode")])
def test_a_fix_of_what_is_not_there_changes_nothing(path: Path) -> None:
    """Neither a removal nor a new name trips over an item past the end, a text that is no list, or an absent member."""
    request: Any = sound() | {"Tags": [{"Key": "team", "Value": "vision"}]}
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    assert plain(applied(job.request, Fix("safe", {}, (path,)))) == request
    assert plain(applied(job.request, Fix("safe", {}, (), {path: "Other"}))) == request
    assert plain(applied(job.request, Fix("safe", {}, (("Tags", 0, "Key"),)))) == request | {
        "Tags": [{"Value": "vision"}]
    }


CONFIG, DEFINITION = "HyperParameterTuningJobConfig", "TrainingJobDefinition"
RANGE = (CONFIG, "ParameterRanges", "IntegerParameterRanges", 0)


def job(request: Any) -> TuningJob:
    """A request's job."""
    (found,) = read_source("x.json", json.dumps(request, indent=1).encode())[1].jobs
    return found


def after(fix: Fix, request: Any) -> Any:
    """A request with a fix in it, as plain values; the request itself stays as it was."""
    found = job(request)
    fixed = plain(applied(found.request, fix))
    assert plain(found.request) == request
    return fixed


@pytest.mark.parametrize("value", ["Grid", 7, 0.5, True, None])
def test_a_value_is_set_whether_or_not_one_stands_there(value: ScalarValue) -> None:
    """In a structure, and in the item of a list; what stands beside it stays."""
    for path in ((CONFIG, "Strategy"), (CONFIG, "New"), (*RANGE, "MinValue"), (*RANGE, "New"), ("New",)):
        request: Any = sound()
        place: Any = request
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        assert after(Fix("safe", {path: value}), sound()) == request


def test_structures_that_are_not_there_are_made() -> None:
    """As many as the path needs."""
    fix = Fix("safe", {(DEFINITION, "CheckpointConfig", "S3Uri"): "s3://b/c", ("A", "B", "C"): 1, ("A", "B", "D"): 2})
    request: Any = sound() | {"A": {"B": {"C": 1, "D": 2}}}
    request[DEFINITION]["CheckpointConfig"] = {"S3Uri": "s3://b/c"}
    assert after(fix, sound()) == request


def test_an_item_of_a_list_is_set_by_its_index() -> None:
    """And no other one."""
    values = {"CategoricalParameterRanges": [{"Name": "a", "Values": ["x", "y", "z"]}]}
    request: Any = sound()
    request[CONFIG]["ParameterRanges"] = values
    path = (CONFIG, "ParameterRanges", "CategoricalParameterRanges", 0, "Values")
    for index in range(3):
        fixed = after(Fix("safe", {(*path, index): "new"}), request)
        expected = ["x", "y", "z"]
        expected[index] = "new"
        assert fixed[CONFIG]["ParameterRanges"]["CategoricalParameterRanges"][0]["Values"] == expected


def test_members_are_removed_and_renamed() -> None:
    """In a structure and in the items of a list, the last one too; a rename keeps the value."""
    request: Any = sound() | {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}]}
    removed = after(Fix("safe", {}, (("Tags", 1, "Value"), (DEFINITION, "RoleArn"), ("Autotune",))), request)
    assert removed["Tags"] == [{"Key": "a", "Value": "b"}, {"Key": "c"}]
    assert "RoleArn" not in removed[DEFINITION]
    renamed = after(Fix("safe", {}, (), {("Tags", 1, "Key"): "Name", (CONFIG, "Strategy"): "Way"}), request)
    assert renamed["Tags"] == [{"Key": "a", "Value": "b"}, {"Name": "c", "Value": "d"}]
    assert renamed[CONFIG]["Way"] == "Bayesian"
    assert "Strategy" not in renamed[CONFIG]


def test_what_a_fix_writes_stands_where_the_old_value_did() -> None:
    """A renamed member at its key, a new value at the structure that holds it; all else keeps its place."""
    found = job(sound())
    fix = Fix("safe", {(CONFIG, "RandomSeed"): 1}, (), {(CONFIG, "Strategy"): "Way"})
    before, fixed = (follow(root, (CONFIG,)) for root in (found.request, applied(found.request, fix)))
    assert before is not None
    assert fixed is not None
    assert fixed.keys["Way"] == before.keys["Strategy"]  # type: ignore[union-attr]
    assert "Strategy" not in fixed.keys  # type: ignore[union-attr]
    assert fixed.members["RandomSeed"].span == small_span(before)  # type: ignore[union-attr]
    assert fixed.members["Way"] == before.members["Strategy"]  # type: ignore[union-attr]


@pytest.mark.parametrize("path", [("Tags", 2, "Key"), ("Tags", "Key", "Key"), ("Tags", 0, "Key", "Deep")])
def test_a_path_that_leads_nowhere_is_left_alone(path: Path) -> None:
    """As the item just past the end of a list."""
    request: Any = sound() | {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}]}
    assert after(Fix("safe", {}, (path,)), request) == request
    assert after(Fix("safe", {}, (), {path: "Other"}), request) == request
    assert after(Fix("safe", {("Tags", "Key"): "x"}), request) == request


def test_many_fixes_of_one_job_are_applied_in_linear_work() -> None:
    """What no fix touches is shared with the request; what one touches is copied once."""

    def ranges(number: int) -> tuple[Struct, list[Fix]]:
        request = unbounded()
        kept = request["HyperParameterTuningJobConfig"]["ParameterRanges"]["ContinuousParameterRanges"]
        kept += [{"Name": f"x{at}", "MinValue": "0.1", "MaxValue": "0.5"} for at in range(number)]
        request["TrainingJobDefinition"]["Environment"] = {f"K{at}": "v" for at in range(number)}
        (job,) = read_source("r.json", json.dumps(request).encode())[1].jobs
        path = ("HyperParameterTuningJobConfig", "ParameterRanges", "ContinuousParameterRanges")
        return job.request, [Fix("safe", {(*path, at, "ScalingType"): "Logarithmic"}) for at in range(number)]

    fixed = assert_linear(ranges, lambda given: applied(given[0], *given[1]), 1000)
    path = ("HyperParameterTuningJobConfig", "ParameterRanges", "ContinuousParameterRanges", 999, "ScalingType")
    found = follow(fixed, path)
    assert isinstance(found, Scalar)
    assert found.value == "Logarithmic"


def test_what_a_fix_changes_is_changed_in_the_copy_alone() -> None:
    """The request that the fix was made for stays as it was, whatever of it both share."""
    (job,) = read_source("r.json", json.dumps(unbounded()).encode())[1].jobs
    limits = ("HyperParameterTuningJobConfig", "ResourceLimits")
    before = plain(job.request)
    fix = Fix(
        "safe",
        {(*limits, "MaxParallelTrainingJobs"): 1, ("WarmStartConfig", "WarmStartType"): "TransferLearning"},
        ((*limits, "MaxNumberOfTrainingJobs"),),
        {("TrainingJobDefinition", "RoleArn"): "Role"},
    )
    fixed = applied(job.request, fix)
    assert plain(job.request) == before
    assert fixed.members["WarmStartConfig"] is not None
    assert follow(fixed, (*limits, "MaxNumberOfTrainingJobs")) is None
    assert follow(fixed, ("TrainingJobDefinition", "Role")) is follow(job.request, ("TrainingJobDefinition", "RoleArn"))
