"""Forgetting: values become unknown after code that is not interpreted exactly.

That code is a loop, a failing block, a statement that is nested too deep, a skipped call or a cell that is not Python.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hpolint.io import work
from hpolint.model.node import Unknown
from hpolint.readers.python.interpreter.operators import aliases, forget
from hpolint.readers.python.interpreter.syntax_facts import Change, Step, Trees, declared_names
from hpolint.readers.python.interpreter.units import Unit
from hpolint.readers.python.interpreter.values import (
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
from hpolint.readers.python.interpreter.walking import walk

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter


def forget_assigned(interpreter: Interpreter, statements: list[ast.stmt], reason: str) -> None:
    """Make unknown every value that some statements assign or change."""
    for change in interpreter.trees.all_changes(statements):
        why = unknown(reason, interpreter.span(change.node))
        if not change.steps and not change.whole:
            interpreter.bind(change.name, why)
            continue
        value = interpreter.scope.find(change.name)
        if value is not None:
            interpreter.forget_part(change, value, why)


def forget_part(value: Value, change: Change, why: Unknown) -> None:
    """Make unknown the part of a name's value that a change may have set."""
    _forget_below(value, change.steps, why, whole=change.whole)


def forget_changed(interpreter: Interpreter, function: ast.FunctionDef | ast.AsyncFunctionDef, reason: str) -> None:
    """Make unknown what a generator changes outside of its own names: global names, items and attributes of objects."""
    nodes = list(walk(function))
    if not any(isinstance(node, ast.Yield | ast.YieldFrom) for node in nodes):
        return
    shared = declared_names(nodes)
    for change in interpreter.trees.all_changes(function.body):
        why = unknown(reason, interpreter.span(change.node))
        value = interpreter.scope.find(change.name)
        if change.name in shared and not change.steps:
            interpreter.bind(change.name, why)
        elif value is not None and (change.steps or change.whole):
            _forget_below(value, change.steps, why, whole=change.whole)


def forget_change(scope: Scope, change: Change, why: Unknown) -> None:
    """Make unknown what a change in a scope may change, if it exists."""
    value = scope.find(change.name)
    if value is None:
        return
    if change.steps or change.method:
        _forget_below(value, change.steps, why, whole=change.whole)
        return
    owner = scope
    while owner.above is not None and change.name not in owner.names:
        owner = owner.above
    owner.names[change.name] = aliases([value], why)


def _forget_below(value: Value, steps: tuple[Step, ...], why: Unknown, *, whole: bool) -> None:
    """Make unknown the part of a value that ``steps`` lead to; if it cannot be resolved, the whole value."""
    if not steps:
        if isinstance(value, (Mapping, Sequence)):  # an instance's method is interpreted with the statements
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


def _part(value: Value, kind: str, key: Any) -> Value | None:
    """The part of a value that a step leads to; None if it does not exist or is unknown."""
    if kind == "item" and isinstance(value, Mapping):
        return value.entries.get(key)
    if kind == "attribute" and isinstance(value, Instance):
        return value.attributes.get(key) or value.arguments.keywords.get(key)
    if kind != "item" or not isinstance(value, Sequence) or not isinstance(key, int) or value.open is not None:
        return None
    return value.items[key] if -len(value.items) <= key < len(value.items) else None


WORK_PER_CALLEE = 6
"""The work of following one call, measured on functions that call each other."""


class SkippedCallEffects:
    """The possible effects of skipped calls: the names, by scope, that a function and its callees may change.

    They are computed once for each function, since functions that call each other share many of them.
    """

    def __init__(self, trees: Trees) -> None:
        self._trees = trees
        self._named: dict[str, dict[ast.AST, Function]] = {}
        self._count = 0
        self._effects: dict[tuple[ast.AST, Scope], list[tuple[Scope, frozenset[str], frozenset[str]]]] = {}

    def forget(self, function: Function, defined: list[Function], why: Unknown) -> None:
        """Make unknown every value that a function, or a ``defined`` function that it may call, may change."""
        self._add(defined)
        key = function.node, function.scope
        if key not in self._effects:
            self._effects[key] = self._by_scope(function)
        for scope, names, outer in self._effects[key]:
            forget_outside(scope, names, outer, why)

    def may_change(self, function: Function, defined: list[Function]) -> bool:
        """Whether a function, or a ``defined`` function that it may call, changes what other functions read."""
        self._add(defined)
        return any(map(self._changes_shared, self._with_callees([function])))

    def _changes_shared(self, function: Function) -> bool:
        """Whether a function binds a name of an enclosing scope, or changes a dict, list or object of one."""
        effects = self._trees.effects(function.node)
        if effects.outer:
            return True
        arguments = function.node.args
        own = {parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
        own |= {change.name for change in effects.changes if not change.steps and not change.whole}
        changed = {change.name for change in effects.changes if change.is_certain} - own
        return any(isinstance(function.scope.find(name), Mapping | Sequence | Instance) for name in changed)

    def callees(self, functions: Iterable[Function], called: set[str], defined: list[Function]) -> list[Function]:
        """Some functions, the ``defined`` ones that have ``called`` names, and all that these may call."""
        self._add(defined)
        waiting = list(functions)
        for name in called:
            waiting += self._named.get(name, {}).values()
        return self._with_callees(waiting)

    def _add(self, defined: list[Function]) -> None:
        for new in defined[self._count :]:
            # a new definition of the same function replaces the former
            self._named.setdefault(new.name, {})[new.node] = new
            self._effects = {}
        self._count = len(defined)

    def _by_scope(self, function: Function) -> list[tuple[Scope, frozenset[str], frozenset[str]]]:
        by_scope: dict[Scope, tuple[set[str], set[str]]] = {}
        for callee in self._with_callees([function]):
            effects = self._trees.effects(callee.node)
            names, outer = by_scope.setdefault(callee.scope, (set(), set()))
            names |= {change.name for change in effects.changes} | effects.outer
            outer |= effects.outer
        return [(scope, frozenset(names), frozenset(outer)) for scope, (names, outer) in by_scope.items()]

    def _with_callees(self, functions: list[Function]) -> list[Function]:
        waiting, visited = list(functions), {function.node for function in functions}
        reached: list[Function] = []
        while waiting:
            callee = waiting.pop()
            reached.append(callee)
            work.spend(WORK_PER_CALLEE)  # functions that all call each other take the square of their number
            for name in self._trees.effects(callee.node).calls:
                more = [called for called in self._named.get(name, {}).values() if called.node not in visited]
                waiting += more
                visited |= {called.node for called in more}
        return reached


def forget_outside(scope: Scope, names: frozenset[str], outer: frozenset[str], why: Unknown) -> None:
    """Make unknown the values of ``names`` in a function's enclosing scopes; ``outer`` names may also be rebound."""
    for name in names:
        value = scope.find(name)
        if value is None:
            continue
        if name in outer:
            owner = scope
            while owner.above is not None and name not in owner.names:
                owner = owner.above
            owner.names[name] = aliases([value], why)
        forget(value, why)


def forget_cell(interpreter: Interpreter, unit: Unit, assigned: list[str], used: set[str]) -> None:
    """Make unknown the names that a cell that is not Python assigns, and the values that it uses."""
    cell = f"the cell in line {unit.between(0, 1).line}" if unit.cell is None else f"cell {unit.cell}"
    why = unknown(f"may be changed in {cell}, which is not Python", unit.start)
    names = interpreter.scope.names
    for name in used & names.keys():
        value = names[name]
        if not isinstance(value, Symbol | Function | UserClass):
            forget(value, why)
            names[name] = aliases([value], why)
    for name in assigned:
        names[name] = unknown(f"is set in {cell}, which is not Python", unit.start)
