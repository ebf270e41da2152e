"""Values that whoever runs a source sets: options, environment variables, parameters. Each is unknown.

Such a value may have a default, which it has if nobody sets it, and known choices. A default of None is kept here,
since `value or other` needs it; the model of the SDK drops it, because None is no value of a request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from math import prod
from typing import TypeAlias

from msgspec.structs import replace

from hpolint.model.node import MAX_CHOICES, Scalar, Unknown
from hpolint.model.reasons import SET_BY_DEPLOYER, Kind, Reason, is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.units import STRIDE, Unit
from hpolint.readers.python.interpreter.values import Constant, Scope, Value, description

Choices: TypeAlias = tuple[Scalar | None, ...]
"""All possible values of an unknown, with None for absent; empty if they are not known."""


def deployed(thing: str, kind: Kind, span: Span, default: Value | None = None, choices: Choices = ()) -> Unknown:
    """A value that is set where the source runs; ``default`` is its value otherwise, None if that is not known."""
    return Unknown(is_a(thing, kind), span, choices=choices, default=default_of(default))


def leave_to_papermill(scope: Scope, unit: Unit) -> None:
    """Make the texts and numbers of a notebook's cell for parameters unknown: they are defaults.

    Switches stay as they are written: a notebook with `RUN = False` launches nothing by default.
    """
    for name, value in scope.names.items():
        if not isinstance(value, Constant) or isinstance(value.value, bool | None):
            continue
        if value.span.line // STRIDE == unit.number:
            thing = f"the notebook's parameter `{name}`"
            scope.names[name] = deployed(thing, Kind.NOTEBOOK_PARAMETER, value.span, value)


def default_of(value: Value | None) -> Scalar | None:
    """The value if nobody sets what it depends on; None if that is not known."""
    if isinstance(value, Constant):
        return Scalar(value.value, value.span)
    return value.default if isinstance(value, Unknown) else None


def computed(compute: Callable[[list[Constant]], Value], values: Sequence[Value], result: Value) -> Value:
    """A result that is not known, with its possible values and default, if those of ``values`` are known.

    ``compute`` gives the result for known values. The result itself if nothing is known of it.
    """
    if type(result) is not Unknown or not any(is_set_outside(value) for value in values):
        return result
    choices, default = _results(compute, values)
    if not choices and default is None:
        return result
    return replace(result, reason=_reason(values), choices=choices, default=default)


def converted(compute: Callable[[Constant], Value], value: Unknown) -> Unknown:
    """The same unknown value after a conversion: of its choices and of its default, if they can be converted."""
    choices, default = _results(lambda known: compute(known[0]), [value])
    return replace(value, pieces=(), choices=choices, default=default)


def value_or(value: Value, other: Value, either: Value) -> Value:
    """``value or other``, which is ``either`` of them, with its default, if the value is set outside."""
    if not isinstance(value, Unknown) or value.default is None or type(either) is not Unknown:
        return either
    default = value.default if value.default.value else default_of(other)
    return replace(value, pieces=(), choices=either.choices, default=default)


def is_set_outside(value: Value | None) -> bool:
    """Whether a value is unknown, and has choices or a default."""
    return type(value) is Unknown and (value.default is not None or bool(value.choices))


def _results(compute: Callable[[list[Constant]], Value], values: Iterable[Value]) -> tuple[Choices, Scalar | None]:
    """The results for all choices of some values, and the result for their defaults; none where they are not known."""
    by_default: list[Choices] = []
    for value in values:
        default = default_of(value)
        by_default.append(() if default is None else (default,))
    choices = _results_for(compute, [_choices_of(value) for value in values])
    results = _results_for(compute, by_default)
    if not results:
        return choices, None
    place = next(value.default.span for value in values if isinstance(value, Unknown) and value.default is not None)
    return choices, Scalar(results[0].value, place)


def _choices_of(value: Value) -> Choices:
    if isinstance(value, Constant):
        return (Scalar(value.value, value.span),)
    return value.choices if type(value) is Unknown else ()


def _results_for(compute: Callable[[list[Constant]], Value], choices: list[Choices]) -> tuple[Scalar, ...]:
    """The different results for all combinations of choices; none if one is not known, or if they are too many."""
    if not 0 < prod(len(own) for own in choices) <= MAX_CHOICES:
        return ()
    results: dict[tuple[type, object], Scalar] = {}  # with the type, because True == 1 in Python
    for combination in product(*choices):
        known = [Constant(choice.value, choice.span) for choice in combination if choice is not None]
        result = compute(known) if len(known) == len(combination) else None
        if not isinstance(result, Constant):
            return ()
        results.setdefault((type(result.value), result.value), Scalar(result.value, result.span))
    return tuple(results.values())


def _reason(values: Iterable[Value]) -> Reason:
    """Why a computed value is unknown: for the first value that a deployer sets, else the first unknown one."""
    unknowns = [value for value in values if isinstance(value, Unknown)]
    set_by_deployer = [value for value in unknowns if value.kind in SET_BY_DEPLOYER]
    source = (set_by_deployer or unknowns)[0]
    thing = description(source)
    return Reason(f"is computed from {thing}", thing, kind=source.kind)
