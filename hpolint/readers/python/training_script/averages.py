"""Averages that a script prints, and that are not what they seem: rounded down, or divided by the wrong number."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hpolint.model.training_script import Site
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.script_trees import ScriptTrees, called_name

CONVERSIONS = frozenset({"double", "float", "item", "cpu", "numpy"})
"""Methods that leave a number what it is."""

ITERATIONS = frozenset({"enumerate", "tqdm", "iter"})
"""Functions that iterate over their first argument."""

LOADER = "DataLoader"


def rounded_down(trees: ScriptTrees, call: ast.Call | None) -> Site | None:
    """Where the only value that a call prints is divided by `//`; None if it is not."""
    average = _average(trees, call)
    if average is None or not isinstance(average.op, ast.FloorDiv):
        return None
    return trees.site_of(average)


def per_batch(trees: ScriptTrees, call: ast.Call | None) -> Site | None:
    """Where the only value that a call prints, a sum over samples, is divided by the number of batches.

    The value then grows with the size of the batches. None if it is something else, or if the size of the batches of
    one of the script's loaders is fixed.
    """
    average = _average(trees, call)
    if average is None or not _have_variable_batches(trees):
        return None
    loader, total = _length_of(average.right), _plain_name(average.left)
    function = trees.function_around(average)
    if loader is None or total is None or function is None:
        return None
    additions = [each for each in _additions(function, total) if trees.function_around(each) is function]
    if not additions or not all(_adds_samples(each) and loader in _loops(trees, each) for each in additions):
        return None
    return trees.site_of(average)


def _average(trees: ScriptTrees, call: ast.Call | None) -> ast.BinOp | None:
    """The division that yields the only value that a call prints; None if the value is not known to be one."""
    values = list(_printed_values(call)) if call is not None else []
    if len(values) != 1:
        return None
    value: ast.expr | None = values[0]
    if isinstance(value, ast.Name):
        value = _only_value(trees, value)
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in CONVERSIONS:
        value = value.func.value
    return value if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div | ast.FloorDiv) else None


def _printed_values(call: ast.Call) -> Iterator[ast.expr]:
    """The values in the text that a call prints, without its constant parts."""
    for argument in call.args:
        yield from _values_of(argument)


def _values_of(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield part.value
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        yield from node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
    elif isinstance(node, ast.Call) and called_name(node) == "format" and isinstance(node.func, ast.Attribute):
        yield from node.args
        yield from (each.value for each in node.keywords)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from (*_values_of(node.left), *_values_of(node.right))
    elif isinstance(node, ast.Call) and called_name(node) == "str" and len(node.args) == 1:
        yield node.args[0]
    elif not isinstance(node, ast.Constant):
        yield node


def _only_value(trees: ScriptTrees, name: ast.Name) -> ast.expr | None:
    """The value that a name gets in its function; None if it gets none, or several."""
    function = trees.function_around(name)
    if function is None:
        return None
    found: list[ast.expr | None] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            targets = [each for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)]
            if any(each.id == name.id for each in targets):
                is_plain = all(isinstance(target, ast.Name) for target in node.targets)
                found.append(node.value if is_plain else None)
        elif isinstance(node, ast.Name) and node.id == name.id and not isinstance(node.ctx, ast.Load):
            parent = trees.parents.get(node)
            found += [] if isinstance(parent, ast.Assign | ast.Tuple | ast.List) else [None]
        elif isinstance(node, ast.arg) and node.arg == name.id:
            found.append(None)
    return found[0] if len(found) == 1 else None


def _length_of(node: ast.expr) -> str | None:
    """The source text of X in `len(X)`, for a loader; None for other expressions, and for a loader's dataset."""
    if not isinstance(node, ast.Call) or called_name(node) != "len" or len(node.args) != 1:
        return None
    inner = node.args[0]
    return None if isinstance(inner, ast.Attribute) else source_text(inner)


def _plain_name(node: ast.expr) -> str | None:
    """The name of a number, without its conversions; None for other expressions."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CONVERSIONS:
        node = node.func.value
    return node.id if isinstance(node, ast.Name) else None


def _additions(function: ast.FunctionDef, name: str) -> list[ast.AugAssign]:
    """The statements `name += …` of a function."""
    found = (each for each in ast.walk(function) if isinstance(each, ast.AugAssign) and isinstance(each.op, ast.Add))
    return [each for each in found if isinstance(each.target, ast.Name) and each.target.id == name]


def _adds_samples(node: ast.AugAssign) -> bool:
    """Whether a statement adds a value times the size of a batch."""
    value = node.value
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Mult):
        return False
    return any(_is_batch_size(each) for each in (value.left, value.right))


def _is_batch_size(node: ast.expr) -> bool:
    """Whether an expression is `x.size(0)`, `x.shape[0]` or `len(x)`."""
    if isinstance(node, ast.Subscript):
        is_first = isinstance(node.slice, ast.Constant) and node.slice.value == 0
        return is_first and isinstance(node.value, ast.Attribute) and node.value.attr == "shape"
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return False
    first = node.args[0]
    if called_name(node) == "size":
        return isinstance(first, ast.Constant) and first.value == 0
    return called_name(node) == "len" and isinstance(first, ast.Name)


def _loops(trees: ScriptTrees, node: ast.AST) -> set[str]:
    """The source texts of what the loops around a node iterate over."""
    found = set()
    for loop in trees.around(node):
        if isinstance(loop, ast.For):
            iterated = loop.iter
            while isinstance(iterated, ast.Call) and called_name(iterated) in ITERATIONS and iterated.args:
                iterated = iterated.args[0]
            found.add(source_text(iterated))
        elif isinstance(loop, ast.FunctionDef):
            break
    return found


def _have_variable_batches(trees: ScriptTrees) -> bool:
    """Whether the script has loaders, and the size of the batches of none of them is a literal."""
    calls = trees.calls_of(LOADER)
    sizes = [_batch_size_of(each) for each in calls]
    return bool(sizes) and all(each is not None and not isinstance(each, ast.Constant) for each in sizes)


def _batch_size_of(call: ast.Call) -> ast.expr | None:
    named = next((each.value for each in call.keywords if each.arg == "batch_size"), None)
    return named if named is not None else call.args[1] if len(call.args) > 1 else None
