"""The launches of a job, grouped by the values that a rule cannot decide without."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import msgspec
from msgspec.structs import replace

from hpolint.model.job import TuningJob
from hpolint.model.launch import Launch, with_values
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, follow

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
    at = [launches.paths.index(path) for path in paths]
    alike: dict[Hashable, list[Launch]] = {}
    for launch in launches.each:
        alike.setdefault(tuple(_key(launch.values[index]) for index in at), []).append(launch)
        if len(alike) > MAX_GROUPS:
            raise TooManyGroupsError
    groups = []
    for members in alike.values():
        values = {path: members[0].values[index] for path, index in zip(paths, at, strict=True)}
        imported = dict(job.imported)
        for path in paths:
            imported |= {below: site for below, site in members[0].imported.items() if below[: len(path)] == path}
        narrowed = None
        if len(members) > 1:
            narrowed = replace(launches, each=tuple(members), settled=(*launches.settled, *paths))
        request = with_values(job.request, values)
        if narrowed is None:
            request = with_values(job.request, dict(zip(launches.paths, members[0].values, strict=True)))
        groups.append(LaunchGroup(tuple(members), replace(job, request=request, imported=imported, launches=narrowed)))
    return groups


def _key(node: Node | None) -> Hashable:
    """A key that is equal for equal values at one place of the source."""
    if isinstance(node, Struct):
        return node.span, node.open, tuple((name, _key(member)) for name, member in node.members.items())
    if isinstance(node, Array):
        return node.span, node.open, tuple(_key(item) for item in node.items)
    return (type(node.value), node) if isinstance(node, Scalar) else node
