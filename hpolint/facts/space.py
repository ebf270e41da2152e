"""The search space: the tuned parameters and the number of their combinations."""

from __future__ import annotations

import msgspec

from hpolint.facts.parameter_role import role
from hpolint.facts.typed_values import bound, first_unknown, lifted, unusable
from hpolint.model.node import Array, Node, Path, Struct, Unknown, child, follow, is_text, small_span, text_of
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

    @property
    def bounds(self) -> tuple[float | Unknown | None, float | Unknown | None]:
        """MinValue and MaxValue as numbers."""
        return bound(child(self.node, "MinValue")), bound(child(self.node, "MaxValue"))


class RangeSet(msgspec.Struct, frozen=True):
    """The ranges of one definition. ``open`` is the reason why there may be more than the known ones."""

    ranges: list[TunedParameter]
    open: Unknown | None

    def of(self, definition: Path) -> list[TunedParameter]:
        """The ranges that a definition has, of its own or shared."""
        return [range_ for range_ in self.ranges if range_.definition in (definition, None)]


class SpaceFacts(msgspec.Struct, frozen=True):
    """``space``: the search space over all definitions of the job."""

    dimensions: int | Unknown
    """The number of tuned parameters."""
    widest: int | Unknown
    """The number of tuned parameters of the definition that tunes most."""
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
    lists = follow(request, path)
    if not isinstance(lists, Struct):
        return RangeSet([], None if lists is None else unusable(lists))
    chosen = lists.get("AutoParameters")
    unknown = [lists.open, first_unknown(chosen)]
    if isinstance(chosen, Array) and chosen.items:
        unknown.append(Unknown(says(AUTOTUNE), chosen.anchor))
    ranges: list[TunedParameter] = []
    for member, kind in KINDS.items():
        nodes = lists.get(member)
        if isinstance(nodes, Array):
            for index, node in enumerate(nodes.items):
                ranges.append(TunedParameter(kind, (*path, member, index), node, definition))
            unknown.append(nodes.open)
        elif nodes is not None:
            unknown.append(unusable(nodes))
    return RangeSet(ranges, first_unknown(*unknown))


def space_facts(
    request: Struct, sets: list[RangeSet], more: Unknown | None = None, algorithm: str | Unknown | None = None
) -> SpaceFacts:
    """The facts over all range sets.

    ``more`` is the reason why there may be further definitions; ``algorithm`` is the only definition's. Without a
    definition, as in a file with only a config, the config's ranges count as all ranges.
    """
    more = more or _in_unknown_definitions(request, sets)
    open_ = more or first_unknown(*(ranges.open for ranges in sets)) or _left_to_autotune(request, sets)
    ranges: list[TunedParameter] = []
    for range_set in sets:
        ranges += range_set.ranges
    kinds = {range_.kind for range_ in ranges}
    combinations: int | Unknown | None = None
    if "continuous" not in kinds:
        combinations = open_ or _sum(*(_combinations(range_set) for range_set in sets))
    if open_ is not None:
        return SpaceFacts(open_, open_, open_, combinations, open_)
    names = [_name(range_.node) for range_ in ranges if range_.kind != "categorical"]
    return SpaceFacts(
        dimensions=len(ranges),
        widest=max([len(range_set.ranges) for range_set in sets], default=0),
        numeric=_listed(*names),
        combinations=combinations,
        top_learning_rate=_top_learning_rate(ranges, algorithm),
    )


def _top_learning_rate(ranges: list[TunedParameter], algorithm: str | Unknown | None) -> float | Unknown | None:
    """The highest bound of the ranges with the role of a learning rate; None if there is none."""
    tops: list[float | Unknown] = []
    for range_ in ranges:
        name = _name(range_.node)
        kind = role(name, algorithm) if isinstance(name, str) else name
        if isinstance(kind, Unknown):
            tops.append(kind)
        elif kind == "learning_rate":
            tops.append(_top(range_))
    return _highest(*tops)


@lifted
def _highest(*numbers: float) -> float | None:
    return max(numbers, default=None)


@lifted
def _listed(*names: str) -> list[str]:
    return list(names)


def _top(range_: TunedParameter) -> float | Unknown:
    values = child(range_.node, "Values")
    if range_.kind == "categorical" and isinstance(values, Unknown):
        return values
    if range_.kind == "categorical" and isinstance(values, Array):
        numbers = [bound(item) for item in values.items]
        return values.open or _highest(*numbers) or 0.0
    _, top = range_.bounds
    return unusable(range_.node) if top is None else top


def _in_unknown_definitions(request: Struct, sets: list[RangeSet]) -> Unknown | None:
    """The unknown definitions that have the ranges if the config has none; None otherwise."""
    several = request.members.get("TrainingJobDefinitions")
    return None if any(range_set.ranges for range_set in sets) else first_unknown(several)


def _left_to_autotune(request: Struct, sets: list[RangeSet]) -> Unknown | None:
    """The unknown ranges that Autotune chooses if no ranges are written; None otherwise."""
    autotune = child(request, "Autotune")
    if autotune is None or any(range_set.ranges for range_set in sets):
        return None
    return first_unknown(autotune) or Unknown(says(AUTOTUNE), small_span(autotune))


def _name(node: Node) -> str | Unknown:
    name = child(node, "Name")
    text = text_of(name)
    if text is not None and is_text(text):
        return text
    return first_unknown(name) or unusable(node)


@lifted
def _sum(*counts: int) -> int:
    return min(sum(counts), MAX_COMBINATIONS)


def _combinations(ranges: RangeSet) -> int | Unknown:
    product = 1
    for range_ in ranges.ranges:
        size = _size(range_)
        if isinstance(size, Unknown):
            return size
        product *= size
    return min(product, MAX_COMBINATIONS) if ranges.ranges else 0


def _size(range_: TunedParameter) -> int | Unknown:
    if range_.kind == "categorical":
        values = child(range_.node, "Values")
        if isinstance(values, Array):
            return values.open or len(values.items)
        return first_unknown(values) or unusable(range_.node)
    size = _integers(*range_.bounds)
    return unusable(range_.node) if size is None else size


@lifted
def _integers(low: float | None, high: float | None) -> int | None:
    """The number of integers from one bound to another; None if a bound is missing or not an integer."""
    if low is None or high is None or not low.is_integer() or not high.is_integer() or high < low:
        return None
    return int(high) - int(low) + 1
