"""Which job of one state is which of the other: a moved cell or a renamed file makes no new job."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from functools import cached_property

import msgspec

from hpolint.diff.fields import fields_of
from hpolint.model.job import TuningJob
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, follow, path_text

RANGES = ("HyperParameterTuningJobConfig", "ParameterRanges")
OBJECTIVE = ("HyperParameterTuningJobConfig", "HyperParameterTuningJobObjective", "MetricName")


class JobIdentity(msgspec.Struct, frozen=True, eq=False, dict=True):
    """A job and what it is known by. ``path`` is its file's name in the later state."""

    job: TuningJob
    path: str

    @cached_property
    def label(self) -> tuple[str | None, str | None, str | None]:
        """What its source calls it, its own name, and what carries it."""
        return self.job.variable, self.job.name, self.job.carrier

    @cached_property
    def shape(self) -> Hashable:
        """What it tunes, and for which objective: None where neither can be told."""
        ranges, metric = follow(self.job.request, RANGES), follow(self.job.request, OBJECTIVE)
        names = sorted(_names(ranges))
        told = str(metric.value) if isinstance(metric, Scalar) else None
        return (tuple(names), told) if names or told else None

    @cached_property
    def _values(self) -> dict[str, object]:
        values = fields_of(self.job.request).items()
        return {path_text(key): None if each.is_unknown else [each.text, each.is_text] for key, each in values}

    def differences(self, other: JobIdentity) -> int:
        """In how many fields two jobs differ."""
        one, two = self._values, other._values
        return sum(one.get(key, self) != two.get(key, self) for key in one.keys() | two.keys())

    @cached_property
    def digest(self) -> str:
        """What stays the same as long as no field changes."""
        told = self._values
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def _names(ranges: Node | None) -> list[str]:
    lists = [each for each in ranges.members.values() if isinstance(each, Array)] if isinstance(ranges, Struct) else []
    found = [follow(item, ("Name",)) for each in lists for item in each.items if not isinstance(item, Unknown)]
    return [str(each.value) for each in found if isinstance(each, Scalar)]


MOST_COMPARED = 2500
"""So many pairs of jobs are compared field by field; of more that have as much in common the order decides."""

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
"""What two jobs have in common if they are one, the surest first."""


def matched(
    base: list[TuningJob], head: list[TuningJob], renamed: Mapping[str, str]
) -> tuple[list[tuple[TuningJob, TuningJob]], list[TuningJob], list[TuningJob]]:
    """The jobs that are in both states, those that are gone, and those that are new, each in its state's order.

    ``renamed`` has the later name of files by the earlier one.
    """
    before = [JobIdentity(job, renamed.get(job.source.name, job.source.name)) for job in base]
    after = [JobIdentity(job, job.source.name) for job in head]
    pairs: dict[JobIdentity, JobIdentity] = {}
    for key in (*KEYS, _only(before, after)):
        taken = set(pairs.values())
        old = _by(key, [each for each in before if each not in pairs])
        new = _by(key, [each for each in after if each not in taken])
        for key_of in old.keys() & new.keys():
            pairs |= _likest(old[key_of], new[key_of])
    gone = [each.job for each in before if each not in pairs]
    taken = set(pairs.values())
    order = {id(each): place for place, each in enumerate(after)}
    both = sorted(pairs.items(), key=lambda pair: order[id(pair[1])])
    return [(one.job, other.job) for one, other in both], gone, [each.job for each in after if each not in taken]


def _likest(before: list[JobIdentity], after: list[JobIdentity]) -> dict[JobIdentity, JobIdentity]:
    """Of jobs that have as much in common those together that differ in the fewest fields; of many in their order."""
    if len(before) == len(after) == 1 or len(before) * len(after) > MOST_COMPARED:
        return dict(zip(before, after, strict=False))
    ranked = sorted(
        (one.path != other.path, one.differences(other), abs(place - at), at, place)
        for at, one in enumerate(before)
        for place, other in enumerate(after)
    )
    pairs: dict[JobIdentity, JobIdentity] = {}
    taken: set[int] = set()
    for *_, at, place in ranked:
        if before[at] not in pairs and place not in taken:
            pairs[before[at]] = after[place]
            taken.add(place)
    return pairs


def _by(key: Key, jobs: list[JobIdentity]) -> dict[Hashable, list[JobIdentity]]:
    found: dict[Hashable, list[JobIdentity]] = defaultdict(list)
    for each in jobs:
        key_of = key(each)
        if key_of is not None:
            found[key_of].append(each)
    return found


def _only(before: list[JobIdentity], after: list[JobIdentity]) -> Key:
    """A file's only job stays that, whatever it is called and tunes now."""

    def only(jobs: list[JobIdentity]) -> set[str]:
        paths = [each.path for each in jobs]
        return {path for path in paths if paths.count(path) == 1}

    both = only(before) & only(after)
    return lambda each: each.path if each.path in both else None
