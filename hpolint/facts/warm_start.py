"""A warm start from a job that the same source defines, or a file beside it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from hpolint.facts.definition_paths import definitions_of
from hpolint.facts.hyperparameters import SDK_PREFIX, range_name, sent_names
from hpolint.facts.objective import objective_facts
from hpolint.facts.space import range_sets
from hpolint.facts.typed_values import first_unknown, lifted
from hpolint.model.node import Path, Struct, Unknown, text_of

MAX_NAMES = 5
"""Names that a difference lists."""


class ParentFacts(msgspec.Struct, frozen=True):
    """``parent``: the first known parent of the warm start from which the job cannot start."""

    name: str | Unknown | None
    """Its name. Null if there is no such parent."""
    difference: str | Unknown | None
    """In which respect the job differs from it that a warm start does not allow, in words. Null if there is none."""


class _Compared(msgspec.Struct, frozen=True):
    """What a warm start compares of one request."""

    metric: str | Unknown | None
    names: set[str] | Unknown
    kinds: dict[str, str]


def parent_facts(request: Struct, parents: Iterable[Struct]) -> ParentFacts:
    """The facts of a request with those of its parents that are known."""
    unknown: Unknown | None = None
    for parent in parents:
        difference = _difference(request, parent)
        if isinstance(difference, str):
            return ParentFacts(text_of(parent.get("HyperParameterTuningJobName")), difference)
        unknown = unknown or difference
    return ParentFacts(unknown, unknown)


def _difference(request: Struct, parent: Struct) -> str | Unknown | None:
    own, other = _compared(request), _compared(parent)
    unknown = first_unknown(own, other)
    if unknown is not None:
        return unknown
    if not isinstance(own, _Compared) or not isinstance(other, _Compared):
        return None
    metric = _other_metric(own.metric, other.metric)
    names = _other_names(own.names, other.names)
    kind = _other_kind(own.kinds, other.kinds)
    differences = [difference for difference in (metric, names, kind) if isinstance(difference, str)]
    return differences[0] if differences else first_unknown(metric, names)


def _compared(request: Struct) -> _Compared | Unknown | None:
    """None for a request with several definitions, which cannot have a warm start."""
    definitions, more = definitions_of(request)
    if more is not None or len(definitions) != 1:
        return more
    (definition,) = definitions
    sets = range_sets(request, definitions)
    metric = objective_facts(request, definition).metric
    return _Compared(metric, sent_names(request, definition, sets).all, _kinds(request, definition))


def _kinds(request: Struct, definition: Path) -> dict[str, str]:
    """The type of each range with a known name."""
    kinds: dict[str, str] = {}
    for range_set in range_sets(request, [definition]):
        for parameter in range_set.of(definition):
            name = range_name(parameter.node)
            if isinstance(name, str):
                kinds[name] = parameter.kind
    return kinds


@lifted
def _other_metric(own: str | None, other: str | None) -> str | None:
    if own is None or other is None or own == other:
        return None
    return f"the parent's objective is `{other}`, that of this job is `{own}`"


@lifted
def _other_names(own: set[str], other: set[str]) -> str | None:
    only_own, only_other = _without_sdks(own - other), _without_sdks(other - own)
    if only_other:
        return f"the parent sends {_quoted(only_other)}, which this job does not"
    return f"this job sends {_quoted(only_own)}, which the parent does not" if only_own else None


def _other_kind(own: dict[str, str], other: dict[str, str]) -> str | None:
    for name, kind in own.items():
        if other.get(name, kind) != kind:
            return f"the parent's range of `{name}` is {other[name]}, that of this job is {kind}"
    return None


def _without_sdks(names: set[str]) -> list[str]:
    return sorted(name for name in names if not name.startswith(SDK_PREFIX))


def _quoted(names: list[str]) -> str:
    shown = ", ".join([f"`{name}`" for name in names[:MAX_NAMES]])
    return f"{shown} and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else shown
