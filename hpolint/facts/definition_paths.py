"""The paths of a request's training job definitions."""

from __future__ import annotations

from hpolint.facts.typed_values import unusable
from hpolint.model.node import Array, Path, Struct, Unknown, follow


def definitions_of(request: Struct) -> tuple[list[Path], Unknown | None]:
    """The paths of the known training job definitions, and the Unknown that may contain more."""
    found: list[Path] = []
    more: Unknown | None = None
    sole = request.members.get("TrainingJobDefinition", request.open)
    several = request.members.get("TrainingJobDefinitions", request.open)
    if isinstance(sole, Struct):
        found.append(("TrainingJobDefinition",))
    elif sole is not None:
        more = sole if isinstance(sole, Unknown) else unusable(sole)
    if isinstance(several, Array):
        paths: list[Path] = [("TrainingJobDefinitions", index) for index in range(len(several.items))]
        found += [path for path in paths if isinstance(follow(request, path), Struct | Unknown)]
        more = more or several.open
    elif several is not None:
        more = more or (several if isinstance(several, Unknown) else unusable(several))
    return found, more
