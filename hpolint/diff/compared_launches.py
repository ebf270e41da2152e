"""The launches of a job in two states: which of them are the same, and how they differ."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from hpolint.diff.fields import Change, Fields, changes, fields_of, is_same
from hpolint.diff.pairing import paired
from hpolint.model.job import TuningJob
from hpolint.model.launch import Certainty, Launch, with_values
from hpolint.model.message_text import line_of
from hpolint.model.node import Path, Unknown, walk
from hpolint.model.reasons import Kind


class JobLaunch(msgspec.Struct, frozen=True, eq=False, dict=True):
    """One launch of a job in one state; ``launch`` is None for the only launch of a job.

    ``differing`` are those of its ``fields`` in which launches of the job differ, in either state.
    """

    job: TuningJob
    launch: Launch | None
    fields: Fields
    differing: Fields

    @property
    def label(self) -> str | None:
        """Its name in messages; None for an only launch."""
        return self.launch.label if self.launch is not None else None

    @property
    def count(self) -> int | None:
        """How often it happens; None if that is not known."""
        return self.launch.count if self.launch is not None else 1

    @property
    def certainty(self) -> Certainty | None:
        """Whether it happens; None for an only launch, about which that is not recorded."""
        return self.launch.certainty if self.launch is not None else None

    @cached_property
    def name(self) -> Hashable:
        """What its label says apart from lines: the passes of its loops, the name of its module."""
        if self.launch is None:
            return None
        if self.launch.passes:
            return tuple(number for _, number in self.launch.passes)
        return self.launch.label.replace(line_of(self.job.source, self.launch.place), "")

    @cached_property
    def call(self) -> str | None:
        """The text of the call that leads to it; None if it is in another file."""
        if self.launch is None or self.launch.source not in (None, self.job.source.name):
            return None
        return " ".join(self.job.source.read(self.launch.place).split())

    @cached_property
    def values(self) -> Hashable:
        """The values in which launches differ."""
        values = []
        for key, field in self.differing.items():
            values.append((key, None if field.is_unknown else (field.text, field.is_text)))
        return frozenset(values)

    def distance(self, other: JobLaunch) -> tuple[int, ...]:
        """The number of fields in which two launches differ."""
        return (len(changes(self.differing, other.differing)),)


KEYS: tuple[Callable[[JobLaunch], Hashable], ...] = (
    lambda launch: (launch.name, launch.call, launch.values),
    lambda launch: (launch.call, launch.values) if launch.call is not None else None,
    lambda launch: (launch.name, launch.call),
    lambda launch: launch.values,
    lambda launch: launch.name,
    lambda _: "any launch",
)
"""Keys that a launch shares in two states, the most reliable first. A pass of a loop that keeps its values may move."""


class LaunchChange(msgspec.Struct, frozen=True):
    """A launch in both states, or in one: without ``before`` it is new, without ``after`` it is removed.

    ``fields`` are the changed values, of a new or removed launch those in which it differs from others of its state.
    """

    before: JobLaunch | None
    after: JobLaunch | None
    fields: tuple[Change, ...]

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``changed``."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    @property
    def state(self) -> JobLaunch:
        """The launch in the later state; a removed one in the earlier state."""
        state = self.after or self.before
        assert state is not None, "a change is of some launch"
        return state

    @property
    def launch(self) -> Launch:
        """That launch. An only launch of a job has no changes of its own."""
        assert self.state.launch is not None, "the change of an only launch is one of its job"
        return self.state.launch

    @property
    def siblings(self) -> tuple[Launch, ...]:
        """All launches of the same state."""
        launches = self.state.job.launches
        return launches.each if launches is not None else ()

    @property
    def changes_count(self) -> bool:
        """Whether a launch of both states happens more or less often now."""
        return self.before is not None and self.after is not None and self.before.count != self.after.count

    @property
    def changes_certainty(self) -> bool:
        """Whether a launch of both states has become certain, or doubtful."""
        if self.before is None or self.after is None or None in (self.before.certainty, self.after.certainty):
            return False
        return self.before.certainty is not self.after.certainty

    @property
    def is_empty(self) -> bool:
        """Whether it is a launch of both states in which nothing changed."""
        return self.kind == "changed" and not (self.fields or self.changes_count or self.changes_certainty)


REMOVED = -1
"""The number of the launches that the later state has not."""


class ComparedLaunches(msgspec.Struct, frozen=True):
    """The ``fields`` that changed in all launches of a job, and the ``launches`` that changed.

    ``before`` and ``after`` are numbers for the launches of the two states by their labels, equal for the same launch.
    """

    fields: tuple[Change, ...]
    launches: tuple[LaunchChange, ...] = ()
    before: Mapping[str | None, int] = msgspec.field(default_factory=dict)
    after: Mapping[str | None, int] = msgspec.field(default_factory=dict)


def compared_launches(before: TuningJob, after: TuningJob) -> ComparedLaunches:
    """The comparison of a job in two states, launch by launch if it has several."""
    if not _are_told_apart(before, after):
        return ComparedLaunches(tuple(changes(fields_of(before.request), fields_of(after.request))))
    old_fields, new_fields = _fields_by_launch(before), _fields_by_launch(after)
    differing = _differing_keys(old_fields) | _differing_keys(new_fields)
    old, new = _job_launches(before, old_fields, differing), _job_launches(after, new_fields, differing)
    pairs = paired(old, new, KEYS)
    earlier, later = next(iter(pairs.items()))
    fields = [change for change in changes(earlier.fields, later.fields) if change.key not in differing]
    if after.launches is None:
        fields += changes(earlier.differing, later.differing)  # what changed in the only launch, changed in the job
    numbers = {launch: number for number, launch in enumerate(new)}
    return ComparedLaunches(
        fields=tuple(fields),
        launches=tuple(_launch_changes(old, new, pairs)),
        before={launch.label: numbers[pairs[launch]] if launch in pairs else REMOVED for launch in old},
        after={launch.label: number for launch, number in numbers.items()},
    )


def _launch_changes(
    old: Sequence[JobLaunch], new: Sequence[JobLaunch], pairs: Mapping[JobLaunch, JobLaunch]
) -> Iterator[LaunchChange]:
    """The launches that are not the same in both states: those of the later state in its order, then removed ones."""
    earlier_by_later = {later: earlier for earlier, later in pairs.items()}
    for later in new:
        change = _launch_change(earlier_by_later.get(later), later)
        if later.launch is not None and not change.is_empty:
            yield change
    for earlier in old:
        if earlier not in pairs:
            yield _launch_change(earlier, None)


def _launch_change(earlier: JobLaunch | None, later: JobLaunch | None) -> LaunchChange:
    old = earlier.differing if earlier is not None else {}
    new = later.differing if later is not None else {}
    if earlier is not None and later is not None:
        return LaunchChange(earlier, later, tuple(changes(old, new)))
    values = [Change(key, old.get(key), new.get(key)) for key in (*old, *new)]
    return LaunchChange(earlier, later, tuple(values))


def _are_told_apart(before: TuningJob, after: TuningJob) -> bool:
    """Whether a job has several launches in a state, and in none so many that only their common values are known."""
    if before.launches is None and after.launches is None:
        return False
    return not (_has_too_many(before) or _has_too_many(after))


def _has_too_many(job: TuningJob) -> bool:
    if job.launches is not None:
        return False
    unknowns = (node for _, node in walk(job.request) if isinstance(node, Unknown))
    return any(unknown.kind is Kind.TOO_MANY_LAUNCHES for unknown in unknowns)


def _fields_by_launch(job: TuningJob) -> list[Fields]:
    """The fields of each launch of a job."""
    launches = job.launches
    if launches is None:
        return [fields_of(job.request)]
    by_launch: list[Fields] = []
    for launch in launches.each:
        values = dict(zip(launches.paths, launch.values, strict=True))
        by_launch.append(fields_of(with_values(job.request, values)))
    return by_launch


def _differing_keys(by_launch: Sequence[Fields]) -> set[Path]:
    """The keys of the fields that are not the same in all launches of a job."""
    first, *others = by_launch
    keys: set[Path] = set()
    for fields in others:
        keys |= {key for key in first.keys() | fields.keys() if not is_same(first.get(key), fields.get(key))}
    return keys


def _job_launches(job: TuningJob, by_launch: Sequence[Fields], differing: set[Path]) -> list[JobLaunch]:
    launches: Sequence[Launch | None] = job.launches.each if job.launches is not None else (None,)
    found = []
    for launch, fields in zip(launches, by_launch, strict=True):
        own = {key: field for key, field in fields.items() if key in differing}
        found.append(JobLaunch(job, launch, fields, own))
    return found
