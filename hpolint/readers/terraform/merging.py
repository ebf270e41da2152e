"""What ``merge`` makes of maps, where some of them may not be known.

Source: Terraform's language reference, "merge Function".
"""

from __future__ import annotations

from hpolint.node import Node, Scalar, Struct, Unknown
from hpolint.source import Span


def merged(parts: list[Node], place: Span, anchor: Span) -> Struct:
    """Maps in one, of which a later one overrides the ones before; null is no map.

    Behind what is not known, members that stand before it may have other values, and there may be further ones.
    """
    found = Struct({}, place, anchor)
    certain: dict[str, None] = {}
    for part in parts:
        if isinstance(part, Scalar) and part.value is None:
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


def _unknown(part: Node) -> Unknown:
    return part if isinstance(part, Unknown) else Unknown("is no map", part.span)
