"""Which misspelt names may stand for a member: how alike, how long, and of how many."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.engine.evaluation_context import EvaluationContext
from hpolint.model.node import Unknown
from hpolint.readers import read_source
from tests.requests import sound

MEANT = "may be set under a misspelt name"
SPOT = "EnableManagedSpotTraining"


def unknown(member: str, strangers: dict[str, Any]) -> tuple[str | None, str]:
    """Why a member that is omitted from the definition is unknown, or None; and the text at that place."""
    request = sound()
    request["TrainingJobDefinition"].pop(member, None)
    request["TrainingJobDefinition"] |= strangers
    source, reading = read_source("x.json", json.dumps(request, indent=1).encode())
    (subject,) = EvaluationContext(reading.jobs[0]).subjects("training")
    found = subject.unknowns.get("training", {}).get(member)
    assert (found is None) == (member in subject.values["training"])
    return (found.reason, source.read(found.span)) if isinstance(found, Unknown) else (None, "")


@pytest.mark.parametrize(
    ("member", "name", "meant"),
    [
        (SPOT, "EnableManagedSpotTrainin", True),
        (SPOT, "enable_managed_spot_training", True),
        (SPOT, "enable-managed-spot-training", True),
        (SPOT, "Manag", True),
        (SPOT, "m_a_n_a_g", True),
        (SPOT, "Mana", False),
        ("RetryStrategy", "MyRetryStrategy2", True),
        ("RoleArn", "RoleOfTheArnX", True),
        ("RoleArn", "RoleOfTheArnXy", False),
        ("RoleArn", "NraEloreltxyz", False),
        ("RoleArn", "NraElor", False),
    ],
)
def test_a_name_is_meant_where_it_is_a_part_or_much_alike(member: str, name: str, meant: bool) -> None:
    """Five letters of another name, or seven letters of ten in their order; not four, not the same ones mixed."""
    if member == "RoleArn":
        assert unknown(member, {name: 1})[0] == (MEANT if meant else f"`{member}` is missing, but the API requires it")
    else:
        assert unknown(member, {name: 1})[0] == (MEANT if meant else None)


@pytest.mark.parametrize(("length", "meant"), [(99, True), (100, True), (101, False)])
def test_a_name_of_more_than_a_hundred_letters_is_not_compared(length: int, meant: bool) -> None:
    """A long name takes no time."""
    assert unknown(SPOT, {SPOT + "x" * (length - len(SPOT)): 1})[0] == (MEANT if meant else None)


@pytest.mark.parametrize(("count", "meant"), [(1, False), (100, False), (101, True)])
def test_of_more_than_a_hundred_unheard_of_names_any_may_be_meant(count: int, meant: bool) -> None:
    """Nothing counts as absent beside so many; the first of them is shown."""
    strangers = {f"q{index}": 1 for index in range(count)}
    assert unknown(SPOT, strangers) == ((MEANT, '"q0"') if meant else (None, ""))


def test_the_name_that_may_be_meant_is_shown() -> None:
    """The first that is alike, at its key and nowhere else."""
    strangers = {"Unlike": 1, "ManagedSpotTraining": 2, "SpotTraining": 3}
    assert unknown(SPOT, strangers) == (MEANT, '"ManagedSpotTraining"')


def test_a_member_that_is_there_is_what_it_is() -> None:
    """Whatever else stands beside it."""
    request = sound()
    request["TrainingJobDefinition"] |= {"ManagedSpotTraining": 2}
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    (subject,) = EvaluationContext(job).subjects("training")
    assert subject.values["training"][SPOT] is True


def test_what_may_have_further_members_is_open_for_that_reason() -> None:
    """A misspelt name in it is not taken for a member that may be among those that cannot be seen."""
    reason, shown = unknown(SPOT, {"${KEY}": 1, "ManagedSpotTraining": 2})
    assert reason == "the key is the placeholder ${KEY}"
    assert shown == '"${KEY}"'


def test_a_map_has_any_keys() -> None:
    """They are the user's own, and none of them is misspelt."""
    request = sound()
    request["TrainingJobDefinition"]["StaticHyperParameters"] = {"Strategie": "1"}
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    (subject,) = EvaluationContext(job).subjects("training")
    assert subject.values["training"]["StaticHyperParameters"] == [{"Name": "Strategie", "Value": "1"}]


@pytest.mark.parametrize(("value", "known"), [([], True), ({}, False), ("text", False), (5, False), (None, False)])
def test_a_list_of_the_wrong_type_is_unknown(value: Any, known: bool) -> None:
    """Of whatever other type it is, at its own place."""
    request = sound()
    request["TrainingJobDefinition"]["InputDataConfig"] = value
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    (subject,) = EvaluationContext(job).subjects("training")
    assert ("InputDataConfig" in subject.values["training"]) is known


def test_an_item_of_the_wrong_type_is_unknown_alone() -> None:
    """The items beside it are judged."""
    request = sound()
    ranges = [5, {"Name": "a", "MinValue": "1", "MaxValue": "2"}]
    request["HyperParameterTuningJobConfig"]["ParameterRanges"] = {"IntegerParameterRanges": ranges}
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    first, second = EvaluationContext(job).subjects("parameter")
    assert isinstance(first.unknowns["range"], Unknown)
    assert second.values["range"]["max"] == 2.0
