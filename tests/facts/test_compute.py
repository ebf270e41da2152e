"""What a trial runs on: each resource configuration, and what stays unknown of it."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.facts.machines import FLEXIBLE_CONFIG, fleets
from hpolint.model.node import Struct, Unknown
from tests.engine.test_cel_values import tree
from tests.facts.test_facts import binding, fact
from tests.requests import sound

WRONG_TYPE = "does not have the type that the API requires"


def compute(field: str, **members: Any) -> Any:
    """A fact about a definition with these members; None takes one away."""
    definition = {**sound()["TrainingJobDefinition"], **members}
    definition = {name: value for name, value in definition.items() if value is not None}
    (subject,) = binding(TrainingJobDefinition=definition).subjects("training")
    return fact(subject, "compute", field)


def on(*instances: tuple[Any, Any], **members: Any) -> dict[str, Any]:
    """A ResourceConfig: one instance type and count, or several as groups."""
    if len(instances) == 1:
        ((kind, count),) = instances
        return {"ResourceConfig": {"InstanceType": kind, "InstanceCount": count, "VolumeSizeInGB": 1, **members}}
    groups = [{"InstanceType": kind, "InstanceCount": count, "InstanceGroupName": "g"} for kind, count in instances]
    return {"ResourceConfig": {"InstanceGroups": groups, "VolumeSizeInGB": 1, **members}}


def flexible(*instances: tuple[Any, Any]) -> dict[str, Any]:
    """A HyperParameterTuningResourceConfig with one configuration for each."""
    configs = [{"InstanceType": kind, "InstanceCount": count, "VolumeSizeInGB": 1} for kind, count in instances]
    return {"HyperParameterTuningResourceConfig": {"InstanceConfigs": configs}, "ResourceConfig": None}


def preferring(preferences: Any, **members: Any) -> dict[str, Any]:
    """A ResourceConfig of two instances, of the first of some types that has capacity."""
    return {"ResourceConfig": {"InstanceCount": 2, "InstancePreferences": preferences, **members}}


def config(**volume: Any) -> dict[str, Any]:
    """One configuration of instances."""
    return {"InstanceType": "ml.m5.large", "InstanceCount": 1, **volume}


@pytest.mark.parametrize(
    ("members", "volumes"),
    [
        ({"ResourceConfig": config(VolumeSizeInGB=30)}, [[30]]),
        ({"ResourceConfig": config()}, [[None]]),
        ({"ResourceConfig": {"InstanceGroups": [config(), config(VolumeSizeInGB=5)], "VolumeSizeInGB": 20}}, [[20, 5]]),
        ({FLEXIBLE_CONFIG: {"VolumeSizeInGB": 7, "InstanceConfigs": [config()]}}, [[7]]),
        ({FLEXIBLE_CONFIG: {"VolumeSizeInGB": 7, "InstanceConfigs": [config(VolumeSizeInGB=9), config()]}}, [[9], [7]]),
    ],
)
def test_storage_is_that_of_the_instances_or_else_of_what_is_around_them(
    members: dict[str, Any], volumes: list[list[int | None]]
) -> None:
    """In GB for each instance; one configuration has it its own way, and leaves that of the others."""
    request = tree({"TrainingJobDefinition": members})
    assert isinstance(request, Struct)
    found = fleets(request, ("TrainingJobDefinition",))
    assert not isinstance(found, Unknown)
    assert [[machines.volume for machines in fleet] for fleet in found] == volumes


@pytest.mark.parametrize(
    ("members", "kind", "count"),
    [
        (on(("ml.m5.large", 3)), "ml.m5.large", 3),
        (on(("ml.m5.large", "$COUNT")), "ml.m5.large", "is the placeholder $COUNT"),
        (on(("$TYPE", 3)), "is the placeholder $TYPE", 3),
        (on(("ml.m5.large", 2), ("ml.m5.large", 3)), "ml.m5.large", 5),
        (on(("ml.m5.large", 2), ("ml.c5.large", 3)), None, 5),
        (on(("ml.m5.large", 2), ("ml.m5.large", "$COUNT")), "ml.m5.large", "is the placeholder $COUNT"),
        (on(("ml.m5.large", 2), ("$TYPE", 3)), "is the placeholder $TYPE", 5),
        (flexible(("ml.m5.large", 2), ("ml.m5.large", 3)), "ml.m5.large", 3),
        (flexible(("ml.m5.large", 4), ("ml.c5.large", 3)), None, 4),
        (flexible(("ml.m5.large", "$COUNT"), ("ml.c5.large", 3)), None, "is the placeholder $COUNT"),
        ({"ResourceConfig": {"InstanceGroups": "$GROUPS"}}, "is the placeholder $GROUPS", "is the placeholder $GROUPS"),
        ({"ResourceConfig": {"InstanceGroups": []}}, None, None),
        (preferring("$KINDS"), "is the placeholder $KINDS", "is the placeholder $KINDS"),
        (preferring("$KINDS", InstanceType="ml.m5.large"), "ml.m5.large", 2),
        (preferring([{"InstanceType": "ml.c5.large"}]), "ml.c5.large", 2),
        (preferring([{"InstanceType": "ml.c5.large"}], InstanceType="$TYPE"), "is the placeholder $TYPE", 2),
        *(
            (
                preferring([{"InstanceType": "ml.c5.large", "InstanceCount": count}], InstanceType="$TYPE"),
                *["is the placeholder $TYPE"] * 2,
            )
            for count in (1, 3)
        ),
        ({"ResourceConfig": {"InstanceType": "ml.m5.large"}}, "ml.m5.large", None),
        ({"ResourceConfig": None}, None, None),
        ({"ResourceConfig": "$WHAT"}, "is the placeholder $WHAT", "is the placeholder $WHAT"),
        (
            {"ResourceConfig": None, "HyperParameterTuningResourceConfig": {"InstanceConfigs": "$MORE"}},
            "is the placeholder $MORE",
            "is the placeholder $MORE",
        ),
        (
            {
                "ResourceConfig": None,
                "HyperParameterTuningResourceConfig": {"InstanceType": "ml.c5.large", "InstanceCount": 2},
            },
            "ml.c5.large",
            2,
        ),
    ],
)
def test_instances_are_those_of_the_configuration_that_is_there(members: dict[str, Any], kind: Any, count: Any) -> None:
    """Groups add up, configurations and preferences are used one at a time; one type is known.

    A type that is not known may be absent, in which case the preferences count.
    """
    assert compute("instance_type", **members) == kind
    assert compute("instance_count", **members) == count


@pytest.mark.parametrize(
    ("members", "reserved"),
    [
        ({}, False),
        ({"TrainingPlanArn": "arn:aws:sagemaker:us-east-1:111122223333:training-plan/p"}, True),
        ({"KeepAlivePeriodInSeconds": 60}, False),
        ({"KeepAlivePeriodInSeconds": "$ALIVE"}, False),
        ({"TrainingPlanArn": "$PLAN"}, "is the placeholder $PLAN"),
    ],
)
def test_instances_are_reserved_by_a_plan(members: dict[str, Any], reserved: Any) -> None:
    """A warm pool reserves nothing: tuning jobs ignore its period."""
    assert compute("reserved", **on(("ml.m5.large", 1), **members)) == reserved


NOT_KNOWN = "is an instance type whose storage hpolint does not know"


@pytest.mark.parametrize(
    ("kind", "has"),
    [
        *(("ml.g5.xlarge", True), ("ml.p4d.24xlarge", True), ("ml.r5d.large", True)),
        *(("ml.m5.xlarge", False), ("ml.p3.2xlarge", False), ("ml.m7i-flex.large", False)),
        *(("ml.new9.huge", NOT_KNOWN), ("ml.p6e-gb200.36xlarge", NOT_KNOWN), ("local", None)),
        ("$TYPE", "is the placeholder $TYPE"),
    ],
)
def test_local_storage_is_known_by_the_family(kind: str, has: Any) -> None:
    """Of a family that EC2 does not describe nothing is known."""
    assert compute("local_storage", **on((kind, 1))) == has


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        *(("ml.g5.xlarge", 250), ("ml.p4d.24xlarge", 8000), ("ml.m5.xlarge", None), ("ml.p3.2xlarge", None)),
        *(("ml.g5.huge", None), ("local", None), ("$TYPE", "is the placeholder $TYPE")),
    ],
)
def test_the_size_of_the_local_storage_is_known_by_the_type(kind: str, size: Any) -> None:
    """It is null for a type without local storage, and for a size that EC2 does not describe."""
    assert compute("local_gb", **on((kind, 1))) == size


def test_one_type_with_local_storage_is_enough() -> None:
    """One that is not known leaves the rest open."""
    for one, other, has in (("g5", "m5", True), ("m5", "new9", NOT_KNOWN), ("g5", "new9", True), ("m5", "c5", False)):
        both = on((f"ml.{one}.xlarge", 1), (f"ml.{other}.xlarge", 1))
        assert compute("local_storage", **both) == has


@pytest.mark.parametrize(
    ("kind", "local"),
    [("local", True), ("local_gpu", True), ("ml.m5.large", False), ("local-gpu", False), ("$TYPE", False)],
)
def test_the_sdks_local_mode_is_known_by_the_instance_type(kind: str, local: bool) -> None:
    """It runs nothing on SageMaker. A type that is not known is none: a parameter is no way around a policy."""
    assert compute("local", **on((kind, 1))) == local


@pytest.mark.parametrize(
    ("members", "accelerated", "xlarge"),
    [
        (on(("ml.m5.nano", 1)), False, 0),
        (on(("ml.m5.micro", 1)), False, 0),
        (on(("ml.m5.small", 1)), False, 0),
        (on(("ml.m5.medium", 1)), False, 0),
        (on(("ml.m5.xlarge", 1)), False, 1),
        (on(("ml.m5.huge", 1)), False, None),
        (on(("ml.inf2.8xlarge", 1)), True, 8),
        (on(("p3.8xlarge", 1)), False, 8),
        (flexible(("ml.m5.4xlarge", 1), ("ml.g5.2xlarge", 1)), True, 4),
        (flexible(("ml.g5.2xlarge", 1), ("ml.m5.metal", 1)), True, 2),
        ({"ResourceConfig": None}, None, None),
    ],
)
def test_of_several_instance_types_the_largest_counts(members: dict[str, Any], accelerated: Any, xlarge: Any) -> None:
    """One type with an accelerator is enough; without any type there is no value."""
    assert compute("accelerated", **members) == accelerated
    assert compute("xlarge", **members) == xlarge


@pytest.mark.parametrize(
    ("stopping", "cap", "written", "wait"),
    [
        ({}, 86_400, False, None),
        ({"MaxRuntimeInSeconds": 86_400}, 86_400, True, None),
        ({"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 2}, 1, True, 2),
        ({"MaxRuntimeInSeconds": "$CAP"}, "is the placeholder $CAP", "is the placeholder $CAP", None),
        ({"MaxWaitTimeInSeconds": "$WAIT"}, 86_400, False, "is the placeholder $WAIT"),
        (None, 86_400, False, None),
    ],
)
def test_a_missing_runtime_is_a_day(stopping: Any, cap: Any, written: Any, wait: Any) -> None:
    """A missing wait has no default."""
    assert compute("runtime_cap", StoppingCondition=stopping) == cap
    assert compute("runtime_cap_written", StoppingCondition=stopping) == written
    assert compute("max_wait", StoppingCondition=stopping) == wait


@pytest.mark.parametrize(
    ("spot", "found"),
    [(True, True), (False, False), (None, False), ("$SPOT", "is the placeholder $SPOT"), (1, WRONG_TYPE)],
)
def test_spot_is_off_unless_it_is_requested(spot: Any, found: Any) -> None:
    """An absent value is false; an unknown value stays unknown."""
    assert compute("spot", EnableManagedSpotTraining=spot) == found


@pytest.mark.parametrize(
    ("kinds", "accelerators", "vcpus"),
    [
        ([("ml.g5.12xlarge", 1)], 4, 48),
        ([("ml.m5.xlarge", 1)], 0, 4),
        ([("ml.p2.8xlarge", 1)], 8, 32),
        ([("ml.m5.xlarge", 1), ("ml.g5.xlarge", 1)], 1, 4),
        ([("ml.m5.xlarge", 1), ("ml.new9.huge", 1)], None, None),
        ([("local_gpu", 1)], None, None),
        ([("$TYPE", 1)], "is the placeholder $TYPE", "is the placeholder $TYPE"),
    ],
)
def test_what_an_instance_has_is_known_of_types_that_are_described(
    kinds: list[tuple[str, int]], accelerators: Any, vcpus: Any
) -> None:
    """The highest number of several types; if one of them is not described, there is no value."""
    assert compute("accelerators", **on(*kinds)) == accelerators
    assert compute("vcpus", **on(*kinds)) == vcpus


@pytest.mark.parametrize(
    ("kind", "retired", "outdated", "successor"),
    [
        ("ml.p2.xlarge", "p2", None, None),
        ("ml.m4.xlarge", None, "m4", "m6i"),
        ("ml.m5.xlarge", None, None, None),
        ("$TYPE", *["is the placeholder $TYPE"] * 3),
    ],
)
def test_families_that_are_gone_or_old_are_known(kind: str, retired: Any, outdated: Any, successor: Any) -> None:
    """With the present one that takes their place."""
    found = [compute(each, **on((kind, 1))) for each in ("retired", "outdated", "successor")]
    assert found == [retired, outdated, successor]
