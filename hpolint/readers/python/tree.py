"""What can be told of syntax trees alone, told once: a function's body is followed for each of its calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Change:
    """A name that a node assigns, or else may change through: that of a dict, list or object."""

    name: str
    node: ast.Name | ast.Subscript | ast.Attribute | ast.Call | ast.AugAssign


class Trees:
    """The facts of one source's syntax trees."""

    def __init__(self) -> None:
        self._changes: dict[ast.stmt, list[Change]] = {}
        self._generators: dict[ast.AST, bool] = {}

    def changes(self, statement: ast.stmt) -> list[Change]:
        """All that a statement assigns or changes by name, what stands below it included."""
        if statement not in self._changes:
            self._changes[statement] = [c for node in _nodes(statement) if (c := _change(node)) is not None]
        return self._changes[statement]

    def is_generator(self, function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
        """Whether a call makes a generator, whose body runs later or never."""
        if function not in self._generators:
            yields = (isinstance(node, (ast.Yield, ast.YieldFrom)) for node in _nodes(function))
            self._generators[function] = any(yields)
        return self._generators[function]


def _nodes(root: ast.AST) -> Iterator[ast.AST]:
    """The nodes below one that belong to its own scope."""
    waiting = list(ast.iter_child_nodes(root))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, SCOPES):
            yield node
            waiting += ast.iter_child_nodes(node)


def _change(node: ast.AST) -> Change | None:
    if isinstance(node, ast.Name):
        return None if isinstance(node.ctx, ast.Load) else Change(node.id, node)
    changed: ast.expr | None = None
    if isinstance(node, (ast.Subscript, ast.Attribute)):
        changed = None if isinstance(node.ctx, ast.Load) else node.value
    elif isinstance(node, ast.Call):
        changed = node.func.value if isinstance(node.func, ast.Attribute) else None
    elif isinstance(node, ast.AugAssign):
        changed = node.target
    else:
        return None
    root = _root(changed) if changed is not None else None
    return Change(root, node) if root is not None else None


def _root(node: ast.expr) -> str | None:
    """The name that a chain of attributes and subscripts begins with."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
