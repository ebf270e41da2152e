"""Reflection: access to names and attributes by their text, through ``getattr``, ``globals``, ``exec`` and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import classes, expressions
from hpolint.readers.python.interpreter.operators import aliases, forget, may_be
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Instance,
    Mapping,
    Method,
    Sequence,
    Value,
    is_own,
    present,
    returned_by,
    text_of,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter


def call(interpreter: Interpreter, name: str, arguments: Arguments, span: Span) -> Value | None:
    """Call a reflective builtin. Returns its result; None for other functions."""
    positional = arguments.positional
    if name == "globals" or (name in ("locals", "vars") and not positional):
        scope = interpreter.scope.outermost() if name == "globals" else interpreter.scope
        return Mapping(scope.names if scope.above is None else dict(scope.names), span)  # type: ignore[arg-type]
    if name == "exec":
        _forget_names(interpreter, span)
        return Constant(None, span)
    if len(positional) > 1:
        return _by_name(interpreter, name, positional, span)
    if not positional or not isinstance(positional[0], Instance):
        return None
    if name == "vars":
        return members(positional[0], span)
    if name == "type":
        return positional[0].user_class or returned_by("type", span)
    return None


def _by_name(interpreter: Interpreter, function: str, positional: list[Value], span: Span) -> Value | None:
    """Get, set or delete an attribute of the first argument by its name, which is the second; None if neither."""
    if function == "getattr":
        return _get(interpreter, positional, span)
    if function == "delattr":
        positional = positional[:2]
    elif function not in ("setattr", "object.__setattr__"):
        return None
    set_attribute(interpreter, positional, span)
    return Constant(None, span)


def set_attribute(interpreter: Interpreter, positional: list[Value], span: Span) -> None:
    """Set the attribute of an object by its name, as ``setattr`` does; without a third value it is deleted."""
    receiver, name, *values = positional
    value = values[0] if values else unknown("may have been deleted", span)
    text = text_of(name)
    if text is not None:
        interpreter.set_attribute(receiver, text, value, span)
        return
    why = unknown("may be changed by the name of an attribute", span)
    if is_own(receiver):
        _set_some_attribute(receiver, name, value, why)
    else:
        forget(receiver, why)


def _set_some_attribute(receiver: Instance, name: Value, value: Value, why: Unknown) -> None:
    """Set an attribute with a name that is not, or only in part, known: it may be any that the known part allows."""
    names = [attribute for attribute in classes.assigned_names(receiver) if may_be(name, attribute)]
    if any(classes.has_property(receiver, attribute) for attribute in names):
        forget(receiver, why)  # its setter may set anything
        return
    for attribute in names:
        before = receiver.attributes.get(attribute)
        receiver.attributes[attribute] = aliases(present([before, value]), why)


def members(instance: Instance, span: Span) -> Mapping:
    """An instance's ``__dict__``, which shares the instance's attributes."""
    return Mapping(instance.attributes, span)  # type: ignore[arg-type]


def _get(interpreter: Interpreter, positional: list[Value], span: Span) -> Value:
    receiver, name, *defaults = positional
    text = text_of(name)
    if text is None:
        return aliases([receiver], unknown(is_a("a member whose name is unknown"), span))
    value = expressions.member(interpreter, receiver, text, span)
    if defaults and isinstance(value, Method):
        return aliases([receiver, defaults[0]], unknown(is_a(f"the member `{text}`, or a default"), span))
    return value


def _forget_names(interpreter: Interpreter, span: Span) -> None:
    """Make values unknown after ``exec``, which may rebind any name and change any object; functions stay known."""
    why = unknown("may be changed by `exec()`", span)
    for scope in dict.fromkeys([interpreter.scope, interpreter.scope.outermost()]):
        for name, value in scope.names.items():
            if isinstance(value, Constant):
                scope.names[name] = why
            elif isinstance(value, Mapping | Sequence | Instance):
                forget(value, why)
