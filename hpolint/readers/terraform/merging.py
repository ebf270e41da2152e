"""The result of ``merge`` for maps that may be unknown or conditional.

Source: Terraform's language reference, "merge Function".
"""

from __future__ import annotations

from hpolint.model.node import Node, Scalar, Struct, Unknown, is_null
from hpolint.model.source import Span


def merged(parts: list[Node], place: Span, anchor: Span) -> Struct:
    """One map of several, where later maps override earlier ones. A null is ignored.

    An unknown map may override all members before it and may add further ones.
    """
    result = Struct({}, place, anchor)
    certain: dict[str, None] = {}
    for part in parts:
        if is_null(part):
            continue
        if isinstance(part, Struct):
            unknown = part.open
        else:
            unknown = part if isinstance(part, Unknown) else Unknown("is not a map", part.span)
        if unknown is not None:
            result.open = result.open or unknown
            overridden = Unknown(f"may be overridden by a value that {unknown.reason}", unknown.span)
            result.members |= dict.fromkeys(certain, overridden)
            certain.clear()
        if isinstance(part, Struct):
            result.members |= part.members
            result.keys |= part.keys
            result.shadowed += part.shadowed
            certain |= dict.fromkeys(part.members)
    return result


def merged_branches(one: Node, other: Node, unknown: Unknown) -> Node:
    """The map of a conditional: members that differ between its branches become ``unknown``.

    A null branch is a map without members, as in ``merge``.
    """
    first, second = (Struct({}, branch.span, branch.span) if is_null(branch) else branch for branch in (one, other))
    if not isinstance(first, Struct) or not isinstance(second, Struct):
        return unknown
    result = Struct({}, first.span, first.anchor, second.keys | first.keys, first.open or second.open)
    for name in first.members | second.members:
        result.members[name] = _common(first.get(name), second.get(name)) or unknown
    return result


def _common(one: Node | None, other: Node | None) -> Scalar | None:
    """The value that two members share; None if they differ. True is not 1."""
    if isinstance(one, Scalar) and isinstance(other, Scalar) and type(one.value) is type(other.value):
        return one if one.value == other.value else None
    return None
