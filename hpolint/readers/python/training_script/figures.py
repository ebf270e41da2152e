"""The expressions of a script with torch that are printed as figures: numbers, tensors, arrays, times."""

from __future__ import annotations

import ast
from collections.abc import Callable

from hpolint.readers.python.training_script.script_trees import ScriptTrees, called_name

LABELLING_PACKAGES = frozenset(
    {"pandas", "polars", "dask", "modin", "cudf", "xarray", "pyspark", "vaex", "astropy", "pint"}
    | {"awswrangler", "datasets", "pyarrow", "seaborn", "statsmodels", "sympy"}
)
"""Packages whose values support arithmetic and are printed with words."""

OPERATOR_METHODS = frozenset(
    {"__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__", "__floordiv__", "__pow__", "__rpow__"}
    | {"__add__", "__radd__", "__mod__", "__neg__", "__pos__", "__abs__", "__round__", "__getitem__", "__rfloordiv__"}
)
"""Methods with which a class of the script supports arithmetic, and may be printed in any way."""

MODULES = frozenset({"torch", "np", "numpy"})
FUNCTIONS = frozenset(
    {"sum", "mean", "sqrt", "std", "var", "exp", "log", "abs", "round", "tensor", "zeros", "ones", "stack", "cat"}
    | {"eq", "norm", "prod", "average", "square", "argmax", "argmin", "from_numpy", "count_nonzero", "device"}
)
"""Functions of these modules that return a tensor, an array, a number or a device."""

TENSOR_METHODS = frozenset({"double", "float", "half", "long", "mean", "sum", "std", "var", "argmax"})
"""Methods that only tensors and arrays have."""

FIGURE_METHODS = frozenset({"cpu", "cuda", "detach", "numpy", "clone", "round", "abs", "sqrt", "squeeze", "to"})
"""Methods that return a tensor or an array if their object is one."""

OTHER_VALUES = frozenset({"timedelta64", "datetime64", "poly1d"})
"""Values that numpy prints in words, or on several lines."""

CLOCK_METHODS = frozenset({"now", "utcnow", "today"})
"""Methods that return a date or a time, which is printed with digits."""

NUMERIC_OPERATORS = (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow)
"""Operators that strings do not support: one operand decides."""


MAX_DEPTH = 20


class Figures:
    """The test for figures. ``is_number`` is the test for numbers."""

    def __init__(self, trees: ScriptTrees, is_number: Callable[[ast.expr], bool]) -> None:
        self._is_number = is_number
        self._defined = trees.defined
        self._is_applicable = (
            trees.is_imported("torch")
            and not any(map(trees.is_imported, LABELLING_PACKAGES))
            and not trees.defined & OPERATOR_METHODS
            and not any(each.attr in OTHER_VALUES for each in trees.attributes)
        )

    def is_figures(self, node: ast.expr, names: frozenset[str], depth: int = MAX_DEPTH) -> bool:
        """Whether an expression is printed as figures, for any value; ``names`` are those that are assumed to be."""
        if depth == 0 or not self._is_applicable:
            return False
        if self._is_number(node):
            return True
        if isinstance(node, ast.BinOp):
            return self._sum(node, names, depth - 1)
        if isinstance(node, ast.IfExp):
            return all(self.is_figures(each, names, depth - 1) for each in (node.body, node.orelse))
        if isinstance(node, ast.Call):
            return self._call(node, names, depth - 1)
        if isinstance(node, ast.UnaryOp):
            return not isinstance(node.op, ast.Not) and self.is_figures(node.operand, names, depth - 1)
        if isinstance(node, ast.Subscript):
            return self.is_figures(node.value, names, depth - 1)
        return isinstance(node, ast.Name) and node.id in names

    def _sum(self, node: ast.BinOp, names: frozenset[str], depth: int) -> bool:
        left, right = self.is_figures(node.left, names, depth), self.is_figures(node.right, names, depth)
        if isinstance(node.op, ast.Mult):  # a string can be multiplied by an integer, but not by a fraction
            return (left and right) or any(_is_fraction(each) for each in (node.left, node.right))
        if isinstance(node.op, NUMERIC_OPERATORS):
            return left or right
        return left and (right or isinstance(node.op, ast.Mod))

    def _call(self, node: ast.Call, names: frozenset[str], depth: int) -> bool:
        if called_name(node) in self._defined:
            return False
        if isinstance(node.func, ast.Name):  # sum() starts with 0, so it never adds strings
            is_kept = (
                node.func.id in ("abs", "round") and bool(node.args) and self.is_figures(node.args[0], names, depth)
            )
            return is_kept or (node.func.id == "sum" and len(node.args) == 1)
        if not isinstance(node.func, ast.Attribute):
            return False
        name, owner = node.func.attr, node.func.value
        if isinstance(owner, ast.Name) and owner.id in MODULES:
            return name in FUNCTIONS and not any(each.arg in ("dim", "dtype", "axis", None) for each in node.keywords)
        if name in TENSOR_METHODS or (name in CLOCK_METHODS and not node.args):
            return True
        return name in FIGURE_METHODS and self.is_figures(owner, names, depth)


def _is_fraction(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)
