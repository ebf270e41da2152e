"""Assignments to several targets at once, and to items of lists and dicts."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from hpolint.readers.python.interpreter import classes, operators
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Either,
    Function,
    Instance,
    Mapping,
    Method,
    Sequence,
    Value,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter


def unpack(interpreter: Interpreter, elements: list[ast.expr], value: Value) -> None:
    """Bind several targets to the items of a value."""
    items = operators.iterated(value)
    starred = next((index for index, each in enumerate(elements) if isinstance(each, ast.Starred)), None)
    if items is not None and starred is not None and len(items) >= len(elements) - 1:
        end = len(items) - (len(elements) - 1 - starred)
        rest = Sequence("list", items[starred:end], interpreter.span(elements[starred]))
        items = [*items[:starred], rest, *items[end:]]
    if items is None or len(items) != len(elements):
        items = [unknown("is unpacked from an unknown value", interpreter.span(element)) for element in elements]
    for element, item in zip(elements, items, strict=True):
        interpreter.assign(element, item)


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
    elif isinstance(receiver, Sequence) and isinstance(target.slice, ast.Slice):
        operators.forget(receiver, unknown("may be set in part", span))
    elif isinstance(receiver, Sequence):
        within = isinstance(index, Constant) and isinstance(index.value, int)
        if within and -len(receiver.items) <= index.value < len(receiver.items):  # type: ignore[union-attr, operator]
            receiver.items[index.value] = value  # type: ignore[union-attr, index]
        else:
            operators.set_somewhere(receiver, index, value, unknown("may be set at an unknown index", span))
    elif isinstance(receiver, Either | Method):
        owner = receiver.receiver if isinstance(receiver, Method) else receiver
        operators.forget(owner, unknown("may be changed through an alias", span))
    elif isinstance(receiver, Instance) and receiver.user_class is not None:
        setter = classes.attribute(receiver, "__setitem__")
        if isinstance(setter, Function):
            interpreter.call_function(setter, Arguments([index, value]), span)
    else:
        interpreter.libraries.item_used(receiver, span, index)
