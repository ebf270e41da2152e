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


NODES = [kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)]
FIELDS = {
    kind: tuple(name for name in kind._fields if name not in LEAF_FIELDS) if not issubclass(kind, ast.Constant) else ()
    for kind in NODES
}
"""The fields of each class of nodes that may hold child nodes."""


def below(node: ast.AST) -> list[ast.AST]:
    """The direct children of a node."""
    children: list[ast.AST] = []
    for name in FIELDS[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            children += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            children.append(value)
    return children


def walk(root: ast.AST) -> Iterator[ast.AST]:
    """A node and all its descendants, level by level."""
    waiting = [root]
    for node in waiting:
        yield node
        for name in FIELDS[type(node)]:  # as in `below`, without a list for each node
            value = getattr(node, name, None)
            if isinstance(value, list):
                waiting += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST):
                waiting.append(value)


def names_in(root: ast.AST) -> frozenset[str]:
    """The names that occur in a node."""
    return frozenset(node.id for node in walk(root) if isinstance(node, ast.Name))
