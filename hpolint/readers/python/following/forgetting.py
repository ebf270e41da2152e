"""What a loop, an exception, a nesting too deep or a cell that is no Python leaves open: all that it may change."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from hpolint.node import Unknown
from hpolint.readers.python.following.operators import aliases, forget
from hpolint.readers.python.following.tree import Effects, Step
from hpolint.readers.python.following.units import Unit
from hpolint.readers.python.following.values import (
    Function,
    Instance,
    Mapping,
    Maybe,
    Scope,
    Sequence,
    Symbol,
    UserClass,
    Value,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.following.evaluator import Evaluator


def forget_assigned(interpreter: Evaluator, statements: list[ast.stmt], reason: str) -> None:
    """Make unknown whatever some statements assign or change."""
    for statement in statements:
        for change in interpreter.trees.changes(statement):
            why = unknown(reason, interpreter.span(change.node))
            if not change.steps and not change.whole:
                interpreter.bind(change.name, why)
                continue
            value = interpreter.scope.find(change.name)
            if value is not None:
                _forget_below(value, change.steps, why, whole=change.whole)


def _forget_below(value: Value, steps: tuple[Step, ...], why: Unknown, *, whole: bool) -> None:
    """Make unknown what some steps lead to; where they cannot be followed, all that is there."""
    if not steps:
        if isinstance(value, (Mapping, Sequence)):  # an object's own method is followed with the statements
            forget(value, why)
        return
    kind, key = steps[0]
    part = _part(value, kind, key)
    if part is not None and (whole or len(steps) > 1):
        _forget_below(part, steps[1:], why, whole=whole)
    elif kind == "item" and isinstance(value, Mapping):
        value.entries[key] = Maybe(why.reason, why.span)
    elif kind == "attribute" and isinstance(value, Instance):
        value.attributes[str(key)] = why
    elif kind != "attribute":
        forget(value, why)


def _part(value: Value, kind: str, key: object) -> Value | None:
    """The part of a value that a step leads to; None if it is not there or cannot be told."""
    if kind == "item" and isinstance(value, Mapping):
        return value.entries.get(key)  # type: ignore[call-overload, no-any-return]
    if kind == "item" and isinstance(value, Sequence) and isinstance(key, int) and value.open is None:
        return value.items[key] if -len(value.items) <= key < len(value.items) else None
    if kind == "attribute" and isinstance(value, Instance):
        return value.attributes.get(str(key)) or value.arguments.keywords.get(str(key))
    return None


def forget_outside(scope: Scope, effects: Effects, why: Unknown) -> None:
    """Make unknown what a function may change of the scopes around it."""
    for name in {change.name for change in effects.changes} | effects.outer:
        value = scope.find(name)
        if value is not None and name in effects.outer:
            owner = scope
            while owner.above is not None and name not in owner.names:
                owner = owner.above
            owner.names[name] = aliases([value], why)
        if value is not None:
            forget(value, why)


def lose(interpreter: Evaluator, unit: Unit, assigned: list[str], used: set[str]) -> None:
    """What a cell that is no Python sets, and what the values that it uses may have become, cannot be told."""
    why = unknown(f"may be changed in cell {unit.cell}, which is no Python", unit.start)
    names = interpreter.scope.names
    for name in used & names.keys():
        value = names[name]
        if not isinstance(value, Symbol | Function | UserClass):
            forget(value, why)
            names[name] = aliases([value], why)
    for name in assigned:
        names[name] = unknown(f"is set in cell {unit.cell}, which is no Python", unit.start)
