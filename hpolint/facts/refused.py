"""The request as facts and rules may take it: what the service would refuse stands for nothing.

A structure of the wrong type holds none of the members that are asked for, and a member with a misspelt name is
not the one that was meant. Neither is absent: no default counts for it. ``launch/invalid-request`` reports them.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import cache

from hpolint import schema
from hpolint.facts.typed_values import unusable
from hpolint.model.node import Array, Node, Struct, Unknown, with_members

SIMILAR = 0.7
"""How alike two names are that one may stand for the other; ``launch/invalid-request`` proposes from 0.8 on."""

SHORTEST_PART = 5
"""Letters of a name that is a part of another: ``MaxRuntime`` of ``MaxRuntimeInSeconds``."""

LONGEST_NAME = 100
"""Of a name that is looked at; the API's longest has 41 letters."""

MOST_STRANGERS = 100
"""Members of one structure that the API does not have, and that are looked at."""


def without_refused(request: Struct) -> Struct:
    """The request with an unknown for each value of the wrong type, and for each member that a misspelt one may be."""
    found = _usable(request, schema.REQUEST)
    return found if isinstance(found, Struct) else request


def _usable(node: Node, shape: str) -> Node:
    if isinstance(node, Unknown):
        return node
    kind = schema.shape(shape)["type"]
    if isinstance(node, Struct):
        return _structure(node, shape) if kind == "object" else unusable(node)
    if isinstance(node, Array):
        return _list(node, shape) if kind == "array" else unusable(node)
    return unusable(node) if kind in ("object", "array") else node


def _list(node: Array, shape: str) -> Array:
    item = schema.item(shape)
    items = [_usable(each, item) for each in node.items] if item is not None else node.items
    same = all(new is old for new, old in zip(items, node.items, strict=True))
    return node if same else Array(items, node.span, node.anchor, node.open)


def _structure(node: Struct, shape: str) -> Struct:
    targets = _targets(shape)
    if not targets:
        return node  # a map: its keys are the user's own
    members = {name: _usable(each, targets[name]) if name in targets else each for name, each in node.members.items()}
    strangers = [name for name in node.members if name not in targets]
    if strangers and node.open is None:
        for name in targets:
            meant = _meant(name, strangers) if name not in members else None
            if meant is not None:
                members[name] = Unknown("may be what a misspelt name stands for", node.keys.get(meant, node.anchor))
    same = len(members) == len(node.members) and all(members[name] is node.members[name] for name in members)
    return node if same else with_members(node, members)


@cache
def _targets(shape: str) -> dict[str, str]:
    return schema.members(shape)


def _meant(member: str, strangers: list[str]) -> str | None:
    """The unheard-of name that may stand for a member; of very many any may."""
    if len(strangers) > MOST_STRANGERS:
        return strangers[0]
    return next((name for name in strangers if len(name) <= LONGEST_NAME and _alike(name, member)), None)


def _alike(name: str, member: str) -> bool:
    one, other = (text.lower().replace("_", "").replace("-", "") for text in (name, member))
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= SHORTEST_PART and shorter in longer:
        return True
    matcher = SequenceMatcher(None, one, other)
    return matcher.real_quick_ratio() >= SIMILAR and matcher.quick_ratio() >= SIMILAR and matcher.ratio() >= SIMILAR
