"""The launches of a job, grouped by the values that a rule cannot decide without."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import msgspec
from msgspec.structs import replace

from hpolint.model.job import TuningJob
from hpolint.model.launch import Launch, Launches, with_values
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, follow
from hpolint.model.training_script import Site

MAX_GROUPS = 256
"""Distinct values of launches for which one rule is judged."""


class TooManyGroupsError(Exception):
    """The launches have more distinct values than a rule is judged for."""


class LaunchGroup(msgspec.Struct, frozen=True):
    """The launches with the same values at some paths, and the job with these values."""

    launches: tuple[Launch, ...]
    job: TuningJob


def differing_paths(job: TuningJob, causes: Iterable[Unknown]) -> tuple[Path, ...]:
    """The paths of unknown values of a request that are unknown because the job's launches differ in them."""
    if job.launches is None:
        return ()
    open_ = set(causes)
    paths = [path for path in job.launches.paths if path not in job.launches.settled]
    return tuple(path for path in paths if follow(job.request, path) in open_)


def launch_groups(job: TuningJob, paths: tuple[Path, ...]) -> list[LaunchGroup]:
    """The launches of a job by their values at some of the paths in which they differ.

    Raises TooManyGroupsError.
    """
    launches = job.launches
    if launches is None or not paths:
        return []
    indexes = [launches.paths.index(path) for path in paths]
    alike: dict[Hashable, list[Launch]] = {}
    for launch in launches.each:
        key = tuple(_key(launch.values[index]) for index in indexes)
        alike.setdefault(key, []).append(launch)
        if len(alike) > MAX_GROUPS:
            raise TooManyGroupsError
    return [LaunchGroup(tuple(members), _with_launches(job, launches, members, paths)) for members in alike.values()]


def _with_launches(job: TuningJob, launches: Launches, members: list[Launch], paths: tuple[Path, ...]) -> TuningJob:
    """A job with the values that some of its launches have at some paths; with all values of a single one."""
    first = members[0]
    narrowed = None
    if len(members) > 1:
        narrowed = replace(launches, each=tuple(members), settled=(*launches.settled, *paths))
    else:
        paths = launches.paths
    values = dict(zip(launches.paths, first.values, strict=True))
    request = with_values(job.request, {path: values[path] for path in paths})
    return replace(job, request=request, imported={**job.imported, **_imported(first, paths)}, launches=narrowed)


def _imported(launch: Launch, paths: Iterable[Path]) -> dict[Path, Site]:
    """The places of a launch's values at and below some paths that other modules write."""
    imported: dict[Path, Site] = {}
    for path in paths:
        imported |= {below: site for below, site in launch.imported.items() if below[: len(path)] == path}
    return imported


def _key(node: Node | None) -> Hashable:
    """A key that is equal for equal values at one place of the source."""
    if isinstance(node, Struct):
        return node.span, node.open, tuple((name, _key(member)) for name, member in node.members.items())
    if isinstance(node, Array):
        return node.span, node.open, tuple(_key(item) for item in node.items)
    return (type(node.value), node) if isinstance(node, Scalar) else node
