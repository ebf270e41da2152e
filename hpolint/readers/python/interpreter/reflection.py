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
    Scope,
    Sequence,
    Value,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter


def call(interpreter: Interpreter, name: str, arguments: Arguments, span: Span) -> Value | None:
    """Call a reflective builtin. Returns its result; None for other functions."""
    positional = arguments.positional
    member = positional[1].value if len(positional) > 1 and isinstance(positional[1], Constant) else None
    if name == "getattr" and len(positional) > 1:
        return _get(interpreter, positional, member, span)
    if name in ("setattr", "delattr", "object.__setattr__") and len(positional) > 1:
        set_attribute(interpreter, positional if name != "delattr" else positional[:2], span)
        return Constant(None, span)
    if name == "globals" or (name in ("locals", "vars") and not positional):
        scope = _outermost(interpreter.scope) if name == "globals" else interpreter.scope
        return Mapping(scope.names if scope.above is None else dict(scope.names), span)  # type: ignore[arg-type]
    if name == "vars" and isinstance(positional[0], Instance):
        return members(positional[0], span)
    if name == "exec":
        _forget_names(interpreter, span)
        return Constant(None, span)
    if name == "type" and len(positional) == 1 and isinstance(positional[0], Instance):
        return positional[0].user_class or unknown(is_a("what `type()` returns"), span)
    return None


def set_attribute(interpreter: Interpreter, positional: list[Value], span: Span) -> None:
    """Set the attribute of an object by its name, as ``setattr`` does; without a third value it is deleted."""
    receiver, name, *values = positional
    value = values[0] if values else unknown("may have been deleted", span)
    if isinstance(name, Constant) and isinstance(name.value, str):
        interpreter.set_attribute(receiver, name.value, value, span)
        return
    why = unknown("may be changed by the name of an attribute", span)
    if isinstance(receiver, Instance) and receiver.user_class is not None:
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
        candidates = [value] if before is None else [before, value]
        receiver.attributes[attribute] = aliases(candidates, why)


def members(instance: Instance, span: Span) -> Mapping:
    """An instance's ``__dict__``, which shares the instance's attributes."""
    return Mapping(instance.attributes, span)  # type: ignore[arg-type]


def _get(interpreter: Interpreter, positional: list[Value], name: object, span: Span) -> Value:
    if not isinstance(name, str):
        return aliases([positional[0]], unknown(is_a("a member whose name is unknown"), span))
    found = expressions.member(interpreter, positional[0], name, span)
    if len(positional) > 2 and isinstance(found, Method):
        return aliases([positional[0], positional[2]], unknown(is_a(f"the member `{name}`, or a default"), span))
    return found


def _outermost(scope: Scope) -> Scope:
    while scope.above is not None:
        scope = scope.above
    return scope


def _forget_names(interpreter: Interpreter, span: Span) -> None:
    """Make values unknown after ``exec``, which may rebind any name and change any object; functions stay known."""
    why = unknown("may be changed by `exec()`", span)
    for scope in {id(each): each for each in (interpreter.scope, _outermost(interpreter.scope))}.values():
        for name, value in scope.names.items():
            if isinstance(value, Constant):
                scope.names[name] = why
            elif isinstance(value, Mapping | Sequence | Instance):
                forget(value, why)
