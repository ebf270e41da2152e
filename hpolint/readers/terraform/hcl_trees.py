"""Parts of HCL's syntax trees: function calls, elements of maps, parenthesised expressions."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from tree_sitter import Node as Tree

from hpolint.syntax import MAX_DEPTH
from hpolint.syntax.hcl_syntax import Hcl


class Call(msgspec.Struct, frozen=True):
    """A function call. ``spread`` is set if its last argument is expanded: ``merge(local.maps...)``."""

    function: Tree
    name: str
    arguments: list[Tree]
    spread: bool


def function_call(file: Hcl, tree: Tree) -> Call | None:
    """The function call of an expression; None if it is not one."""
    if tree.type != "function_call":
        return None
    function = tree.named_children[0]
    arguments: list[Tree] = []
    spread = False
    for part in children(tree, "function_arguments"):
        arguments += children(part, "expression")
        spread = spread or bool(children(part, "ellipsis"))
    return Call(function, file.text(function), arguments, spread)


def children(tree: Tree, *kinds: str) -> list[Tree]:
    """The children of some kinds, in the order of the file."""
    return [child for child in tree.named_children if child.type in kinds]


def elements(tree: Tree) -> Iterator[tuple[Tree, Tree]]:
    """The key and value expressions of an object, in the order of the file."""
    for element in children(tree, "object_elem"):
        parts = children(element, "expression")
        if len(parts) == 2:
            yield parts[0], parts[1]


def unwrapped(tree: Tree) -> Tree:
    """The innermost node of an expression that has a single child, such as a parenthesised one."""
    for _ in range(MAX_DEPTH):
        if tree.type != "expression" or len(tree.named_children) != 1:
            return tree
        tree = tree.named_children[0]
    return tree


def interpolated(tree: Tree | None) -> Tree | None:
    """The expression inside an interpolation; None if it has none."""
    return next(iter(children(tree, "expression")), None) if tree is not None else None
