"""What a loop, an exception or a nesting too deep leaves open: all that its statements assign or change."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from hpolint.readers.python import operators
from hpolint.readers.python.tree import Change
from hpolint.readers.python.values import Instance, Mapping, Sequence, unknown

if TYPE_CHECKING:
    from hpolint.readers.python.evaluator import Evaluator


def forget_assigned(interpreter: Evaluator, statements: list[ast.stmt], reason: str) -> None:
    """Make unknown whatever some statements assign or change."""
    for statement in statements:
        for change in interpreter.trees.changes(statement):
            if isinstance(change.node, ast.Name):
                interpreter.bind(change.name, unknown(reason, interpreter.span(change.node)))
            else:
                _forget_changed(interpreter, change, reason)


def _forget_changed(interpreter: Evaluator, change: Change, reason: str) -> None:
    """Make unknown the dict, list or attribute that a node may change."""
    value = interpreter.scope.find(change.name)
    if isinstance(value, (Mapping, Sequence)):
        operators.forget(value, unknown(reason, value.span))
    elif isinstance(value, Instance) and isinstance(change.node, ast.Attribute):
        value.attributes[change.node.attr] = unknown(reason, interpreter.span(change.node))
