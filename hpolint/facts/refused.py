"""The request for facts and rules: values that the service would refuse are unknown.

A structure of the wrong type has no members that could be read, and a member with a misspelt name may stand for
another. Both are unknown, not absent, so that no default applies. ``launch/invalid-request`` reports them.
"""

from __future__ import annotations

from hpolint import schema
from hpolint.facts.typed_values import unusable
from hpolint.model.node import Array, Node, Struct, Unknown, with_members

MIN_SIMILARITY = 0.7
"""Similarity (0 to 1) from which a name may be a misspelling; ``launch/invalid-request`` suggests names from 0.8."""

MIN_PART_LETTERS = 5
"""Letters of a name that counts as a part of another: ``MaxRuntime`` of ``MaxRuntimeInSeconds``."""

MAX_NAME_LETTERS = 100
"""Letters of a name that is compared; the API's longest name has 41."""

MAX_UNKNOWN_MEMBERS = 100
"""Unknown members of one structure that are compared."""


def without_refused(request: Struct) -> Struct:
    """The request with an Unknown for each value of the wrong type, and for each member that may be misspelt."""
    usable = _usable(request, schema.REQUEST)
    return usable if isinstance(usable, Struct) else request


def _usable(node: Node, shape: str) -> Node:
    kind = schema.shape(shape)["type"]
    if isinstance(node, Struct) and kind == "object":
        return _structure(node, shape)
    if isinstance(node, Array) and kind == "array":
        return _list(node, shape)
    if isinstance(node, Struct | Array) or kind in ("object", "array"):
        return unusable(node)
    return node


def _list(node: Array, shape: str) -> Array:
    item_shape = schema.item(shape)
    if item_shape is None:
        return node
    items = [_usable(item, item_shape) for item in node.items]
    is_same = all(new is old for new, old in zip(items, node.items, strict=True))
    return node if is_same else Array(items, node.span, node.anchor, node.open)


def _structure(node: Struct, shape: str) -> Struct:
    targets = schema.members(shape)
    if not targets:
        return node  # a map: its keys are the user's own
    members = dict(node.members)
    unknown_names = []
    for name, member in node.members.items():
        if name in targets:
            members[name] = _usable(member, targets[name])
        else:
            unknown_names.append(name)
    if unknown_names and node.open is None:
        for name in targets:
            misspelt = _misspelt_name(name, unknown_names) if name not in members else None
            if misspelt is not None:
                members[name] = Unknown("may be set under a misspelt name", node.keys.get(misspelt, node.anchor))
    is_same = len(members) == len(node.members) and all(members[name] is node.members[name] for name in members)
    return node if is_same else with_members(node, members)


def _misspelt_name(member: str, unknown_names: list[str]) -> str | None:
    """The unknown name that may be a misspelling of a member, or None; beyond the bound, the first unknown name."""
    if len(unknown_names) > MAX_UNKNOWN_MEMBERS:
        return unknown_names[0]
    return next((name for name in unknown_names if len(name) <= MAX_NAME_LETTERS and _are_similar(name, member)), None)


def _are_similar(name: str, member: str) -> bool:
    one, other = (text.lower().replace("_", "").replace("-", "") for text in (name, member))
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= MIN_PART_LETTERS and shorter in longer:
        return True
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, one, other)
    return (
        matcher.real_quick_ratio() >= MIN_SIMILARITY
        and matcher.quick_ratio() >= MIN_SIMILARITY
        and matcher.ratio() >= MIN_SIMILARITY
    )
