"""The launches of a job that one definition is launched by several times: with which values, and how certainly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

import msgspec
from msgspec.structs import replace

from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, child, follow, small_span
from hpolint.model.source import Span
from hpolint.model.training_script import Site


class Certainty(Enum):
    """Whether a launch happens when the definition's code runs."""

    SENT = "sent"
    PERHAPS = "perhaps"
    """Something conditional guards it, or may have left the code before it."""
    ONE_OF = "one-of"
    """At most one of several launches happens: the sides of a branch, attempts until one succeeds."""


class Launch(msgspec.Struct, frozen=True):
    """One of several launches.

    ``label`` names it in messages: "pass 2 of the loop at line 4". ``loop`` names the innermost loop without the pass,
    and ``index`` is that pass, so that messages name several passes together. ``place`` is the launching call or
    block, in ``source``; None for the job's own. ``count`` is how often it happens; None if that is not known, then
    ``repetition`` says of what it is repeated. ``group`` is equal for launches of which at most one ``side`` happens.
    ``values`` are the nodes at the paths of the job's ``Launches``; None where a value is absent. ``imported`` are the
    places of those that other modules write.
    """

    label: str
    place: Span
    values: tuple[Node | None, ...]
    certainty: Certainty = Certainty.SENT
    count: int | None = 1
    source: str | None = None
    loop: str = ""
    index: int = 0
    repetition: str = ""
    group: int | None = None
    side: int = 0
    imported: dict[Path, Site] = msgspec.field(default_factory=dict)

    @property
    def is_sent(self) -> bool:
        """Whether it happens whenever the code runs."""
        return self.certainty is Certainty.SENT


class Launches(msgspec.Struct, frozen=True):
    """All launches of a job, in the order of the source, and the paths at which their requests differ."""

    paths: tuple[Path, ...]
    each: tuple[Launch, ...]


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

    A value that one launch leaves unknown is unknown for its own reason.
    """
    paths: list[Path] = []
    request = _joined_structs(requests, reason, (), paths)
    return request, tuple(paths)


def _joined(nodes: Sequence[Node], reason: str, path: Path, paths: list[Path]) -> Node:
    first = nodes[0]
    if all(node is first for node in nodes):
        return first
    structs = [node for node in nodes if isinstance(node, Struct)]
    if len(structs) == len(nodes):
        return _joined_structs(structs, reason, path, paths)
    arrays = [node for node in nodes if isinstance(node, Array)]
    if isinstance(first, Array) and len(arrays) == len(nodes) and len({len(array.items) for array in arrays}) == 1:
        items = []
        for index, alike in enumerate(zip(*(array.items for array in arrays), strict=True)):
            items.append(_joined(alike, reason, (*path, index), paths))
        return Array(items, first.span, first.anchor, _first_open(arrays))
    if all(is_same_value(first, node) for node in nodes):
        return first
    paths.append(path)
    unknowns = [node for node in nodes if isinstance(node, Unknown)]
    return unknowns[0] if unknowns else Unknown(reason, small_span(first))


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
