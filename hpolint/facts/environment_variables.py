"""The environment variables of a tuning job."""

from __future__ import annotations

from collections.abc import Sequence

from hpolint.facts.typed_values import first_unknown, unusable
from hpolint.model.node import Path, Struct, Unknown, follow


def environment_variables(request: Struct, definitions: Sequence[Path], more: Unknown | None) -> int | Unknown:
    """How many all definitions have together; ``more`` is why there may be others."""
    counts = [_count(request, (*path, "Environment")) for path in definitions]
    return more or first_unknown(*counts) or sum(count for count in counts if isinstance(count, int))


def _count(request: Struct, path: Path) -> int | Unknown:
    node = follow(request, path)
    if isinstance(node, Struct):
        return node.open or len(node.members)
    return 0 if node is None else node if isinstance(node, Unknown) else unusable(node)
