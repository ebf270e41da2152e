"""The paths of a request's training job definitions."""

from __future__ import annotations

from hpolint.facts.typed_values import unusable
from hpolint.model.node import Array, Path, Struct, Unknown, child


def definitions_of(request: Struct) -> tuple[list[Path], Unknown | None]:
    """The paths of the known training job definitions, and the Unknown that may contain more."""
    definitions: list[Path] = []
    more: Unknown | None = None
    sole = child(request, "TrainingJobDefinition")
    several = child(request, "TrainingJobDefinitions")
    if isinstance(sole, Struct):
        definitions.append(("TrainingJobDefinition",))
    elif sole is not None:
        more = unusable(sole)
    if isinstance(several, Array):
        for index, definition in enumerate(several.items):
            if isinstance(definition, Struct | Unknown):
                definitions.append(("TrainingJobDefinitions", index))
        more = more or several.open
    elif several is not None:
        more = more or unusable(several)
    return definitions, more
