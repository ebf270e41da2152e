"""The nodes of a syntax tree, in the order of ``ast.walk`` and in half of its time.

Contexts (``Load``) and operators are left out: they have no span, and Python shares them among all trees.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

LEAF_FIELDS = frozenset(
    {"arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "kwd_attrs", "level"}
    | {"module", "op", "ops", "rest", "simple", "type_comment"}
)
"""Fields that hold no node with a span in any class."""

WITHOUT_NODES = (ast.Constant, ast.Global, ast.Nonlocal)
"""Classes whose other fields hold no nodes, either. Lists of all others hold nodes, or None as a dict's ``keys`` do."""

NODES = [kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)]


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """The fields of each class; those of a class that is no part of ``ast`` are looked up at their first use."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        names = tuple(name for name in kind._fields if name not in LEAF_FIELDS)
        self[kind] = () if issubclass(kind, WITHOUT_NODES) else names
        return self[kind]


FIELDS = _Fields()
for _kind in NODES:
    FIELDS[_kind]
"""The fields of each class of nodes that may hold child nodes."""


def below(node: ast.AST) -> list[ast.AST]:
    """The direct children of a node."""
    children: list[ast.AST | None] = []
    for name in FIELDS[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            children += value
        elif isinstance(value, ast.AST):
            children.append(value)
    return [child for child in children if child is not None]


def walk(root: ast.AST) -> Iterator[ast.AST]:
    """A node and all its descendants, level by level."""
    waiting: list[ast.AST | None] = [root]
    for node in waiting:
        if node is None:
            continue
        yield node
        for name in FIELDS[type(node)]:  # as in `below`, without a list for each node
            value = getattr(node, name, None)
            if isinstance(value, list):
                waiting += value
            elif isinstance(value, ast.AST):
                waiting.append(value)


def names_in(root: ast.AST) -> frozenset[str]:
    """The names that occur in a node."""
    return frozenset(node.id for node in walk(root) if isinstance(node, ast.Name))
