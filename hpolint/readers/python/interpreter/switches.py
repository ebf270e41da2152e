"""Switches in a text: a test that is known to fail, and what would hold if it did not.

The jobs in a branch that is turned off are there for when it is turned on. They are followed as if it were: a plain
variable that the test is about is as the test wants it, and what earlier branches of the same test would have set is
set. Whatever else depends on what the test reads is unknown there: it would be another.
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


class Condition(msgspec.Struct, frozen=True, dict=True):
    """A test, and whether it holds."""

    test: ast.expr
    holds: bool

    @cached_property
    def key(self) -> tuple[str, bool]:
        """What tells one condition from another."""
        return ast.dump(self.test), self.holds

    @cached_property
    def variables(self) -> Names:
        """The names that it is about."""
        return names_in(self.test)


class _ScopeSwitches(msgspec.Struct):
    """Of one scope: what branches that are turned off would have set, and what names depend on.

    ``after`` is what everything that depends on a switch held right after it.
    """

    scope: Scope
    kept: dict[tuple[str, bool], dict[str, Value]] = msgspec.field(default_factory=dict)
    depends: dict[str, Names] = msgspec.field(default_factory=dict)
    after: dict[str, tuple[Value, Snapshot]] = msgspec.field(default_factory=dict)
    read: dict[str, Names] = msgspec.field(default_factory=dict)


class Switches:
    """The switches of one source."""

    def __init__(self) -> None:
        self._seen: dict[int, _ScopeSwitches] = {}
        self.above: list[Names] = []
        """The variables of the tests before an ``elif``."""

    def assigned(self, scope: Scope, name: str, read: Names) -> None:
        """A name is given a value that is made of others."""
        self._of(scope).read[name] = read

    def assume(self, interpreter: Interpreter, condition: Condition) -> None:
        """Go on as if a condition held."""
        variables = condition.variables
        why = unknown(_reason(variables), interpreter.span(condition.test))
        scope: Scope | None = interpreter.scope
        while scope is not None:
            seen = self._of(scope)
            self._assume_set(interpreter, seen, condition, why)
            for name in _derived(interpreter.trees, seen, variables) - variables - seen.depends.keys():
                if not isinstance(scope.names.get(name, why), Function | UserClass):
                    scope.names[name] = why
            for name in variables & scope.names.keys():
                scope.names[name] = _assumed(interpreter, condition, scope.names[name], why)
            scope = scope.above

    def _assume_set(self, interpreter: Interpreter, seen: _ScopeSwitches, condition: Condition, why: Unknown) -> None:
        """Let what branches on the same variables have set be what this condition's own branch has set."""
        names, kept = seen.scope.names, seen.kept.get(condition.key, {})
        for name, about in seen.depends.items():
            if name not in names or not about & condition.variables:
                continue
            value, snapshot = seen.after[name]
            if names[name] is not value:
                continue  # it was set anew since, whichever branch was taken
            changed = interpreter.snapshot_of(value).differs(snapshot)
            names[name] = why if changed else kept.get(name, why)
        names.update({name: value for name, value in kept.items() if name not in names})

    def keep(self, interpreter: Interpreter, condition: Condition, block: list[ast.stmt]) -> None:
        """Remember what a branch that is turned off has set; what it has only changed is not kept."""
        changes = [change for statement in block for change in interpreter.trees.changes(statement)]
        changed = {change.name for change in changes if change.steps or change.whole}
        names = {change.name for change in changes} - changed
        held = interpreter.scope.names
        kept = self._of(interpreter.scope).kept.setdefault(condition.key, {})
        kept.update({name: held[name] for name in names if name in held})

    def depend(self, interpreter: Interpreter, condition: Condition, blocks: list[list[ast.stmt]]) -> None:
        """Remember that what some blocks set or change depends on a condition, and on those before it."""
        seen, names = self._of(interpreter.scope), interpreter.scope.names
        about = condition.variables.union(*self.above)
        statements = [statement for block in blocks for statement in block]
        for name in {change.name for statement in statements for change in interpreter.trees.changes(statement)}:
            seen.depends[name] = seen.depends.get(name, frozenset()) | about
            if name in names:
                seen.after[name] = names[name], interpreter.snapshot_of(names[name])
            else:
                seen.depends.pop(name)

    def _of(self, scope: Scope) -> _ScopeSwitches:
        return self._seen.setdefault(id(scope), _ScopeSwitches(scope))


def _reason(variables: Names) -> str:
    about = " and ".join(f"`{name}`" for name in sorted(variables)[:2]) or "a switch"
    return f"depends on {about}, which is another where this branch is taken"


def _derived(trees: Trees, seen: _ScopeSwitches, variables: Names) -> Names:
    """The names of a scope that are made of some variables, at one remove or several."""
    found: set[str] = set(variables)
    held = seen.scope.names.items()
    functions = {name: trees.names(value.node) for name, value in held if isinstance(value, Function)}
    read = {**functions, **seen.read}
    grows = True
    while grows:
        more = {name for name, names in read.items() if name not in found and names & found}
        found |= more
        grows = bool(more)
    return frozenset(found)


def _assumed(interpreter: Interpreter, condition: Condition, now: Value, why: Unknown) -> Value:
    """What a variable of a condition is where that holds, as far as the text tells."""
    if isinstance(now, Constant):
        return _wanted(interpreter, condition, now) or why
    if isinstance(now, Mapping | Sequence | Instance):
        forget(now, why)
    elif isinstance(now, UserClass):
        now.members.update({name: why for name, member in now.members.items() if not isinstance(member, Function)})
    return now


def _wanted(interpreter: Interpreter, condition: Condition, now: Constant) -> Value | None:
    """What a plain variable is where its test holds; None if the test does not tell."""
    test, holds = condition.test, condition.holds
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, holds = test.operand, not holds
    if isinstance(test, ast.Name) and isinstance(now.value, bool):
        return Constant(holds, now.span)
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.left, ast.Name):
        equal = isinstance(test.ops[0], ast.Eq if holds else ast.NotEq)
        other = test.comparators[0]
        if equal and isinstance(other, ast.Constant) and isinstance(other.value, str | int | float | bool):
            return Constant(other.value, interpreter.span(other))
    return None
