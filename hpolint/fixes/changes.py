"""The changes that a fix makes in the source of a job: replaced values, new, renamed and removed members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from hpolint.facts.call_arguments import argument_name, refused_argument
from hpolint.lazy_regex import lazy_regex
from hpolint.model.fix import Fix
from hpolint.model.job import TuningJob
from hpolint.model.message_text import line_of, missing_object_step, written_path
from hpolint.model.node import Array, Node, Origin, Path, Scalar, ScalarValue, Struct, Unknown, child, follow
from hpolint.model.observations import StaticShadowedByRange
from hpolint.model.source import Span
from hpolint.schema.form_gaps import unsupported_prefix


class NoEditError(Exception):
    """Why a fix is not written; the reason completes "`--fix` does not write it: …"."""


RANGES = frozenset({"ParameterRanges", "HyperParameterRanges"})
"""The members of the request that hold the ranges of tuned parameters."""

LONE_RETURN = lazy_regex(r"\r(?!\n)")


def check_line_ends(text: str) -> None:
    """Raise NoEditError if a text has bare carriage returns, since its lines cannot be told apart."""
    if LONE_RETURN.search(text):
        raise NoEditError("the file contains a bare carriage return: convert its line endings to LF or CRLF")


class NewObject(msgspec.Struct, frozen=True):
    """An object to create: its class, the modules that export the class, and the arguments of the call."""

    name: str
    modules: tuple[str, ...]
    members: NewMembers


NewMembers: TypeAlias = "dict[str, ScalarValue | NewMembers | NewObject]"
"""New members by their names in the source. A nested dict is a new structure."""


def scalar(value: ScalarValue | NewMembers | NewObject) -> ScalarValue:
    """The value, if it is not a structure or a new object. Raises NoEditError otherwise."""
    if isinstance(value, dict | NewObject):
        raise NoEditError("a structure cannot be written here")
    return value


class Replace(msgspec.Struct, frozen=True):
    """A written value and its new value. ``is_text``: the new value is a string in the request.

    ``parameter`` is the tuned parameter whose name the value is.
    """

    span: Span
    value: ScalarValue
    is_text: bool = False
    parameter: str | None = None


class Insert(msgspec.Struct, frozen=True):
    """New members of a written structure."""

    struct: Struct
    members: NewMembers = msgspec.field(default_factory=dict)


class Rename(msgspec.Struct, frozen=True):
    """A member's written name and its new name."""

    key: Span
    name: str


class Remove(msgspec.Struct, frozen=True):
    """A member to remove: the spans of its name and value, and the structure that contains it."""

    key: Span
    value: Span
    struct: Struct


Change: TypeAlias = Replace | Insert | Rename | Remove


def changes(job: TuningJob, fix: Fix) -> list[Change]:
    """The changes that a fix makes in the source. Raises NoEditError for a change that cannot be written."""
    inserts: dict[Span, Insert] = {}
    planned: list[Change] = [*_removed(job, fix), *_renamed(job, fix)]
    for path, value in fix.set.items():
        node = follow(job.request, path)
        if isinstance(node, Scalar) and node.origin is Origin.WRITTEN:
            planned.append(_replaced(job, path, node, value))
        elif isinstance(node, Unknown):
            raise NoEditError("the current value is unknown")
        elif isinstance(node, Struct | Array):
            raise NoEditError("the current value is a structure or a list")
        else:
            _insert(job, path, value, inserts)
    return [*planned, *inserts.values()]


def _replaced(job: TuningJob, path: Path, node: Scalar, value: ScalarValue) -> Replace:
    """The replacement of a written value. Raises NoEditError for a name that also has a static value."""
    is_text = isinstance(node.value, str)
    if path[-1] != "Name" or RANGES.isdisjoint(path):
        return Replace(node.span, value, is_text)
    _check_static_value(job, path, old=str(node.value), new=str(value))
    return Replace(node.span, value, is_text, str(node.value))


def _check_static_value(job: TuningJob, path: Path, *, old: str, new: str) -> None:
    """Raise NoEditError if the new name of a range has a static value, or if the old name has one that is not sent.

    The SDK sends a static value only if no range has its name.
    """
    definition = path[:2] if path[0] == "TrainingJobDefinitions" else ("TrainingJobDefinition",)
    static = follow(job.request, (*definition, "StaticHyperParameters"))
    if isinstance(static, Struct) and new in static.members:
        line = line_of(job.source, static.keys.get(new, static.anchor))
        raise NoEditError(
            f"the static value of `{new}` ({line}) contradicts the new name, since a hyperparameter is either tuned or"
            " static: remove it first"
        )
    for observation in job.observations:
        observed = observation.observed
        if isinstance(observed, StaticShadowedByRange) and observed.name == old:
            line = line_of(job.source, observation.span)
            raise NoEditError(
                f"the static value of `{old}` ({line}), which the range replaces, would be sent again: rename or"
                " remove it, too"
            )


def _insert(job: TuningJob, path: Path, value: ScalarValue, inserts: dict[Span, Insert]) -> None:
    """Add a member that does not exist yet to the inserts of the nearest structure that exists."""
    if (lacking := unsupported_prefix(job, path)) is not None and job.spelling.gaps is not None:
        raise NoEditError(f"there is no place for `{argument_name(job, lacking)}`: {job.spelling.gaps.why}")
    if (refused := refused_argument(job, path)) is not None:
        raise NoEditError(f"there is no place for `{refused.name}`: {refused.reason}")
    path = written_path(job, path)
    holder: Node = job.request
    depth = 0
    while depth < len(path) - 1 and isinstance(below := child(holder, path[depth]), Struct | Array):
        if missing_object_step(job, path) == depth and isinstance(holder, Struct):
            members = inserts.setdefault(holder.span, Insert(holder)).members
            _insert_object(job, path[: depth + 1], {str(path[-1]): value}, members)
            return
        holder, depth = below, depth + 1
    if not isinstance(holder, Struct) or holder.open is not None:
        raise NoEditError("it belongs in a list, or in a structure that is not fully known")
    if any(not isinstance(step, str) for step in path[depth:]):
        raise NoEditError("it belongs in a list item that does not exist")
    members = inserts.setdefault(holder.span, Insert(holder)).members
    for at in range(depth, len(path) - 1):
        name = argument_name(job, path[: at + 1])
        nested = members.setdefault(name, {})
        if not isinstance(nested, dict):
            raise NoEditError(f"its changes to `{name}` contradict each other")
        members = nested
    members[argument_name(job, path)] = value


def _insert_object(job: TuningJob, path: Path, new: dict[str, ScalarValue], members: NewMembers) -> None:
    """Add an object that the source does not create yet, with its default values and the new members."""
    name = str(path[-1])
    existing = follow(job.request, path)
    values = dict(new)
    if isinstance(existing, Struct):
        known = {step: node.value for step, node in existing.members.items() if isinstance(node, Scalar)}
        if len(known) < len(existing.members):
            raise NoEditError(f"it needs a new `{name}` object, and not all members of that are known single values")
        values = known | new
    made = members.setdefault(argument_name(job, path), NewObject(name, job.spelling.made[name], {}))
    if not isinstance(made, NewObject):
        raise NoEditError(f"its changes to `{name}` contradict each other")
    made.members.update({argument_name(job, (*path, step)): value for step, value in values.items()})


def _removed(job: TuningJob, fix: Fix) -> Iterator[Remove]:
    for path in fix.remove:
        parent, node = follow(job.request, path[:-1]), follow(job.request, path)
        if node is None:
            continue
        if not isinstance(parent, Struct) or str(path[-1]) not in parent.keys or isinstance(node, Unknown):
            raise NoEditError("the member to remove is not written out")
        if len(parent.members) == 1 and str(path[-2]) in job.spelling.made:
            raise NoEditError("it is the only member of its object, and an empty object is not sent")
        yield Remove(parent.keys[str(path[-1])], node.span, parent)


def _renamed(job: TuningJob, fix: Fix) -> Iterator[Rename]:
    for path, name in fix.rename.items():
        parent = follow(job.request, path[:-1])
        if not isinstance(parent, Struct) or str(path[-1]) not in parent.keys:
            raise NoEditError("the name to change is not written out")
        new_path = (*path[:-1], name)
        if (refused := refused_argument(job, new_path)) is not None:
            raise NoEditError(f"`{refused.name}` cannot be the new name: {refused.reason}")
        yield Rename(parent.keys[str(path[-1])], job.spelling.at(new_path).name(name))
