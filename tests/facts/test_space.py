"""The size of a search space: each bound from both sides, and each way in which a part of it stays unknown."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.model.node import Unknown
from tests.facts.test_facts import binding, fact, ranges, rates
from tests.requests import sound

WRONG_TYPE = "does not have the type that the API requires"
PICKED = "SageMaker picks these ranges itself"


def space(field: str, **changes: Any) -> Any:
    """A fact about the whole job's space, or the reason why it is unknown."""
    return fact(binding(**changes).subjects("job")[0], "space", field)


def integer(**members: Any) -> dict[str, Any]:
    """One integer range with these members alone."""
    return {"ParameterRanges": {"IntegerParameterRanges": [{"Name": "depth", **members}]}}


def definitions(*own: dict[str, Any] | None, **config: Any) -> dict[str, Any]:
    """Several definitions, each with ranges of its own or without."""
    found = []
    for index, given in enumerate(own):
        definition = {**sound()["TrainingJobDefinition"], "DefinitionName": f"d{index}"}
        found.append(definition if given is None else definition | {"HyperParameterRanges": given["ParameterRanges"]})
    return {"TrainingJobDefinition": None, "TrainingJobDefinitions": found, **config}


@pytest.mark.parametrize(
    ("kinds", "combinations"),
    [
        ({"Integer": [("1", str(2**53 - 1))]}, 2**53 - 1),
        ({"Integer": [("1", str(2**53))]}, 2**53),
        ({"Integer": [("0", str(2**53))]}, 2**53),
        ({"Integer": [("1", str(2**52))], "Categorical": [["a", "b"]]}, 2**53),
        ({"Integer": [("1", str(2**52))], "Categorical": [["a", "b", "c"]]}, 2**53),
        ({"Integer": [("1", "1e300")]}, 2**53),
    ],
)
def test_counting_ends_at_two_to_the_53rd(kinds: dict[str, Any], combinations: int) -> None:
    """Up to there the combinations are exact; a larger number, which CEL cannot represent, is not given."""
    assert space("combinations", **ranges(**kinds)) == combinations


def test_the_sum_of_several_definitions_ends_there_too() -> None:
    """Two spaces that fit are together no more than 2^53."""
    half = ranges(Integer=[("1", str(2**52))])
    assert space("combinations", **definitions(half, half)) == 2**53
    assert space("combinations", **definitions(half, half, half)) == 2**53


@pytest.mark.parametrize(
    ("members", "combinations"),
    [
        ({"MinValue": "3", "MaxValue": "3"}, 1),
        ({"MinValue": "3", "MaxValue": "4"}, 2),
        ({"MinValue": "-2", "MaxValue": "2"}, 5),
        ({"MinValue": "4", "MaxValue": "3"}, WRONG_TYPE),
        ({"MinValue": "1.5", "MaxValue": "3"}, WRONG_TYPE),
        ({"MinValue": "1", "MaxValue": "3.5"}, WRONG_TYPE),
        ({"MinValue": "1"}, WRONG_TYPE),
        ({"MaxValue": "1"}, WRONG_TYPE),
        ({}, WRONG_TYPE),
        ({"MinValue": "one", "MaxValue": "3"}, "is not a number"),
        ({"MinValue": "$LOW", "MaxValue": "3"}, "is the placeholder $LOW"),
        ({"MinValue": "1", "MaxValue": "1e999"}, "is not a finite number"),
    ],
)
def test_an_integer_range_has_both_bounds_or_no_size(members: dict[str, Any], combinations: Any) -> None:
    """Bounds that are equal are one value; a range that the service would refuse has no number of values."""
    assert space("combinations", **integer(**members)) == combinations


@pytest.mark.parametrize(
    ("range_", "combinations"),
    [
        ({"Name": "a"}, WRONG_TYPE),
        ({"Name": "a", "Values": []}, 0),
        ({"Name": "a", "Values": "x"}, WRONG_TYPE),
        ("$RANGE", "is the placeholder $RANGE"),
        (["a"], WRONG_TYPE),
    ],
)
def test_a_categorical_range_has_as_many_values_as_are_listed(range_: Any, combinations: Any) -> None:
    """Without a list they are not counted."""
    given = {"ParameterRanges": {"CategoricalParameterRanges": [range_]}}
    assert space("combinations", **given) == combinations
    assert space("dimensions", **given) == 1


@pytest.mark.parametrize(
    ("given", "dimensions_"),
    [
        ("$RANGES", "is the placeholder $RANGES"),
        ([], WRONG_TYPE),
        ({"IntegerParameterRanges": "$MORE"}, "is the placeholder $MORE"),
        ({"IntegerParameterRanges": 5}, WRONG_TYPE),
        ({"AutoParameters": "$AUTO"}, "is the placeholder $AUTO"),
        ({"${KIND}": []}, "the key is the placeholder ${KIND}"),
    ],
)
def test_ranges_that_cannot_be_seen_leave_the_space_open(given: Any, dimensions_: str) -> None:
    """The reason of the unknown ranges is the reason of every fact about the space."""
    found = {"ParameterRanges": given}
    subject = binding(**found).subjects("job")[0]
    reason = fact(subject, "space", "dimensions")
    assert reason == dimensions_
    for name in ("numeric", "combinations", "top_learning_rate"):
        assert fact(subject, "space", name) == reason


def test_the_first_reason_is_given() -> None:
    """The reason of the first unknown list, in the order of the API's kinds."""
    given = {"AutoParameters": "$A", "ContinuousParameterRanges": "$B", "IntegerParameterRanges": 5}
    assert space("dimensions", ParameterRanges=given) == "is the placeholder $A"
    del given["AutoParameters"]
    assert space("dimensions", ParameterRanges=given) == "is the placeholder $B"
    chosen = {"AutoParameters": [{"Name": "depth", "ValueHint": "5"}], "CategoricalParameterRanges": "$B"}
    assert space("dimensions", ParameterRanges=chosen) == PICKED


def test_a_definition_without_ranges_has_the_configs() -> None:
    """Beside one that has its own; without any, and with its own alone, they count once."""
    two, three = ranges(Categorical=[["a", "b"]]), ranges(Categorical=[["a", "b", "c"]])
    assert space("combinations", **definitions(two, None, **three)) == 5
    assert space("dimensions", **definitions(two, None, **three)) == 2
    assert space("combinations", **definitions(None, None, **three)) == 3
    assert space("combinations", **definitions(two, two, **three)) == 4
    assert space("combinations", TrainingJobDefinition=None, **three) == 3


def test_each_definitions_own_ranges_are_counted() -> None:
    """Beside the sum over all definitions."""
    two, three = ranges(Categorical=[["a"], ["b"]]), ranges(Categorical=[["a"], ["b"], ["c"]])
    both = definitions(two, three)
    assert (space("dimensions", **both), space("widest", **both)) == (5, 3)


def test_ranges_belong_to_the_definition_that_they_are_for() -> None:
    """Its own, or the config's where there is no other; what several share is none's alone."""
    two, three = ranges(Categorical=[["a", "b"]]), ranges(Categorical=[["a", "b", "c"]])
    owners = [each.definition for each in binding(**definitions(two, None, **three)).parameters]
    assert owners == [("TrainingJobDefinitions", 0), None]
    assert [each.definition for each in binding(**three).parameters] == [("TrainingJobDefinition",)]
    assert [each.definition for each in binding(**definitions(None, None, **three)).parameters] == [None]
    assert [each.path for each in binding(**ranges(Integer=[("1", "2"), ("1", "3")])).parameters] == [
        ("HyperParameterTuningJobConfig", "ParameterRanges", "IntegerParameterRanges", 0),
        ("HyperParameterTuningJobConfig", "ParameterRanges", "IntegerParameterRanges", 1),
    ]


def test_numeric_parameters_have_the_order_of_the_kinds() -> None:
    """Continuous parameters before integer ones, without the categorical ones."""
    given = ranges(Categorical=[["a"]], Integer=[("1", "2"), ("1", "2")], Continuous=[("0", "1")])
    assert space("numeric", **given) == ["Continuous0", "Integer0", "Integer1"]
    assert space("dimensions", **given) == 4
    assert space("numeric", **ranges(Categorical=[["a"]])) == []


@pytest.mark.parametrize(
    ("autotune", "reason"),
    [({"Mode": "Enabled"}, PICKED), ("$AUTOTUNE", "is the placeholder $AUTOTUNE"), ("on", WRONG_TYPE)],
)
def test_without_ranges_autotune_picks_them(autotune: Any, reason: str) -> None:
    """Or an unknown value may enable it; written ranges stay as they are."""
    empty: dict[str, Any] = {"ParameterRanges": {}}
    assert space("dimensions", Autotune=autotune, **empty) == reason
    assert space("dimensions", Autotune=autotune, **ranges(Integer=[("1", "2")])) == 1
    own = definitions(ranges(Integer=[("1", "2")]), ranges())
    assert space("dimensions", Autotune=autotune, **own) == 1
    assert space("dimensions", **empty) == 0


def test_autotune_stands_where_it_is_written() -> None:
    """The place of the unknown space is the key `Autotune`."""
    unknown: Any = binding(Autotune={"Mode": "Enabled"}, **ranges()).subjects("job")[0].unknowns["space"]["dimensions"]
    assert isinstance(unknown, Unknown)
    assert unknown.span.end_column - unknown.span.column == len('"Autotune"')


@pytest.mark.parametrize(
    ("changes", "top"),
    [
        (rates(categorical=({"Name": "lr", "Values": ["0.01", "0.5", "0.1"]},)), 0.5),
        (rates(categorical=({"Name": "lr", "Values": []},)), 0.0),
        (rates(categorical=({"Name": "lr", "Values": ["0.01", "$B"]},)), "is the placeholder $B"),
        (rates(categorical=({"Name": "lr", "Values": ["0.01", "high"]},)), "is not a number"),
        (rates({"Name": "lr", "MinValue": "0", "MaxValue": "1", "Values": ["7"]}), 1.0),
        (rates({"Name": "lr", "MinValue": "0"}), WRONG_TYPE),
        (rates({"Name": "$NAME", "MinValue": "0", "MaxValue": "1"}), "is the placeholder $NAME"),
        (rates({"MinValue": "0", "MaxValue": "1"}), WRONG_TYPE),
        (rates({"Name": 7, "MinValue": "0", "MaxValue": "1"}), WRONG_TYPE),
        (
            rates({"Name": "lr", "MinValue": "0", "MaxValue": "$T"}, {"Name": "lr", "MinValue": "0", "MaxValue": "9"}),
            "is the placeholder $T",
        ),
    ],
)
def test_the_highest_learning_rate_is_a_number_that_stands_there(changes: dict[str, Any], top: Any) -> None:
    """A range's end or a listed value, whichever the range has; where one is unknown so is the highest."""
    assert space("top_learning_rate", **changes) == top


@pytest.mark.parametrize("range_", [{"Name": "lr"}, {"Name": "lr", "Values": "$VALUES"}, {"Name": "lr", "Values": "1"}])
def test_a_list_of_learning_rates_that_is_not_there_has_no_highest(range_: dict[str, Any]) -> None:
    """No other member is taken for it."""
    assert isinstance(space("top_learning_rate", **rates(categorical=(range_,))), str)
    unknown = {"Name": "lr", "Values": "$VALUES"}
    assert space("top_learning_rate", **rates(categorical=(unknown,))) == "is the placeholder $VALUES"


def test_a_name_that_may_be_a_learning_rate_leaves_the_highest_open() -> None:
    """Under an algorithm that is not known an ambiguous name may be one; where the algorithm is known it is none."""
    ambiguous = rates({"Name": "alpha", "MinValue": "0", "MaxValue": "0.4"})
    assert space("top_learning_rate", **ambiguous) is None
    unknown = {"AlgorithmSpecification": {"TrainingImage": "$IMAGE", "TrainingInputMode": "File"}}
    assert space("top_learning_rate", definition=unknown, **ambiguous) == "is the placeholder $IMAGE"
    certain = rates({"Name": "eta", "MinValue": "0", "MaxValue": "0.4"})
    assert space("top_learning_rate", definition=unknown, **certain) == 0.4


@pytest.mark.parametrize(
    ("written", "reason"), [("$RANGE", "is the placeholder $RANGE"), ("text", WRONG_TYPE), (7, WRONG_TYPE)]
)
def test_a_range_that_is_no_structure_has_no_name_that_is_known(written: Any, reason: str) -> None:
    """So the numeric parameters are unknown: by the variable's reason, or because a text has the wrong type."""
    ranges_ = {"ParameterRanges": {"ContinuousParameterRanges": [written]}}
    assert space("numeric", **ranges_) == reason
