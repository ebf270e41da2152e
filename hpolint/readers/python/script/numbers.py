"""Which expressions of a script are numbers, as far as its text tells, whatever their values."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable

NUMERIC_CALLS = frozenset({"int", "float", "len", "abs", "round", "sum"})
NUMERIC_METHODS = frozenset({"item", "time", "perf_counter", "monotonic", "total_seconds"})
SCORES = frozenset(
    {"accuracy_score", "f1_score", "precision_score", "recall_score", "roc_auc_score", "log_loss", "r2_score"}
    | {"mean_squared_error", "mean_absolute_error", "mean_squared_log_error", "median_absolute_error", "auc"}
    | {
        "balanced_accuracy_score",
        "average_precision_score",
        "matthews_corrcoef",
        "cohen_kappa_score",
        "brier_score_loss",
    }
    | {"mean_absolute_percentage_error", "root_mean_squared_error", "explained_variance_score", "max_error"}
)
"""scikit-learn's functions whose answer is one number, unless they are asked for several (``average=None``)."""

ARITHMETIC = (ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Pow, ast.Add, ast.Mod)
MOST_DEPTH = 5


class Numbers:
    """The bindings of every name of a script. A name is a number if all that is ever bound to it are."""

    def __init__(self) -> None:
        self._bound: dict[str, list[ast.expr | None]] = defaultdict(list)
        self.options: set[str] = set()
        """The members of what a parser gives that are numbers."""

    def add(self, nodes: Iterable[ast.AST]) -> None:
        """Take in the nodes of a module."""
        for node in nodes:
            self._bind(node)

    def _bind(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._target(target, node.value)
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.NamedExpr):
            if node.value is not None:
                self._target(node.target, node.value)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            self._loop(node.target, node.iter)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self._target(node.optional_vars, None)
        elif (name := _declared(node)) is not None:
            self._bound[name].append(None)

    def _target(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            self._bound[target.id].append(value)
        elif isinstance(target, ast.Tuple | ast.List):
            known = value.elts if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts) else None
            for number, each in enumerate(target.elts):
                self._target(each, known[number] if known is not None else None)
        elif isinstance(target, ast.Starred):
            self._target(target.value, None)

    def _loop(self, target: ast.expr, iterable: ast.expr) -> None:
        called = _called(iterable) if isinstance(iterable, ast.Call) else ""
        zero = ast.Constant(0)
        if called in ("range", "trange"):
            self._target(target, zero)
        elif called == "enumerate" and isinstance(target, ast.Tuple) and len(target.elts) == 2:
            self._target(target.elts[0], zero)
            self._target(target.elts[1], None)
        elif called in ("tqdm", "track") and isinstance(iterable, ast.Call) and iterable.args:
            self._loop(target, iterable.args[0])
        else:
            self._target(target, None)

    def is_number(self, node: ast.expr, depth: int = MOST_DEPTH) -> bool:
        """Whether an expression is a number."""
        if depth == 0:
            return False
        if isinstance(node, ast.Constant):
            return isinstance(node.value, int | float)
        if isinstance(node, ast.UnaryOp):
            return self.is_number(node.operand, depth)
        if isinstance(node, ast.BinOp):
            both = (self.is_number(node.left, depth - 1), self.is_number(node.right, depth - 1))
            return isinstance(node.op, ARITHMETIC) and all(both)
        if isinstance(node, ast.IfExp):
            return self.is_number(node.body, depth - 1) and self.is_number(node.orelse, depth - 1)
        if isinstance(node, ast.Call):
            return self._is_numeric_call(node, depth)
        if isinstance(node, ast.Name):
            bound = self._bound.get(node.id, [])
            return bool(bound) and all(each is not None and self._is_bound(each, node.id, depth) for each in bound)
        return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in self.options

    def _is_bound(self, value: ast.expr, name: str, depth: int) -> bool:
        """Whether a name gets a number; of a sum with itself the rest counts."""
        if isinstance(value, ast.BinOp) and isinstance(value.left, ast.Name) and value.left.id == name:
            value = value.right
        return self.is_number(value, depth - 1)

    def _is_numeric_call(self, node: ast.Call, depth: int) -> bool:
        called = _called(node)
        if isinstance(node.func, ast.Attribute) and called in NUMERIC_METHODS:
            return True
        if called in SCORES:
            return not any(each.arg in ("average", "multioutput") or each.arg is None for each in node.keywords)
        if called in ("max", "min") and isinstance(node.func, ast.Name):
            return len(node.args) > 1 and all(self.is_number(each, depth - 1) for each in node.args)
        return (isinstance(node.func, ast.Name) and called in NUMERIC_CALLS - {"sum", "abs", "round"}) or (
            called in ("abs", "round", "sum") and bool(node.args) and self.is_number(node.args[0], depth - 1)
        )


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _declared(node: ast.AST) -> str | None:
    """The name that a parameter, an import, a definition or a handler binds."""
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(node, ast.alias):
        return (node.asname or node.name).partition(".")[0]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler):
        return node.name
    return None
