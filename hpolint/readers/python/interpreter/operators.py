"""Operators on values, aliases, and the forgetting of values that escape to unknown code."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable
from typing import Any

from hpolint.io import work
from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds, paths
from hpolint.readers.python.interpreter.plain import NotPlainError, known, may_format, percent_pieces, plain
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
IMMUTABLE_TYPES = frozenset({Constant, Unknown, Symbol})
"""The types of values that never change and contain nothing that does."""

MAX_CANDIDATES = 32
"""Candidates of an unknown value; beyond it the candidates are forgotten."""

MAX_ITERATED_ITEMS = 2_000
"""Items of a range or comprehension that are interpreted."""


def spread(target: Mapping, value: Value, span: Span) -> None:
    """Add a dict's entries, as ``update`` and ``**`` do. An unknown source may override any existing key."""
    if isinstance(value, Mapping):
        if value.open:
            forget(target, value.open)
        if not bounds.has_room(target.entries, value.entries):
            forget(target, unknown(bounds.TOO_LARGE, span))
            return
        for key, entry in value.entries.items():
            current = target.entries.get(key)
            if isinstance(entry, Maybe) and current is not None:
                both = aliases([current, *entry.candidates], entry)  # the entry is one of the two
                entry = (
                    Maybe(both.reason, both.span, (), candidates=parts(both)) if isinstance(current, Maybe) else both
                )
            target.entries[key] = entry
        target.keys.update(value.keys)
    else:
        reason = value.reason if isinstance(value, Unknown) else "is unknown"
        forget(target, unknown(f"may come from a spread dict that {reason}", span))


def iterated(value: Value) -> list[Value] | None:
    """The items that a loop over a value yields; None if they are unknown."""
    if isinstance(value, Sequence) and value.of is not None:
        return views(value.of, value.kind) if is_closed(value.of) else None
    if isinstance(value, Sequence) and value.open is None and value.kind != "set":
        items = list(value.items)
        if value.kind == "iterator":
            value.items = []  # an iterator can be consumed only once
        return items
    if isinstance(value, Mapping) and is_closed(value):
        return [Constant(key, value.keys.get(key, value.span)) for key in value.entries]
    return None


def views(mapping: Mapping, kind: str) -> list[Value]:
    """The current items of a dict's ``keys()``, ``values()`` or ``items()``."""
    if kind == "values":
        return list(mapping.entries.values())
    keys: list[Value] = [Constant(key, mapping.keys.get(key, mapping.span)) for key in mapping.entries]
    if kind == "keys":
        return keys
    pairs = zip(keys, mapping.entries.values(), strict=True)
    return [Sequence("tuple", [key, value], mapping.span) for key, value in pairs]


def is_closed(mapping: Mapping) -> bool:
    """Whether all keys of a dict are known."""
    return mapping.open is None and not any(isinstance(entry, Maybe) for entry in mapping.entries.values())


def forget(value: Value, why: Unknown) -> None:
    """Make the contents of a value unknown, at any depth: it escapes to code that is not analysed."""
    forget_all([value], why)


def forget_all(values: Iterable[Value], why: Unknown) -> None:
    """The same for several values, of which each part is met once: they may share most of their parts."""
    waiting = list(values)
    seen: set[int] = set()
    while waiting:
        value_ = waiting.pop()
        if id(value_) in seen:
            continue
        seen.add(id(value_))
        work.spend(1)
        if isinstance(value_, Mapping):
            waiting += value_.entries.values()
            value_.entries.update({key: _maybe_overwritten(entry, why) for key, entry in value_.entries.items()})
            value_.open = why
        elif isinstance(value_, Sequence) and value_.kind in ("tuple", "range"):
            work.spend(len(value_.items))  # tuples that hold each other have the square of their number of items
            waiting += value_.items
        elif isinstance(value_, Sequence):
            work.spend(len(value_.items))
            waiting += value_.items
            value_.items, value_.open = [], _aliases_of_forgotten(value_.items, why)
        elif isinstance(value_, Instance):
            waiting += _held_by(value_)
            _forget_instance(value_, why)
        elif isinstance(value_, Either):
            waiting += value_.candidates
        elif isinstance(value_, Method) and isinstance(value_.receiver, Mapping | Sequence):
            waiting.append(value_.receiver)


def _held_by(instance: Instance) -> list[Value]:
    """The values that an instance refers to.

    A class of this source holds an argument only where its own constructor stores it; an imported constructor, also an
    inherited one, may store all of them.
    """
    cls = instance.user_class
    held = list(instance.attributes.values())
    if cls is None or cls.is_constructed_elsewhere:
        held += instance.arguments.values()
    return held


def _forget_instance(instance: Instance, why: Unknown) -> None:
    """Let an instance escape to code that may set its attributes.

    As with a dict that escapes, only a call that gets the object is taken to change it, and it changes what has been
    set before: an attribute that is assigned after the call is known, until the object is passed on again. That the
    callee keeps the object and that some later call changes it is left aside. Nearly every program registers objects
    somewhere, and hardly one has them changed from there; no value of such a program would be known.
    """
    instance.escaped = why
    cls = instance.user_class
    if cls is not None and not cls.is_frozen:
        overwritten = {name: aliases([value], why) for name, value in instance.attributes.items()}
        instance.attributes.update(overwritten)


def _maybe_overwritten(entry: Value, why: Unknown) -> Maybe:
    """An entry after its dict was forgotten: the former value, any other value, or absent."""
    candidates = mutable_values([entry])
    return Maybe(why.reason, why.span, why.pieces, candidates=candidates if len(candidates) <= MAX_CANDIDATES else [])


def aliases(values: Iterable[Value], why: Unknown) -> Unknown:
    """An unknown value that may alias one of some values, or a part of one: a change of it may change them.

    More than ``MAX_CANDIDATES`` values are forgotten instead.
    """
    candidates = mutable_values(values)
    if len(candidates) > MAX_CANDIDATES:
        forget_all(candidates, why)
        return why
    return Either(why.reason, why.span, why.pieces, candidates=candidates) if candidates else why


def _aliases_of_forgotten(values: Iterable[Value], why: Unknown) -> Unknown:
    """The same for values that are forgotten in any case."""
    candidates = mutable_values(values)
    if not candidates or len(candidates) > MAX_CANDIDATES:
        return why
    return Either(why.reason, why.span, why.pieces, candidates=candidates)


def mutable_values(values: Iterable[Value]) -> list[Value]:
    """The mutable ones among some values and the candidates of unknown ones, each once."""
    found: dict[int, Value] = {}
    for value in values:
        if isinstance(value, Either):
            found |= {id(each): each for each in value.candidates if type(each) not in IMMUTABLE_TYPES}
        elif type(value) not in IMMUTABLE_TYPES:
            found[id(value)] = value
    return list(found.values())


def may_be(value: Value, key: object) -> bool:
    """Whether a value may equal a key: the known pieces of a text say with what it begins and ends."""
    if isinstance(value, Constant):
        return value.value == key
    if not isinstance(value, Unknown) or not value.pieces:
        return True
    if not isinstance(key, str):
        return False
    beginning, end = value.pieces[0] or "", value.pieces[-1] or ""
    known_length = sum(len(piece) for piece in value.pieces if piece is not None)
    return len(key) >= known_length and key.startswith(beginning) and key.endswith(end)


def set_somewhere(container: Mapping | Sequence, index: Value, value: Value, why: Unknown) -> None:
    """Set an item under an unknown key: it may have replaced any item whose key that may be."""
    if isinstance(container, Mapping):
        replaced = {key: aliases([entry, value], why) for key, entry in container.entries.items() if may_be(index, key)}
        container.entries.update(replaced)
        container.open = aliases([value, *([container.open] if container.open else [])], why)
    else:
        container.items = [aliases([item, value], why) for item in container.items]


def delete_somewhere(mapping: Mapping, index: Value, why: Unknown) -> None:
    """Delete an item under an unknown key: each item whose key that may be is there or not."""
    for key, entry in mapping.entries.items():
        if may_be(index, key):
            mapping.entries[key] = _maybe_overwritten(entry, why)


def parts(value: Value) -> list[Value]:
    """The values that iteration over a value, or access with any key, may return."""
    if isinstance(value, Either):
        return mutable_values(
            [*value.candidates, *(part for candidate in value.candidates for part in _own_parts(candidate))]
        )
    return _own_parts(value)


def parts_under(container: Value, index: Value) -> list[Value]:
    """The values that access with an unknown key may return."""
    if not isinstance(container, Mapping):
        return parts(container)
    found = [entry for key, entry in container.entries.items() if may_be(index, key)]
    return [*found, container.open] if container.open is not None else found


def _own_parts(value: Value) -> list[Value]:
    if isinstance(value, Mapping):
        return [*value.entries.values(), *([value.open] if value.open is not None else [])]
    if isinstance(value, Sequence) and value.of is not None:
        return _own_parts(value.of)
    if isinstance(value, Sequence):
        return [*value.items, *([value.open] if value.open is not None else [])]
    return [value] if isinstance(value, Instance) else []


def binary(left: Value, op: ast.operator, right: Value, span: Span) -> Value:
    """The result of an operator on two values."""
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
        if any(map(_is_known_text, (left, right))):
            pieces = (*pieces_of(left), *pieces_of(right))
            return unknown("is built from unknown parts", span, pieces)
    if isinstance(op, ast.BitOr) and isinstance(left, Mapping):
        merged = Mapping(dict(left.entries), span, dict(left.keys), left.open)
        spread(merged, right, span)
        return merged
    return unknown("is computed from an unknown value", span)


def _is_known_text(value: Value) -> bool:
    """Whether a value is known to be a string. Only then does a sum keep its known pieces: numbers are added up."""
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
        values = right.items if isinstance(right, Sequence) and right.kind == "tuple" and not right.open else [right]
        return unknown("is built from unknown parts", span, percent_pieces(text, values))


def _computed(left: Any, op: ast.operator, right: Any, span: Span) -> Value:
    function = OPERATORS.get(type(op))
    if isinstance(op, ast.Mod) and isinstance(left, str) and not may_format(left, right):
        function = None
    if function is None:
        return unknown("is computed in a way that is not analysed", span)
    if not _is_within_bounds(left, op, right):
        return unknown(bounds.TOO_LARGE, span)
    try:
        result = function(left, right)
    except (TypeError, ValueError, ArithmeticError, MemoryError, LookupError):
        return unknown(is_a("a computation that fails"), span)
    return known(result, span)


def _is_within_bounds(left: Any, op: ast.operator, right: Any) -> bool:
    """Whether an operator's result will be within bounds."""
    texts = [side for side in (left, right) if isinstance(side, str)]
    if isinstance(op, ast.Mult) and texts:
        times = [side for side in (left, right) if isinstance(side, int)]
        return bounds.is_text_within_bounds(sum(map(len, texts)) * max(times, default=0))
    if isinstance(op, ast.Add) and texts:
        return bounds.is_text_within_bounds(sum(map(len, texts)))
    if isinstance(op, ast.Mult):
        return bounds.bits(left) + bounds.bits(right) <= bounds.MAX_BITS + 1
    if isinstance(op, ast.Pow) and isinstance(left, int) and isinstance(right, int):
        return max(bounds.bits(left) - 1, 0) * abs(right) <= bounds.MAX_BITS
    return True


def pieces_of(value: Value) -> tuple[str | None, ...]:
    """The known pieces of a string, with None for each unknown part."""
    if isinstance(value, Constant):
        return (str(value.value),)
    if isinstance(value, Unknown) and value.pieces:
        return value.pieces
    return (None,)


def compared(left: Value, op: ast.cmpop, right: Value) -> bool | None:
    """Whether a comparison holds; None if it is unknown."""
    if isinstance(op, ast.In | ast.NotIn) and isinstance(left, Constant):
        contained = _contains(right, left)
        return contained if contained is None or isinstance(op, ast.In) else not contained
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


def _contains(container: Value, item: Constant) -> bool | None:
    if isinstance(container, Mapping):
        entry = container.entries.get(item.value)
        return None if isinstance(entry, Maybe) or (entry is None and container.open) else entry is not None
    if (
        isinstance(container, Sequence)
        and container.kind not in ("iterator", "maybe")
        and all(isinstance(each, Constant) for each in container.items)
    ):
        contained = any(isinstance(each, Constant) and each.value == item.value for each in container.items)
        return True if contained else None if container.open else False
    if isinstance(container, Constant) and isinstance(container.value, str) and isinstance(item.value, str):
        return item.value in container.value
    return None
