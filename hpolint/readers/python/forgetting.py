"""What a loop, an exception or a nesting too deep leaves open: all that its statements assign or change."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hpolint.readers.python import operators
from hpolint.readers.python.values import Instance, Mapping, Sequence, unknown

if TYPE_CHECKING:
    from hpolint.readers.python.evaluator import Evaluator


def forget_assigned(interpreter: Evaluator, statements: list[ast.stmt], reason: str) -> None:
    """Make unknown whatever some statements assign or change."""
    for statement in statements:
        for node in syntax_nodes(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
                interpreter.bind(node.id, unknown(reason, interpreter.span(node)))
            else:
                _forget_changed(interpreter, node, reason)


def _forget_changed(interpreter: Evaluator, node: ast.AST, reason: str) -> None:
    """Make unknown the dict, list or attribute that a node may change."""
    changed: ast.expr | None = None
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        changed = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        changed = node.func.value
    elif isinstance(node, ast.AugAssign):
        changed = node.target
    root = _root(changed) if changed is not None else None
    value = interpreter.scope.find(root) if root else None
    if isinstance(value, Mapping | Sequence):
        operators.forget(value, unknown(reason, value.span))
    elif isinstance(value, Instance) and isinstance(node, ast.Attribute):
        value.attributes[node.attr] = unknown(reason, interpreter.span(node))


def syntax_nodes(root: ast.AST) -> Iterator[ast.AST]:
    """The nodes below one that belong to its own scope."""
    waiting = list(ast.iter_child_nodes(root))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield node
            waiting += ast.iter_child_nodes(node)


def _root(node: ast.expr) -> str | None:
    """The name that a chain of attributes and subscripts begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
