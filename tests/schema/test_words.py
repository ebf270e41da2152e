"""The message of each kind of shape error, word for word, its place, and the bound at which it begins."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.model.job import TuningJob
from hpolint.model.node import Array, Node, Origin, Scalar, Struct, Unknown
from hpolint.model.source import Source, Span
from hpolint.readers import read_source
from hpolint.schema.breaches import breaches
from hpolint.schema.request_errors import ACCEPTED, shape_errors
from tests.requests import sentences, sound

CONFIG, DEFINITION = "HyperParameterTuningJobConfig", "TrainingJobDefinition"
RESOURCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}


def messages(request: dict[str, Any]) -> list[tuple[str, str]]:
    """The text at each error's place, and the message."""
    source, reading = read_source("x.json", json.dumps(request, indent=1).encode())
    return [(source.read(error.span), ". ".join(sentences(error))) for error in shape_errors(reading.jobs[0])]


def config(**members: Any) -> dict[str, Any]:
    """The sound request with other config members."""
    request = sound()
    request[CONFIG] |= members
    return request


def definition(**members: Any) -> dict[str, Any]:
    """The sound request with other members of its definition."""
    request = sound()
    request[DEFINITION] |= members
    return request


def range_(kind: str, **members: Any) -> dict[str, Any]:
    """The sound request with one range alone."""
    return config(ParameterRanges={f"{kind}ParameterRanges": [{"Name": "a", **members}]})


@pytest.mark.parametrize(
    ("taken", "refused", "message"),
    [
        (sound() | {"HyperParameterTuningJobName": "a" * 32}, sound() | {"HyperParameterTuningJobName": "a" * 33},
         "`HyperParameterTuningJobName` is 33 characters long; the service accepts at most 32"),
        (definition(Environment={"a": "x" * 512}), definition(Environment={"a": "x" * 513}),
         "`a` is 513 characters long; the service accepts at most 512"),
        (definition(Environment={"a" * 512: "x"}), definition(Environment={"a" * 513: "x"}),
         f"A key of `Environment` is `{'a' * 59}…`, which is 513 characters long; the service accepts at most 512"),
        (definition(StaticHyperParameters={str(i): "" for i in range(100)}),
         definition(StaticHyperParameters={str(i): "" for i in range(101)}),
         "`StaticHyperParameters` has 101 entries; the service accepts at most 100"),
        (range_("Categorical", Values=["x"] * 30), range_("Categorical", Values=["x"] * 31),
         "`Values` has 31 items; the service accepts at most 30"),
        (range_("Categorical", Values=["x"]), range_("Categorical", Values=[]),
         "`Values` has 0 items; the service requires at least 1"),
        (config(ResourceLimits={"MaxParallelTrainingJobs": 1}), config(ResourceLimits={"MaxParallelTrainingJobs": 0}),
         "`MaxParallelTrainingJobs` is 0; the service requires at least 1"),
        (definition(RetryStrategy={"MaximumRetryAttempts": 30}), definition(RetryStrategy={"MaximumRetryAttempts": 31}),
         "`MaximumRetryAttempts` is 31; the service accepts at most 30"),
        (sound() | {"Tags": [{"Key": "k", "Value": ""}]}, sound() | {"Tags": [{"Key": "", "Value": ""}]},
         "`Key` is 0 characters long; the service requires at least 1"),
    ],
    ids=range(9),
)  # fmt: skip
def test_a_bound_is_reported_from_the_first_value_beyond_it(taken: Any, refused: Any, message: str) -> None:
    """A value at the bound is accepted; the next one is not, and the message says by how much."""
    assert messages(taken) == []
    assert [text for _, text in messages(refused)] == [message]


@pytest.mark.parametrize(
    ("value", "described"),
    [(5, "the number 5"), (2.5, "the number 2.5"), ("x", "the string `x`"), (True, "`true`"), (False, "`false`"),
     (None, "null"), ([], "a list")],
)  # fmt: skip
def test_a_value_of_the_wrong_type_is_called_what_it_is(value: Any, described: str) -> None:
    """And the item of a list an item of it."""
    ((_, message),) = messages(sound() | {"Tags": [value]})
    assert message == f"An item of `Tags` must be a structure, but is {described}"


def test_a_structure_where_a_text_belongs_is_called_so() -> None:
    """It is shown by its key, not as a block."""
    assert messages(definition(StaticHyperParameters={"a": {"b": "c"}})) == [
        ('"a"', "`a` must be a string, but is a structure")
    ]


def fix_of(request: dict[str, Any]) -> Any:
    """What the only error's fix would set; None without one."""
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    (error,) = shape_errors(job)
    assert set(error.set) <= {error.path}
    assert (f"Write `{json.dumps(error.set.get(error.path))}`" in sentences(error)) == bool(error.set)
    return error.set.get(error.path)


TARGET = "TargetObjectiveMetricValue"


@pytest.mark.parametrize(
    ("request_", "value"),
    [
        (config(RandomSeed=str(2**53)), 2**53),
        (config(RandomSeed=str(2**53 + 1)), None),
        (config(RandomSeed=1e300), None),
        (config(RandomSeed="0" * 399 + "7"), 7),
        (config(RandomSeed="0" * 400 + "7"), None),
        (config(RandomSeed="7.0"), None),
        (config(RandomSeed=" 7"), None),
        (config(RandomSeed="true"), None),
        (config(RandomSeed=7.5), None),
        (config(RandomSeed=[7]), None),
        (config(TuningJobCompletionCriteria={TARGET: "1e400"}), None),
        (config(TuningJobCompletionCriteria={TARGET: "1e15"}), 1e15),
        (config(TuningJobCompletionCriteria={TARGET: "1e16"}), None),
        (config(TuningJobCompletionCriteria={TARGET: True}), None),
        (config(Strategy=5), None),
        (definition(EnableManagedSpotTraining="false"), False),
        (definition(EnableManagedSpotTraining="FALSE"), False),
        (definition(EnableManagedSpotTraining="true"), True),
        (definition(EnableManagedSpotTraining="1"), None),
        (definition(EnableManagedSpotTraining=1), None),
        (definition(StaticHyperParameters={"a": 1}), "1"),
        (definition(StaticHyperParameters={"a": "b", "c": None}), None),
        (definition(StaticHyperParameters=[]), None),
    ],
)
def test_a_value_is_fixed_where_it_is_unambiguous(request_: dict[str, Any], value: Any) -> None:
    """The fix has the API's type and exactly the written amount; a number is not made a choice."""
    found = fix_of(request_)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("bayesian", "Bayesian"),
        ("BAYESIAN", "Bayesian"),
        ("hyper_band", "Hyperband"),
        ("Hyper-Band", "Hyperband"),
        ("Bayesia", "Bayesian"),
        ("Randoms", "Random"),
        ("Bayes", None),
        ("random search", None),
        ("", None),
    ],
)
def test_a_choice_is_fixed_where_one_is_similar(written: str, meant: str | None) -> None:
    """Up to case, punctuation or one letter; the message always lists the choices."""
    (job,) = read_source("x.json", json.dumps(config(Strategy=written)).encode())[1].jobs
    (error,) = shape_errors(job)
    first, *more = sentences(error)
    assert first == f"`Strategy` is `{written}`; the service accepts `Bayesian`, `Random`, `Hyperband`, `Grid`"
    assert more == ([] if meant is None else [f"Write `{meant}`"])
    assert error.set == ({} if meant is None else {(CONFIG, "Strategy"): meant})


ENVIRONMENT_KEY = ACCEPTED["HyperParameterTrainingJobEnvironmentKey"]
WANTED = "; the service accepts letters and digits, with hyphens between them, at most"
JOB = "`HyperParameterTuningJobName` is"


def named(name: str) -> dict[str, Any]:
    """The sound request with another name."""
    return sound() | {"HyperParameterTuningJobName": name}


@pytest.mark.parametrize(
    ("request_", "place", "message"),
    [
        (named("a_" * 20), f'"{"a_" * 20}"', f"{JOB} 40 characters long; the service accepts at most 32"),
        (named(""), '""', f"{JOB} empty"),
        (named("__"), '"__"', f"{JOB} `__`{WANTED} 32"),
        (named("-my__job-"), '"-my__job-"', f"{JOB} `-my__job-`{WANTED} 32. Write `my-job`"),
        (
            definition(DefinitionName="my_job"),
            '"my_job"',
            f"`DefinitionName` is `my_job`{WANTED} 64. Write `my-job`",
        ),
        (
            definition(RoleArn="role"),
            '"role"',
            "`RoleArn` is `role`; the service accepts a role's ARN, such as `arn:aws:iam::123456789012:role/Name`",
        ),
        (
            definition(VpcConfig={"Subnets": ["s"], "SecurityGroupIds": ["a b"]}),
            '"a b"',
            "An item of `SecurityGroupIds` is `a b`; the service accepts letters, digits and hyphens",
        ),
        (
            definition(Environment={"a b": "x"}),
            '"a b"',
            f"A key of `Environment` is `a b`; the service accepts {ENVIRONMENT_KEY}",
        ),
        (definition(Environment={"": "x"}), '""', "A key of `Environment` is empty"),
    ],
)
def test_a_pattern_is_described_once_in_words(request_: dict[str, Any], place: str, message: str) -> None:
    """A value that is too long is that alone; an empty one is empty; a name that would do is offered."""
    assert messages(request_) == [(place, message)]


def test_a_pattern_without_words_is_shown_itself() -> None:
    """But for what begins and ends each of them."""
    plan = {"TrainingPlanArn": "a-plan-of-mine-whose-name-is-long-enough-to-be-an-arn"}
    ((_, message),) = messages(definition(ResourceConfig=RESOURCES | plan))
    assert "; the service accepts only text that matches `arn:aws" in message
    assert not message.endswith(("$`", ")`"))


@pytest.mark.parametrize(
    ("request_", "message", "renamed"),
    [
        (config(Strateg="Random"), f"`Strateg` is not a member of `{CONFIG}`. Use `Strategy`", None),
        (config(Random_Seed=1), f"`Random_Seed` is not a member of `{CONFIG}`. Use `RandomSeed`", "RandomSeed"),
        (config(Unheard=1), f"`Unheard` is not a member of `{CONFIG}`", None),
        (sound() | {"tags": []}, "`tags` is not a member of the request. Use `Tags`", "Tags"),
        (sound() | {"Unheard": 1}, "`Unheard` is not a member of the request", None),
        (range_("Integer", MinValue="1", MaxValue="2", name="b"),
         "`name` is not a member of an item of `IntegerParameterRanges`. Use `Name`", None),
    ],
)  # fmt: skip
def test_a_member_that_the_api_does_not_have(request_: dict[str, Any], message: str, renamed: str | None) -> None:
    """The message says of what it is none; it gets the right name where nothing has that yet."""
    (job,) = read_source("x.json", json.dumps(request_).encode())[1].jobs
    (error,) = shape_errors(job)
    assert ". ".join(sentences(error)) == message
    assert error.rename == ({} if renamed is None else {error.path: renamed})


def test_a_misspelt_name_excuses_its_own_structure_alone() -> None:
    """The same member that another structure lacks is missing there."""
    items = [{"name": "a", "MinValue": "1", "MaxValue": "2"}, {"MinValue": "1", "MaxValue": "2"}]
    assert messages(config(ParameterRanges={"IntegerParameterRanges": items})) == [
        ('"name"', "`name` is not a member of an item of `IntegerParameterRanges`. Use `Name`"),
        ("{", "An item of `IntegerParameterRanges` lacks `Name`, which the API requires"),
    ]


def test_a_missing_member_is_reported_at_its_structure() -> None:
    """The request is shown at its config; a structure at its name; an item of a list at its start."""
    request = sound() | {"Tags": [{"Key": "a"}]}
    del request["HyperParameterTuningJobName"], request[CONFIG]["Strategy"]
    assert messages(request) == [
        (f'"{CONFIG}"', "The request lacks `HyperParameterTuningJobName`, which the API requires"),
        (f'"{CONFIG}"', f"`{CONFIG}` lacks `Strategy`, which the API requires"),
        ("{", "An item of `Tags` lacks `Value`, which the API requires"),
    ]


def test_errors_have_the_order_of_the_text() -> None:
    """Across all kinds of errors."""
    request = config(Strategy="Annealing", RandomSeed=-1) | {"Unheard": 1}
    places = [place for place, _ in messages(request)]
    assert places == ['"Annealing"', "-1", '"Unheard"']


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("x.json", "the last value counts and this one is lost"),
        ("x.yaml", "some parsers keep only the last value, others refuse the file"),
    ],
)
def test_a_repeated_key_is_reported_as_the_formats_parsers_read_it(name: str, what: str) -> None:
    """JSON parsers keep the last value; some YAML parsers do."""
    text = json.dumps(sound()).replace('"Strategy":', '"Strategy": "Random", "Strategy":')
    (job,) = read_source(name, text.encode())[1].jobs
    (error,) = shape_errors(job)
    assert sentences(error) == [f"`Strategy` is repeated below: {what}"]
    assert error.path == (CONFIG, "Strategy")


HERE, THERE = Span(1, 1, 1, 2), Span(1, 2, 1, 3)


def test_a_member_whose_key_is_not_written_is_shown_at_its_value() -> None:
    """An argument that is passed by position at its value; a default that is not written at its structure."""
    for origin, span in ((Origin.WRITTEN, THERE), (Origin.DEFAULT, HERE)):
        request = Struct({CONFIG: Struct({"Unheard": Scalar(1, THERE, origin)}, HERE, HERE)}, HERE, HERE)
        (error, *_) = [each for each in shape_errors(TuningJob("request", Source("x", "{}"), request)) if each.path[1:]]
        assert error.span == span
        assert sentences(error)[0] == f"`Unheard` is not a member of `{CONFIG}`"


def test_what_may_have_further_members_lacks_none() -> None:
    """Nor has it too few items; too many items are still reported."""
    more = Unknown("is a variable", HERE)
    items = {"minItems": 2, "maxItems": 0}
    members = {"required": ["b"], "minProperties": 2, "maxProperties": 0}
    item: list[Node] = [Scalar(1, HERE)]
    member: dict[str, Node] = {"a": Scalar(1, HERE)}

    def broken(node: Struct | Array) -> set[str]:
        return {breach.keyword for breach in breaches(node, items if isinstance(node, Array) else members)}

    assert broken(Array(item, HERE, HERE)) == {"minItems", "maxItems"}
    assert broken(Array(item, HERE, HERE, more)) == {"maxItems"}
    assert broken(Struct(member, HERE, HERE)) == {"required", "minProperties", "maxProperties"}
    assert broken(Struct(member, HERE, HERE, open=more)) == {"maxProperties"}
