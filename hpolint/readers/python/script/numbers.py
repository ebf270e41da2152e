"""Which expressions of a script are numbers, as far as its text tells, whatever their values."""

from __future__ import annotations

import ast
from collections.abc import Callable

from hpolint.readers.python.script.bindings import called

NUMERIC_CALLS = frozenset({"int", "float", "len"})
KEPT_CALLS = frozenset({"abs", "round", "sum"})
"""Functions that give a number of a number."""

NUMERIC_METHODS = frozenset({"item", "perf_counter", "monotonic", "total_seconds"})
SCORES = frozenset(
    {"accuracy_score", "f1_score", "precision_score", "recall_score", "roc_auc_score", "log_loss", "r2_score"}
    | {"mean_squared_error", "mean_absolute_error", "mean_squared_log_error", "median_absolute_error", "auc"}
    | {"balanced_accuracy_score", "average_precision_score", "matthews_corrcoef", "cohen_kappa_score"}
    | {"mean_absolute_percentage_error", "root_mean_squared_error", "explained_variance_score", "max_error"}
    | {"brier_score_loss"}
)
"""scikit-learn's functions whose answer is one number, unless they are asked for several (``average=None``)."""

ARITHMETIC = (ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Pow, ast.Add, ast.Mod)
MOST_DEPTH = 20


class Numbers:
    """Asked with the names that are taken for numbers. ``is_option`` tells of a member of what a parser gives."""

    def __init__(self, is_option: Callable[[ast.Attribute], bool]) -> None:
        self._is_option = is_option

    def is_one(self, node: ast.expr, names: frozenset[str], depth: int = MOST_DEPTH) -> bool:
        """Whether an expression is a number."""
        if depth == 0:
            return False
        if isinstance(node, ast.Constant):
            return isinstance(node.value, int | float)
        if isinstance(node, ast.UnaryOp):
            return self.is_one(node.operand, names, depth - 1)
        if isinstance(node, ast.BinOp):
            both = (node.left, node.right)
            return isinstance(node.op, ARITHMETIC) and all(self.is_one(each, names, depth - 1) for each in both)
        if isinstance(node, ast.IfExp):
            return all(self.is_one(each, names, depth - 1) for each in (node.body, node.orelse))
        if isinstance(node, ast.Call):
            return self._is_call(node, names, depth - 1)
        if isinstance(node, ast.Subscript):
            return isinstance(node.value, ast.Attribute) and node.value.attr == "shape"
        if isinstance(node, ast.Name):
            return node.id in names
        return isinstance(node, ast.Attribute) and self._is_option(node)

    def _is_call(self, node: ast.Call, names: frozenset[str], depth: int) -> bool:
        name = called(node)
        if name in SCORES:
            return not any(each.arg in ("average", "multioutput") or each.arg is None for each in node.keywords)
        if isinstance(node.func, ast.Attribute):
            is_clock = name == "time" and isinstance(node.func.value, ast.Name) and node.func.value.id == "time"
            return is_clock or name in NUMERIC_METHODS or (name == "size" and bool(node.args))
        if name in ("max", "min"):
            return len(node.args) > 1 and all(self.is_one(each, names, depth) for each in node.args)
        is_kept = name in KEPT_CALLS and bool(node.args) and self.is_one(node.args[0], names, depth)
        return name in NUMERIC_CALLS or is_kept
