"""The instances that one trial runs on, whichever structure of the definition says so."""

from __future__ import annotations

import msgspec

from hpolint.facts.typed_values import array, read
from hpolint.model.node import Array, Path, Struct, Unknown, follow

PLAIN, FLEXIBLE = "ResourceConfig", "HyperParameterTuningResourceConfig"


class Machines(msgspec.Struct, frozen=True):
    """Instances of one type. ``volume`` is the storage of each in GB; null where the definition gives none."""

    type: str | Unknown | None
    count: int | Unknown | None
    volume: int | Unknown | None


Fleet = tuple[Machines, ...]
"""What a trial runs on at once: instances of one type, or of several in instance groups."""


def fleets(request: Struct, definition: Path) -> list[Fleet] | Unknown:
    """What a trial may run on: one fleet, or one of several configurations; empty where nothing is said.

    Source: botocore's documentation of ResourceConfig (InstanceGroups) and of HyperParameterTuningResourceConfig
    (InstanceConfigs, of which the service takes one that has capacity).
    """
    plain, flexible = (*definition, PLAIN), (*definition, FLEXIBLE)
    configs = array(request, (*flexible, "InstanceConfigs"))
    if isinstance(configs, Unknown):
        return configs
    if configs is not None and configs.items:
        return [(each,) for each in _items(request, (*flexible, "InstanceConfigs"), configs, flexible)]
    groups = array(request, (*plain, "InstanceGroups"))
    if isinstance(groups, Unknown):
        return groups
    if groups is not None and groups.items:
        return [tuple(_items(request, (*plain, "InstanceGroups"), groups, plain))]
    return [(_machines(request, path, path),) for path in (plain, flexible) if follow(request, path) is not None]


def _items(request: Struct, path: Path, items: Array, around: Path) -> list[Machines]:
    return [_machines(request, (*path, index), around) for index in range(len(items.items))]


def _machines(request: Struct, path: Path, around: Path) -> Machines:
    """The instances of one structure; storage may be said in it, or once around it."""
    own = read(request, (*path, "VolumeSizeInGB"), int)
    return Machines(
        read(request, (*path, "InstanceType"), str),
        read(request, (*path, "InstanceCount"), int),
        read(request, (*around, "VolumeSizeInGB"), int) if own is None else own,
    )


def prepaid(request: Struct, definition: Path) -> bool | Unknown:
    """Whether a training plan has paid for the instances."""
    plan = read(request, (*definition, PLAIN, "TrainingPlanArn"), str)
    return plan if isinstance(plan, Unknown) else plan is not None
