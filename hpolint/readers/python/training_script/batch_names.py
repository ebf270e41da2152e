"""The name of the inputs of a batch in the loop over a loader."""

from __future__ import annotations

import ast
import builtins

from hpolint.readers.python.interpreter.walking import walk

MOVES = frozenset({"to", "cuda", "cpu", "float", "double", "half"})
"""Methods of a tensor that leave its size what it is."""


def batch_name(loop: ast.For) -> str | None:
    """The name of the inputs of the batch that a loop is at; None if they are not known to be a tensor with a name.

    They are what the loop gives a name first, if something, such as the model, is called with it alone, and if nothing
    else gets that name.
    """
    target = loop.target
    match loop:
        case ast.For(target=ast.Tuple(elts=[_, ast.Tuple() as inner]), iter=ast.Call(func=ast.Name(id="enumerate"))):
            target = inner
    match target:
        case ast.Tuple(elts=[ast.Name(id=name), ast.Name()]):
            nodes: list[ast.AST] = []
            for statement in loop.body:
                nodes += walk(statement)
            is_given_alone = any(_is_given_alone(node, name) for node in nodes)
            is_bound_again = any(_rebinds(node, name) for node in nodes)
            if is_given_alone and not is_bound_again:
                return name
    return None


def _is_given_alone(node: ast.AST, name: str) -> bool:
    """Whether a node is the call of an object or function with a name alone; ``len`` and its kin take anything."""
    match node:
        case ast.Call(func=ast.Name(id=function), args=[ast.Name(id=argument)], keywords=[]):
            return argument == name and not hasattr(builtins, function)
    return False


def _rebinds(node: ast.AST, name: str) -> bool:
    """Whether a statement may give a name something of another size."""
    if isinstance(node, ast.Assign):
        return any(_changes(target, node.value, name) for target in node.targets)
    if isinstance(node, ast.For | ast.AugAssign | ast.AnnAssign | ast.NamedExpr):
        return _names(node.target, name)
    return isinstance(node, ast.Delete | ast.With) and any(_is_stored(inner, name) for inner in ast.walk(node))


def _changes(target: ast.expr, value: ast.expr, name: str) -> bool:
    """Whether an assignment may give a name something of another size than it has."""
    if not _names(target, name):
        return False
    match target, value:
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            return any(_changes(own, given, name) for own, given in zip(targets, values, strict=True))
        case ast.Name(), _:
            return not _is_moved(value, name)
    return True


def _is_moved(value: ast.expr, name: str) -> bool:
    """Whether an expression is a tensor with a name, moved or converted."""
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in MOVES:
        value = value.func.value
    return isinstance(value, ast.Name) and value.id == name


def _names(target: ast.AST, name: str) -> bool:
    return any(_is_stored(node, name) for node in ast.walk(target))


def _is_stored(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
