"""The results of Python's builtin functions, and of some of its standard library's."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds, operators, paths
from hpolint.readers.python.interpreter.joining import one_of
from hpolint.readers.python.interpreter.methods import copied, of_mapping, of_sequence, of_text
from hpolint.readers.python.interpreter.operators import MAX_ITERATED_ITEMS, is_closed, iterated
from hpolint.readers.python.interpreter.plain import (
    MAX_FORMATTED_CHARACTERS,
    NotPlainError,
    from_plain,
    known,
    plain,
    size_of,
)
from hpolint.readers.python.interpreter.units import BEGINNING
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Mapping,
    Sequence,
    Value,
    description,
    unknown,
)

CONVERSIONS: dict[str, Callable[[Any], Any]] = {"str": str, "int": int, "float": float, "bool": bool, "abs": abs}
CONVERSIONS |= {"round": round, "repr": repr}
FOLDS: dict[str, Callable[..., Any]] = {"sum": sum, "min": min, "max": max, "any": any, "all": all, "divmod": divmod}
FOLDS |= {"json.dumps": json.dumps, "json.loads": json.loads, "sorted": sorted, "round": round}

MAX_ROUNDED_DIGITS = 400
"""Digits that ``round`` may be given: more than any double has."""

MAX_JSON_CHARACTERS = 1_000_000
"""Characters of a document that ``json.loads`` reads: each second one may be a value."""

ITEM_FUNCTIONS = frozenset({"sorted", "min", "max", "sum"})


def function(name: str, arguments: Arguments, span: Span) -> Value | None:
    """The result of a builtin or standard library function; None if it is not known here."""
    module, _, last = name.rpartition(".")
    is_path = module in paths.MODULES or name == "builtins.str"
    if is_path and (made := paths.function(name, arguments, span)) is not None:
        return made
    if module == "builtins":
        return _builtin(last, arguments, span)
    if name == "builtins.dict.fromkeys":
        return _from_keys(arguments.positional, span)
    if module in ("builtins.dict", "builtins.list", "builtins.set", "builtins.str") and arguments.positional:
        return _unbound(last, arguments, span)
    if name in ("copy.copy", "copy.deepcopy") and len(arguments.positional) == 1:
        return copied(arguments.positional[0], deep=last == "deepcopy")
    if name == "collections.OrderedDict":
        return _builtin("dict", arguments, span)
    if name == "collections.defaultdict":
        return unknown(is_a("a defaultdict"), span)
    return _folded(name, arguments, span) if name in FOLDS else None


def _unbound(name: str, arguments: Arguments, span: Span) -> Value | None:
    """The result of a method read from its class, as in ``dict.update(settings, more)``."""
    receiver, *rest = arguments.positional
    arguments_ = Arguments(rest, arguments.keywords, arguments.places, arguments.open)
    if isinstance(receiver, Mapping):
        return of_mapping(receiver, name, arguments_, span)
    if isinstance(receiver, Sequence):
        return of_sequence(receiver, name, arguments_, span)
    if isinstance(receiver, Constant) and isinstance(receiver.value, str):
        return of_text(receiver.value, name, arguments_, span)
    operators.forget(receiver, unknown(f"may be changed by `{name}()`", span))
    return None


def _builtin(name: str, arguments: Arguments, span: Span) -> Value | None:
    positional = arguments.positional
    if arguments.open is not None:
        return None
    if name == "dict":
        return _dict(arguments, span)
    if name in ITERATORS and not arguments.keywords.keys() - {"start", "strict"}:
        return _if_known(ITERATORS[name](positional, arguments.keywords, span))
    if name in ("list", "tuple", "set", "frozenset") and not arguments.keywords:
        return _if_known(_collection(name, positional, span))
    if len(positional) == 1 and name in CONVERSIONS and not arguments.keywords:
        return _converted(name, positional[0], span)
    if name == "len" and len(positional) == 1:
        return _length(positional[0], span)
    if name == "next" and positional:
        return _next(positional, span)
    found = _folded(name, arguments, span) if name in FOLDS else None
    return None if isinstance(found, Unknown) else found


def _if_known(value: Value) -> Value | None:
    """The value if it is known, else None: the caller then makes an unknown value with its possible aliases."""
    return None if isinstance(value, Unknown) else value


def _dict(arguments: Arguments, span: Span) -> Value:
    mapping = Mapping({}, span)
    for value in arguments.positional:
        pairs = _pairs(value)
        operators.spread(mapping, value if pairs is None else pairs, span)
    keywords = Mapping(dict(arguments.keywords.items()), span, dict(arguments.places.items()))
    operators.spread(mapping, keywords, span)
    return mapping


def _pairs(value: Value) -> Mapping | None:
    """A dict from a sequence of pairs; None for any other value."""
    items = iterated(value) if isinstance(value, Sequence) else None
    if items is None:
        return None
    made = Mapping({}, value.span if isinstance(value, Sequence) else BEGINNING)
    for item in items:
        pair = iterated(item)
        if pair is None or len(pair) != 2 or not isinstance(pair[0], Constant):
            return None
        made.entries[pair[0].value], made.keys[pair[0].value] = pair[1], pair[0].span
    return made


def _from_keys(positional: list[Value], span: Span) -> Value:
    keys = iterated(positional[0]) if positional else None
    if keys is None or not all(isinstance(key, Constant) for key in keys):
        return unknown(is_a("what `fromkeys()` returns"), span)
    value = positional[1] if len(positional) > 1 else Constant(None, span)
    found = [key for key in keys if isinstance(key, Constant)]
    return Mapping({key.value: value for key in found}, span, {key.value: key.span for key in found})


def _length(value: Value, span: Span) -> Value:
    if isinstance(value, Constant) and isinstance(value.value, str):
        return Constant(len(value.value), span)
    if isinstance(value, Mapping) and is_closed(value):
        return Constant(len(value.entries), span)
    sized = isinstance(value, Sequence) and value.open is None and value.kind in ("list", "tuple", "range", "view")
    return Constant(len(value.items), span) if sized else unknown(is_a(f"`len()` of {description(value)}"), span)  # type: ignore[union-attr]


def _folded(name: str, arguments: Arguments, span: Span) -> Value:
    """The result of a function of plain values, computed by Python itself."""
    last = name.rpartition(".")[2]
    try:
        if name in ITEM_FUNCTIONS and any(_has_mutable_items(value) for value in arguments.positional):
            raise NotPlainError
        positional = [plain(value) for value in arguments.positional]
        named = {key: plain(value) for key, value in arguments.keywords.items()}
        if arguments.open is not None or not _is_bounded(last, positional, named):
            raise NotPlainError
        return from_plain(FOLDS[name](*positional, **named), span)
    except (NotPlainError, TypeError, ValueError, ArithmeticError, MemoryError, RecursionError):
        return unknown(is_a(f"what `{last}()` returns"), span)


def _is_bounded(name: str, positional: list[Any], named: dict[str, Any]) -> bool:
    """Whether the work of a function is bounded by the size of its arguments, which is limited."""
    if name == "round":
        digits = [*positional[1:], *named.values()]  # an integer is rounded by a power of ten with so many digits
        return all(not isinstance(each, int) or abs(each) <= MAX_ROUNDED_DIGITS for each in digits)
    if name == "loads":
        return all(size_of(each) <= MAX_JSON_CHARACTERS for each in positional)
    if name == "dumps":
        # Each value is written with a separator, and with the indentation of each level around it.
        widths = size_of(list(named.values()), has_widths=True)
        return size_of(positional) * widths * _levels(positional) <= MAX_FORMATTED_CHARACTERS
    return True


def _levels(value: Any) -> int:
    """The levels of nesting of a plain value."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return 1 + max(map(_levels, items), default=0)


def _has_mutable_items(value: Value) -> bool:
    """Whether a sequence has items that can change; the result must then share them."""
    return isinstance(value, Sequence) and any(isinstance(item, Mapping | Sequence) for item in value.items)


def _converted(name: str, value: Value, span: Span) -> Value:
    if isinstance(value, Constant):
        try:
            return known(CONVERSIONS[name](value.value), span)
        except (TypeError, ValueError, OverflowError):
            return unknown(is_a("a conversion that fails"), span)
    if name == "str":
        return unknown("is built from unknown parts", span, operators.pieces_of(value))
    return unknown(is_a(f"`{name}()` of {description(value)}"), span)


def _collection(name: str, positional: list[Value], span: Span) -> Value:
    kind = "set" if name == "frozenset" else name
    if not positional:
        return Sequence(kind, [], span)
    items = iterated(positional[0])
    if (
        items is None
        and isinstance(positional[0], Sequence)
        and positional[0].kind == "set"
        and positional[0].open is None
    ):
        items = list(positional[0].items) if kind == "set" or len(positional[0].items) < 2 else None
    if items is None:
        return unknown(is_a(f"what `{name}()` returns"), span)
    return Sequence(kind, items, positional[0].span if isinstance(positional[0], Sequence) else span)


def _next(positional: list[Value], span: Span) -> Value:
    """The next item of an iterator; if each item may be absent, the join of them all."""
    source = positional[0]
    if not isinstance(source, Sequence) or source.kind not in ("iterator", "maybe") or not source.items:
        exhausted = isinstance(source, Sequence) and source.kind == "iterator" and source.open is None
        return positional[1] if exhausted and len(positional) > 1 else unknown(is_a("what `next()` returns"), span)
    if source.kind == "iterator":
        return source.items.pop(0)
    return one_of([*source.items, *positional[1:]], span)


def _range(positional: list[Value], _named: dict[str, Value], span: Span) -> Value:
    bounds = [value.value for value in positional if isinstance(value, Constant) and isinstance(value.value, int)]
    if len(bounds) < len(positional):
        return unknown(is_a("what `range()` returns"), span)
    try:
        numbers = range(*bounds)
        length = len(numbers)
    except (TypeError, ValueError):
        return unknown(is_a("a range that fails"), span)
    except OverflowError:  # longer than any list
        length = MAX_ITERATED_ITEMS + 1
    if length > MAX_ITERATED_ITEMS:
        return unknown(is_a("a long range"), span)
    return Sequence("range", [Constant(number, span) for number in numbers], span)


def _zip(positional: list[Value], _named: dict[str, Value], span: Span) -> Value:
    columns = [iterated(value) for value in positional]
    if any(column is None for column in columns):
        return unknown(is_a("what `zip()` returns"), span)
    if not bounds.has_room(*[column or [] for column in columns]):
        return unknown(bounds.TOO_LARGE, span)
    rows = zip(*[column or [] for column in columns], strict=False)
    return Sequence("iterator", [Sequence("tuple", list(row), span) for row in rows], span)


def _enumerate(positional: list[Value], named: dict[str, Value], span: Span) -> Value:
    items = iterated(positional[0]) if positional else None
    start = named.get("start") or (positional[1] if len(positional) > 1 else Constant(0, span))
    if items is None or not isinstance(start, Constant) or not isinstance(start.value, int):
        return unknown(is_a("what `enumerate()` returns"), span)
    rows = zip(itertools.count(start.value), items, strict=False)
    pairs: list[Value] = [Sequence("tuple", [Constant(number, span), item], span) for number, item in rows]
    return Sequence("iterator", pairs, span)


def _iter(positional: list[Value], _named: dict[str, Value], span: Span) -> Value:
    if len(positional) == 1 and isinstance(positional[0], Sequence) and positional[0].kind in ("iterator", "maybe"):
        return positional[0]
    items = iterated(positional[0]) if len(positional) == 1 else None
    return unknown(is_a("what `iter()` returns"), span) if items is None else Sequence("iterator", items, span)


def _reversed(positional: list[Value], _named: dict[str, Value], span: Span) -> Value:
    items = iterated(positional[0]) if positional else None
    return (
        unknown(is_a("what `reversed()` returns"), span) if items is None else Sequence("iterator", items[::-1], span)
    )


ITERATORS: dict[str, Callable[[list[Value], dict[str, Value], Span], Value]] = {
    "range": _range,
    "zip": _zip,
    "enumerate": _enumerate,
    "iter": _iter,
    "reversed": _reversed,
}
