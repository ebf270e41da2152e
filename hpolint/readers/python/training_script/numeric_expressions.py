"""The expressions of a script that are certainly numbers."""

from __future__ import annotations

import ast
from collections.abc import Callable

from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.script_trees import ScriptTrees, called_name

NUMERIC_CALLS = frozenset({"int", "float", "len"})
KEPT_CALLS = frozenset({"abs", "round", "sum"})
"""Functions that return a number for a number."""

NUMERIC_METHODS = frozenset({"perf_counter", "monotonic", "total_seconds"})
SCORE_FUNCTIONS = frozenset(
    {"accuracy_score", "f1_score", "precision_score", "recall_score", "roc_auc_score", "log_loss", "r2_score"}
    | {"mean_squared_error", "mean_absolute_error", "mean_squared_log_error", "median_absolute_error", "auc"}
    | {"balanced_accuracy_score", "average_precision_score", "matthews_corrcoef", "cohen_kappa_score"}
    | {"mean_absolute_percentage_error", "root_mean_squared_error", "explained_variance_score", "max_error"}
    | {"brier_score_loss"}
)
"""scikit-learn's functions that return one number, unless ``average`` or ``multioutput`` is set."""

ARITHMETIC = (ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Add, ast.Mod)
BOOLEAN_FUNCTIONS = frozenset({"all", "any", "equal", "isnan", "isinf", "isfinite", "allclose"})
"""Methods and functions that return a boolean, which ``item()`` keeps."""

MAX_DEPTH = 20


class Numbers:
    """The test for numbers. ``is_option`` is the test for numeric options of a parser."""

    def __init__(self, is_option: Callable[[ast.Attribute], bool], trees: ScriptTrees, bindings: Bindings) -> None:
        self._is_option = is_option
        self._trees = trees
        self._bindings = bindings

    def is_number(self, node: ast.expr, names: frozenset[str], depth: int = MAX_DEPTH) -> bool:
        """Whether an expression is a number; ``names`` are those that are assumed to be."""
        if depth == 0:
            return False
        match node:
            case ast.Constant(value=value):
                return type(value) in (int, float)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub() | ast.Invert(), operand=operand):
                return self.is_number(operand, names, depth - 1)
            case ast.BinOp(left=left, right=right):
                return _keeps_numbers(node) and self._are_numbers([left, right], names, depth - 1)
            case ast.IfExp(body=left, orelse=right):
                return self._are_numbers([left, right], names, depth - 1)
            case ast.Call():
                return self._is_call(node, names, depth - 1)
            case ast.Subscript(value=ast.Attribute(attr="shape"), slice=ast.Constant(value=int())):
                return True
            case ast.Name(id=name):
                return name in names
            case ast.Attribute():
                return self._is_option(node)
        return False

    def _are_numbers(self, nodes: list[ast.expr], names: frozenset[str], depth: int) -> bool:
        return all(self.is_number(node, names, depth) for node in nodes)

    def _is_call(self, node: ast.Call, names: frozenset[str], depth: int) -> bool:
        name = called_name(node)
        if name in self._trees.defined or any(self._bindings.of(name)):
            return False
        if name in SCORE_FUNCTIONS:
            return _is_one_score(node)
        if isinstance(node.func, ast.Attribute):
            return _is_method(name, node, node.func.value)
        if name in ("max", "min"):
            return len(node.args) > 1 and self._are_numbers(node.args, names, depth)
        if name in KEPT_CALLS:
            return bool(node.args) and self.is_number(node.args[0], names, depth)
        return name in NUMERIC_CALLS


def _keeps_numbers(node: ast.BinOp) -> bool:
    """Whether the result for two numbers is one: a root may be complex."""
    if isinstance(node.op, ast.Pow):
        return isinstance(node.right, ast.Constant) and isinstance(node.right.value, int)
    return isinstance(node.op, ARITHMETIC)


def _is_one_score(node: ast.Call) -> bool:
    others = ("average", "multioutput", None)
    return len(node.args) <= 2 and not any(keyword.arg in others for keyword in node.keywords)


def _is_method(name: str, node: ast.Call, owner: ast.expr) -> bool:
    """Whether a method returns a number for any object."""
    if name == "item":
        is_truth = isinstance(owner, ast.Call) and called_name(owner) in BOOLEAN_FUNCTIONS
        return not isinstance(owner, ast.Compare) and not is_truth and not node.args
    is_clock = name == "time" and isinstance(owner, ast.Name) and owner.id == "time"
    return is_clock or name in NUMERIC_METHODS or (name == "size" and bool(node.args))
