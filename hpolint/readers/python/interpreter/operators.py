"""Operators on values, aliases, and the forgetting of values that escape to unknown code."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Iterable
from typing import Any

from hpolint.io import work
from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds, paths
from hpolint.readers.python.interpreter.deployed_values import computed
from hpolint.readers.python.interpreter.plain import NotPlainError, known, may_format, percent_pieces, plain
from hpolint.readers.python.interpreter.text_lengths import length_of
from hpolint.readers.python.interpreter.values import (
    Constant,
    Either,
    Instance,
    Key,
    Mapping,
    Maybe,
    Method,
    Sequence,
    Symbol,
    Value,
    is_text,
    present,
    text_of,
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
    if not isinstance(value, Mapping):
        reason = value.reason if isinstance(value, Unknown) else "is unknown"
        forget(target, unknown(f"may come from a spread dict that {reason}", span))
        return
    if value.open:
        forget(target, value.open)
    if not bounds.has_room(target.entries, value.entries):
        forget(target, unknown(bounds.TOO_LARGE, span))
        return
    for key, entry in value.entries.items():
        target.entries[key] = _overridden(target.entries.get(key), entry)
    target.keys.update(value.keys)


def _overridden(current: Value | None, entry: Value) -> Value:
    """The entry of a dict after another's entry under the same key, which may be absent, was added."""
    if current is None or not isinstance(entry, Maybe):
        return entry
    both = aliases([current, *entry.candidates], entry)
    if isinstance(current, Maybe):
        return Maybe(both.reason, both.span, candidates=parts(both))
    return both


def iterated(value: Value | None) -> list[Value] | None:
    """The items that a loop over a value yields; None if they are unknown."""
    if isinstance(value, Mapping):
        return _view(value, "keys")
    if not isinstance(value, Sequence):
        return None
    if value.of is not None:
        return _view(value.of, value.kind)
    if value.open is not None or value.kind == "set":
        return None
    items = list(value.items)
    if value.kind == "iterator":
        value.items = []  # an iterator can be consumed only once
    return items


def _view(mapping: Mapping, kind: str) -> list[Value] | None:
    """The current items of a dict's ``keys()``, ``values()`` or ``items()``; None if they are unknown."""
    if not is_closed(mapping):
        return None
    if kind == "values":
        return list(mapping.entries.values())
    keys: list[Value] = [Constant(key, mapping.place(key)) for key in mapping.entries]
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
    visited: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in visited:
            continue
        visited.add(id(value))
        work.spend(1)
        if isinstance(value, Mapping):
            waiting += value.entries.values()
            value.entries.update({key: _maybe_overwritten(entry, why) for key, entry in value.entries.items()})
            value.open = why
        elif isinstance(value, Sequence):
            work.spend(len(value.items))  # tuples that hold each other have the square of their number of items
            waiting += value.items
            if value.kind not in ("tuple", "range"):
                value.items, value.open = [], _either(mutable_values(value.items), why)
        elif isinstance(value, Instance):
            waiting += _held_by(value)
            _forget_instance(value, why)
        elif isinstance(value, Either):
            waiting += value.candidates
        elif isinstance(value, Method) and isinstance(value.receiver, Mapping | Sequence):
            waiting.append(value.receiver)


def _held_by(instance: Instance) -> list[Value]:
    """The values that an instance refers to.

    A class of this source holds an argument only where its own constructor stores it; an imported constructor, also an
    inherited one, may store all of them.
    """
    cls = instance.user_class
    values = list(instance.attributes.values())
    if cls is None or cls.is_constructed_elsewhere:
        values += instance.arguments.values()
    return values


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
    if len(candidates) > MAX_CANDIDATES:
        candidates = []
    return Maybe(why.reason, why.span, why.pieces, candidates=candidates)


def aliases(values: Iterable[Value], why: Unknown) -> Unknown:
    """An unknown value that may alias one of some values, or a part of one: a change of it may change them.

    More than ``MAX_CANDIDATES`` values are forgotten instead.
    """
    candidates = mutable_values(values)
    if len(candidates) > MAX_CANDIDATES:
        forget_all(candidates, why)
    return _either(candidates, why)


def _either(candidates: list[Value], why: Unknown) -> Unknown:
    if not candidates or len(candidates) > MAX_CANDIDATES:
        return why
    return Either(why.reason, why.span, why.pieces, candidates=candidates)


def mutable_values(values: Iterable[Value]) -> list[Value]:
    """The mutable ones among some values and the candidates of unknown ones, each once."""
    by_id: dict[int, Value] = {}
    for value in values:
        if isinstance(value, Either):
            mutable = [candidate for candidate in value.candidates if type(candidate) not in IMMUTABLE_TYPES]
            by_id |= {id(candidate): candidate for candidate in mutable}
        elif type(value) not in IMMUTABLE_TYPES:
            by_id[id(value)] = value
    return list(by_id.values())


def may_be(value: Value, key: object) -> bool:
    """Whether a value may equal a key: the known pieces of a text say with what it begins and ends."""
    if isinstance(value, Constant):
        return value.value == key
    if not isinstance(value, Unknown) or not value.pieces:
        return True
    if not isinstance(key, str) or len(key) < bounds.known_length(value.pieces):
        return False
    return key.startswith(value.pieces[0] or "") and key.endswith(value.pieces[-1] or "")


def set_somewhere(container: Mapping | Sequence, index: Value, value: Value, why: Unknown) -> None:
    """Set an item under an unknown key: it may have replaced any item whose key that may be."""
    if isinstance(container, Sequence):
        container.items = [aliases([item, value], why) for item in container.items]
        return
    replaced = {key: aliases([entry, value], why) for key, entry in container.entries.items() if may_be(index, key)}
    container.entries.update(replaced)
    container.open = aliases([value, *present([container.open])], why)


def delete_somewhere(mapping: Mapping, index: Value, why: Unknown) -> None:
    """Delete an item under an unknown key: each item whose key that may be is there or not."""
    for key, entry in mapping.entries.items():
        if may_be(index, key):
            mapping.entries[key] = _maybe_overwritten(entry, why)


def parts(value: Value) -> list[Value]:
    """The values that iteration over a value, or access with any key, may return."""
    if not isinstance(value, Either):
        return _own_parts(value)
    below = list(value.candidates)
    for candidate in value.candidates:
        below += _own_parts(candidate)
    return mutable_values(below)


def with_parts(values: Collection[Value]) -> list[Value]:
    """Some values, and what iteration over them may return."""
    below = [part for value in values for part in parts(value)]
    return [*values, *below]


def parts_under(container: Value, index: Value) -> list[Value]:
    """The values that access with an unknown key may return."""
    if not isinstance(container, Mapping):
        return parts(container)
    entries = [entry for key, entry in container.entries.items() if may_be(index, key)]
    return [*entries, *present([container.open])]


def _own_parts(value: Value) -> list[Value]:
    if isinstance(value, Mapping):
        return [*value.entries.values(), *present([value.open])]
    if isinstance(value, Sequence) and value.of is not None:
        return _own_parts(value.of)
    if isinstance(value, Sequence):
        return [*value.items, *present([value.open])]
    if isinstance(value, Instance):
        return [value]
    return []


def binary(left: Value, op: ast.operator, right: Value, span: Span) -> Value:
    """The result of an operator on two values."""
    if isinstance(left, Constant) and isinstance(right, Constant):
        return _computed(left.value, op, right.value, span)
    combine = COMBINATIONS.get(type(op))
    combined = combine(left, right, span) if combine is not None else None
    result = combined or unknown("is computed from an unknown value", span)
    return computed(lambda known: binary(known[0], op, known[1], span), [left, right], result)


def _added(left: Value, right: Value, span: Span) -> Value | None:
    """A sum of lists, tuples or strings. Only a sum of strings keeps known pieces: numbers are added up."""
    if isinstance(left, Sequence) and isinstance(right, Sequence) and left.kind == right.kind:
        if not bounds.has_room(left.items, right.items):
            return aliases([*parts(left), *parts(right)], unknown(bounds.TOO_LARGE, span))
        if left.open is not None:
            return Sequence(left.kind, list(left.items), span, aliases(right.items, left.open))
        return Sequence(left.kind, [*left.items, *right.items], span, right.open)
    if is_text(left) or is_text(right):
        length = length_of(left) + length_of(right)
        return unknown("is built from unknown parts", span, (*pieces_of(left), *pieces_of(right)), length)
    return None


def _united(left: Value, right: Value, span: Span) -> Value | None:
    """The union of two dicts."""
    if not isinstance(left, Mapping):
        return None
    merged = Mapping(dict(left.entries), span, dict(left.keys), left.open)
    spread(merged, right, span)
    return merged


def _percent(left: Value, right: Value, span: Span) -> Value | None:
    """``text % (…)``, or ``text % {…}``."""
    text = text_of(left)
    if text is None:
        return None
    try:
        return _computed(text, ast.Mod(), plain(right), span)
    except NotPlainError:
        values = [right]
        if isinstance(right, Sequence) and right.kind == "tuple" and not right.open:
            values = right.items
        return unknown("is built from unknown parts", span, percent_pieces(text, values))


COMBINATIONS: dict[type[ast.operator], Callable[[Value, Value, Span], Value | None]] = {
    ast.Add: _added,
    ast.Div: paths.joined,
    ast.Mod: _percent,
    ast.BitOr: _united,
}
"""The results of operators on values that are not both plain ones; None if they are unknown."""


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
    length = sum(len(side) for side in (left, right) if isinstance(side, str))
    integers = [side for side in (left, right) if isinstance(side, int)]
    if isinstance(op, ast.Add):
        return bounds.is_text_within_bounds(length)
    if isinstance(op, ast.Mult):
        is_number_within = bounds.bits(left) + bounds.bits(right) <= bounds.MAX_BITS + 1
        return is_number_within and bounds.is_text_within_bounds(length * max(integers, default=0))
    if isinstance(op, ast.Pow) and len(integers) == 2:
        return max(bounds.bits(left) - 1, 0) * abs(integers[1]) <= bounds.MAX_BITS
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
    if isinstance(op, ast.In):
        return _contains(right, left)
    if isinstance(op, ast.NotIn):
        return negated(_contains(right, left))
    if not isinstance(right, Constant):
        return None
    is_identity = isinstance(op, ast.Is | ast.IsNot)
    if isinstance(left, Constant):
        if is_identity and None not in (left.value, right.value):
            return None
        try:
            return bool(COMPARISONS[type(op)](left.value, right.value))
        except TypeError:
            return None
    if not is_identity or right.value is not None or isinstance(left, Unknown | Symbol | Method):
        return None
    return isinstance(op, ast.IsNot)


def negated(truth: bool | None) -> bool | None:
    """The opposite of a truth; None if it is unknown."""
    return None if truth is None else not truth


def _contains(container: Value, item: Value) -> bool | None:
    if not isinstance(item, Constant):
        return None
    if isinstance(container, Mapping):
        return _has_key(container, item.value)
    if isinstance(container, Sequence):
        return _has_item(container, item.value)
    text, part = text_of(container), text_of(item)
    if text is None or part is None:
        return None
    return part in text


def _has_key(mapping: Mapping, key: Key) -> bool | None:
    entry = mapping.entries.get(key)
    if isinstance(entry, Maybe) or (entry is None and mapping.open):
        return None
    return entry is not None


def _has_item(sequence: Sequence, value: Key) -> bool | None:
    items = sequence.items if sequence.of is None else _view(sequence.of, sequence.kind)
    if items is None or sequence.kind in ("iterator", "maybe"):
        return None
    known_values = [item.value for item in items if isinstance(item, Constant)]
    if len(known_values) < len(items):
        return None
    if value in known_values:
        return True
    return None if sequence.open else False
