"""Suppressions in a resource's metadata: ``Metadata: {hpolint: {ignore: [RULE, …], reason: …, until: …}}``."""

from __future__ import annotations

from hpolint.model.ignore_comment import Suppression, read_date
from hpolint.model.node import Node, Scalar, Struct, listed, text_of
from hpolint.model.source import Span

KEY, KEYS = "hpolint", ("ignore", "reason", "until")
EXAMPLE = "`hpolint: {ignore: [CATEGORY/RULE], reason: …, until: 2027-01-31}`"


def suppressions_of(metadata: Node | None) -> tuple[Suppression, ...]:
    """The suppression in a resource's metadata, if any; CDK apps write it with ``add_metadata``."""
    if not isinstance(metadata, Struct) or KEY not in metadata.members:
        return ()
    place, entry = metadata.keys.get(KEY, metadata.anchor), metadata.members[KEY]
    if not isinstance(entry, Struct) or "ignore" not in entry.members:
        return (_broken(place, f"it has no `ignore`; write {EXAMPLE}"),)
    if unknown := [name for name in entry.members if name not in KEYS]:
        return (_broken(place, f"it has the unknown key `{unknown[0]}`; write {EXAMPLE}"),)
    names, until = entry.members["ignore"], entry.get("until")
    items = listed(names)
    known = [text for text in map(text_of, items) if text is not None]
    if len(known) < len(items) or not known:
        return (_broken(place, "not all of its names are literal strings" if items else "it names no rule"),)
    day, problem = read_date(str(until.value)) if isinstance(until, Scalar) else (None, None)
    return (Suppression(tuple(known), _text(entry.get("reason")), day, place, problem),)


def _broken(place: Span, problem: str) -> Suppression:
    return Suppression((), "", None, place, problem)


def _text(node: Node | None) -> str:
    return str(node.value) if isinstance(node, Scalar) and node.value is not None else ""
