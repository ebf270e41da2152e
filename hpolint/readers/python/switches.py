"""Switches in a text: a test that is known to fail, and what would hold if it did not.

The jobs in a branch that is turned off are there for when it is turned on. They are followed as if it were: with the
variable that the test is about as the test wants it, and with what earlier branches of the same test would have set.
What other branches of tests about that variable have set is unknown then: the two never hold together.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hpolint.readers.python.values import Known, Scope, Value, unknown

if TYPE_CHECKING:
    from hpolint.readers.python.evaluator import Evaluator

WHY = "is set under another condition than the one that holds here"


@dataclass(frozen=True)
class Condition:
    """A test, and whether it holds."""

    test: ast.expr
    holds: bool

    @property
    def key(self) -> tuple[str, bool]:
        """What tells one condition from another."""
        return ast.dump(self.test), self.holds

    @property
    def variables(self) -> frozenset[str]:
        """The names that it is about."""
        return frozenset(node.id for node in ast.walk(self.test) if isinstance(node, ast.Name))


@dataclass
class _Seen:
    """Of one scope: what branches that are turned off would have set, and the variables that names depend on."""

    scope: Scope
    kept: dict[tuple[str, bool], dict[str, Value]] = field(default_factory=dict)
    depends: dict[str, frozenset[str]] = field(default_factory=dict)


class Switches:
    """The switches of one source."""

    def __init__(self) -> None:
        self._seen: dict[int, _Seen] = {}

    def assume(self, interpreter: Evaluator, condition: Condition) -> None:
        """Go on as if a condition held."""
        seen, names = self._of(interpreter.scope), interpreter.scope.names
        variables = condition.variables
        kept = seen.kept.get(condition.key, {})
        span = interpreter.span(condition.test)
        for name, about in seen.depends.items():
            if name in names and about & variables:
                names[name] = kept.get(name) or unknown(WHY, span)
        for name in variables & names.keys():
            if isinstance(names[name], Known):
                names[name] = _wanted(interpreter, condition, names[name]) or unknown(WHY, span)

    def keep(self, interpreter: Evaluator, condition: Condition, block: list[ast.stmt]) -> None:
        """Remember what a branch that is turned off has set; what it has only changed is not kept."""
        changes = [change for statement in block for change in interpreter.trees.changes(statement)]
        changed = {change.name for change in changes if change.steps or change.whole}
        names = {change.name for change in changes} - changed
        held = interpreter.scope.names
        self._of(interpreter.scope).kept[condition.key] = {name: held[name] for name in names if name in held}

    def depend(self, interpreter: Evaluator, condition: Condition, blocks: list[list[ast.stmt]]) -> None:
        """Remember that what some blocks set or change depends on a condition."""
        depends = self._of(interpreter.scope).depends
        for statement in (statement for block in blocks for statement in block):
            for change in interpreter.trees.changes(statement):
                depends[change.name] = depends.get(change.name, frozenset()) | condition.variables

    def _of(self, scope: Scope) -> _Seen:
        return self._seen.setdefault(id(scope), _Seen(scope))


def _wanted(interpreter: Evaluator, condition: Condition, now: Value) -> Value | None:
    """What the variable of a condition is where that holds; None if the text does not tell."""
    test, holds = condition.test, condition.holds
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, holds = test.operand, not holds
    if isinstance(test, ast.Name) and isinstance(now, Known) and isinstance(now.value, bool):
        return Known(holds, now.span)
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.left, ast.Name):
        equal = isinstance(test.ops[0], ast.Eq if holds else ast.NotEq)
        other = test.comparators[0]
        if equal and isinstance(other, ast.Constant) and isinstance(other.value, str | int | float | bool):
            return Known(other.value, interpreter.span(other))
    return None
