"""What ``merge`` makes of maps, where some of them may not be known, or which of two it is.

Source: Terraform's language reference, "merge Function".
"""

from __future__ import annotations

from hpolint.model.node import Node, Scalar, Struct, Unknown
from hpolint.model.source import Span


def merged(parts: list[Node], place: Span, anchor: Span) -> Struct:
    """Maps in one, of which a later one overrides the ones before; null is no map.

    Behind what is not known, members that stand before it may have other values, and there may be further ones.
    """
    found = Struct({}, place, anchor)
    certain: dict[str, None] = {}
    for part in parts:
        if _is_null(part):
            continue
        given = part if isinstance(part, Struct) else None
        unknown = given.open if given is not None else _unknown(part)
        if unknown is not None:
            found.open = found.open or unknown
            doubted = Unknown(f"may be overridden by what {unknown.reason}", unknown.span)
            found.members |= dict.fromkeys(certain, doubted)
            certain.clear()
        if given is not None:
            found.members |= given.members
            found.keys |= given.keys
            found.shadowed += given.shadowed
            certain |= dict.fromkeys(given.members)
    return found


def either(one: Node, other: Node, unknown: Unknown) -> Node:
    """The map that is one of two, nobody knows which: ``unknown`` is a member that they do not agree upon.

    As ``merge`` has it null has no members.
    """
    maps = [Struct({}, each.span, each.span) if _is_null(each) else each for each in (one, other)]
    first, second = maps
    if not isinstance(first, Struct) or not isinstance(second, Struct):
        return unknown
    found = Struct({}, first.span, first.anchor, second.keys | first.keys, first.open or second.open)
    for name in first.members | second.members:
        left, right = first.get(name), second.get(name)
        agreed = isinstance(left, Scalar) and isinstance(right, Scalar) and _same(left, right)
        found.members[name] = left if agreed and left is not None else unknown
    return found


def _same(one: Scalar, other: Scalar) -> bool:
    return type(one.value) is type(other.value) and one.value == other.value


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _unknown(part: Node) -> Unknown:
    return part if isinstance(part, Unknown) else Unknown("is no map", part.span)
