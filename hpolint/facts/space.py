"""The search space: the tuned parameters and the number of their combinations."""

from __future__ import annotations

import msgspec

from hpolint.facts.parameter_role import role
from hpolint.facts.typed_values import bound, first_unknown, unusable
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, follow, is_text, small_span
from hpolint.model.reasons import says

MAX_COMBINATIONS = 2**53
"""The largest count of combinations: exact as a double, and beyond any budget."""

AUTOTUNE = "SageMaker picks these ranges itself"

KINDS = {
    "ContinuousParameterRanges": "continuous",
    "IntegerParameterRanges": "integer",
    "CategoricalParameterRanges": "categorical",
}


class TunedParameter(msgspec.Struct, frozen=True):
    """One range, its path in the request, and the path of its definition (None: shared by several)."""

    kind: str
    path: Path
    node: Node
    definition: Path | None


class RangeSet(msgspec.Struct, frozen=True):
    """The ranges of one definition. ``open`` is the reason why there may be more than the known ones."""

    ranges: list[TunedParameter]
    open: Unknown | None


class SpaceFacts(msgspec.Struct, frozen=True):
    """``space``: the search space over all definitions of the job."""

    dimensions: int | Unknown
    """The number of tuned parameters."""
    numeric: list[str] | Unknown
    """The names of the integer and continuous ranges, in the order of the request."""
    combinations: int | Unknown | None
    """The number of combinations, at most 2^53; an integer range has max − min + 1 values. Null if
    a range is continuous."""
    top_learning_rate: float | Unknown | None
    """The highest value of a tuned learning rate; null if none is tuned."""


def range_sets(request: Struct, definitions: list[Path]) -> list[RangeSet]:
    """The ranges of each definition: its own, or the config's if it has none. Without definitions, the config's."""
    config = ("HyperParameterTuningJobConfig", "ParameterRanges")
    own = {path: (*path, "HyperParameterRanges") for path in definitions}
    with_own = [path for path in definitions if follow(request, own[path]) is not None]
    sets = [_range_set(request, own[path], path) for path in with_own]
    if len(with_own) == len(definitions) and definitions:
        return sets
    sole = definitions[0] if len(definitions) == 1 else None
    return [*sets, _range_set(request, config, sole)]


def _range_set(request: Struct, path: Path, definition: Path | None) -> RangeSet:
    ranges = follow(request, path)
    if ranges is None:
        return RangeSet([], None)
    if not isinstance(ranges, Struct):
        return RangeSet([], ranges if isinstance(ranges, Unknown) else unusable(ranges))
    found: list[TunedParameter] = []
    open_ = ranges.open
    chosen = ranges.get("AutoParameters")
    if isinstance(chosen, Array) and chosen.items:
        open_ = open_ or Unknown(says(AUTOTUNE), chosen.anchor)
    elif isinstance(chosen, Unknown):
        open_ = open_ or chosen
    for member, kind in KINDS.items():
        items = ranges.get(member)
        if isinstance(items, Array):
            found += [TunedParameter(kind, (*path, member, i), n, definition) for i, n in enumerate(items.items)]
            open_ = open_ or items.open
        elif items is not None:
            open_ = open_ or (items if isinstance(items, Unknown) else unusable(items))
    return RangeSet(found, open_)


def space_facts(
    request: Struct, sets: list[RangeSet], more: Unknown | None = None, algorithm: str | Unknown | None = None
) -> SpaceFacts:
    """The facts over all range sets.

    ``more`` is the reason why there may be further definitions; ``algorithm`` is the only definition's. Without a
    definition, as in a file with only a config, the config's ranges count as all ranges.
    """
    more = more or _in_unknown_definitions(request, sets)
    open_ = more or first_unknown(*(ranges.open for ranges in sets)) or _left_to_autotune(request, sets)
    ranges = [range_ for each in sets for range_ in each.ranges]
    names = [_name(range_.node) for range_ in ranges if range_.kind != "categorical"]
    has_continuous = any(range_.kind == "continuous" for range_ in ranges)
    if has_continuous:
        combinations: int | Unknown | None = None
    else:
        combinations = open_ or _sum([_combinations(each) for each in sets])
    return SpaceFacts(
        dimensions=open_ or len(ranges),
        numeric=open_ or first_unknown(*names) or [name for name in names if isinstance(name, str)],
        combinations=combinations,
        top_learning_rate=open_ or _top_learning_rate(ranges, algorithm),
    )


def _top_learning_rate(ranges: list[TunedParameter], algorithm: str | Unknown | None) -> float | Unknown | None:
    """The highest bound of the ranges with the role of a learning rate; None if there is none."""
    tops: list[float | Unknown] = []
    for range_ in ranges:
        name = _name(range_.node)
        what = role(name, algorithm) if isinstance(name, str) else name
        if isinstance(what, Unknown):
            tops.append(what)
        elif what == "learning_rate" and isinstance(range_.node, Struct):
            tops.append(_top(range_.kind, range_.node))
    return first_unknown(*tops) or max((top for top in tops if isinstance(top, float)), default=None)


def _top(kind: str, node: Struct) -> float | Unknown:
    values = node.members.get("Values", node.open)
    if kind == "categorical" and isinstance(values, Array):
        numbers = [bound(item) for item in values.items]
        return values.open or first_unknown(*numbers) or max((n for n in numbers if isinstance(n, float)), default=0.0)
    if kind == "categorical" and isinstance(values, Unknown):
        return values
    top = bound(node.members.get("MaxValue", node.open))
    return unusable(node) if top is None else top


def _in_unknown_definitions(request: Struct, sets: list[RangeSet]) -> Unknown | None:
    """The unknown definitions that have the ranges if the config has none; None otherwise."""
    several = request.members.get("TrainingJobDefinitions")
    return several if isinstance(several, Unknown) and not any(each.ranges for each in sets) else None


def _left_to_autotune(request: Struct, sets: list[RangeSet]) -> Unknown | None:
    """The unknown ranges that Autotune chooses if no ranges are written; None otherwise."""
    autotune = request.members.get("Autotune", request.open)
    if autotune is None or any(each.ranges for each in sets):
        return None
    return autotune if isinstance(autotune, Unknown) else Unknown(says(AUTOTUNE), small_span(autotune))


def _name(node: Node) -> str | Unknown:
    if not isinstance(node, Struct):
        return node if isinstance(node, Unknown) else unusable(node)
    name = node.members.get("Name", node.open)
    if isinstance(name, Scalar) and isinstance(name.value, str) and is_text(name.value):
        return name.value
    return name if isinstance(name, Unknown) else unusable(node)


def _sum(counts: list[int | Unknown]) -> int | Unknown:
    return first_unknown(*counts) or min(sum(count for count in counts if isinstance(count, int)), MAX_COMBINATIONS)


def _combinations(ranges: RangeSet) -> int | Unknown:
    product = 1
    for range_ in ranges.ranges:
        size = _size(range_)
        if isinstance(size, Unknown):
            return size
        product *= size
    return min(product, MAX_COMBINATIONS) if ranges.ranges else 0


def _size(range_: TunedParameter) -> int | Unknown:
    if not isinstance(range_.node, Struct):
        return range_.node if isinstance(range_.node, Unknown) else unusable(range_.node)
    if range_.kind == "categorical":
        values = range_.node.members.get("Values", range_.node.open)
        if isinstance(values, Array):
            return values.open or len(values.items)
        return values if isinstance(values, Unknown) else unusable(range_.node)
    low, high = (bound(range_.node.members.get(name, range_.node.open)) for name in ("MinValue", "MaxValue"))
    unknown = first_unknown(low, high)
    if unknown:
        return unknown
    if low is None or high is None or not float(low).is_integer() or not float(high).is_integer() or high < low:  # type: ignore[arg-type, operator]
        return unusable(range_.node)
    return int(high) - int(low) + 1  # type: ignore[arg-type]
