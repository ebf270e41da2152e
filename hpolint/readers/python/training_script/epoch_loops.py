"""Loops over epochs that end in their first pass, such as ``if epoch == 0: break`` that is left from a test."""

from __future__ import annotations

import ast

import msgspec

from hpolint.model.training_script import Site
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.interpreter.walking import below, walk
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.script_trees import ScriptTrees, bound_names, called_name

TRAINING = frozenset({"backward", "fit", "train", "step", "partial_fit", "train_on_batch"})
"""Functions and methods that train."""

LOOPS = (ast.For, ast.AsyncFor, ast.While)
RUN_PARTS = (
    *(ast.Module, ast.With, ast.withitem, ast.Expr, ast.Assign, ast.AnnAssign, ast.Return),
    *(ast.Call, ast.keyword, ast.Attribute),
)
"""The classes of nodes whose parts all run, once their statement does."""


def first_epoch_end(trees: ScriptTrees, bindings: Bindings) -> Site | None:
    """Where a loop over epochs that the script runs certainly ends in its first pass; None if there is none."""
    for node in trees.nodes_of(ast.For):
        loop = _epoch_loop(node)
        if loop is None or _may_change(loop.name, node, trees) or _has_one_pass(loop, bindings, trees):
            continue
        end = _end(loop)
        if end is not None and _trains(node, trees) and _is_run(node, trees, set()):
            return trees.site_of(end)
    return None


class EpochLoop(msgspec.Struct, frozen=True):
    """A loop over epochs: its target's name, the first value of the target, the end of the range, and the body."""

    name: str
    start: int
    stop: ast.expr
    body: list[ast.stmt]


def _epoch_loop(node: ast.For) -> EpochLoop | None:
    """A loop over a ``range`` of epochs, by the name of its target or of the range's end; None for any other loop."""
    match node:
        case ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"), args=arguments, keywords=[])):
            pass
        case _:
            return None
    match arguments:
        case [stop]:
            start = 0
        case [ast.Constant(value=int(start)), stop]:
            pass
        case _:
            return None
    is_over_epochs = "epoch" in name.lower() or "epoch" in source_text(stop).lower()
    return EpochLoop(name, start, stop, node.body) if is_over_epochs else None


def _has_one_pass(loop: EpochLoop, bindings: Bindings, trees: ScriptTrees) -> bool:
    """Whether a loop may be meant for one pass, by a number in the script or the default of an option."""
    stops = bindings.of(loop.stop.id) if isinstance(loop.stop, ast.Name) else [loop.stop]
    numbers = [value.value for value in (*stops, *_default_epochs(trees)) if isinstance(value, ast.Constant)]
    return any(isinstance(number, int) and number <= loop.start + 1 for number in numbers)


def _default_epochs(trees: ScriptTrees) -> list[ast.expr]:
    """The defaults of the options that are named after epochs."""
    defaults: list[ast.expr] = []
    for call in trees.calls_of("add_argument"):
        flags = [flag.value for flag in call.args if isinstance(flag, ast.Constant)]
        if any(isinstance(flag, str) and "epoch" in flag for flag in flags):
            defaults += [keyword.value for keyword in call.keywords if keyword.arg == "default"]
    return defaults


def _may_change(name: str, loop: ast.For, trees: ScriptTrees) -> bool:
    """Whether the target may be bound again in a pass, also by a function that declares it global."""
    if any(name in declaration.names for declaration in trees.nodes_of(ast.Global)):
        return True
    bindings = [node for node in walk(loop) if node is not loop.target and name in bound_names(node)]
    return bool(bindings)


def _trains(loop: ast.For, trees: ScriptTrees) -> bool:
    """Whether a loop trains, or a function of the script that it calls."""
    names = _called_names(loop)
    for name in frozenset(names):
        for function in trees.functions_of(name):
            names |= _called_names(function)
    return not names.isdisjoint(TRAINING)


def _called_names(root: ast.AST) -> set[str]:
    return {called_name(node) for node in walk(root) if isinstance(node, ast.Call)}


def _is_run(node: ast.AST, trees: ScriptTrees, visited: set[ast.FunctionDef]) -> bool:
    """Whether the script comes to a node without a condition, by calls from outside of the visited functions."""
    child = node
    for above in trees.around(node):
        if isinstance(above, ast.FunctionDef):
            calls = _calls(above, trees) if above not in visited else []
            visited.add(above)
            return any(_is_run(call, trees, visited) for call in calls)
        if not isinstance(above, RUN_PARTS) and not _runs_part(above, child, trees):
            return False
        child = above
    return True


def _calls(function: ast.FunctionDef, trees: ScriptTrees) -> list[ast.Call]:
    """The calls that are certainly of a function; none of a method, or if another function has the name."""
    is_method = isinstance(trees.parents[function], ast.ClassDef)
    if is_method or not trees.is_own_function(function.name) or len(trees.functions_of(function.name)) > 1:
        return []
    return [call for call in trees.calls_of(function.name) if isinstance(call.func, ast.Name)]


def _runs_part(node: ast.AST, part: ast.AST, trees: ScriptTrees) -> bool:
    """Whether a statement always runs a part of it: the body of ``try``, or of the script's main guard."""
    match node:
        case ast.Try(body=statements):
            return part in statements
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]), body=statements):
            return part in statements and trees.parents[node] is trees.roots[0]
    return False


def _end(loop: EpochLoop) -> ast.expr | ast.stmt | None:
    """What certainly ends a loop in its first pass; None if nothing does."""
    for statement in loop.body:
        if _may_continue(statement):
            return None
        match statement:
            case ast.Break() | ast.Return():
                return statement
            case ast.If(test=test, body=[*_, ast.Break()]) if _is_first(test, loop):
                return test
    return None


def _may_continue(statement: ast.stmt) -> bool:
    """Whether a statement may go on with the next pass of the loop around it."""
    nodes: list[ast.AST] = [statement]
    for node in nodes:
        if isinstance(node, ast.Continue):
            return True
        nodes += node.orelse if isinstance(node, LOOPS) else below(node)
    return False


def _is_first(test: ast.expr, loop: EpochLoop) -> bool:
    """Whether a test is that the target has the value of the first pass."""
    match test:
        case (
            ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()], comparators=[ast.Constant(value=int(value))])
            | ast.Compare(left=ast.Constant(value=int(value)), ops=[ast.Eq()], comparators=[ast.Name(id=name)])
        ):
            return name == loop.name and value == loop.start
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
            return name == loop.name and loop.start == 0
    return False
