"""Members of a request that stand in another structure than their own, as after a wrong indentation."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hpolint import schema
from hpolint.model.node import Path, Scalar, Struct, follow
from hpolint.model.source import Span


class Displaced(msgspec.Struct, frozen=True):
    """Members of the structure at ``inside`` that belong to the one at ``home``, which has none of them."""

    inside: Path
    home: Path
    names: list[str]

    def places(self) -> Iterator[Path]:
        """The paths of the members where they stand, and where they belong."""
        for name in self.names:
            yield (*self.inside, name)
            yield (*self.home, name)


def displaced_members(request: Struct, unknown: dict[Path, list[str]]) -> list[Displaced]:
    """The displaced ones of the members that structures have and the API does not know there."""
    by_home: dict[tuple[Path, Path], list[str]] = {}
    for inside, names in unknown.items():
        for name in names:
            home = _home(request, inside, name)
            if home is not None:
                by_home.setdefault((inside, home), []).append(name)
    return [Displaced(inside, home, names) for (inside, home), names in by_home.items()]


def _home(request: Struct, inside: Path, name: str) -> Path | None:
    """The path of the structure that a member belongs to: the nearest one above it in the text; None without such."""
    parent = follow(request, inside)
    if not isinstance(parent, Struct):
        return None
    place = parent.keys.get(name, parent.anchor)
    siblings = [path for path in _siblings(parent, inside, place) if _may_take(request, path, name)]
    if siblings:
        return siblings[-1]
    around = (inside[:length] for length in range(len(inside) - 1, -1, -1))
    return next((path for path in around if _may_take(request, path, name)), None)


def _siblings(parent: Struct, inside: Path, place: Span) -> Iterator[Path]:
    """The paths of the members of a structure that the API knows and that stand before a place."""
    shape = schema.shape_at(inside)
    if shape is None:
        return
    known = [name for name in schema.members(shape) if name in parent.keys]
    for name in sorted(known, key=lambda name: parent.keys[name]):
        if parent.keys[name] < place:
            yield (*inside, name)


def _may_take(request: Struct, path: Path, name: str) -> bool:
    """Whether a structure, or the null in its place, lacks a member that the API knows there."""
    shape, node = schema.shape_at(path), follow(request, path)
    if shape is None or name not in schema.members(shape):
        return False
    if isinstance(node, Scalar):
        return node.value is None
    return isinstance(node, Struct) and name not in node.members and node.open is None
