"""The launches of a job that one definition is launched by several times: with which values, and how certainly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import TypeAlias, TypeVar

import msgspec
from msgspec.structs import replace

from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, child, follow, small_span
from hpolint.model.source import Span
from hpolint.model.training_script import Site

Passes: TypeAlias = tuple[tuple[str, int], ...]
"""Loops, as words, with the number of a pass, outermost first."""


OneNode = TypeVar("OneNode", Struct, Array, Unknown)


class Certainty(Enum):
    """Whether a launch happens when the definition's code runs."""

    SENT = "sent"
    PERHAPS = "perhaps"
    """Something conditional guards it, or may have left the code before it."""
    ONE_OF = "one-of"
    """At most one of several launches happens: the sides of a branch, attempts until one succeeds."""


class Launch(msgspec.Struct, frozen=True):
    """One of several launches.

    ``label`` names it in messages: "pass 2 of the loop at line 4". ``passes`` are its loops and their passes, outermost
    first, so that messages name several passes together, and ``caller`` continues their names: ", called from line 9".
    ``place`` is the call that leads to it, or its block, in ``source``; None for the job's own. ``count`` is how often
    it happens; None if that is not known. ``repetition`` says of what it is repeated, if it is not told apart. Of the
    launches of one ``group``, those of at most one ``side`` happen. ``values`` are the nodes at the paths of the job's
    ``Launches``; None where a value is absent. ``imported`` are the places of those that other modules write.
    """

    label: str
    place: Span
    values: tuple[Node | None, ...]
    certainty: Certainty = Certainty.SENT
    count: int | None = 1
    source: str | None = None
    passes: Passes = ()
    caller: str = ""
    repetition: str = ""
    group: int | None = None
    side: int = 0
    imported: dict[Path, Site] = msgspec.field(default_factory=dict)

    @property
    def is_sent(self) -> bool:
        """Whether it happens whenever the code runs."""
        return self.certainty is Certainty.SENT


class Launches(msgspec.Struct, frozen=True):
    """All launches of a job, in the order of the source, and the paths at which their requests differ.

    ``settled`` are those of the paths at which the job's request has the value of these launches.
    """

    paths: tuple[Path, ...]
    each: tuple[Launch, ...]
    settled: tuple[Path, ...] = ()


def common_length(ways: Sequence[Sequence[object]]) -> int:
    """The number of first steps that the ways to all launches have in common; for a single way, none."""
    if len(ways) == 1:
        return 0
    length = 0
    for steps in zip(*ways, strict=False):
        if any(step != steps[0] for step in steps):
            break
        length += 1
    return length


def with_values(request: Struct, values: Mapping[Path, Node | None]) -> Struct:
    """A request with the nodes at some paths replaced; None removes a member."""
    for path, value in values.items():
        changed = _with_value(request, path, value)
        if isinstance(changed, Struct):
            request = changed
    return request


def _with_value(node: Node | None, path: Path, value: Node | None) -> Node | None:
    """A node with the one at a path below it replaced. Where the path does not lead, the node is unchanged."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(node, Struct) and isinstance(step, str):
        members = dict(node.members)
        changed = _with_value(members.get(step), rest, value)
        if changed is None:
            members.pop(step, None)
        else:
            members[step] = changed
        return replace(node, members=members)
    if isinstance(node, Array) and isinstance(step, int) and step < len(node.items):
        items = list(node.items)
        changed = _with_value(items[step], rest, value)
        items[step : step + 1] = [changed] if changed is not None else []
        return replace(node, items=items)
    return node


def joined(requests: Sequence[Struct], reason: str) -> tuple[Struct, tuple[Path, ...]]:
    """The common request of several launches, and the paths at which they differ: there it is unknown, with ``reason``.

    A value that all launches leave unknown is so for its own reason.
    """
    paths: list[Path] = []
    request = _joined_structs(requests, reason, (), paths)
    return request, tuple(paths)


def _joined(nodes: Sequence[Node], reason: str, path: Path, paths: list[Path]) -> Node:
    first = nodes[0]
    if all(node is first or is_same_value(first, node) for node in nodes):
        return first
    structs = _all_of(nodes, Struct)
    if structs:
        return _joined_structs(structs, reason, path, paths)
    arrays = _all_of(nodes, Array)
    if arrays and len({len(array.items) for array in arrays}) == 1:
        return _joined_arrays(arrays, reason, path, paths)
    paths.append(path)
    unknowns = _all_of(nodes, Unknown)
    if len({unknown.kind for unknown in unknowns}) != 1:
        return Unknown(reason, small_span(first))
    return replace(unknowns[0], choices=(), default=None)  # its values are those of one launch


def _all_of(nodes: Sequence[Node], type_: type[OneNode]) -> list[OneNode]:
    """Some nodes if all are of a type; else none."""
    found = [node for node in nodes if isinstance(node, type_)]
    return found if len(found) == len(nodes) else []


def _joined_arrays(arrays: Sequence[Array], reason: str, path: Path, paths: list[Path]) -> Array:
    """The common list of lists of one length."""
    first = arrays[0]
    items = []
    for index in range(len(first.items)):
        alike = [array.items[index] for array in arrays]
        items.append(_joined(alike, reason, (*path, index), paths))
    return Array(items, first.span, first.anchor, _first_open(arrays))


def _joined_structs(structs: Sequence[Struct], reason: str, path: Path, paths: list[Path]) -> Struct:
    first = structs[0]
    keys: dict[str, Span] = {}
    names: dict[str, None] = {}
    for struct in structs:
        keys = {**struct.keys, **keys}
        names |= dict.fromkeys(struct.members)
    common = Struct({}, first.span, first.anchor, keys, _first_open(structs))
    for name in names:
        members = [struct.members[name] for struct in structs if name in struct.members]
        if len(members) == len(structs):
            common.members[name] = _joined(members, reason, (*path, name), paths)
        else:
            paths.append((*path, name))
            common.members[name] = Unknown(reason, first.anchor)
    return common


def _first_open(nodes: Iterable[Struct | Array]) -> Unknown | None:
    return next((node.open for node in nodes if node.open is not None), None)


def is_same_value(one: Node, other: Node) -> bool:
    """Whether two scalars or unknown values are the same, wherever they are written."""
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return replace(one, span=other.span) == other
    return isinstance(one, Unknown) and one == other


def value_at(request: Struct, path: Path) -> Node | None:
    """The node at a path; None if it is absent, or if only an open structure above may have it."""
    above = follow(request, path[:-1])
    if isinstance(above, Struct) and isinstance(path[-1], str):
        return above.get(path[-1])
    return child(above, path[-1])


MAX_NAMED = 6
"""Launches, or passes of one loop, that a sentence names."""


def launches_sentence(affected: Sequence[Launch], every: Sequence[Launch]) -> str | None:
    """In which launches something is so: "In 2 of 5 launches: passes 2 and 5 of the loop at line 4"; None if in all."""
    if len(affected) >= len(every):
        return None
    names = launch_names(affected, every)
    if not any(launch.is_sent for launch in affected):
        what = "a launch that may happen" if len(affected) == 1 else f"{len(affected)} launches that may happen"
        return f"In {what}: {names}"
    if len(affected) == 1 and names.startswith("the launch"):
        return f"In {names}"
    return f"In {len(affected):,} of {len(every):,} launches: {names}"


def launch_names(launches: Sequence[Launch], every: Sequence[Launch]) -> str:
    """The names of some launches, with the passes of one loop together."""
    passes: dict[tuple[str, Passes, str], list[int]] = {}
    names: dict[object, str] = {}
    by_pass = _by_pass(every)
    labels = {launch.label for launch in launches}
    for launch in launches:
        if not launch.passes:
            names[launch.label] = f"{launch.label}{_repeated(launch)}"
            continue
        *around, (loop, index) = _naming_passes(launch, by_pass, labels)
        key = launch.caller, tuple(around), loop
        if index not in passes.setdefault(key, []):
            passes[key].append(index)
        names[key] = f"{_counted_passes(passes[key])} of {loop}{outer_passes(around)}{launch.caller}"
    return _enumeration(list(names.values()))


def outer_passes(passes: Sequence[tuple[str, int]]) -> str:
    """The passes of the loops around one, as a continuation of its name."""
    return "".join(f" in pass {index} of {loop}" for loop, index in reversed(passes))


def _by_pass(launches: Sequence[Launch]) -> dict[tuple[str, str, int], list[Launch]]:
    """Some launches by each pass of each loop."""
    found: dict[tuple[str, str, int], list[Launch]] = {}
    for launch in launches:
        for loop, index in launch.passes:
            found.setdefault((launch.caller, loop, index), []).append(launch)
    return found


def _naming_passes(launch: Launch, by_pass: dict[tuple[str, str, int], list[Launch]], labels: set[str]) -> Passes:
    """The passes that are enough to name a launch: one, if all launches in that pass have one of the labels."""
    for loop, index in launch.passes:
        if all(other.label in labels for other in by_pass[launch.caller, loop, index]):
            return ((loop, index),)
    return launch.passes


def _repeated(launch: Launch) -> str:
    """How often a launch happens, as a continuation of its name."""
    if not launch.repetition:
        return ""
    often = ": how often is not known" if launch.count is None else ""
    return f", once for {launch.repetition}{often}"


def _counted_passes(indexes: Sequence[int]) -> str:
    if len(indexes) == 1:
        return f"pass {indexes[0]}"
    return f"passes {_enumeration([str(index) for index in indexes])}"


def _enumeration(names: Sequence[str]) -> str:
    """Some names as a phrase: ``a, b and c``, ``a, b and 12 more``."""
    if len(names) > MAX_NAMED:
        return f"{', '.join(names[: MAX_NAMED - 1])} and {len(names) - MAX_NAMED + 1:,} more"
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} and {names[-1]}"
