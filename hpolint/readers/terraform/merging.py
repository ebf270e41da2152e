"""The result of ``merge`` for maps that may be unknown or conditional.

Source: Terraform's language reference, "merge Function".
"""

from __future__ import annotations

from hpolint.model.node import Node, Scalar, Struct, Unknown
from hpolint.model.source import Span


def merged(parts: list[Node], place: Span, anchor: Span) -> Struct:
    """One map of several, where later maps override earlier ones. A null is ignored.

    An unknown map may override all members before it and may add further ones.
    """
    found = Struct({}, place, anchor)
    certain: dict[str, None] = {}
    for part in parts:
        if _is_null(part):
            continue
        known = part if isinstance(part, Struct) else None
        unknown = known.open if known is not None else _as_unknown(part)
        if unknown is not None:
            found.open = found.open or unknown
            overridden = Unknown(f"may be overridden by a value that {unknown.reason}", unknown.span)
            found.members |= dict.fromkeys(certain, overridden)
            certain.clear()
        if known is not None:
            found.members |= known.members
            found.keys |= known.keys
            found.shadowed += known.shadowed
            certain |= dict.fromkeys(known.members)
    return found


def merged_branches(one: Node, other: Node, unknown: Unknown) -> Node:
    """The map of a conditional: members that differ between its branches become ``unknown``.

    A null branch is a map without members, as in ``merge``.
    """
    maps = [Struct({}, each.span, each.span) if _is_null(each) else each for each in (one, other)]
    first, second = maps
    if not isinstance(first, Struct) or not isinstance(second, Struct):
        return unknown
    found = Struct({}, first.span, first.anchor, second.keys | first.keys, first.open or second.open)
    for name in first.members | second.members:
        left, right = first.get(name), second.get(name)
        is_equal = isinstance(left, Scalar) and isinstance(right, Scalar) and _is_same(left, right)
        found.members[name] = left if is_equal and left is not None else unknown
    return found


def _is_same(one: Scalar, other: Scalar) -> bool:
    return type(one.value) is type(other.value) and one.value == other.value


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _as_unknown(part: Node) -> Unknown:
    return part if isinstance(part, Unknown) else Unknown("is not a map", part.span)
