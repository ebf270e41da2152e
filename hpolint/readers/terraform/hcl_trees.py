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
    given = [part for part in tree.named_children if part.type == "function_arguments"]
    arguments = [part for each in given for part in each.named_children if part.type == "expression"]
    spread = any(part.type == "ellipsis" for each in given for part in each.named_children)
    return Call(tree.named_children[0], file.text(tree.named_children[0]), arguments, spread)


def elements(tree: Tree) -> Iterator[tuple[Tree, Tree]]:
    """The key and value expressions of an object, in the order of the file."""
    for element in (child for child in tree.named_children if child.type == "object_elem"):
        parts = [child for child in element.named_children if child.type == "expression"]
        if len(parts) == 2:
            yield parts[0], parts[1]


def unwrapped(tree: Tree) -> Tree:
    """The innermost node of an expression that has a single child, such as a parenthesised one."""
    for _ in range(MAX_DEPTH):
        if tree.type != "expression" or len(tree.named_children) != 1:
            return tree
        tree = tree.named_children[0]
    return tree


def interpolated(tree: Tree) -> Tree | None:
    """The expression inside an interpolation; None if it has none."""
    return next((child for child in tree.named_children if child.type == "expression"), None)
