"""Shape errors as a user reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint import schema
from hpolint.model.fix import Fix, applied
from hpolint.model.node import Struct, plain
from hpolint.readers import read_source
from hpolint.schema.request_errors import ACCEPTED, ShapeError, shape_errors
from tests.requests import sentences, sound


def errors(change: Any, text: str | None = None) -> list[ShapeError]:
    """The errors of the sound request after a change."""
    request = sound()
    change(request)
    (job,) = read_source("x.json", (text or json.dumps(request)).encode())[1].jobs
    return shape_errors(job)


def config(**members: Any) -> Any:
    """A change of config members."""
    return lambda request: request["HyperParameterTuningJobConfig"].update(members)


@pytest.mark.parametrize(
    ("change", "message", "fixed"),
    [
        (config(Strategy="BAYESIAN"), "`Strategy` is `BAYESIAN`", "Bayesian"),
        (config(TrainingJobEarlyStoppingType="OFF"), "the service accepts `Off`, `Auto`", "Off"),
        (config(RandomSeed="7"), "must be an integer, but is the string `7`", 7),
        (config(RandomSeed="1980"), "must be an integer, but is the string `1980`", 1980),
        (config(ParameterRanges="true"), "must be a structure, but is the string `true`", None),
        (config(RandomSeed=7.0), "must be an integer, but is the number 7.0", 7),
        (config(RandomSeed=True), "must be an integer, but is `true`", None),
        (config(RandomSeed=None), "must be an integer, but is null", None),
        (config(TuningJobCompletionCriteria={"TargetObjectiveMetricValue": "nan"}), "must be a finite number", None),
        (config(TuningJobCompletionCriteria={"TargetObjectiveMetricValue": "0.5"}), "must be a finite number", 0.5),
        (lambda r: r["TrainingJobDefinition"].update(StaticHyperParameters={"a": True}), "but is `true`", None),
        (config(RandomSeed=-1), "is -1; the service requires at least 0", None),
        (config(Strategy="Annealing"), "`Strategy` is `Annealing`", None),
        (config(ParameterRanges=[]), "`ParameterRanges` must be a structure, but is a list", None),
        (lambda r: r.update(HyperParameterTuningJobName="a_b"), "letters and digits, with hyphens", None),
        (lambda r: r.update(HyperParameterTuningJobName="a" * 33), "33 characters long", None),
        (lambda r: r["TrainingJobDefinition"].update(EnableManagedSpotTraining="True"), "must be true or false", True),
        (lambda r: r["TrainingJobDefinition"].pop("RoleArn"), "`TrainingJobDefinition` lacks `RoleArn`", None),
        (lambda r: r.update(Tags=[{"Key": "a"}]), "An item of `Tags` lacks `Value`", None),
        (lambda r: r["TrainingJobDefinition"].update(StaticHyperParameters={"a": 1e-05}), "must be a string", "1e-05"),
        (lambda r: r["TrainingJobDefinition"]["AlgorithmSpecification"].update(MetricDefinitions=[]), None, None),
    ],
)  # fmt: skip
def test_what_is_wrong_and_what_to_write(change: Any, message: str | None, fixed: Any) -> None:
    """The message names the member and what the service takes; the fix is offered where nothing is guessed."""
    found = errors(change)
    if message is None:
        assert found == []
        return
    (error,) = found
    assert message in sentences(error)[0]
    assert list(error.set.values()) == ([] if fixed is None else [fixed])


def test_a_misspelt_member_names_the_right_one_and_nothing_twice() -> None:
    """The misspelt required member is reported once, not also as missing; its fix keeps the value."""
    limits = {"maxParallelTrainingJobs": 2, "MaxNumberOfTrainingJobs": 3}
    (error,) = errors(config(ResourceLimits=limits))
    assert sentences(error) == [
        "`maxParallelTrainingJobs` is not a member of `ResourceLimits`",
        "Use `MaxParallelTrainingJobs`",
    ]
    request = sound()
    request["HyperParameterTuningJobConfig"]["ResourceLimits"] = limits
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    fixed = plain(applied(job.request, Fix("safe", {}, (), error.rename)))
    assert fixed["HyperParameterTuningJobConfig"]["ResourceLimits"] == {  # type: ignore[index]
        "MaxParallelTrainingJobs": 2,
        "MaxNumberOfTrainingJobs": 3,
    }


def test_new_instance_types_are_no_errors() -> None:
    """A job is not refused because the list of instance types is out of date."""
    change = {"InstanceType": "ml.zz99.48xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
    assert errors(lambda request: request["TrainingJobDefinition"].update(ResourceConfig=change)) == []


def test_each_missing_member_is_reported_once() -> None:
    """Three members that are missing are three findings."""

    def change(request: dict[str, Any]) -> None:
        for name in ("AlgorithmSpecification", "OutputDataConfig", "RoleArn"):
            del request["TrainingJobDefinition"][name]

    assert len(errors(change)) == 3


def test_a_repeated_key_is_reported_at_the_discarded_value() -> None:
    """JSON parsers keep the last value without an error."""
    text = json.dumps(sound()).replace('"Strategy":', '"Strategy": "Random", "Strategy":')
    (error,) = errors(lambda request: None, text)
    assert "`Strategy` is repeated below" in sentences(error)[0]
    assert text[error.span.column - 1 :].startswith('"Strategy": "Random"')


def test_a_number_that_is_not_an_integer_is_reported_once() -> None:
    """It is not called too small as well."""
    stopping = {"MaxRuntimeInSeconds": 3600, "MaxPendingTimeInSeconds": 2.5}
    (error,) = errors(lambda request: request["TrainingJobDefinition"].update(StoppingCondition=stopping))
    assert "must be an integer, but is the number 2.5" in sentences(error)[0]


def test_unknown_values_break_nothing() -> None:
    """A placeholder fits every type; an open map lacks nothing."""

    def change(request: dict[str, Any]) -> None:
        request["HyperParameterTuningJobConfig"] = {"Strategy": "$S", "ResourceLimits": "$LIMITS"}
        request["TrainingJobDefinition"]["StaticHyperParameters"] = {"${K}": 5, "a": "${B}"}

    assert errors(change) == []


@pytest.mark.parametrize(("written", "fixed"), [("0x10", "16"), ("1_000", "1000"), ("1e-5", "1e-5"), ("0.10", "0.10")])
def test_a_number_is_quoted_as_a_number_that_the_service_reads(written: str, fixed: str) -> None:
    """YAML's other spellings of a number are none in a string; the usual ones stay as they are."""
    text = json.dumps(sound()).replace('"3"', written)
    (job,) = read_source("x.yaml", text.encode())[1].jobs
    (error,) = shape_errors(job)
    assert list(error.set.values()) == [fixed]


def test_a_pattern_takes_no_line_feed_at_the_end() -> None:
    """A block scalar's last line feed is part of the value."""
    (error,) = errors(lambda request: request.update(HyperParameterTuningJobName="name\n"))
    assert sentences(error)[1:] == ["Write `name`"]


def test_what_a_pattern_wants_is_said_in_words() -> None:
    """No user has to read a regular expression; a name that the service would take is offered, not set."""
    (error,) = errors(lambda request: request.update(HyperParameterTuningJobName="my_job"))
    assert sentences(error)[0].endswith(
        "; the service accepts letters and digits, with hyphens between them, at most 32"
    )
    assert sentences(error)[1:] == ["Write `my-job`"]
    (error,) = errors(lambda request: request["TrainingJobDefinition"].update(OutputDataConfig={"S3OutputPath": "/x"}))
    assert sentences(error)[0].startswith("`S3OutputPath` is `/x`; the service accepts a URI such as `s3://bucket")


def test_a_key_of_a_map_is_called_a_key() -> None:
    """Each that the service does not take, at its own place."""
    found = errors(
        lambda request: request["TrainingJobDefinition"].update(Environment={"1a": "x", "b-c": "y", "": "z"})
    )
    assert [sentences(error)[0].partition(";")[0] for error in found] == [
        "A key of `Environment` is `1a`",
        "A key of `Environment` is `b-c`",
        "A key of `Environment` is empty",
    ]
    assert len({error.span for error in found}) == 3
    (error,) = errors(lambda request: request["TrainingJobDefinition"].update(StaticHyperParameters={"a" * 300: "x"}))
    assert "which is 300 characters long; the service accepts at most 256" in sentences(error)[0]


def test_what_is_empty_is_called_so() -> None:
    """Where the pattern is one character or more."""
    objective = {"Type": "Minimize", "MetricName": ""}
    (error,) = errors(config(HyperParameterTuningJobObjective=objective))
    assert sentences(error) == ["`MetricName` is empty"]


def test_every_pattern_has_its_words() -> None:
    """Except for patterns that anything matches, and ids that are not written by hand."""
    patterns = {name for name, shape in schema.request_schema()["$defs"].items() if "pattern" in shape}
    free = {
        "AttributeName",
        "InstanceGroupName",
        "MetricName",
        "MetricRegex",
        "HyperParameterTrainingJobEnvironmentValue",
    }
    assert patterns - set(ACCEPTED) == free | {"FileSystemId", "HubDataSetArn", "TrainingPlanArn"}


def test_places_are_exact() -> None:
    """A wrong value is underlined itself, an unknown member by its key."""
    request = sound()
    request["Nonsense"] = 1
    request["HyperParameterTuningJobConfig"]["Strategy"] = "bayesian"
    source, reading = read_source("x.json", json.dumps(request, indent=2).encode())
    covered = [source.read(error.span) for error in shape_errors(reading.jobs[0])]
    assert covered == ['"bayesian"', '"Nonsense"']
    assert isinstance(reading.jobs[0].request, Struct)


def test_a_key_that_is_wrong_is_shown_where_the_key_stands() -> None:
    """Not at its value, which is right, nor at the map."""
    request = sound()
    request["TrainingJobDefinition"]["Environment"] = {"GOOD": "1", "1BAD": "2"}
    text = json.dumps(request, indent=1)
    source, reading = read_source("x.json", text.encode())
    (error,) = shape_errors(reading.jobs[0])
    assert source.read(error.span) == '"1BAD"'


def test_items_of_one_list_that_are_too_long_are_one_error() -> None:
    """Thirty long categories have one cause: the first is shown, and the others are counted."""
    ranges = {"CategoricalParameterRanges": [{"Name": "layers", "Values": ["x" * 300 + str(n) for n in range(4)]}]}
    (error,) = errors(config(ParameterRanges=ranges))
    assert error.path[-2:] == ("Values", 0)
    first, second = sentences(error)
    assert first.endswith("is 301 characters long; the service accepts at most 256")
    assert second == "3 more items of the same list are too long"


BLOCKS = """TrainingJobDefinition:
  AlgorithmSpecification:
    TrainingImage: "1.dkr.ecr.us-east-1.amazonaws.com/x:1"
    TrainingInputMode: File
  RoleArn: arn:aws:iam::111122223333:role/tuning
  OutputDataConfig: {S3OutputPath: "s3://example/out"}
  ResourceConfig:
    InstanceType: ml.m5.xlarge
    InstanceCount: 1
    VolumeSizeInGB: 30
  StoppingCondition: {MaxRuntimeInSeconds: 3600}
HyperParameterTuningJobName: example
HyperParameterTuningJobConfig:
  Strategy: Random
  ResourceLimits: {MaxNumberOfTrainingJobs: 4, MaxParallelTrainingJobs: 2}
"""


RESOURCES = BLOCKS[BLOCKS.index("    InstanceType") : BLOCKS.index("  StoppingCondition")]
COUNTS = RESOURCES[RESOURCES.index("    InstanceCount") :]
DEFINITION = BLOCKS[BLOCKS.index("  Algorithm") : BLOCKS.index("HyperParameterTuningJobName")]
LATER = DEFINITION[DEFINITION.index("  RoleArn") :]
LIMITS = BLOCKS[BLOCKS.index("  ResourceLimits") :]
LATER_NAMES = "`RoleArn`, `OutputDataConfig`, `ResourceConfig`, `StoppingCondition`"


@pytest.mark.parametrize(
    ("block", "indented", "place", "message"),
    [
        (
            *(RESOURCES, -2, "ResourceConfig"),
            (
                "`InstanceType`, `InstanceCount`, `VolumeSizeInGB` are members of `ResourceConfig`, not of "
                "`TrainingJobDefinition`. Move them below `ResourceConfig`, which is empty"
            ),
        ),
        (
            *(COUNTS, -2, "InstanceCount"),
            (
                "`InstanceCount`, `VolumeSizeInGB` are members of `ResourceConfig`, not of `TrainingJobDefinition`. "
                "Move them below `ResourceConfig`"
            ),
        ),
        (
            *(LATER, 2, "RoleArn"),
            (
                f"{LATER_NAMES} are members of `TrainingJobDefinition`, not of `AlgorithmSpecification`. "
                "Move them below `TrainingJobDefinition`"
            ),
        ),
        (
            *(DEFINITION, -2, "TrainingJobDefinition"),
            (
                f"`AlgorithmSpecification`, {LATER_NAMES} are members of `TrainingJobDefinition`, not of the request. "
                "Move them below `TrainingJobDefinition`, which is empty"
            ),
        ),
        (
            *(LIMITS, -2, "ResourceLimits"),
            (
                "`ResourceLimits` is a member of `HyperParameterTuningJobConfig`, not of the request. "
                "Move it below `HyperParameterTuningJobConfig`"
            ),
        ),
    ],
    ids=["all", "some", "deeper", "a definition", "one"],
)
def test_a_block_in_the_wrong_place_is_one_error(block: str, indented: int, place: str, message: str) -> None:
    """It is reported where it begins, or at the structure that is empty for it, and nothing is said to lack it."""
    lines = [f"{' ' * indented}{line}" if indented > 0 else line[-indented:] for line in block.splitlines()]
    text = BLOCKS.replace(block, "".join(f"{line}\n" for line in lines))
    source, reading = read_source("x.yaml", text.encode())
    (error,) = shape_errors(reading.jobs[0])
    assert ". ".join(sentences(error)) == message
    assert source.read(error.span) == place
