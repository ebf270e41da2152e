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
            and not any(attribute.attr in OTHER_VALUES for attribute in trees.attributes)
        )

    def is_figures(self, node: ast.expr, names: frozenset[str], depth: int = MAX_DEPTH) -> bool:
        """Whether an expression is printed as figures, for any value; ``names`` are those that are assumed to be."""
        if depth == 0 or not self._is_applicable:
            return False
        if self._is_number(node):
            return True
        match node:
            case ast.BinOp():
                return self._sum(node, names, depth - 1)
            case ast.IfExp(body=first, orelse=second):
                return self.is_figures(first, names, depth - 1) and self.is_figures(second, names, depth - 1)
            case ast.Call():
                return self._call(node, names, depth - 1)
            case ast.Subscript(value=inner) | ast.UnaryOp(op=ast.UAdd() | ast.USub() | ast.Invert(), operand=inner):
                return self.is_figures(inner, names, depth - 1)
            case ast.Name(id=name):
                return name in names
        return False

    def _sum(self, node: ast.BinOp, names: frozenset[str], depth: int) -> bool:
        left, right = self.is_figures(node.left, names, depth), self.is_figures(node.right, names, depth)
        if isinstance(node.op, ast.Mult):  # a string can be multiplied by an integer, but not by a fraction
            return (left and right) or _is_fraction(node.left) or _is_fraction(node.right)
        if isinstance(node.op, NUMERIC_OPERATORS):
            return left or right
        return left and (right or isinstance(node.op, ast.Mod))

    def _call(self, node: ast.Call, names: frozenset[str], depth: int) -> bool:
        if called_name(node) in self._defined:
            return False
        match node.func:
            case ast.Name(id="sum"):  # it starts with 0, so it never adds strings
                return len(node.args) == 1
            case ast.Name(id="abs" | "round"):
                return bool(node.args) and self.is_figures(node.args[0], names, depth)
            case ast.Attribute(attr=name, value=ast.Name(id=module)) if module in MODULES:
                return name in FUNCTIONS and not _has_other_result(node)
            case ast.Attribute(attr=name, value=owner):
                if name in FIGURE_METHODS:
                    return self.is_figures(owner, names, depth)
                return name in TENSOR_METHODS or (name in CLOCK_METHODS and not node.args)
        return False


def _has_other_result(node: ast.Call) -> bool:
    return any(keyword.arg in ("dim", "dtype", "axis", None) for keyword in node.keywords)


def _is_fraction(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)
