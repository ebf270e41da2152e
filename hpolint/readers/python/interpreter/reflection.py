"""Python's ways to reach names and members by their text: ``getattr``, ``globals``, ``exec`` and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import expressions
from hpolint.readers.python.interpreter.operators import aliases, forget
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
    """What such a function does and gives; None for all others."""
    given = arguments.positional
    member = given[1].value if len(given) > 1 and isinstance(given[1], Constant) else None
    if name == "getattr" and len(given) > 1:
        return _get(interpreter, given, member, span)
    if name in ("setattr", "delattr") and len(given) > 1:
        value = given[2] if name == "setattr" and len(given) > 2 else unknown("may have been deleted", span)
        if isinstance(member, str):
            interpreter.set_attribute(given[0], member, value, span)
        else:
            forget(given[0], unknown(f"may be changed by `{name}()`", span))
        return Constant(None, span)
    if name == "globals" or (name in ("locals", "vars") and not given):
        scope = _outermost(interpreter.scope) if name == "globals" else interpreter.scope
        return Mapping(scope.names if scope.above is None else dict(scope.names), span)  # type: ignore[arg-type]
    if name == "vars" and isinstance(given[0], Instance):
        return members(given[0], span)
    if name == "exec":
        _forget_names(interpreter, span)
        return Constant(None, span)
    if name == "type" and len(given) == 1 and isinstance(given[0], Instance):
        return given[0].user_class or unknown(is_a("what `type()` returns"), span)
    return None


def members(instance: Instance, span: Span) -> Mapping:
    """An object's ``__dict__``: what is set there is set on the object."""
    return Mapping(instance.attributes, span)  # type: ignore[arg-type]


def _get(interpreter: Interpreter, given: list[Value], name: object, span: Span) -> Value:
    if not isinstance(name, str):
        return aliases([given[0]], unknown(is_a("a member whose name cannot be told"), span))
    found = expressions.member(interpreter, given[0], name, span)
    if len(given) > 2 and isinstance(found, Method):
        return aliases([given[0], given[2]], unknown(is_a(f"the member `{name}`, or a default"), span))
    return found


def _outermost(scope: Scope) -> Scope:
    while scope.above is not None:
        scope = scope.above
    return scope


def _forget_names(interpreter: Interpreter, span: Span) -> None:
    """After ``exec`` any name may be bound anew, and anything in reach changed. What is called stays what it is."""
    why = unknown("may be changed by `exec()`", span)
    for scope in {id(each): each for each in (interpreter.scope, _outermost(interpreter.scope))}.values():
        for name, value in scope.names.items():
            if isinstance(value, Constant):
                scope.names[name] = why
            elif isinstance(value, Mapping | Sequence | Instance):
                forget(value, why)
