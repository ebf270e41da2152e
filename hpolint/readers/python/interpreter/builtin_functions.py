"""The results of Python's builtin functions, and of some of its standard library's."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

from msgspec.structs import replace

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds, operators, paths, text_lengths
from hpolint.readers.python.interpreter.deployed_values import computed, converted, is_set_outside
from hpolint.readers.python.interpreter.joining import one_of
from hpolint.readers.python.interpreter.methods import copied, of_value, spread_keywords
from hpolint.readers.python.interpreter.operators import MAX_ITERATED_ITEMS, is_closed, iterated
from hpolint.readers.python.interpreter.plain import (
    MAX_FORMATTED_CHARACTERS,
    NotPlainError,
    from_plain,
    known,
    plain,
    size_of,
)
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Mapping,
    Sequence,
    Value,
    description,
    present,
    returned_by,
    text_of,
    unknown,
)

CONVERSIONS: dict[str, Callable[[Any], Any]] = {"str": str, "int": int, "float": float, "bool": bool, "abs": abs}
CONVERSIONS |= {"round": round, "repr": repr}
ROUNDING = frozenset({"int", "round"})
"""The conversions that keep the digits before the point."""

FOLDS: dict[str, Callable[..., Any]] = {"sum": sum, "min": min, "max": max, "any": any, "all": all, "divmod": divmod}
FOLDS |= {"json.dumps": json.dumps, "json.loads": json.loads, "sorted": sorted, "round": round}

MAX_ROUNDED_DIGITS = 400
"""Digits that ``round`` may be given: more than any double has."""

MAX_JSON_CHARACTERS = 1_000_000
"""Characters of a document that ``json.loads`` reads: each second one may be a value."""

ITEM_FUNCTIONS = frozenset({"sorted", "min", "max", "sum"})
EXTREMES = frozenset({"min", "max"})


def function(name: str, arguments: Arguments, span: Span) -> Value | None:
    """The result of a builtin or standard library function; None if it is not known here."""
    if name == "collections.OrderedDict":
        name = "builtins.dict"
    module, _, last = name.rpartition(".")
    if module in paths.MODULES or name == "builtins.str":
        path = paths.function(name, arguments, span)
        if path is not None:
            return path
    if module == "builtins":
        return _builtin(last, arguments, span)
    if name in HANDLERS:
        return HANDLERS[name](arguments, span)
    if module in ("builtins.dict", "builtins.list", "builtins.set", "builtins.str") and arguments.positional:
        return _unbound(last, arguments, span)
    if name in FOLDS:
        return _folded(name, arguments, span)
    return text_lengths.call(name, arguments, span)


def _unbound(name: str, arguments: Arguments, span: Span) -> Value | None:
    """The result of a method read from its class, as in ``dict.update(settings, more)``."""
    receiver, *rest = arguments.positional
    result = of_value(receiver, name, replace(arguments, positional=rest), span)
    if result is None:
        operators.forget(receiver, unknown(f"may be changed by `{name}()`", span))
    return result


def _builtin(name: str, arguments: Arguments, span: Span) -> Value | None:
    """The result of a builtin. If it is unknown, None: the caller makes an unknown value with its possible aliases."""
    positional = arguments.positional
    if arguments.open is not None:
        return None
    if name == "dict":
        return _dict(arguments, span)
    handler = HANDLERS.get(f"builtins.{name}")
    if handler is not None and not arguments.keywords.keys() - {"start", "strict"}:
        return handler(arguments, span)
    if name in CONVERSIONS and len(positional) == 1 and not arguments.keywords:
        return _converted(name, positional[0], span)
    if name not in FOLDS:
        return None
    result = _folded(name, arguments, span)
    return _extreme(name, arguments, span) if isinstance(result, Unknown) else result


def _extreme(name: str, arguments: Arguments, span: Span) -> Value | None:
    """The least or largest of some values that are set where the source runs; None if nothing is known of it."""
    values = arguments.positional
    if name not in EXTREMES or len(values) < 2 or arguments.keywords:
        return None
    nothing = returned_by(name, span)
    result = computed(lambda constants: _folded(name, Arguments([*constants]), span), values, nothing)
    return result if is_set_outside(result) else None


def _dict(arguments: Arguments, span: Span) -> Value:
    mapping = Mapping({}, span)
    for value in arguments.positional:
        operators.spread(mapping, _pairs(value) or value, span)
    spread_keywords(mapping, arguments, span)
    return mapping


def _pairs(value: Value) -> Mapping | None:
    """A dict from a sequence of pairs; None for any other value."""
    items = iterated(value) if isinstance(value, Sequence) else None
    if items is None or not isinstance(value, Sequence):
        return None
    mapping = Mapping({}, value.span)
    for item in items:
        match iterated(item):
            case [Constant() as key, entry]:
                mapping.entries[key.value], mapping.keys[key.value] = entry, key.span
            case _:
                return None
    return mapping


def _from_keys(arguments: Arguments, span: Span) -> Value:
    items = iterated(arguments.at(0))
    if items is None:
        return returned_by("fromkeys", span)
    keys = [item for item in items if isinstance(item, Constant)]
    if len(keys) < len(items):
        return returned_by("fromkeys", span)
    value = arguments.at(1) or Constant(None, span)
    return Mapping({key.value: value for key in keys}, span, {key.value: key.span for key in keys})


def _copied(arguments: Arguments, _span: Span, *, deep: bool = False) -> Value | None:
    value = arguments.at(0)
    return None if value is None or len(arguments.positional) > 1 else copied(value, deep=deep)


def _length(arguments: Arguments, span: Span) -> Value | None:
    value, text = arguments.at(0), text_of(arguments.at(0))
    if value is None:
        return None
    if text is not None:
        return Constant(len(text), span)
    if isinstance(value, Mapping) and is_closed(value):
        return Constant(len(value.entries), span)
    if isinstance(value, Sequence) and value.open is None and value.kind in ("list", "tuple", "range"):
        return Constant(len(value.items), span)
    return unknown(is_a(f"`len()` of {description(value)}"), span)


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
        return returned_by(last, span)


def _is_bounded(name: str, positional: list[Any], named: dict[str, Any]) -> bool:
    """Whether the work of a function is bounded by the size of its arguments, which is limited."""
    if name == "round":
        digits = [*positional[1:], *named.values()]  # an integer is rounded by a power of ten with so many digits
        return all(not isinstance(count, int) or abs(count) <= MAX_ROUNDED_DIGITS for count in digits)
    if name == "loads":
        return all(size_of(document) <= MAX_JSON_CHARACTERS for document in positional)
    if name == "dumps":
        # Each value is written with a separator, and with the indentation of each level around it.
        widths = size_of(list(named.values()), has_widths=True)
        return size_of(positional) * widths * _levels(positional) <= MAX_FORMATTED_CHARACTERS
    return True


def _levels(value: Any) -> int:
    """The levels of nesting of a plain value."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list | tuple):
        return 1
    return 1 + max((_levels(item) for item in value), default=0)


def _has_mutable_items(value: Value) -> bool:
    """Whether a sequence has items that can change; the result must then share them."""
    return isinstance(value, Sequence) and any(isinstance(item, Mapping | Sequence) for item in value.items)


def _converted(name: str, value: Value, span: Span) -> Value:
    if isinstance(value, Constant):
        try:
            return known(CONVERSIONS[name](value.value), span)
        except (TypeError, ValueError, OverflowError):
            return unknown(is_a("a conversion that fails"), span)
    if isinstance(value, Unknown) and is_set_outside(value):
        return converted(lambda constant: _converted(name, constant, constant.span), value)
    if name == "str":
        length = text_lengths.length_of(value)
        return unknown("is built from unknown parts", span, operators.pieces_of(value), length)
    length = text_lengths.length_of(value) if name in ROUNDING else 0
    return unknown(is_a(f"`{name}()` of {description(value)}"), span, min_length=length)


def _collection(arguments: Arguments, span: Span, *, kind: str) -> Value | None:
    source = arguments.at(0)
    if source is None:
        return Sequence(kind, [], span)
    items = iterated(source)
    if not isinstance(source, Sequence):
        return None if items is None else Sequence(kind, items, span)
    if items is None and source.kind == "set" and source.open is None and (kind == "set" or len(source.items) < 2):
        items = list(source.items)
    return None if items is None else Sequence(kind, items, source.span)


def _next(arguments: Arguments, span: Span) -> Value | None:
    """The next item of an iterator; if each item may be absent, the join of them all."""
    source, default = arguments.at(0), arguments.at(1)
    if not isinstance(source, Sequence) or source.kind not in ("iterator", "maybe"):
        return returned_by("next", span)
    if source.items and source.kind == "maybe":
        return one_of(source.items if default is None else [*source.items, default], span)
    if source.items:
        return source.items.pop(0)
    if default is None or source.open is not None or source.kind == "maybe":
        return returned_by("next", span)
    return default


def _range(arguments: Arguments, span: Span) -> Value | None:
    values = arguments.positional
    limits = [value.value for value in values if isinstance(value, Constant) and isinstance(value.value, int)]
    if len(limits) < len(values):
        return None
    try:
        numbers = range(*limits)
        if len(numbers) > MAX_ITERATED_ITEMS:
            return None
    except (TypeError, ValueError, OverflowError):  # the last: longer than any list
        return None
    return Sequence("range", [Constant(number, span) for number in numbers], span)


def _zip(arguments: Arguments, span: Span) -> Value | None:
    columns = present([iterated(value) for value in arguments.positional])
    if len(columns) < len(arguments.positional) or not bounds.has_room(*columns):
        return None
    return Sequence("iterator", [Sequence("tuple", list(row), span) for row in zip(*columns, strict=False)], span)


def _product(arguments: Arguments, span: Span) -> Value | None:
    columns = present([iterated(value) for value in arguments.positional])
    is_known = len(columns) == len(arguments.positional) and not arguments.keywords and arguments.open is None
    if not is_known or prod(map(len, columns)) > MAX_ITERATED_ITEMS:
        return None
    return Sequence("iterator", [Sequence("tuple", list(row), span) for row in itertools.product(*columns)], span)


def _chain(arguments: Arguments, span: Span) -> Value | None:
    parts = present([iterated(value) for value in arguments.positional])
    if len(parts) < len(arguments.positional) or arguments.open is not None or not bounds.has_room(*parts):
        return None
    return Sequence("iterator", list(itertools.chain.from_iterable(parts)), span)


def _enumerate(arguments: Arguments, span: Span) -> Value | None:
    items = iterated(arguments.at(0))
    start = arguments.keywords.get("start") or arguments.at(1) or Constant(0, span)
    if items is None or not isinstance(start, Constant) or not isinstance(start.value, int):
        return None
    numbers = (Constant(number, span) for number in itertools.count(start.value))
    rows = zip(numbers, items, strict=False)
    return Sequence("iterator", [Sequence("tuple", list(row), span) for row in rows], span)


def _iter(arguments: Arguments, span: Span) -> Value | None:
    if len(arguments.positional) != 1:
        return None
    source = arguments.positional[0]
    if isinstance(source, Sequence) and source.kind in ("iterator", "maybe"):
        return source
    items = iterated(source)
    return None if items is None else Sequence("iterator", items, span)


def _reversed(arguments: Arguments, span: Span) -> Value | None:
    items = iterated(arguments.at(0))
    return None if items is None else Sequence("iterator", items[::-1], span)


HANDLERS: dict[str, Callable[[Arguments, Span], Value | None]] = {
    "builtins.range": _range,
    "builtins.zip": _zip,
    "builtins.enumerate": _enumerate,
    "builtins.iter": _iter,
    "itertools.product": _product,
    "itertools.chain": _chain,
    "builtins.reversed": _reversed,
    "builtins.next": _next,
    "builtins.len": _length,
    "builtins.list": partial(_collection, kind="list"),
    "builtins.tuple": partial(_collection, kind="tuple"),
    "builtins.set": partial(_collection, kind="set"),
    "builtins.frozenset": partial(_collection, kind="set"),
    "builtins.dict.fromkeys": _from_keys,
    "copy.copy": _copied,
    "copy.deepcopy": partial(_copied, deep=True),
    "collections.defaultdict": lambda _, span: unknown(is_a("a defaultdict"), span),
}
"""Functions that take values as they are; the others get those of Python itself."""
