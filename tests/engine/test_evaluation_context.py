"""What rules are asked about is bound as the API types it; all else is unknown to them, with a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.engine.evaluation_context import EvaluationContext, Subject, defaulted_paths
from hpolint.model.job import Observation, TuningJob
from hpolint.model.node import Array, Origin, Path, Scalar, Struct, Unknown, follow
from hpolint.model.observations import ArgumentDropped, ParentsNotASet, SpotTurnedDown
from hpolint.model.reasons import CODE_CHANNEL
from hpolint.model.source import Span
from hpolint.model.training_code import Code
from hpolint.readers import read_source
from hpolint.registry.vocabulary import SCOPES
from tests.cost.jobs import judged
from tests.requests import sound
from tests.script.test_arguments import read

NONE = object()
"""Stands for a value that is not bound."""


def subject(**changes: Any) -> Subject:
    """The sound request with members of its config, or its definition's static values, replaced."""
    request = sound()
    static = changes.pop("static", None)
    if static is not None:
        request["TrainingJobDefinition"]["StaticHyperParameters"] = static
    request["HyperParameterTuningJobConfig"] |= changes
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    return EvaluationContext(job).subjects("job")[0]


def bound(found: Subject, *path: str) -> tuple[Any, str | None]:
    """A value that is bound, and the reason why it or something below it is not."""
    value: Any = found.values
    unknown: Any = found.unknowns
    for name in path:
        value = value.get(name, NONE) if isinstance(value, dict) else NONE
        unknown = unknown.get(name) if isinstance(unknown, dict) else unknown
    return value, unknown.reason if isinstance(unknown, Unknown) else None


@pytest.mark.parametrize("value", ["ten", "10", 2.5, True, [10], {"a": 10}])
def test_a_value_of_another_type_is_unknown_to_rules(value: Any) -> None:
    """No rule compares a text with a number: the schema check reports the value, and the rule stays undecided."""
    limits = {"MaxNumberOfTrainingJobs": value, "MaxParallelTrainingJobs": 2}
    found = subject(ResourceLimits=limits)
    value, reason = bound(found, "limits", "MaxNumberOfTrainingJobs")
    assert value is NONE
    assert reason
    assert bound(found, "limits", "MaxParallelTrainingJobs") == (2, None)


def test_a_key_that_is_no_text_leaves_its_map_unknown() -> None:
    """A lone surrogate in a key does not stop the run; the map is unknown, with the reason."""
    found = subject(static={"a\ud800": "1", "b": "2"})
    assert bound(found, "training", "StaticHyperParameters") == (NONE, "has a key that is not valid Unicode")
    assert bound(subject(static={"b": "2"}), "training", "StaticHyperParameters") == (
        [{"Name": "b", "Value": "2"}],
        None,
    )


def test_what_a_rule_asks_of_each_item_is_unknown_where_one_items_is() -> None:
    """A rule about all channels names the channel with the unknown value, at any index of the list."""
    request = sound()
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/data"}}
    channels = [{"ChannelName": name, "DataSource": source} for name in ("train", "$OTHER")]
    request["TrainingJobDefinition"]["InputDataConfig"] = channels
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    found = EvaluationContext(job).subjects("job")[0]
    causes = found.causes([("training", "InputDataConfig", "*", "ChannelName")])
    assert [cause.reason for cause in causes] == ["is the placeholder $OTHER"]


def test_each_scope_binds_what_the_vocabulary_declares() -> None:
    """Every declared name is bound or has a reason why not, and nothing else is: docs, checker and engine agree."""
    request = sound()
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    job.observations.append(Observation(("Tags",), Span(1, 1, 1, 2), ParentsNotASet("churn")))
    context = EvaluationContext(job)
    for name, scope in SCOPES.items():
        for each in context.subjects(name, "parents-not-a-set"):
            assert (each.values.keys() | each.unknowns.keys()) == set(scope.names) - {"options", "data"}, name


CONFIG, DEFINITION, DEFINITIONS = "HyperParameterTuningJobConfig", "TrainingJobDefinition", "TrainingJobDefinitions"
HERE = Span(1, 1, 1, 2)
WRONG = "does not have the type that the API requires"


def job(request: dict[str, Any]) -> TuningJob:
    """A request's job."""
    (found,) = read_source("x.json", json.dumps(request, indent=1).encode())[1].jobs
    return found


def with_definitions(*several: Any, sole: Any = None) -> dict[str, Any]:
    """The sound request with these definitions and no other."""
    request = sound()
    del request[DEFINITION]
    request |= {DEFINITION: sole} if sole is not None else {}
    return request | {DEFINITIONS: list(several)}


def test_what_a_condition_reads_of_an_item_is_all_that_counts() -> None:
    """Another member of the item that is unknown is no reason, nor another list's."""
    request = sound()
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/data"}}
    channels = [{"ChannelName": "train", "ContentType": "$TYPE", "DataSource": source}]
    request[DEFINITION]["InputDataConfig"] = channels
    request[DEFINITION]["RoleArn"] = "$ROLE"
    found = EvaluationContext(job(request)).subjects("job")[0]
    channel = ("training", "InputDataConfig", "*")
    assert found.causes([(*channel, "ChannelName")]) == []
    assert [each.reason for each in found.causes([(*channel, "ContentType")])] == ["is the placeholder $TYPE"]
    assert found.causes([channel]) == []
    assert found.causes([("training", "Unheard", "deep")]) == []
    both = found.causes([("training", "RoleArn"), (*channel, "ContentType"), ("training", "RoleArn", "deep")])
    assert [each.reason for each in both] == ["is the placeholder $TYPE", "is the placeholder $ROLE"]


@pytest.mark.parametrize(
    ("request_", "paths", "more"),
    [
        (sound(), [(DEFINITION,)], None),
        (with_definitions({}, {}), [(DEFINITIONS, 0), (DEFINITIONS, 1)], None),
        (with_definitions({}, sole={}), [(DEFINITION,), (DEFINITIONS, 0)], None),
        (with_definitions(), [], None),
        (with_definitions({}, 5, "$D"), [(DEFINITIONS, 0), (DEFINITIONS, 1), (DEFINITIONS, 2)], None),
        (with_definitions(sole="$SOLE"), [], "is the placeholder $SOLE"),
        (with_definitions({}, sole="$SOLE"), [(DEFINITIONS, 0)], "is the placeholder $SOLE"),
        (with_definitions({}, sole=5), [(DEFINITIONS, 0)], WRONG),
        (sound() | {DEFINITIONS: "$MORE"}, [(DEFINITION,)], "is the placeholder $MORE"),
        (sound() | {DEFINITIONS: 5}, [(DEFINITION,)], WRONG),
        (sound() | {DEFINITION: "$SOLE", DEFINITIONS: "$MORE"}, [], "is the placeholder $SOLE"),
        (sound() | {"${KEY}": 1}, [(DEFINITION,)], "the key is the placeholder ${KEY}"),
    ],
    ids=range(12),
)
def test_definitions_are_those_that_are_there(request_: dict[str, Any], paths: list[Path], more: str | None) -> None:
    """One definition, a list of them, or both; where there may be others, the first reason is given."""
    context = EvaluationContext(job(request_))
    assert context.definitions == paths
    assert [each.root for each in context.subjects("training")] == paths
    assert [each.reason for each in context.unknown_subjects("training")] == ([] if more is None else [more])
    assert context.unknown_subjects("job") == context.unknown_subjects("observation") == ()


@pytest.mark.parametrize(
    ("request_", "training"),
    [
        (sound(), "known"),
        (with_definitions({}), "known"),
        (with_definitions({}, {}), "null"),
        (with_definitions(), "null"),
        (with_definitions(sole="$SOLE"), "is the placeholder $SOLE"),
        (sound() | {DEFINITIONS: "$MORE"}, "is the placeholder $MORE"),
        (with_definitions({}, sole="$SOLE"), "is the placeholder $SOLE"),
        (with_definitions({}, {}, sole="$SOLE"), "null"),
    ],
    ids=range(8),
)
def test_a_job_has_the_members_of_its_only_definition(request_: dict[str, Any], training: str) -> None:
    """Null where it has several or none, unknown where it may be another one."""
    (found,) = EvaluationContext(job(request_)).subjects("job")
    for name in ("training", "compute", "algorithm"):
        value, reason = bound(found, name)
        if training in ("known", "null"):
            assert (value is None) is (training == "null")
        else:
            assert (value, reason) == (NONE, training)


def test_ranges_that_cannot_be_read_are_reported_once() -> None:
    """The first reason is given, although two lists of ranges are unknown."""
    request = sound()
    request[CONFIG]["ParameterRanges"] = {"ContinuousParameterRanges": "$A", "IntegerParameterRanges": "$B"}
    assert [each.reason for each in EvaluationContext(job(request)).unknown_subjects("parameter")] == [
        "is the placeholder $A"
    ]
    assert EvaluationContext(job(sound())).unknown_subjects("parameter") == ()


def test_a_parameter_is_what_its_range_says() -> None:
    """With null for what ranges of other kinds have, its own name, and the call of its ranges."""
    found = job(sound())
    (parameter,) = EvaluationContext(found).subjects("parameter")
    assert parameter.values["parameter"] == {
        "Name": "max_depth",
        "MinValue": "3",
        "MaxValue": "9",
        "ScalingType": None,
        "Values": None,
    }
    assert parameter.names == ("max_depth",)
    assert parameter.root == (CONFIG, "ParameterRanges", "IntegerParameterRanges", 0)
    assert found.source.read(parameter.call) == '"ParameterRanges"'
    assert parameter.values["role"] == "depth"


@pytest.mark.parametrize(
    ("range_", "role", "name"),
    [
        ({"Name": "lr", "MinValue": "0", "MaxValue": "1"}, "learning_rate", ("lr",)),
        ({"Name": "$NAME", "MinValue": "0", "MaxValue": "1"}, "is the placeholder $NAME", ()),
        ({"Name": 5, "MinValue": "0", "MaxValue": "1"}, WRONG, ()),
        ({"MinValue": "0", "MaxValue": "1"}, "`Name` is missing, but the API requires it", ()),
        ("$RANGE", "is the placeholder $RANGE", ()),
        (5, WRONG, ()),
    ],
)
def test_a_parameter_without_a_name_has_no_role(range_: Any, role: str, name: tuple[str, ...]) -> None:
    """For the reason why it has none; a range that is none has no numbers either."""
    request = sound()
    request[CONFIG]["ParameterRanges"] = {"ContinuousParameterRanges": [range_]}
    (parameter,) = EvaluationContext(job(request)).subjects("parameter")
    value, reason = bound(parameter, "role")
    assert (reason or value) == role
    assert parameter.names == name
    if not isinstance(range_, dict):
        assert bound(parameter, "range") == (NONE, role)
        assert bound(parameter, "parameter") == (NONE, role)


def test_a_name_that_is_no_text_has_no_role() -> None:
    """For half of a surrogate pair or a number, the role is unknown."""
    for name in ("\ud800", 5):
        request = sound()
        range_ = {"Name": name, "MinValue": "0", "MaxValue": "1"}
        request[CONFIG]["ParameterRanges"] = {"ContinuousParameterRanges": [range_]}
        (parameter,) = EvaluationContext(job(request)).subjects("parameter")
        assert bound(parameter, "role")[0] == NONE


def test_a_fact_that_is_not_valid_unicode_is_escaped() -> None:
    """A version that is half of a surrogate pair does not make a rule fail."""
    request = sound()
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:\ud800"
    request[DEFINITION]["AlgorithmSpecification"]["TrainingImage"] = image
    for subject in EvaluationContext(job(request)).subjects("training"):
        for facts in (value for value in subject.values.values() if isinstance(value, dict)):
            for value in facts.values():
                assert not isinstance(value, str) or value.encode()
    found = judged(SURROGATE, "tune.py")
    assert (len(found.jobs), found.failures) == (1, [])


SURROGATE = r"""
from sagemaker import image_uris
from sagemaker.estimator import Estimator
from sagemaker.tuner import HyperparameterTuner

image = image_uris.retrieve("xgboost", region="us-east-1", version="\ud800")
HyperparameterTuner(Estimator(image, "role", 1, "ml.m5.large"), "validation:auc", {}, []).fit()
"""


def test_a_parameter_has_the_role_that_its_definitions_algorithm_gives_it() -> None:
    """Where several definitions share the parameter, an ambiguous name has no known role."""
    request = sound()
    alpha = {"ContinuousParameterRanges": [{"Name": "alpha", "MinValue": "0", "MaxValue": "1"}]}
    request[CONFIG]["ParameterRanges"] = alpha
    (parameter,) = EvaluationContext(job(request)).subjects("parameter")
    assert bound(parameter, "role") == ("regularization", None)
    assert parameter.values["training"]["RoleArn"].startswith("arn")
    one = request.pop(DEFINITION)
    (shared,) = EvaluationContext(job(request | {DEFINITIONS: [one, one]})).subjects("parameter")
    assert bound(shared, "role") == (NONE, "belongs to no single training job definition")
    assert isinstance(shared.unknowns["role"].span, Span)
    assert bound(shared, "training") == (None, None)
    (hidden,) = EvaluationContext(job(request | {DEFINITIONS: "$MORE"})).subjects("parameter")
    assert bound(hidden, "role") == (NONE, "is the placeholder $MORE")


def test_ranges_of_the_job_are_compared_with_the_script_of_its_only_definition() -> None:
    """Where several definitions share the ranges, no script is compared."""
    (parameter,) = EvaluationContext(scripted(1)).subjects("parameter")
    assert parameter.values["argument"]["accepted"] is False
    (shared,) = EvaluationContext(scripted(2)).subjects("parameter")
    assert shared.values.get("argument", {}).get("accepted") is None


def scripted(definitions: int) -> TuningJob:
    """A job with one range for so many definitions, each with the script that does not take it."""
    request = sound()
    ranges = {"ContinuousParameterRanges": [{"Name": "folds", "MinValue": "0", "MaxValue": "1"}]}
    request[CONFIG]["ParameterRanges"] = ranges
    one = request.pop(DEFINITION)
    found = job(request | ({DEFINITION: one} if definitions == 1 else {DEFINITIONS: [one] * definitions}))
    text = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--lr')\nparser.parse_args()\n"
    paths: list[Path] = [(DEFINITION,)] if definitions == 1 else [(DEFINITIONS, at) for at in range(definitions)]
    found.codes = {path: Code("train.py", by_toolkit=True) for path in paths}
    found.scripts = {path: read(text) for path in paths}
    return found


def test_each_definition_is_asked_about_its_own_members() -> None:
    """Its facts and its objective, at its own place; the whole job is its own subject."""
    one = sound()[DEFINITION]
    own = {"TuningObjective": {"Type": "Maximize", "MetricName": "auc"}, "EnableManagedSpotTraining": False}
    found = job(with_definitions(one, one | own))
    first, second = EvaluationContext(found).subjects("training")
    assert (first.values["objective"]["type"], second.values["objective"]["type"]) == ("Minimize", "Maximize")
    assert (first.values["compute"]["spot"], second.values["compute"]["spot"]) == (True, False)
    assert found.source.read(second.call) == "{"
    assert second.call.line > first.call.line
    (whole,) = EvaluationContext(found).subjects("job")
    assert (whole.root, found.source.read(whole.call)) == ((), '"HyperParameterTuningJobName"')


@pytest.mark.parametrize(
    ("variable", "name", "names"),
    [("tuner", "n", ("tuner",)), (None, "n", ("n",)), (None, None, ()), ("t", None, ("t",))],
)
def test_a_job_is_called_by_its_variable_or_its_name(
    variable: str | None, name: str | None, names: tuple[str, ...]
) -> None:
    """Or by nothing."""
    request = sound()
    if name is None:
        del request["HyperParameterTuningJobName"]
    else:
        request["HyperParameterTuningJobName"] = name
    found = job(request)
    found.variable = variable
    assert EvaluationContext(found).subjects("job")[0].names == names
    assert EvaluationContext(found).subjects("training")[0].names == names
    assert bound(EvaluationContext(found).subjects("job")[0], "job", "name") == (name, None)


def test_an_observation_is_asked_about_what_was_seen() -> None:
    """Of its kind alone, by the name that it has, at its own place; half of a character is none."""
    found = job(sound())
    path = (DEFINITION, "EnableManagedSpotTraining")
    found.observations = [
        Observation(path, HERE, ArgumentDropped("tag\ud800", "Estimator", ["a\ud800"], known=True)),
        Observation((DEFINITION,), HERE, ParentsNotASet("churn")),
    ]
    (seen,) = EvaluationContext(found).subjects("observation", "argument-dropped")
    values = {"name": "tag\\ud800", "estimator": "Estimator", "near": ["a\\ud800"], "known": True, "instead": ""}
    assert seen.values["observation"] == values
    assert (seen.names, seen.span, seen.root) == (("tag\\ud800",), HERE, path)
    assert found.source.read(seen.call) == "true"
    (parents,) = EvaluationContext(found).subjects("observation", "parents-not-a-set")
    assert parents.names == ()
    assert (
        EvaluationContext(found).subjects("observation", "yaml-boolean")
        == EvaluationContext(found).subjects("source")
        == []
    )


def test_spot_is_turned_down_where_a_comment_says_so() -> None:
    """Only for the definition that contains the comment, and only by an observation of that kind."""
    one = sound()[DEFINITION]
    found = job(with_definitions(one, one))
    found.observations = [
        Observation((DEFINITIONS, 1), HERE, SpotTurnedDown()),
        Observation((DEFINITIONS, 0), HERE, ParentsNotASet("churn")),
    ]
    subjects = EvaluationContext(found).subjects("training")
    assert [each.values["compute"]["spot_turned_down"] for each in subjects] == [False, True]


def test_members_that_are_not_written_are_listed() -> None:
    """By their paths from the subject; a value that is written is not listed."""
    found = job(sound())
    limits = follow(found.request, (CONFIG, "ResourceLimits"))
    assert isinstance(limits, Struct)
    assert defaulted_paths(found.request) == []
    limits.members["MaxNumberOfTrainingJobs"] = Scalar(1, HERE, Origin.DEFAULT)
    assert defaulted_paths(found.request) == [f"{CONFIG}.ResourceLimits.MaxNumberOfTrainingJobs"]
    assert defaulted_paths(limits) == ["MaxNumberOfTrainingJobs"]
    assert EvaluationContext(found).subjects("job")[0].values["defaulted"] == [
        f"{CONFIG}.ResourceLimits.MaxNumberOfTrainingJobs"
    ]
    assert EvaluationContext(found).subjects("training")[0].values["defaulted"] == []


@pytest.mark.parametrize(
    ("config", "reasons"),
    [("$CONFIG", ("is the placeholder $CONFIG",) * 2), ({"ResourceLimits": "$L"}, (None, "is the placeholder $L"))],
)
def test_members_of_an_unknown_structure_are_unknown(config: Any, reasons: tuple[str | None, str]) -> None:
    """Limits for the config's reason where that is unknown, else for their own."""
    request = sound() | {CONFIG: config}
    (found,) = EvaluationContext(job(request)).subjects("job")
    assert (bound(found, "config")[1], bound(found, "limits")[1]) == reasons
    assert bound(found, "limits")[0] is NONE


def test_a_job_is_known_by_its_form_and_file() -> None:
    """And by what its reader says of it; a file's name may be any bytes."""
    (found,) = read_source("a\udcff.json", json.dumps(sound()).encode())[1].jobs
    expected = {"form": "request", "path": "a?.json", "launched": False, "earlier_twin": False, "name": "example"}
    expected |= {"carried": False, "environment_variables": 0, "repository": None}
    assert EvaluationContext(found).subjects("job")[0].values["job"] == expected
    found.is_launched = found.earlier_twin = True
    assert EvaluationContext(found).subjects("job")[0].values["job"] == expected | {
        "launched": True,
        "earlier_twin": True,
    }


@pytest.mark.parametrize(
    ("definitions", "count"),
    [
        ([{"Environment": {"A": "1", "B": "2"}}, {"Environment": {"A": "1"}}, {}], (3, None)),
        ([{"Environment": {"A": "$VALUE"}}], (1, None)),
        ([{"Environment": {"$KEY": "1"}}], (NONE, "the key is the placeholder $KEY")),
        ([{"Environment": "$ALL"}, {"Environment": {"A": "1"}}], (NONE, "is the placeholder $ALL")),
        ([{"Environment": 5}], (NONE, WRONG)),
    ],
)
def test_environment_variables_are_counted_over_all_definitions(definitions: list[Any], count: Any) -> None:
    """One of the same name in two definitions counts twice, as the API says."""
    (found,) = EvaluationContext(job(with_definitions(*definitions))).subjects("job")
    assert bound(found, "job", "environment_variables") == count


def test_each_channel_is_a_subject() -> None:
    """Also those of a list that may have more, which is said; one that is unknown has no member."""
    channels = [{"ChannelName": "train", "InputMode": "Pipe"}, "$CHANNEL", {"ChannelName": "$NAME"}]
    context = EvaluationContext(job(with_definitions({"InputDataConfig": channels}, {"InputDataConfig": "$MORE"}, {})))
    found = context.subjects("channel")
    assert [each.root for each in found] == [(DEFINITIONS, 0, "InputDataConfig", index) for index in range(3)]
    assert [each.names for each in found] == [("train",), (), ()]
    assert bound(found[0], "channel", "InputMode") == ("Pipe", None)
    assert bound(found[0], "channel", "CompressionType") == (None, None)
    assert bound(found[1], "channel") == (NONE, "is the placeholder $CHANNEL")
    assert bound(found[2], "channel", "ChannelName") == (NONE, "is the placeholder $NAME")
    assert [each.reason for each in context.unknown_subjects("channel")] == ["is the placeholder $MORE"]


@pytest.mark.parametrize("reason", [CODE_CHANNEL, "may have a channel for the model"])
def test_the_sdks_own_channel_for_the_code_leaves_nothing_open(reason: str) -> None:
    """No rule is about it; of another that may be there nothing is known."""
    found = job(sound() | {DEFINITION: {"InputDataConfig": [{"ChannelName": "train"}]}})
    node = follow(found.request, (DEFINITION, "InputDataConfig"))
    assert isinstance(node, Array)
    node.open = Unknown(reason, node.anchor)
    context = EvaluationContext(found)
    assert len(context.subjects("channel")) == 1
    assert [each.reason for each in context.unknown_subjects("channel")] == [reason] * (reason != CODE_CHANNEL)


def test_without_a_definition_in_sight_the_jobs_ranges_are_its_space() -> None:
    """Beside one that is known there may be others, with ranges of their own."""
    requests = {"SOLE": with_definitions(sole="$SOLE"), "MORE": sound() | {DEFINITIONS: "$MORE"}}
    for name, space in (("SOLE", (1, None)), ("MORE", (NONE, "is the placeholder $MORE"))):
        (found,) = EvaluationContext(job(requests[name])).subjects("job")
        assert bound(found, "space", "dimensions") == space
        assert bound(found, "objective", "type") == (NONE, f"is the placeholder ${name}")
