"""Operators and changes: what two values make, and what an unknown hand makes of a value."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from hpolint.node import Unknown
from hpolint.readers.python.state import same
from hpolint.readers.python.values import Instance, Known, Mapping, Sequence, Value, unknown
from hpolint.source import Span

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
MAX_TEXT = 10_000
"""How long a computed string, and how large a power's operand, may be before the result is unknown."""


def spread(target: Mapping, value: Value, span: Span) -> None:
    """What ``update`` and ``**`` do. An unknown source may override any key that is there."""
    if isinstance(value, Mapping):
        if value.open:
            forget(target, value.open)
        target.entries.update(value.entries)
        target.keys.update(value.keys)
    else:
        reason = value.reason if isinstance(value, Unknown) else "is no dict that can be told"
        forget(target, unknown(f"may come from a spread dict that {reason}", span))


def forget(value: Value, why: Unknown) -> None:
    """Something unknown has had the value in its hands: what it holds cannot be told any more."""
    if isinstance(value, Mapping):
        value.entries = dict.fromkeys(value.entries, why)
        value.open = why
    elif isinstance(value, Sequence):
        value.items = []
        value.open = why
    elif isinstance(value, Instance):
        value.escaped = why


def binary(left: Value, op: ast.operator, right: Value, span: Span) -> Value:
    """An operator on two values."""
    if isinstance(left, Known) and isinstance(right, Known):
        return _computed(left.value, op, right.value, span)
    if isinstance(op, ast.Add):
        if isinstance(left, Sequence) and isinstance(right, Sequence) and left.kind == right.kind:
            return Sequence(left.kind, [*left.items, *right.items], span, left.open or right.open)
        pieces = (*pieces_of(left), *pieces_of(right))
        if any(piece is not None for piece in pieces):
            return unknown("is put together from parts that cannot be told", span, pieces)
    if isinstance(op, ast.BitOr) and isinstance(left, Mapping):
        merged = Mapping(dict(left.entries), span, dict(left.keys), left.open)
        spread(merged, right, span)
        return merged
    return unknown("is computed from a value that cannot be told", span)


def _computed(left: Any, op: ast.operator, right: Any, span: Span) -> Value:
    function = OPERATORS.get(type(op))
    oversized = isinstance(op, ast.Pow | ast.Mult) and any(
        isinstance(x, int) and abs(x) > MAX_TEXT
        for x in (left, right)
        if isinstance(op, ast.Pow) or isinstance(left, str)
    )
    if function is None or oversized:
        return unknown("is computed in a way that is not followed", span)
    try:
        result = function(left, right)
    except (TypeError, ValueError, ArithmeticError, MemoryError):
        return unknown("is a computation that fails", span)
    return known(result, span)


def known(result: Any, span: Span) -> Value:
    """A computed result, if it is of the kind that can stand in a request."""
    if isinstance(result, float) and not math.isfinite(result):
        return unknown("is not a finite number", span)
    if isinstance(result, str | int | float | bool) or result is None:
        if isinstance(result, str) and len(result) > MAX_TEXT:
            return unknown("is a very long text", span)
        return Known(result, span)
    return unknown("is computed in a way that is not followed", span)


def pieces_of(value: Value) -> tuple[str | None, ...]:
    """The known pieces of a string."""
    if isinstance(value, Known):
        return (str(value.value),)
    if isinstance(value, Unknown) and value.pieces:
        return value.pieces
    return (None,)


def compared(left: Value, op: ast.cmpop, right: Value) -> bool | None:
    """Whether a comparison holds; None if that cannot be told."""
    if isinstance(op, ast.In | ast.NotIn) and isinstance(left, Known):
        held = _contains(right, left)
        return held if held is None or isinstance(op, ast.In) else not held
    if isinstance(left, Known) and isinstance(right, Known) and type(op) in COMPARISONS:
        if isinstance(op, ast.Is | ast.IsNot) and None not in (left.value, right.value):
            return None
        try:
            return bool(COMPARISONS[type(op)](left.value, right.value))
        except TypeError:
            return None
    if isinstance(op, ast.Is | ast.IsNot) and isinstance(right, Known) and right.value is None:
        return None if isinstance(left, Unknown) else isinstance(op, ast.IsNot)
    return None


def _contains(holder: Value, item: Known) -> bool | None:
    if isinstance(holder, Mapping):
        return True if item.value in holder.entries else None if holder.open else False
    if isinstance(holder, Sequence) and all(isinstance(each, Known) for each in holder.items):
        held = any(isinstance(each, Known) and same(each, item) for each in holder.items)
        return True if held else None if holder.open else False
    if isinstance(holder, Known) and isinstance(holder.value, str) and isinstance(item.value, str):
        return item.value in holder.value
    return None
