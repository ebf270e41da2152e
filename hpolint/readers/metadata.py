"""What a resource's metadata asks not to be told: ``Metadata: {hpolint: {ignore: [RULE, …], reason: …, until: …}}``."""

from __future__ import annotations

from hpolint.model.ignore_comment import Suppression, read_date
from hpolint.model.node import Array, Node, Scalar, Struct
from hpolint.model.source import Span

KEY, KEYS = "hpolint", ("ignore", "reason", "until")
HOW = "`hpolint: {ignore: [CATEGORY/RULE], reason: …, until: 2027-01-31}`"


def suppressions_of(metadata: Node | None) -> tuple[Suppression, ...]:
    """The suppression that a resource's metadata holds, if any; the CDK writes it by ``add_metadata``."""
    if not isinstance(metadata, Struct) or KEY not in metadata.members:
        return ()
    place, said = metadata.keys.get(KEY, metadata.anchor), metadata.members[KEY]
    if not isinstance(said, Struct) or "ignore" not in said.members:
        return (_broken(place, f"it has no `ignore`; write it so: {HOW}"),)
    if stray := [name for name in said.members if name not in KEYS]:
        return (_broken(place, f"`{stray[0]}` is not known here; write it so: {HOW}"),)
    names, until = said.members["ignore"], said.get("until")
    items = names.items if isinstance(names, Array) else [names]
    known = [item.value for item in items if isinstance(item, Scalar) and isinstance(item.value, str)]
    if len(known) < len(items) or not known:
        return (_broken(place, "its names are not all told in the text" if items else "it names no rule"),)
    day, problem = read_date(str(until.value)) if isinstance(until, Scalar) else (None, None)
    return (Suppression(tuple(known), _text(said.get("reason")), day, place, problem),)


def _broken(place: Span, problem: str) -> Suppression:
    return Suppression((), "", None, place, problem)


def _text(node: Node | None) -> str:
    return str(node.value) if isinstance(node, Scalar) and node.value is not None else ""
