"""Assignments to several targets at once, and to items of lists and dicts."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds, classes, iteration, operators
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Either,
    Mapping,
    Method,
    Sequence,
    Value,
    is_own,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter


def unpack(interpreter: Interpreter, target: ast.Tuple | ast.List, value: Value) -> None:
    """Bind several targets to the items of a value."""
    elements = target.elts
    items = iteration.items(interpreter, target, value)
    starred = next((index for index, element in enumerate(elements) if isinstance(element, ast.Starred)), None)
    if items is not None and starred is not None and len(items) >= len(elements) - 1:
        end = len(items) - (len(elements) - 1 - starred)
        rest = Sequence("list", items[starred:end], interpreter.span(elements[starred]))
        items = [*items[:starred], rest, *items[end:]]
    if items is None or len(items) != len(elements):
        items = [unknown("is unpacked from an unknown value", interpreter.span(element)) for element in elements]
    for element, item in zip(elements, items, strict=True):
        interpreter.assign(element, item)


def extend(current: Sequence, value: Value, span: Span) -> None:
    """Extend a list by the items of a value."""
    items = operators.iterated(value)
    if items is not None and not bounds.has_room(current.items, items):
        why = current.open or unknown(bounds.TOO_LARGE, span)
    elif items is None or current.open is not None:
        why = current.open or unknown("is extended with an unknown value", span)
    else:
        current.items += items
        return
    current.open = operators.aliases([why, *(items or operators.parts(value))], why)


def assign_item(interpreter: Interpreter, target: ast.Subscript, value: Value) -> None:
    """Set an item of a value."""
    receiver, index = interpreter.evaluate(target.value), interpreter.evaluate(target.slice)
    span = interpreter.span(target)
    if isinstance(receiver, Mapping):
        if isinstance(index, Constant):
            receiver.entries[index.value] = value
            receiver.keys[index.value] = interpreter.span(target.slice)
        else:
            operators.set_somewhere(receiver, index, value, unknown("may be set under an unknown key", span))
    elif isinstance(receiver, Sequence):
        _assign_at(receiver, target.slice, index, value, span)
    elif isinstance(receiver, Either | Method):
        owner = receiver.receiver if isinstance(receiver, Method) else receiver
        operators.forget(owner, unknown("may be changed through an alias", span))
    elif is_own(receiver):
        setter = classes.own_method(receiver, "__setitem__")
        if setter is not None:
            interpreter.call_function(setter, Arguments([index, value]), span)
    else:
        interpreter.libraries.item_used(receiver, span, index)


def _assign_at(sequence: Sequence, part: ast.expr, index: Value, value: Value, span: Span) -> None:
    """Set an item or a slice of a list."""
    if isinstance(part, ast.Slice):
        operators.forget(sequence, unknown("may be set in part", span))
        return
    at = index.value if isinstance(index, Constant) else None
    if isinstance(at, int) and -len(sequence.items) <= at < len(sequence.items):
        sequence.items[at] = value
    else:
        operators.set_somewhere(sequence, index, value, unknown("may be set at an unknown index", span))
