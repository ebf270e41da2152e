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
        if isinstance(node, ast.Constant):
            return isinstance(node.value, int | float) and not isinstance(node.value, bool)
        if isinstance(node, ast.UnaryOp):
            return not isinstance(node.op, ast.Not) and self.is_number(node.operand, names, depth - 1)
        if isinstance(node, ast.BinOp):
            both = (node.left, node.right)
            power = node.right.value if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant) else None
            is_square = isinstance(power, int)  # a root may be complex
            return (is_square or isinstance(node.op, ARITHMETIC)) and all(
                self.is_number(each, names, depth - 1) for each in both
            )
        if isinstance(node, ast.IfExp):
            return all(self.is_number(each, names, depth - 1) for each in (node.body, node.orelse))
        if isinstance(node, ast.Call):
            return self._is_call(node, names, depth - 1)
        if isinstance(node, ast.Subscript):
            is_one = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int)
            return is_one and isinstance(node.value, ast.Attribute) and node.value.attr == "shape"
        if isinstance(node, ast.Name):
            return node.id in names
        return isinstance(node, ast.Attribute) and self._is_option(node)

    def _is_call(self, node: ast.Call, names: frozenset[str], depth: int) -> bool:
        name = called_name(node)
        if name in self._trees.defined or any(self._bindings.of(name)):
            return False
        if name in SCORE_FUNCTIONS:
            known = ("average", "multioutput", None)
            return len(node.args) <= 2 and not any(each.arg in known for each in node.keywords)
        if isinstance(node.func, ast.Attribute):
            return _is_method(name, node, node.func.value)
        if name in ("max", "min"):
            return len(node.args) > 1 and all(self.is_number(each, names, depth) for each in node.args)
        is_kept = name in KEPT_CALLS and bool(node.args) and self.is_number(node.args[0], names, depth)
        return name in NUMERIC_CALLS or is_kept


def _is_method(name: str, node: ast.Call, owner: ast.expr) -> bool:
    """Whether a method returns a number for any object."""
    if name == "item":
        is_truth = isinstance(owner, ast.Compare) or (
            isinstance(owner, ast.Call) and called_name(owner) in BOOLEAN_FUNCTIONS
        )
        return not is_truth and not node.args
    is_clock = name == "time" and isinstance(owner, ast.Name) and owner.id == "time"
    return is_clock or name in NUMERIC_METHODS or (name == "size" and bool(node.args))
