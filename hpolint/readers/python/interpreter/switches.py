"""Switches: tests that are known to fail, and the state in the branches that they turn off.

The jobs in a turned-off branch are meant for when it is turned on, so it is interpreted as if its condition held. A
plain variable of the test has the value that the test requires; names have the values from former branches with the
same condition. Every other value that depends on the test's variables is unknown, since it would be different.
"""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from hpolint.model.node import Unknown
from hpolint.readers.python.interpreter.operators import forget
from hpolint.readers.python.interpreter.values import (
    Constant,
    Function,
    Instance,
    Mapping,
    Scope,
    Sequence,
    UserClass,
    Value,
    unknown,
)
from hpolint.readers.python.interpreter.walking import names_in

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter
    from hpolint.readers.python.interpreter.state import Snapshot
    from hpolint.readers.python.interpreter.syntax_facts import Trees

Names = frozenset[str]
Sources = tuple[ast.AST, ...]
"""Expressions; their names are looked for only where a switch asks for them."""


class Condition(msgspec.Struct, frozen=True, dict=True):
    """A test, and whether it holds."""

    test: ast.expr
    holds: bool

    @cached_property
    def key(self) -> tuple[str, bool]:
        """The condition's identity."""
        return ast.dump(self.test), self.holds

    @cached_property
    def variables(self) -> Names:
        """The names in the test."""
        return names_in(self.test)


class _ScopeSwitches(msgspec.Struct):
    """The switches of one scope.

    ``branch_values`` are the values that turned-off branches set, by condition and name. ``dependencies`` are the
    variables that a name's value depends on, ``sources`` the expressions that the value last assigned to it is computed
    from. ``after`` is the value of each dependent name right after its switch, with a snapshot.
    """

    scope: Scope
    branch_values: dict[tuple[str, bool], dict[str, Value]] = msgspec.field(default_factory=dict)
    dependencies: dict[str, Names] = msgspec.field(default_factory=dict)
    after: dict[str, tuple[Value, Snapshot]] = msgspec.field(default_factory=dict)
    sources: dict[str, Sources] = msgspec.field(default_factory=dict)


class Switches:
    """The switches of one source."""

    def __init__(self) -> None:
        self._by_scope: dict[Scope, _ScopeSwitches] = {}
        self.elif_variables: list[Names] = []
        """The variables of the tests before an ``elif``."""

    def record_sources(self, scope: Scope, name: str, sources: Sources) -> None:
        """Record the expressions that an assigned value is computed from."""
        self._for_scope(scope).sources[name] = sources

    def assume(self, interpreter: Interpreter, condition: Condition) -> None:
        """Change the state as if a condition held."""
        variables = condition.variables
        why = unknown(_reason(variables), interpreter.span(condition.test))
        scope: Scope | None = interpreter.scope
        while scope is not None:
            switches = self._for_scope(scope)
            self._assume_set(interpreter, switches, condition, why)
            for name in _derived(interpreter.trees, switches, variables) - variables - switches.dependencies.keys():
                if not isinstance(scope.names.get(name, why), Function | UserClass):
                    scope.names[name] = why
            for name in variables & scope.names.keys():
                scope.names[name] = _assumed(interpreter, condition, scope.names[name], why)
            scope = scope.above

    def _assume_set(
        self, interpreter: Interpreter, switches: _ScopeSwitches, condition: Condition, why: Unknown
    ) -> None:
        """Replace the values set by branches on the same variables by those that this condition's branch set."""
        names, branch_values = switches.scope.names, switches.branch_values.get(condition.key, {})
        for name, variables in switches.dependencies.items():
            if name not in names or not variables & condition.variables:
                continue
            value, snapshot = switches.after[name]
            if names[name] is not value:
                continue  # it was rebound since, independently of the switch
            changed = interpreter.snapshot_of(value).differs(snapshot)
            names[name] = why if changed else branch_values.get(name, why)
        names.update({name: value for name, value in branch_values.items() if name not in names})

    def record_branch(self, interpreter: Interpreter, condition: Condition, block: list[ast.stmt]) -> None:
        """Record the names that a turned-off branch bound; objects that it only changed are not recorded."""
        changes = interpreter.trees.all_changes(block)
        changed = {change.name for change in changes if change.steps or change.whole}
        names = {change.name for change in changes} - changed
        current = interpreter.scope.names
        branch_values = self._for_scope(interpreter.scope).branch_values.setdefault(condition.key, {})
        branch_values.update({name: current[name] for name in names if name in current})

    def record_dependencies(self, interpreter: Interpreter, condition: Condition, statements: list[ast.stmt]) -> None:
        """Record that the names that statements bind or change depend on a condition and on the tests before it."""
        switches, names = self._for_scope(interpreter.scope), interpreter.scope.names
        variables = condition.variables.union(*self.elif_variables)
        for name in {change.name for change in interpreter.trees.all_changes(statements)}:
            if name in names:
                switches.dependencies[name] = switches.dependencies.get(name, frozenset()) | variables
                switches.after[name] = names[name], interpreter.snapshot_of(names[name])
            else:
                switches.dependencies.pop(name, None)

    def _for_scope(self, scope: Scope) -> _ScopeSwitches:
        switches = self._by_scope.get(scope)
        if switches is None:
            switches = self._by_scope[scope] = _ScopeSwitches(scope)
        return switches


def _reason(variables: Names) -> str:
    about = " and ".join(f"`{name}`" for name in sorted(variables)[:2]) or "a switch"
    return f"depends on {about}, which has another value where this branch is taken"


def _derived(trees: Trees, switches: _ScopeSwitches, variables: Names) -> Names:
    """The names of a scope that are computed from some variables, directly or indirectly."""
    bound = switches.scope.names.items()
    sources: dict[str, Sources] = {name: (value.node,) for name, value in bound if isinstance(value, Function)}
    sources |= switches.sources
    reads = {name: trees.names_of(nodes) for name, nodes in sources.items()}
    derived: set[str] = set(variables)
    more = variables
    while more:
        more = frozenset(name for name, names in reads.items() if name not in derived and names & derived)
        derived |= more
    return frozenset(derived)


def _assumed(interpreter: Interpreter, condition: Condition, now: Value, why: Unknown) -> Value:
    """The value of a condition's variable where the condition holds."""
    if isinstance(now, Constant):
        return _value_under(interpreter, condition, now) or why
    if isinstance(now, Mapping | Sequence | Instance):
        forget(now, why)
    elif isinstance(now, UserClass):
        now.members.update({name: why for name, member in now.members.items() if not isinstance(member, Function)})
    return now


def _value_under(interpreter: Interpreter, condition: Condition, now: Constant) -> Value | None:
    """The value that a condition requires of a constant variable; None if the test does not determine it."""
    test, holds = condition.test, condition.holds
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, holds = test.operand, not holds
    if isinstance(test, ast.Name) and isinstance(now.value, bool):
        return Constant(holds, now.span)
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.left, ast.Name):
        return None
    other = test.comparators[0]
    is_equal = isinstance(test.ops[0], ast.Eq if holds else ast.NotEq)
    if is_equal and isinstance(other, ast.Constant) and isinstance(other.value, str | int | float | bool):
        return Constant(other.value, interpreter.span(other))
    return None
