"""The instances that one trial runs on, from any of the definition's structures."""

from __future__ import annotations

import msgspec

from hpolint.facts.typed_values import array, read
from hpolint.model.node import Array, Path, Struct, Unknown, follow

RESOURCE_CONFIG, FLEXIBLE_CONFIG = "ResourceConfig", "HyperParameterTuningResourceConfig"


class Machines(msgspec.Struct, frozen=True):
    """Instances of one type. ``volume`` is the storage of each in GB; None if the definition sets none."""

    type: str | Unknown | None
    count: int | Unknown | None
    volume: int | Unknown | None


Fleet = tuple[Machines, ...]
"""The instances that a trial runs on together: of one type, or of several types in instance groups."""


def fleets(request: Struct, definition: Path) -> list[Fleet] | Unknown:
    """The fleets that a trial may run on: one, or one for each configuration or preference; empty without any.

    Source: botocore's documentation of ResourceConfig (InstanceGroups, InstancePreferences: the service picks the first
    that has capacity) and of HyperParameterTuningResourceConfig (InstanceConfigs: it picks one that has capacity).
    """
    plain, flexible = (*definition, RESOURCE_CONFIG), (*definition, FLEXIBLE_CONFIG)
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
    preferences = array(request, (*plain, "InstancePreferences"))
    instance_type = read(request, (*plain, "InstanceType"), str)
    if isinstance(instance_type, str):
        preferences = None  # the service refuses both; the rule instance-preferences-conflict reports it
    if isinstance(preferences, Unknown):
        return preferences
    if preferences is not None and preferences.items:
        preferred = _preferences(request, (*plain, "InstancePreferences"), preferences, plain)
        if isinstance(instance_type, Unknown):
            # the preferences count only if it turns out to be absent
            own = _machines(request, plain, plain)
            is_same = all(each.count == own.count for each in preferred)
            return [(msgspec.structs.replace(own, count=own.count if is_same else instance_type),)]
        return [(each,) for each in preferred]
    return [(_machines(request, path, path),) for path in (plain, flexible) if follow(request, path) is not None]


def _items(request: Struct, path: Path, items: Array, around: Path) -> list[Machines]:
    return [_machines(request, (*path, index), around) for index in range(len(items.items))]


def _preferences(request: Struct, path: Path, items: Array, around: Path) -> list[Machines]:
    """The instances of each preference; their number may be set once for all of them."""
    outer = read(request, (*around, "InstanceCount"), int)
    found = _items(request, path, items, around)
    return [each if each.count is not None else msgspec.structs.replace(each, count=outer) for each in found]


def _machines(request: Struct, path: Path, around: Path) -> Machines:
    """The instances of one structure; its volume may be set in the enclosing structure."""
    own = read(request, (*path, "VolumeSizeInGB"), int)
    return Machines(
        read(request, (*path, "InstanceType"), str),
        read(request, (*path, "InstanceCount"), int),
        read(request, (*around, "VolumeSizeInGB"), int) if own is None else own,
    )


def prepaid(request: Struct, definition: Path) -> bool | Unknown:
    """Whether the instances are paid for by a training plan."""
    plan = read(request, (*definition, RESOURCE_CONFIG, "TrainingPlanArn"), str)
    return plan if isinstance(plan, Unknown) else plan is not None
