"""The instances of one trial, and its time limits."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

import msgspec

from hpolint import schema
from hpolint.data import generated, load
from hpolint.facts.machines import RESOURCE_CONFIG, Fleet, fleets, prepaid
from hpolint.facts.typed_values import first_unknown, lifted, present, read
from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import LOCAL_INSTANCE_TYPES
from hpolint.model.node import Origin, Path, Scalar, Struct, Unknown, follow, place
from hpolint.model.source import Span

DEFAULT_RUNTIME = 86_400
"""Seconds that a trial may run by the service's default: one day.

Source: botocore's documentation of StoppingCondition.MaxRuntimeInSeconds.
"""


class ComputeFacts(msgspec.Struct, frozen=True):
    """``compute``: the facts of one training job definition. Times are in seconds unless the name says hours."""

    spot: bool | Unknown
    """EnableManagedSpotTraining; absent is false."""
    local: bool
    """Whether an instance type is known to be ``local`` or ``local_gpu``: the SDK's local mode, which runs nothing on
    SageMaker. False if the type is unknown, so that a policy still checks a job whose type is a parameter."""
    reserved: bool | Unknown
    """Whether a training plan has paid for the instances."""
    instance_type: str | Unknown | None
    """The instance type; null if the definition has none, or several different ones."""
    instance_types: list[str] | Unknown
    """All instance types that a trial may run on, including those of instance groups and instance configurations."""
    instance_count: int | Unknown | None
    """The number of instances of one trial: the sum over instance groups, the maximum over instance configurations."""
    runtime_cap: int | Unknown
    """StoppingCondition.MaxRuntimeInSeconds, or the service's default of 86,400 seconds."""
    runtime_cap_written: bool | Unknown
    """Whether the runtime cap is written; a default of the SDK does not count."""
    max_wait: int | Unknown | None
    """StoppingCondition.MaxWaitTimeInSeconds: the limit on waiting for spot capacity plus running, in seconds."""
    accelerated: bool | Unknown | None
    """Whether an instance type has GPUs or AWS's own accelerators; null if there is no instance type."""
    xlarge: int | Unknown | None
    """The size of the largest instance type, as a multiple of xlarge: 12 for ``ml.m5.12xlarge``, 0 for sizes below
    xlarge. Null if there is no instance type, or its size is not a number (``metal``)."""
    accelerators: int | Unknown | None = None
    """GPUs or accelerators of one instance, the maximum over several types; null if a type is not known."""
    vcpus: int | Unknown | None = None
    """vCPUs of one instance, the maximum over several types; null if a type is not known."""
    local_storage: bool | Unknown | None = None
    """Whether an instance type has local storage (NVMe) instead of an EBS volume; unknown for a family that
    hpolint does not know, null without an instance type."""
    local_gb: int | Unknown | None = None
    """The size of an instance's local storage in GB. Null for a type without local storage or of which hpolint does
    not know the size, and if ``instance_type`` is null."""
    retired: str | Unknown | None = None
    """An instance family in use that AWS retires, such as ``p2``; null if there is none."""
    outdated: str | Unknown | None = None
    """An instance family in use that EC2 lists as a previous generation; null if there is none."""
    successor: str | Unknown | None = None
    """The current instance family that replaces ``outdated``; null if there is none."""
    not_for_training: str | Unknown | None = None
    """An instance type, of an older family, that SageMaker does not offer for training; null if there is none."""
    instance_hours: float | Unknown | None = None
    """The most instance-hours that this definition can bill if it runs all trials; null if nothing bounds them."""
    spot_turned_down: bool = False
    """Whether a comment in the definition mentions spot capacity, for example a setting that is commented out."""
    written_hours: float | Unknown | None = None
    """``instance_hours`` from written limits only; null if a default is the only bound."""


def compute_facts(request: Struct, definition: Path) -> ComputeFacts:
    """The facts of the definition at a path of the request."""
    spot = read(request, (*definition, "EnableManagedSpotTraining"), bool)
    cap = read(request, (*definition, "StoppingCondition", "MaxRuntimeInSeconds"), int)
    types: list[str | Unknown | None] = []
    known_fleets = fleets(request, definition)
    if isinstance(known_fleets, Unknown):
        count: int | Unknown | None = known_fleets
        types.append(known_fleets)
    else:
        count = _largest(*(_count(fleet) for fleet in known_fleets))
        for fleet in known_fleets:
            types += [machines.type for machines in fleet]
    return ComputeFacts(
        spot=False if spot is None else spot,
        local=any(name in LOCAL_INSTANCE_TYPES for name in types),
        reserved=prepaid(request, definition),
        instance_count=count,
        runtime_cap=DEFAULT_RUNTIME if cap is None else cap,
        runtime_cap_written=cap if isinstance(cap, Unknown) else _is_cap_written(request, definition),
        max_wait=read(request, (*definition, "StoppingCondition", "MaxWaitTimeInSeconds"), int),
        **_of_types(types, place(request, (*definition, RESOURCE_CONFIG, "InstanceType"))[0]),
    )


OF_TYPES = (
    *("instance_type", "instance_types", "accelerated", "xlarge", "accelerators", "vcpus"),
    *("local_storage", "local_gb", "not_for_training", "retired", "outdated", "successor"),
)
"""The facts about the instance types."""


def _of_types(types: list[str | Unknown | None], at: Span) -> dict[str, Any]:
    """The facts about the instance types; ``at`` is their place."""
    unknown = first_unknown(*types)
    if unknown is not None:
        return dict.fromkeys(OF_TYPES, unknown)
    names = [name for name in types if isinstance(name, str)]
    facts: dict[str, Any] = dict.fromkeys(OF_TYPES)
    facts["instance_types"] = list(dict.fromkeys(names))
    if len(set(types)) == 1:
        facts["instance_type"] = types[0]
        facts["local_gb"] = _local_gb(types[0])
    if names:
        facts["accelerated"] = any(is_accelerated(name) for name in names)
    facts["xlarge"] = max(present(size_in_xlarge(name) for name in names), default=None)
    return facts | _sizes(names) | _of_families(names, at)


def _sizes(names: list[str]) -> dict[str, int]:
    """The facts ``vcpus`` and ``accelerators``; empty if the size of a type is not known."""
    sizes = present(_size(name) for name in names)
    if not sizes or len(sizes) < len(names):
        return {}
    return {"vcpus": max(vcpus for vcpus, _ in sizes), "accelerators": max(number for _, number in sizes)}


def _of_families(names: list[str], at: Span) -> dict[str, Any]:
    data = load("instances")
    families = [_family(name) for name in names]
    local_storage: bool | Unknown | None = _local_storage(families)
    if local_storage is None and any(name not in LOCAL_INSTANCE_TYPES for name in names):
        local_storage = Unknown("is an instance type whose storage hpolint does not know", at)
    outdated = _first_in(data["outdated"], families)
    return {
        "local_storage": local_storage,
        "not_for_training": next((name for name in names if _is_not_for_training(name)), None),
        "retired": _first_in(data["retired"], families),
        "outdated": outdated,
        "successor": data["outdated"].get(outdated),
    }


def _first_in(listed: Container[str], families: list[str]) -> str | None:
    return next((family for family in families if family in listed), None)


def _is_not_for_training(name: str) -> bool:
    """Whether the API has no such type for training, and its family's list of them is complete."""
    is_complete = name.startswith("ml.") and _family(name) in load("instances")["complete_for_training"]
    return is_complete and name not in schema.shape("TrainingInstanceType")["enum"]


def _local_storage(families: list[str]) -> bool | None:
    """Whether one of the families has local storage; None where that is not known."""
    data = generated("instances")
    if any(family in data["local_storage"] for family in families):
        return True
    without = (*data["no_local_storage"], *load("instances")["no_local_storage"])
    return False if families and all(family in without for family in families) else None


def _local_gb(instance_type: str | Unknown | None) -> int | None:
    """The size of the local storage of an instance type; None if it has none, or if that is not known."""
    if not isinstance(instance_type, str):
        return None
    size: int | None = generated("instances")["local_gb"].get(instance_type.removeprefix("ml."))
    return size


def _family(instance_type: str) -> str:
    return instance_type.removeprefix("ml.").partition(".")[0]


def _size(instance_type: str) -> list[int] | None:
    """``[vCPUs, accelerators]`` of an instance type; None if they are not known."""
    family, size = _family(instance_type), instance_type.rpartition(".")[2]
    for source in (generated("instances"), load("instances")):
        sizes: dict[str, list[int]] = source["families"].get(family, {})
        if size in sizes:
            return sizes[size]
    return None


SIZE = lazy_regex(r"\.(?:([0-9]{0,4})xlarge|(nano|micro|small|medium|large))\Z")


def is_accelerated(instance_type: str) -> bool:
    """Whether an instance type has GPUs or AWS's own accelerators."""
    family = re.match(r"ml\.([a-z]+)\d", instance_type)
    return family is not None and family[1] in load("instances")["accelerated"]


def size_in_xlarge(instance_type: str) -> int | None:
    """An instance type's size as a multiple of xlarge, 0 below xlarge; None if it is not a number."""
    match = SIZE.search(instance_type)
    if match is None:
        return None
    return 0 if match[2] else int(match[1] or 1)


def _is_cap_written(request: Struct, definition: Path) -> bool:
    node = follow(request, (*definition, "StoppingCondition", "MaxRuntimeInSeconds"))
    return isinstance(node, Scalar) and node.origin is Origin.WRITTEN


def _count(fleet: Fleet) -> int | Unknown | None:
    """The number of instances of a fleet, summed over its groups."""
    counts = [machines.count for machines in fleet]
    return counts[0] if len(counts) == 1 else _sum(*counts)


@lifted
def _sum(*counts: int | None) -> int:
    return sum(present(counts))


@lifted
def _largest(*counts: int | None) -> int | None:
    return max(present(counts), default=None)
