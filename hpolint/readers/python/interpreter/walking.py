"""The nodes of a syntax tree, in the order of ``ast.walk`` and in half of its time.

What stands for no piece of the source is left out: contexts (``Load``) and operators, which Python shares among all
trees.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

LEAVES = frozenset(
    {"arg", "asname", "attr", "conversion", "ctx", "id", "kind", "level", "module", "op", "ops", "type_comment"}
)
"""Fields that hold no node of the source in any class."""


NODES = [kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)]
FIELDS = {
    kind: tuple(name for name in kind._fields if name not in LEAVES) if not issubclass(kind, ast.Constant) else ()
    for kind in NODES
}
"""The fields of each class of nodes that may hold others."""


def below(node: ast.AST) -> list[ast.AST]:
    """The nodes right below one."""
    found: list[ast.AST] = []
    for name in FIELDS[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [each for each in value if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(root: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it, level by level."""
    waiting = [root]
    for node in waiting:
        yield node
        waiting += below(node)


def names_in(root: ast.AST) -> frozenset[str]:
    """The names that stand in a node."""
    return frozenset(node.id for node in walk(root) if isinstance(node, ast.Name))
