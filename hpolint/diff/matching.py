"""Matching the jobs of two states, also when a cell is moved or a file is renamed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from functools import cached_property

import msgspec

from hpolint.diff.fields import fields_of
from hpolint.diff.pairing import paired
from hpolint.facts.definition_paths import definitions_of
from hpolint.model.job import TuningJob
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, follow, path_text

RANGES = ("HyperParameterTuningJobConfig", "ParameterRanges")
IMAGE = ("AlgorithmSpecification", "TrainingImage")
OBJECTIVE = ("HyperParameterTuningJobConfig", "HyperParameterTuningJobObjective", "MetricName")


class JobIdentity(msgspec.Struct, frozen=True, eq=False, dict=True):
    """A job with the properties by which it is matched. ``path`` is its file's name in the later state."""

    job: TuningJob
    path: str

    @cached_property
    def label(self) -> tuple[str | None, str | None, str | None]:
        """Its variable, its name and its carrier."""
        return self.job.variable, self.job.name, self.job.carrier

    @cached_property
    def shape(self) -> Hashable:
        """The names of its ranges and its objective; None if neither is known."""
        ranges, metric = follow(self.job.request, RANGES), follow(self.job.request, OBJECTIVE)
        names = sorted(_names(ranges))
        objective = str(metric.value) if isinstance(metric, Scalar) else None
        return (tuple(names), objective) if names or objective else None

    @cached_property
    def search(self) -> Hashable:
        """Its images and its shape; None if one of them is not known."""
        images = [
            _known_text(follow(self.job.request, (*path, *IMAGE))) for path in definitions_of(self.job.request)[0]
        ]
        return (tuple(images), self.shape) if images and all(images) and self.shape is not None else None

    @cached_property
    def _values(self) -> dict[str, object]:
        values = fields_of(self.job.request).items()
        return {path_text(key): None if each.is_unknown else [each.text, each.is_text] for key, each in values}

    def differences(self, other: JobIdentity) -> int:
        """The number of fields in which two jobs differ."""
        one, two = self._values, other._values
        return sum(one.get(key, self) != two.get(key, self) for key in one.keys() | two.keys())

    def distance(self, other: JobIdentity) -> tuple[int, int]:
        """Whether they are in different files, then the number of fields in which they differ."""
        return self.path != other.path, self.differences(other)

    @cached_property
    def digest(self) -> str:
        """A digest of all fields."""
        values = self._values
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def _known_text(node: Node | None) -> str:
    """A text with its known parts; empty if nothing of it is known."""
    if isinstance(node, Unknown):
        return "…".join(piece or "" for piece in node.pieces)
    return str(node.value) if isinstance(node, Scalar) else ""


def _names(ranges: Node | None) -> list[str]:
    if not isinstance(ranges, Struct):
        return []
    names = []
    for member in ranges.members.values():
        for item in member.items if isinstance(member, Array) else ():
            name = follow(item, ("Name",)) if not isinstance(item, Unknown) else None
            if isinstance(name, Scalar):
                names.append(str(name.value))
    return names


Key = Callable[[JobIdentity], Hashable]
KEYS: tuple[Key, ...] = (
    lambda each: (each.path, each.label, each.digest),
    lambda each: (each.job.name, each.shape) if each.job.name is not None else None,
    lambda each: (each.path, each.label, each.shape),
    lambda each: (each.path, each.digest),
    lambda each: (each.path, each.label) if any(each.label) else None,
    lambda each: (each.path, each.shape) if each.shape is not None else None,
    lambda each: (each.label, each.digest) if any(each.label) else None,
    lambda each: each.digest,
    lambda each: (each.label, each.shape) if any(each.label) and each.shape is not None else None,
)
"""Keys that two states of one job share, the most reliable first."""


def matched(
    base: list[TuningJob], head: list[TuningJob], renamed: Mapping[str, str]
) -> tuple[list[tuple[TuningJob, TuningJob]], list[TuningJob], list[TuningJob]]:
    """The pairs of jobs in both states, the removed jobs, and the new ones, each in the order of its state.

    ``renamed`` maps the earlier names of files to the later ones.
    """
    before = [JobIdentity(job, renamed.get(job.source.name, job.source.name)) for job in base]
    after = [JobIdentity(job, job.source.name) for job in head]
    pairs = paired(before, after, (*KEYS, _sole_jobs(before, after), _sole_searches(before, after)))
    gone = [each.job for each in before if each not in pairs]
    taken = set(pairs.values())
    order = {identity: place for place, identity in enumerate(after)}
    both = sorted(pairs.items(), key=lambda pair: order[pair[1]])
    return [(one.job, other.job) for one, other in both], gone, [each.job for each in after if each not in taken]


def _sole_searches(before: list[JobIdentity], after: list[JobIdentity]) -> Key:
    """A key for jobs whose image, objective and ranges only one job has in each state, wherever it is."""

    def only(jobs: list[JobIdentity]) -> set[Hashable]:
        counts = Counter(each.search for each in jobs)
        return {search for search, count in counts.items() if count == 1 and search is not None}

    both = only(before) & only(after)
    return lambda each: each.search if each.search in both else None


def _sole_jobs(before: list[JobIdentity], after: list[JobIdentity]) -> Key:
    """A key for files with a single job in both states: its path, whatever else changes."""

    def only(jobs: list[JobIdentity]) -> set[str]:
        paths = [each.path for each in jobs]
        return {path for path in paths if paths.count(path) == 1}

    both = only(before) & only(after)
    return lambda each: each.path if each.path in both else None
