"""The environment variables of a tuning job."""

from __future__ import annotations

from collections.abc import Sequence

from hpolint.facts.typed_values import lifted, struct
from hpolint.model.node import Path, Struct, Unknown


def environment_variables(request: Struct, definitions: Sequence[Path], more: Unknown | None) -> int | Unknown:
    """How many all definitions have together; ``more`` is why there may be others."""
    return _sum(more, *(_count(request, (*path, "Environment")) for path in definitions))


@lifted
def _sum(_: None, *counts: int) -> int:
    return sum(counts)


def _count(request: Struct, path: Path) -> int | Unknown:
    variables = struct(request, path)
    if variables is None:
        return 0
    return variables if isinstance(variables, Unknown) else variables.open or len(variables.members)
