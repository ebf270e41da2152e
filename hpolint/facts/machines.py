"""The instances that one trial runs on, from any of the definition's structures."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from hpolint.facts.typed_values import array, read
from hpolint.model.node import Path, Struct, Unknown, follow

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
    configs = _items(request, flexible, "InstanceConfigs")
    if configs:
        return configs if isinstance(configs, Unknown) else [(config,) for config in configs]
    groups = _items(request, plain, "InstanceGroups")
    if groups:
        return groups if isinstance(groups, Unknown) else [tuple(groups)]
    instance_type = read(request, (*plain, "InstanceType"), str)
    if not isinstance(instance_type, str):  # the service refuses both; instance-preferences-conflict reports it
        preferences = _items(request, plain, "InstancePreferences")
        if isinstance(preferences, Unknown):
            return preferences
        if preferences:
            return _preferred(request, plain, preferences, instance_type)
    return [(_machines(request, path, path),) for path in (plain, flexible) if follow(request, path) is not None]


def _items(request: Struct, config: Path, name: str) -> list[Machines] | Unknown:
    """The instances of each item of a list in a resource configuration; empty without a list."""
    items = array(request, (*config, name))
    if isinstance(items, Unknown):
        return items
    count = 0 if items is None else len(items.items)
    return [_machines(request, (*config, name, index), config) for index in range(count)]


def _preferred(
    request: Struct, config: Path, preferences: list[Machines], instance_type: Unknown | None
) -> list[Fleet]:
    """The fleets of some preferences; the number of their instances may be set once for all of them."""
    outer = read(request, (*config, "InstanceCount"), int)
    counted = [own if own.count is not None else replace(own, count=outer) for own in preferences]
    if instance_type is None:
        return [(preference,) for preference in counted]
    # the preferences count only if the instance type turns out to be absent
    own = _machines(request, config, config)
    is_same = all(preference.count == own.count for preference in counted)
    return [(replace(own, count=own.count if is_same else instance_type),)]


def _machines(request: Struct, path: Path, around: Path) -> Machines:
    """The instances of one structure; its volume may be set in the enclosing structure."""
    volume = read(request, (*path, "VolumeSizeInGB"), int)
    if volume is None:
        volume = read(request, (*around, "VolumeSizeInGB"), int)
    instance_type = read(request, (*path, "InstanceType"), str)
    return Machines(instance_type, read(request, (*path, "InstanceCount"), int), volume)


def prepaid(request: Struct, definition: Path) -> bool | Unknown:
    """Whether the instances are paid for by a training plan."""
    plan = read(request, (*definition, RESOURCE_CONFIG, "TrainingPlanArn"), str)
    return plan if isinstance(plan, Unknown) else plan is not None
