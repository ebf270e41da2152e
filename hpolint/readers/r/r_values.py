"""R's values in the interpreter's: scalars are constants, and NULL is None.

An atomic vector of another length than one is a Sequence of the kind ``vector``; one with names is a Sequence of the
kind ``named vector``, of any length, whose names are not kept; an unnamed list is a Sequence of the kind ``list``; a
list in which each element has a name of its own is a Mapping. An object that Python made as a dict or tuple is a
Sequence of the kind ``python`` around it. Values of R are never changed in place: an assignment makes a new one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from collections.abc import Sequence as AnySequence
from typing import TypeGuard, TypeVar

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.operators import aliases, is_closed
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Function,
    Instance,
    Key,
    Mapping,
    Maybe,
    Method,
    Sequence,
    Symbol,
    UserClass,
    Value,
    unknown,
)

T = TypeVar("T")

VECTOR, NAMED_VECTOR, LIST, PYTHON = "vector", "named vector", "list", "python"
DOTS, MIXED_DOTS = "dots", "dots in any order"
"""The arguments that ``...`` stands for; of mixed ones with and without names the order is not known."""

MISSING = "R's missing argument"
"""The name of the symbol that a parameter without an argument has."""

LARGEST_INTEGER = 2**31 - 1
MAX_ELEMENTS = 2_000
"""Elements of a vector that a function makes."""


def all_known(items: AnySequence[T | None]) -> list[T] | None:
    """The items; None if one of them is."""
    known = [item for item in items if item is not None]
    return known if len(known) == len(items) else None


def elements(value: Value) -> list[Constant] | None:
    """The elements of an atomic vector without names; None for any other value, and if one is not known."""
    if isinstance(value, Constant):
        return [] if value.value is None else [value]
    if not isinstance(value, Sequence) or value.kind != VECTOR or value.open is not None:
        return None
    constants = [item for item in value.items if isinstance(item, Constant)]
    return constants if len(constants) == len(value.items) else None


def nonempty_texts(items: list[Constant]) -> list[str] | None:
    """The texts of some scalars, as names; None if one is no text, or is empty."""
    texts = [item.value for item in items if isinstance(item.value, str) and item.value]
    return texts if len(texts) == len(items) else None


def vector(items: AnySequence[Value], span: Span) -> Value:
    """The vector of some elements of one type: itself if it is only one."""
    return items[0] if len(items) == 1 else Sequence(VECTOR, list(items), span)


def is_list(value: Value) -> bool:
    """Whether a value is certainly a list of R."""
    return isinstance(value, Mapping) or (isinstance(value, Sequence) and value.kind == LIST)


def list_items(value: Value) -> list[Value] | None:
    """The elements of a list or vector as a loop yields them; None if they are not known."""
    if isinstance(value, Mapping):
        return list(value.entries.values()) if is_closed(value) else None
    if isinstance(value, Sequence) and value.kind == LIST and value.open is None:
        return list(value.items)
    found = elements(value)
    return None if found is None else list(found)


def is_plain(value: Value) -> bool:
    """Whether a value is data of R, and not an object of Python or an unknown value."""
    return isinstance(value, Constant | Mapping | Sequence)


def opaque(reason: str, span: Span, values: Iterable[Value] = ()) -> Unknown:
    """An unknown value that may be, or hold, an object among ``values``."""
    return aliases(values, unknown(reason, span))


def text_of_number(number: float) -> str | None:
    """A double as ``as.character`` writes it: with up to 15 significant digits, in the shorter notation.

    None for a number that 15 digits do not determine: versions of R write it in different ways.
    """
    if not math.isfinite(number):
        return None
    if number == 0:
        return "0"
    whole = f"{number:.14e}"
    if float(whole) != number and not _is_rounded_alike(number):
        return None
    mantissa, _, power = whole.partition("e")
    digits = mantissa.replace(".", "").replace("-", "").rstrip("0") or "0"
    exponent = int(power)
    sign = "-" if number < 0 else ""
    point = f".{digits[1:]}" if len(digits) > 1 else ""
    scientific = f"{sign}{digits[0]}{point}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    fixed = sign + _fixed(digits, exponent)
    return fixed if len(fixed) <= len(scientific) else scientific


def _is_rounded_alike(number: float) -> bool:
    """Whether rounding to 15 digits drops only the noise of a computation, as in 0.1 + 0.2."""
    return abs(number) < 1e15 and len(f"{number:.14e}".partition("e")[0].rstrip("0")) < 14


def _fixed(digits: str, exponent: int) -> str:
    """The digits of a number without its sign in fixed notation."""
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    if len(digits) <= exponent + 1:
        return digits + "0" * (exponent + 1 - len(digits))
    return f"{digits[: exponent + 1]}.{digits[exponent + 1 :]}"


def text_of_scalar(value: Constant) -> str | None:
    """A scalar as ``as.character`` writes it; None for NULL, and for a number whose text is not certain."""
    scalar = value.value
    if isinstance(scalar, bool):
        return "TRUE" if scalar else "FALSE"
    if isinstance(scalar, float):
        return text_of_number(scalar)
    return None if scalar is None else str(scalar)


def rank(value: Constant) -> int:
    """The place of a scalar's type in the order in which R converts: logical, integer, double, character."""
    if isinstance(value.value, bool):
        return 0
    if isinstance(value.value, int):
        return 1
    return 2 if isinstance(value.value, float) else 3


def converted(value: Constant, to: int) -> Constant | None:
    """A scalar as one of a later type, by its rank; None if its text is not certain."""
    scalar = value.value
    if rank(value) == to or scalar is None:
        return value
    if to == 3:
        text = text_of_scalar(value)
        return None if text is None else Constant(text, value.span)
    if isinstance(scalar, str):
        return None
    return Constant(int(scalar) if to == 1 else float(scalar), value.span)


def combined(values: list[Constant], span: Span) -> Value | None:
    """The atomic vector of some scalars, as ``c`` makes it; None if a text is not certain."""
    if not values:
        return Constant(None, span)
    highest = max(rank(value) for value in values)
    items = all_known([converted(value, highest) for value in values])
    return None if items is None else vector(items, span)


def named_list(names: list[str], values: list[Value], span: Span, places: list[Span]) -> Value:
    """A list with the names of its elements; empty ones for those without a name."""
    if not any(names):
        return Sequence(LIST, values, span)
    if not all(names) or len(set(names)) < len(names):
        return opaque("is a list with equal or missing names", span, values)
    entries: dict[Key, Value] = dict(zip(names, values, strict=True))
    return Mapping(entries, span, dict(zip(entries, places, strict=True)))


# Conversion at calls of Python


def to_python(value: Value) -> Value:
    """A value as reticulate converts it for a call of Python: a copy, of which R keeps its own."""
    if isinstance(value, Mapping):
        entries = {key: _entry_to_python(entry) for key, entry in value.entries.items()}
        return Mapping(entries, value.span, dict(value.keys), value.open)
    if not isinstance(value, Sequence):
        return value
    if value.kind == PYTHON:
        return value.items[0] if value.items else value
    if value.kind in (VECTOR, NAMED_VECTOR) and len(value.items) == 1 and value.open is None:
        return value.items[0]
    return Sequence(LIST, [to_python(item) for item in value.items], value.span, value.open)


def _entry_to_python(entry: Value) -> Value:
    return entry if isinstance(entry, Maybe) else to_python(entry)


def arguments_to_python(arguments: Arguments) -> Arguments:
    """The arguments of a call of Python."""
    return Arguments(
        [to_python(value) for value in arguments.positional],
        {name: to_python(value) for name, value in arguments.keywords.items()},
        arguments.places,
        arguments.open,
        [to_python(value) for value in arguments.spread],
    )


def from_python(value: Value, span: Span) -> Value:
    """What a call or an attribute of Python gives R: plain scalars are converted, and dicts and lists unknown here."""
    if isinstance(value, Constant):
        is_large = isinstance(value.value, int) and abs(value.value) > LARGEST_INTEGER
        return unknown(is_a("a large integer of Python"), span) if is_large else value
    if isinstance(value, Mapping | Sequence):
        return opaque(is_a("a dict or list of Python"), span, [value])
    return value


# Lists


def member(value: Value, name: str, span: Span) -> Value:
    """``value$name`` of a value of R: a unique element whose name begins with it is found, too."""
    if is_null(value) or _is_unnamed_list(value):
        return Constant(None, span)
    if not isinstance(value, Mapping):
        return opaque(is_a("a part of a vector"), span, [value])
    entry = value.entries.get(name)
    if entry is not None:
        return entry
    if not is_closed(value):
        return opaque(is_a("a part of a list with unknown elements"), span, [value])
    beginnings = [key for key in value.entries if isinstance(key, str) and key.startswith(name)]
    return value.entries[beginnings[0]] if len(beginnings) == 1 else Constant(None, span)


def is_null(value: Value) -> bool:
    """Whether a value is NULL."""
    return isinstance(value, Constant) and value.value is None


def _is_unnamed_list(value: Value) -> TypeGuard[Sequence]:
    """Whether a value is a list without names whose elements are known."""
    return isinstance(value, Sequence) and value.kind == LIST and value.open is None


def element(value: Value, index: Value, span: Span) -> Value:
    """``value[[index]]`` of a value of R."""
    result: Value | None = None
    if isinstance(index, Constant):
        if isinstance(index.value, str):
            result = _element_by_name(value, index.value, span)
        elif isinstance(index.value, int | float) and not isinstance(index.value, bool):
            result = _element_at(value, int(index.value))
    return opaque(is_a("an element that is not known"), span, [value]) if result is None else result


def _element_by_name(value: Value, name: str, span: Span) -> Value | None:
    if isinstance(value, Mapping):
        entry = value.entries.get(name)
        if entry is None and is_closed(value):
            return Constant(None, span)
        return entry
    return Constant(None, span) if is_null(value) or _is_unnamed_list(value) else None


def _element_at(value: Value, position: int) -> Value | None:
    items = list_items(value)
    if items is None or not 1 <= position <= len(items):
        return None
    return items[position - 1]


def part(value: Value, index: Value, span: Span) -> Value:
    """``value[index]`` of a value of R."""
    positions = _positions(value, index)
    result: Value | None = None
    if positions is not None:
        result = _part_at(value, positions, span)
    return opaque(is_a("a part that is not known"), span, [value]) if result is None else result


def _part_at(value: Value, positions: list[int], span: Span) -> Value | None:
    if isinstance(value, Mapping):
        keys = list(value.entries)
        chosen = [keys[position] for position in positions]
        if len(set(chosen)) < len(chosen):
            return None
        entries = {key: value.entries[key] for key in chosen}
        return Mapping(entries, value.span, {key: value.place(key) for key in chosen})
    items = list_items(value)
    if items is None:
        return None
    taken = [items[position] for position in positions]
    return Sequence(LIST, taken, span) if is_list(value) else vector(taken, span)


def _positions(value: Value, index: Value) -> list[int] | None:
    """The positions, from 0, that an index in single brackets means; None if they are not known, or do not exist."""
    items, indices = list_items(value), elements(index)
    if items is None or not indices:
        return None
    chosen = [each.value for each in indices]
    kind = rank(indices[0])
    if kind == 3:
        return _named_positions(value, chosen)
    if kind == 0:
        return _chosen_by_truth(chosen, len(items))
    return _numbered_positions([int(number) for number in chosen if isinstance(number, int | float)], len(items))


def _named_positions(value: Value, names: AnySequence[object]) -> list[int] | None:
    keys: list[object] = list(value.entries) if isinstance(value, Mapping) else []
    return [keys.index(name) for name in names] if set(names) <= set(keys) else None


def _numbered_positions(numbers: list[int], count: int) -> list[int] | None:
    """The positions of numbers from 1; negative ones leave positions out."""
    if all(1 <= number <= count for number in numbers):
        return [number - 1 for number in numbers]
    if all(number < 0 for number in numbers):
        return [at for at in range(count) if -(at + 1) not in numbers]
    return None


def _chosen_by_truth(truths: AnySequence[object], count: int) -> list[int] | None:
    if len(truths) != count or not all(isinstance(truth, bool) for truth in truths):
        return None
    return [at for at, truth in enumerate(truths) if truth]


def with_member(value: Value, name: str, new: Value, span: Span) -> Value:
    """The list with an element under a name; NULL removes it."""
    if is_null(value):
        value = Sequence(LIST, [], span)
    if _is_unnamed_list(value) and not value.items:
        if is_null(new):
            return value
        value = Mapping({}, value.span)
    if not isinstance(value, Mapping):
        return opaque("is changed in a way that is not read", span, [value, new])
    changed = Mapping(dict(value.entries), value.span, dict(value.keys), value.open)
    if is_null(new):
        changed.entries.pop(name, None)
        changed.keys.pop(name, None)
        return changed
    changed.entries[name] = _perhaps_removed(new) if isinstance(new, Unknown) else new
    changed.keys[name] = span
    return changed


def _perhaps_removed(new: Unknown) -> Value:
    """An element that is set to an unknown value, which removes it if that is NULL."""
    return Maybe(new.reason, new.span, new.pieces, candidates=getattr(new, "candidates", []))


def with_element(value: Value, index: Value, new: Value, span: Span) -> Value:
    """What ``value[[index]] <- new`` makes of a list."""
    if isinstance(index, Constant) and isinstance(index.value, str):
        if not is_null(value):  # versions of R make a list or a vector of NULL
            return with_member(value, index.value, new, span)
    elif isinstance(index, Constant) and isinstance(index.value, int | float) and not isinstance(new, Unknown):
        changed = _with_element_at(value, int(index.value) - 1, new)
        if changed is not None:
            return changed
    return opaque("is changed in a way that is not read", span, [value, new])


def _with_element_at(value: Value, position: int, new: Value) -> Value | None:
    """The list or vector with another element at a position from 0; None if it is not known."""
    if is_null(new):
        return None
    if isinstance(value, Mapping):
        return _with_entry_at(value, position, new)
    items = list_items(value)
    if items is None or not 0 <= position <= len(items):
        return None
    if is_list(value):
        return Sequence(LIST, [*items[:position], new, *items[position + 1 :]], span_of_list(value))
    if not items or not isinstance(new, Constant):
        return None
    constants = [item for item in items if isinstance(item, Constant)]
    return combined([*constants[:position], new, *constants[position + 1 :]], new.span)


def _with_entry_at(value: Mapping, position: int, new: Value) -> Value | None:
    """The list with names with another element at a position from 0; None if it is not known."""
    keys = list(value.entries)
    if not is_closed(value) or not 0 <= position < len(keys):
        return None
    return Mapping({**value.entries, keys[position]: new}, value.span, dict(value.keys))


def span_of_list(value: Value) -> Span:
    """The place of a list."""
    assert isinstance(value, Mapping | Sequence)
    return value.span


def with_part(value: Value, index: Value, new: Value, span: Span) -> Value:
    """What ``value[index] <- new`` makes of a vector or list: only one element at one known place is read."""
    single = _single(value, new)
    if single is None or isinstance(single, Unknown):
        return opaque("is changed in a way that is not read", span, [value, new])
    return with_element(value, index, single, span)


def _single(value: Value, new: Value) -> Value | None:
    """The element that a part of a vector or list is set to; None if it is not known to be a single one."""
    if not is_list(value):
        are_vectors = isinstance(value, Constant | Sequence) and isinstance(new, Constant)
        return new if are_vectors else None
    if is_list(new):
        items = list_items(new)
        return items[0] if items is not None and len(items) == 1 and not is_null(items[0]) else None
    return new if isinstance(new, Constant) and new.value is not None else None


def is_object(value: Value) -> bool:
    """Whether a value is an object or module of Python, which R changes in place."""
    return isinstance(value, Instance | Symbol | UserClass | Method)


def is_function(value: Value) -> bool:
    """Whether a value is a function of R."""
    return isinstance(value, Function)
