"""Operators and changes: what two values make, and what an unknown hand makes of a value."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable
from typing import Any

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds, paths
from hpolint.readers.python.interpreter.plain import WIDE, NotPlainError, known, percent_pieces, plain
from hpolint.readers.python.interpreter.values import (
    Constant,
    Either,
    Instance,
    Mapping,
    Maybe,
    Method,
    Sequence,
    Symbol,
    Value,
    unknown,
)

OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: lambda a, b: a is b,
    ast.IsNot: lambda a, b: a is not b,
}
PLAIN = frozenset({Constant, Unknown, Symbol})
"""The types of what never changes and holds nothing that does."""

MOST = 32
"""How many values something unknown may be before nothing is kept of them."""

MAX_ITEMS = 2_000
"""How many items of a range or comprehension are followed."""


def spread(target: Mapping, value: Value, span: Span) -> None:
    """What ``update`` and ``**`` do. An unknown source may override any key that is there."""
    if isinstance(value, Mapping):
        if value.open:
            forget(target, value.open)
        if not bounds.has_room(target.entries, value.entries):
            forget(target, unknown(bounds.TOO_LARGE, span))
            return
        for key, entry in value.entries.items():
            there = target.entries.get(key)
            if isinstance(entry, Maybe) and there is not None:
                both = aliases([there, *entry.candidates], entry)  # one of the two is there
                entry = Maybe(both.reason, both.span, (), candidates=parts(both)) if isinstance(there, Maybe) else both
            target.entries[key] = entry
        target.keys.update(value.keys)
    else:
        reason = value.reason if isinstance(value, Unknown) else "cannot be told"
        forget(target, unknown(f"may come from a spread dict that {reason}", span))


def iterated(value: Value) -> list[Value] | None:
    """What a loop over a value yields; None if that cannot be told."""
    if isinstance(value, Sequence) and value.of is not None:
        return views(value.of, value.kind) if is_closed(value.of) else None
    if isinstance(value, Sequence) and value.open is None and value.kind != "set":
        items = list(value.items)
        if value.kind == "iterator":
            value.items = []  # there is only one way through it
        return items
    if isinstance(value, Mapping) and is_closed(value):
        return [Constant(key, value.keys.get(key, value.span)) for key in value.entries]
    return None


def views(mapping: Mapping, kind: str) -> list[Value]:
    """What a dict's ``keys()``, ``values()`` or ``items()`` yield now."""
    if kind == "values":
        return list(mapping.entries.values())
    keys: list[Value] = [Constant(key, mapping.keys.get(key, mapping.span)) for key in mapping.entries]
    if kind == "keys":
        return keys
    pairs = zip(keys, mapping.entries.values(), strict=True)
    return [Sequence("tuple", [key, value], mapping.span) for key, value in pairs]


def is_closed(mapping: Mapping) -> bool:
    """Whether it can be told which keys a dict has."""
    return mapping.open is None and not any(isinstance(entry, Maybe) for entry in mapping.entries.values())


def forget(value: Value, why: Unknown) -> None:
    """Something unknown has had the value in its hands: what it holds, at any depth, cannot be told any more."""
    waiting: list[Value] = [value]
    seen: set[int] = set()
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, Mapping):
            waiting += thing.entries.values()
            thing.entries.update({key: _lost(entry, why) for key, entry in thing.entries.items()})
            thing.open = why
        elif isinstance(thing, Sequence) and thing.kind in ("tuple", "range"):
            waiting += thing.items
        elif isinstance(thing, Sequence):
            waiting += thing.items
            thing.items, thing.open = [], aliases(thing.items, why)
        elif isinstance(thing, Instance):
            waiting += [*thing.attributes.values(), *thing.arguments.values()]
            thing.escaped = why
        elif isinstance(thing, Either):
            waiting += thing.candidates
        elif isinstance(thing, Method) and isinstance(thing.receiver, Mapping | Sequence):
            waiting.append(thing.receiver)


def _lost(entry: Value, why: Unknown) -> Maybe:
    """What stands under a key now: what stood there, or anything, or nothing."""
    candidates = flat([entry])
    return Maybe(why.reason, why.span, why.pieces, candidates=candidates if len(candidates) <= MOST else [])


def aliases(values: Iterable[Value], why: Unknown) -> Unknown:
    """Something unknown that may be one of some values, or a part of one: who changes it changes them.

    Of too many nothing is kept: they may have been changed from now on.
    """
    candidates = flat(values)
    if len(candidates) > MOST:
        for each in candidates:
            forget(each, why)
        return why
    return Either(why.reason, why.span, why.pieces, candidates=candidates) if candidates else why


def flat(values: Iterable[Value]) -> list[Value]:
    """The values that can change, those that one of several may be included, each once."""
    found: dict[int, Value] = {}
    for value in values:
        if isinstance(value, Either):
            found |= {id(each): each for each in value.candidates if type(each) not in PLAIN}
        elif type(value) not in PLAIN:
            found[id(value)] = value
    return list(found.values())


def set_somewhere(container: Mapping | Sequence, value: Value, why: Unknown) -> None:
    """Something is set under a key that cannot be told: each item may have been replaced by it."""
    if isinstance(container, Mapping):
        container.entries.update({key: aliases([entry, value], why) for key, entry in container.entries.items()})
        container.open = aliases([value, *([container.open] if container.open else [])], why)
    else:
        container.items = [aliases([item, value], why) for item in container.items]


def parts(value: Value) -> list[Value]:
    """What may be got out of a value by going through it or by a key that cannot be told."""
    if isinstance(value, Either):
        return flat([*value.candidates, *(part for candidate in value.candidates for part in _own_parts(candidate))])
    return _own_parts(value)


def _own_parts(value: Value) -> list[Value]:
    if isinstance(value, Mapping):
        return [*value.entries.values(), *([value.open] if value.open is not None else [])]
    if isinstance(value, Sequence) and value.of is not None:
        return _own_parts(value.of)
    if isinstance(value, Sequence):
        return [*value.items, *([value.open] if value.open is not None else [])]
    return [value] if isinstance(value, Instance) else []


def binary(left: Value, op: ast.operator, right: Value, span: Span) -> Value:
    """An operator on two values."""
    if isinstance(left, Constant) and isinstance(right, Constant):
        return _computed(left.value, op, right.value, span)
    if isinstance(op, ast.Mod) and isinstance(left, Constant) and isinstance(left.value, str):
        return _percent(left.value, right, span)
    if isinstance(op, ast.Div) and (path := paths.joined(left, right, span)) is not None:
        return path
    if isinstance(op, ast.Add):
        if isinstance(left, Sequence) and isinstance(right, Sequence) and left.kind == right.kind:
            if not bounds.has_room(left.items, right.items):
                return aliases([*parts(left), *parts(right)], unknown(bounds.TOO_LARGE, span))
            if left.open is not None:
                return Sequence(left.kind, list(left.items), span, aliases([*right.items], left.open))
            return Sequence(left.kind, [*left.items, *right.items], span, right.open)
        if any(map(_is_text, (left, right))):
            pieces = (*pieces_of(left), *pieces_of(right))
            return unknown("is put together from parts that cannot be told", span, pieces)
    if isinstance(op, ast.BitOr) and isinstance(left, Mapping):
        merged = Mapping(dict(left.entries), span, dict(left.keys), left.open)
        spread(merged, right, span)
        return merged
    return unknown("is computed from a value that cannot be told", span)


def _is_text(value: Value) -> bool:
    """Whether a value is known to be a string, of which a sum has all that is known: a number's sum is another one."""
    return (
        isinstance(value.value, str)
        if isinstance(value, Constant)
        else isinstance(value, Unknown) and bool(value.pieces)
    )


def _percent(text: str, right: Value, span: Span) -> Value:
    """``text % (…)``, or ``text % {…}``."""
    try:
        return _computed(text, ast.Mod(), plain(right), span)
    except NotPlainError:
        given = right.items if isinstance(right, Sequence) and right.kind == "tuple" and not right.open else [right]
        return unknown("is put together from parts that cannot be told", span, percent_pieces(text, given))


def _computed(left: Any, op: ast.operator, right: Any, span: Span) -> Value:
    function = OPERATORS.get(type(op))
    if isinstance(op, ast.Mod) and isinstance(left, str) and WIDE.search(left):
        function = None
    if function is None:
        return unknown("is computed in a way that is not followed", span)
    if not _is_followed(left, op, right):
        return unknown(bounds.TOO_LARGE, span)
    try:
        result = function(left, right)
    except (TypeError, ValueError, ArithmeticError, MemoryError, LookupError):
        return unknown(is_a("a computation that fails"), span)
    return known(result, span)


def _is_followed(left: Any, op: ast.operator, right: Any) -> bool:
    """Whether what an operator makes is within bounds, told before it is made."""
    texts = [side for side in (left, right) if isinstance(side, str)]
    if isinstance(op, ast.Mult) and texts:
        times = [side for side in (left, right) if isinstance(side, int)]
        return bounds.is_text_followed(sum(map(len, texts)) * max(times, default=0))
    if isinstance(op, ast.Add) and texts:
        return bounds.is_text_followed(sum(map(len, texts)))
    if isinstance(op, ast.Mult):
        return bounds.bits(left) + bounds.bits(right) <= bounds.MAX_BITS + 1
    if isinstance(op, ast.Pow) and isinstance(left, int) and isinstance(right, int):
        return max(bounds.bits(left) - 1, 0) * abs(right) <= bounds.MAX_BITS
    return True


def pieces_of(value: Value) -> tuple[str | None, ...]:
    """The known pieces of a string."""
    if isinstance(value, Constant):
        return (str(value.value),)
    if isinstance(value, Unknown) and value.pieces:
        return value.pieces
    return (None,)


def compared(left: Value, op: ast.cmpop, right: Value) -> bool | None:
    """Whether a comparison holds; None if that cannot be told."""
    if isinstance(op, ast.In | ast.NotIn) and isinstance(left, Constant):
        held = _contains(right, left)
        return held if held is None or isinstance(op, ast.In) else not held
    if isinstance(left, Constant) and isinstance(right, Constant) and type(op) in COMPARISONS:
        if isinstance(op, ast.Is | ast.IsNot) and None not in (left.value, right.value):
            return None
        try:
            return bool(COMPARISONS[type(op)](left.value, right.value))
        except TypeError:
            return None
    if isinstance(op, ast.Is | ast.IsNot) and isinstance(right, Constant) and right.value is None:
        return None if isinstance(left, Unknown | Symbol | Method) else isinstance(op, ast.IsNot)
    return None


def _contains(holder: Value, item: Constant) -> bool | None:
    if isinstance(holder, Mapping):
        entry = holder.entries.get(item.value)
        return None if isinstance(entry, Maybe) or (entry is None and holder.open) else entry is not None
    if (
        isinstance(holder, Sequence)
        and holder.kind not in ("iterator", "maybe")
        and all(isinstance(each, Constant) for each in holder.items)
    ):
        held = any(isinstance(each, Constant) and each.value == item.value for each in holder.items)
        return True if held else None if holder.open else False
    if isinstance(holder, Constant) and isinstance(holder.value, str) and isinstance(item.value, str):
        return item.value in holder.value
    return None
