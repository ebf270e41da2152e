"""The hyperparameters that a definition sends, how its algorithm uses them, and what makes either unknown."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.facts.hyperparameters import range_name
from hpolint.model.node import Node, Scalar, Struct, Unknown
from hpolint.model.source import Span
from tests.facts.test_algorithm import REGISTRY, runs
from tests.facts.test_facts import binding, fact, ranges
from tests.requests import sound

XGBOOST = f"{REGISTRY}/sagemaker-xgboost:1.7-1"


def sent(field: str, **changes: Any) -> Any:
    """A fact about what the only definition sends."""
    (subject,) = binding(**changes).subjects("training")
    return fact(subject, "hyperparameters", field)


def each(**changes: Any) -> dict[tuple[str, bool], dict[str, Any]]:
    """The facts of every hyperparameter, by its name and whether it is tuned; the last of several of one name."""
    found = {}
    for subject in binding(**changes).subjects("hyperparameter"):
        facts = {name: fact(subject, "hyperparameter", name) for name in ("fixed", "repeated", "taken", "near")}
        own = subject.values["hyperparameter"]
        found[own["Name"], own["tuned"]] = facts
    return found


def static(**values: Any) -> dict[str, Any]:
    """A definition with these static hyperparameters alone, of XGBoost."""
    return {"definition": runs(XGBOOST, StaticHyperParameters=values)}


def test_what_is_sent_is_what_is_tuned_and_what_is_static() -> None:
    """In the order of the request."""
    given = static(num_round="9", eta="0.1") | ranges(Integer=[("1", "9")], Categorical=[["a", "b"]])
    assert sent("tuned", **given) == ["Integer0", "Categorical0"]
    assert sent("static", **given) == ["num_round", "eta"]


@pytest.mark.parametrize(
    ("values", "lacking", "meant"),
    [
        ({"num_round": "9"}, [], None),
        ({}, ["num_round"], None),
        ({"num_rounds": "9"}, ["num_round"], "num_rounds"),
        ({"${KEY}": "9"}, "the key is the placeholder ${KEY}", "the key is the placeholder ${KEY}"),
    ],
)
def test_what_an_algorithm_requires_is_looked_for_among_all_that_is_sent(
    values: dict[str, str], lacking: Any, meant: Any
) -> None:
    """A similar name is given; where unknown hyperparameters may be sent, nothing is missing."""
    assert sent("lacking", **static(**values)) == lacking
    assert sent("meant", **static(**values)) == meant


def test_a_required_one_may_be_tuned() -> None:
    """Then the search gives it."""
    given = {**static(), "ParameterRanges": ranges(Integer=[("1", "9")])["ParameterRanges"]}
    given["ParameterRanges"]["IntegerParameterRanges"][0]["Name"] = "num_round"
    assert sent("lacking", **given) == []


@pytest.mark.parametrize(
    ("image", "lacking"),
    [
        (f"{REGISTRY}/ours:1", None),
        ("$IMAGE", "is the placeholder $IMAGE"),
        (f"{REGISTRY}/seq2seq:1", None),
        (f"{REGISTRY}/linear-learner:1", ["predictor_type"]),
    ],
)
def test_of_another_algorithm_nothing_is_required(image: str, lacking: Any) -> None:
    """Nothing is required by an unknown algorithm either."""
    assert sent("lacking", definition=runs(image, StaticHyperParameters={})) == lacking


def test_a_script_in_xgboosts_image_takes_what_it_likes() -> None:
    """Neither its names nor what it requires are the algorithm's."""
    given = static(sagemaker_program='"a.py"', anything="1")
    assert sent("lacking", **given) is None
    assert each(**given)["anything", False]["taken"] is None


@pytest.mark.parametrize(
    ("image", "name", "taken", "near"),
    [
        (XGBOOST, "max_depth", True, None),
        (XGBOOST, "max_dept", False, "max_depth"),
        (XGBOOST, "Max-Depth", False, "max_depth"),
        (XGBOOST, "nothing_like_it", False, None),
        (f"{REGISTRY}/sagemaker-xgboost:9.9-1", "max_dept", None, None),
        (f"{REGISTRY}/sagemaker-xgboost:${{TAG}}", "max_dept", "contains the placeholder ${TAG}", None),
        (f"{REGISTRY}/kmeans:1", "max_dept", None, None),
        (f"{REGISTRY}/ours:1", "max_dept", None, None),
    ],
)
def test_whether_a_name_is_taken_is_known_of_listed_versions_alone(
    image: str, name: str, taken: Any, near: str | None
) -> None:
    """With the name that it is likest; of an unknown version it stays open."""
    found = each(definition=runs(image, StaticHyperParameters={name: "1"}))[name, False]
    assert found["near"] == near
    assert found["taken"] == taken


def test_a_parameter_that_is_tuned_twice_or_also_static_is_marked() -> None:
    """The second range of a name is the repeated one."""
    two = [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}, {"Name": "eta", "MinValue": "1", "MaxValue": "2"}]
    changes = {**static(eta="1"), "ParameterRanges": {"ContinuousParameterRanges": two}}
    subjects = binding(**changes).subjects("hyperparameter")
    repeated = [(s.values["hyperparameter"]["tuned"], s.values["hyperparameter"]["repeated"]) for s in subjects]
    assert repeated == [(True, False), (True, True), (False, False)]
    assert each(**changes)["eta", True]["fixed"] is True
    changes["definition"]["StaticHyperParameters"] = "$STATIC"
    assert each(**changes)["eta", True]["fixed"] == "is the placeholder $STATIC"
    changes["definition"]["StaticHyperParameters"] = {"num_round": "1"}
    assert each(**changes)["eta", True]["fixed"] is False


def test_a_range_with_an_unknown_name_may_repeat_a_later_one() -> None:
    """Whether the later range repeats it is unknown; the earlier one does not, and a name that is seen twice does."""
    bounds = {"MinValue": "0.1", "MaxValue": "0.5"}
    four = [{"Name": name, **bounds} for name in ("eta", "$NAME", "alpha", "eta")]
    subjects = binding(ParameterRanges={"ContinuousParameterRanges": four}).subjects("hyperparameter")
    repeated = [fact(each, "hyperparameter", "repeated") for each in subjects if each.values["hyperparameter"]["tuned"]]
    assert repeated == [False, "is the placeholder $NAME", True]


def test_what_is_no_text_is_no_name() -> None:
    """It is unknown, with a reason of its own; a name that is unknown has the reason that it has."""
    here = Span(1, 1, 1, 2)
    why = Unknown("is a variable", here)
    for name, reason in ((Scalar(3, here), "has no name"), (why, "is a variable"), (None, "has no name")):
        members: dict[str, Node] = {} if name is None else {"Name": name}
        found = range_name(Struct(members, here, here))
        assert isinstance(found, Unknown)
        assert found.reason == reason
    assert range_name(Struct({"Name": Scalar("eta", here)}, here, here)) == "eta"


def test_each_definition_has_its_own() -> None:
    """A name that two algorithms tune is not tuned twice."""
    one = {**sound()["TrainingJobDefinition"], "DefinitionName": "one"}
    own = ranges(Continuous=[("0.1", "1")])["ParameterRanges"]
    two = [{**one, "HyperParameterRanges": own}, {**one, "DefinitionName": "two", "HyperParameterRanges": own}]
    bound = binding(TrainingJobDefinition=None, TrainingJobDefinitions=two)
    subjects = [s for s in bound.subjects("hyperparameter") if s.values["hyperparameter"]["tuned"]]
    assert [s.values["hyperparameter"]["repeated"] for s in subjects] == [False, False]


def test_ranges_that_cannot_be_seen_leave_the_names_open() -> None:
    """There may be more of them."""
    assert sent("tuned", ParameterRanges="$RANGES") == "is the placeholder $RANGES"
    assert binding(ParameterRanges="$RANGES").unknown_subjects("hyperparameter") != ()


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("s3://acme/code/", "s3://acme/code/"),
        ('"s3://acme/code/"', "s3://acme/code/"),
        ("s3://acme", "s3://acme"),
        ("s3://acme/code.ZIP", "s3://acme/code.ZIP"),
        ("s3://acme/train.py", "s3://acme/train.py"),
        ("s3://${BUCKET}/code/", "s3://…/code/"),
        ("s3://acme/code", None),
        ("s3://acme/code.tar", None),
        ("s3://acme/code.tar.gz", None),
        ("s3://acme/code.tgz", None),
        ("/opt/ml/input/data/code/", None),
        ("file:///code/", None),
        ("s3://${BUCKET}", "contains the placeholder ${BUCKET}"),
        ("${ADDRESS}", "is the placeholder ${ADDRESS}"),
    ],
)
def test_a_source_that_is_no_archive(address: str, refused: str | None) -> None:
    """Only a folder, a bucket, or another kind of file is certainly none: an object may be one without an ending."""
    (subject,) = [
        subject
        for subject in binding(**static(sagemaker_submit_directory=address)).subjects("hyperparameter")
        if not subject.values["hyperparameter"]["tuned"]
    ]
    assert fact(subject, "hyperparameter", "no_archive") == refused


def test_an_isolated_container_gets_its_source_as_a_channel() -> None:
    """With network isolation a folder with the archive is what the SDK needs."""
    members = runs(
        XGBOOST, StaticHyperParameters={"sagemaker_submit_directory": "s3://a/"}, EnableNetworkIsolation=True
    )
    subjects = binding(definition=members).subjects("hyperparameter")
    assert {fact(subject, "hyperparameter", "no_archive") for subject in subjects} == {None}
