"""What a fix changes of a job as it is written: values that stand there, members that do not yet, names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from hpolint.model.fix import Fix
from hpolint.model.job import TuningJob
from hpolint.model.message_text import missing_object_step, written_path
from hpolint.model.node import Array, Node, Origin, Path, Scalar, ScalarValue, Struct, Unknown, child, follow
from hpolint.model.source import Span
from hpolint.schema.form_gaps import unsupported_prefix


class NoEditError(Exception):
    """Why a fix is not written: completes "not fixed: …"."""


LONE_RETURN = re.compile(r"\r(?!\n)")


def check_line_ends(text: str) -> None:
    """Raises NoEditError where carriage returns alone end lines of a text: the lines around it are not told apart."""
    if LONE_RETURN.search(text):
        raise NoEditError("its lines end with a carriage return alone: convert the line ends to LF or CRLF")


class Made(msgspec.Struct, frozen=True):
    """An object that is to be made: its class, the modules that have it, and what the class is given."""

    name: str
    modules: tuple[str, ...]
    members: Added


Added: TypeAlias = "dict[str, ScalarValue | Added | Made]"
"""Members to write, by the names that the source has for them; what is to be a structure is one of these, too."""


def scalar(value: ScalarValue | Added | Made) -> ScalarValue:
    """A value that is no structure; in a document no object is made. Raises NoEditError."""
    if isinstance(value, dict | Made):
        raise NoEditError("it is a structure, which cannot be written there")
    return value


class Replace(msgspec.Struct, frozen=True):
    """A value that is written somewhere, and what it becomes. ``is_text``: it is a text in the request."""

    span: Span
    value: ScalarValue
    is_text: bool = False


class Insert(msgspec.Struct, frozen=True):
    """Members that a structure gets. ``struct`` is where it is written."""

    struct: Struct
    members: Added = msgspec.field(default_factory=dict)


class Rename(msgspec.Struct, frozen=True):
    """A member's name, where it stands, and what it becomes."""

    key: Span
    name: str


class Remove(msgspec.Struct, frozen=True):
    """A member that goes away: its name and its value, and the structure that it is in."""

    key: Span
    value: Span
    struct: Struct


Change: TypeAlias = Replace | Insert | Rename | Remove


def changes(job: TuningJob, fix: Fix) -> list[Change]:
    """What a fix changes in the source. Raises NoEditError for what has no place there."""
    inserts: dict[Span, Insert] = {}
    found: list[Change] = [*_removed(job, fix), *_renamed(job, fix)]
    for path, value in fix.set.items():
        node = follow(job.request, path)
        if isinstance(node, Scalar) and node.origin is Origin.WRITTEN:
            found.append(Replace(node.span, value, isinstance(node.value, str)))
        elif isinstance(node, Unknown):
            raise NoEditError("what stands there cannot be told")
        elif isinstance(node, Struct | Array):
            raise NoEditError("what stands there is no single value")
        else:
            _insert(job, path, value, inserts)
    return [*found, *inserts.values()]


def _insert(job: TuningJob, path: Path, value: ScalarValue, inserts: dict[Span, Insert]) -> None:
    """Note a member that is not there yet, in the nearest structure above that is."""
    if (lacking := unsupported_prefix(job, path)) is not None and job.spelling.gaps is not None:
        raise NoEditError(f"there is no place for `{_name(job, lacking)}`: {job.spelling.gaps.why}")
    path = written_path(job, path)
    holder: Node = job.request
    depth = 0
    while depth < len(path) - 1 and isinstance(below := child(holder, path[depth]), Struct | Array):
        if missing_object_step(job, path) == depth and isinstance(holder, Struct):
            members = inserts.setdefault(holder.span, Insert(holder)).members
            _make(job, path[: depth + 1], {str(path[-1]): value}, members)
            return
        holder, depth = below, depth + 1
    if not isinstance(holder, Struct) or holder.open is not None:
        raise NoEditError("it is a list or a structure of which not all is told")
    if any(not isinstance(step, str) for step in path[depth:]):
        raise NoEditError("it is an item that is not there")
    members = inserts.setdefault(holder.span, Insert(holder)).members
    for at in range(depth, len(path) - 1):
        below_members = members.setdefault(_name(job, path[: at + 1]), {})
        if not isinstance(below_members, dict):
            raise NoEditError("it would be two things at once")
        members = below_members
    members[_name(job, path)] = value


def _make(job: TuningJob, path: Path, new: dict[str, ScalarValue], members: Added) -> None:
    """Note an object that the source does not make yet, with what it stands for by default, and what it is to have."""
    name = str(path[-1])
    there = follow(job.request, path)
    own = there.members if isinstance(there, Struct) else {}
    if any(not isinstance(each, Scalar) for each in own.values()):
        raise NoEditError(f"it belongs in a `{name}` of its own, of which not all is told")
    values = {each: node.value for each, node in own.items() if isinstance(node, Scalar)} | new
    found = members.setdefault(_name(job, path), Made(name, job.spelling.made[name], {}))
    if not isinstance(found, Made):
        raise NoEditError("it would be two things at once")
    found.members.update({_name(job, (*path, each)): value for each, value in values.items()})


def _name(job: TuningJob, path: Path) -> str:
    """A member's name, as the source spells it."""
    return job.spelling.at(path).name(str(path[-1])).rpartition(".")[2]


def _removed(job: TuningJob, fix: Fix) -> Iterator[Remove]:
    for path in fix.remove:
        parent, node = follow(job.request, path[:-1]), follow(job.request, path)
        key = parent.keys.get(str(path[-1])) if isinstance(parent, Struct) else None
        if node is None:
            continue
        if key is None or not isinstance(parent, Struct) or isinstance(node, Unknown):
            raise NoEditError("what is to go away has no place of its own")
        if len(parent.members) == 1 and str(path[-2]) in job.spelling.made:
            raise NoEditError("it is all that its object sends, and an empty one is not sent at all")
        yield Remove(key, node.span, parent)


def _renamed(job: TuningJob, fix: Fix) -> Iterator[Rename]:
    for path, name in fix.rename.items():
        parent = follow(job.request, path[:-1])
        key = parent.keys.get(str(path[-1])) if isinstance(parent, Struct) else None
        if key is None:
            raise NoEditError("the name has no place of its own")
        yield Rename(key, job.spelling.at((*path[:-1], name)).name(name))
