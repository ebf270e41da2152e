"""Which expressions of a script that trains with torch are shown as figures: numbers, tensors, arrays, times."""

from __future__ import annotations

import ast
from collections.abc import Callable

from hpolint.readers.python.training_script.script_trees import ScriptTrees, called

LABELLED = frozenset(
    {"pandas", "polars", "dask", "modin", "cudf", "xarray", "pyspark", "vaex", "astropy", "pint"}
    | {"awswrangler", "datasets", "pyarrow", "seaborn", "statsmodels", "sympy"}
)
"""Packages whose values do sums like numbers, or that give such ones, and are shown with words."""

OVERLOADED = frozenset(
    {"__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__", "__floordiv__", "__pow__", "__rpow__"}
    | {"__add__", "__radd__", "__mod__", "__neg__", "__pos__", "__abs__", "__round__", "__getitem__", "__rfloordiv__"}
)
"""With these a class of the script's own does sums, and is shown as it likes."""

MODULES = frozenset({"torch", "np", "numpy"})
FUNCTIONS = frozenset(
    {"sum", "mean", "sqrt", "std", "var", "exp", "log", "abs", "round", "tensor", "zeros", "ones", "stack", "cat"}
    | {"eq", "norm", "prod", "average", "square", "argmax", "argmin", "from_numpy", "count_nonzero", "device"}
)
"""Functions of these that give a tensor, an array, a number or a device."""

CASTS = frozenset({"double", "float", "half", "long", "mean", "sum", "std", "var", "argmax"})
"""Methods that tensors and arrays alone have."""

KEPT = frozenset({"cpu", "cuda", "detach", "numpy", "clone", "round", "abs", "sqrt", "squeeze", "to"})
"""Methods that give a tensor or an array of one."""

OTHER_VALUES = frozenset({"timedelta64", "datetime64", "poly1d"})
"""What numpy shows in words, or on lines of its own."""

NOW = frozenset({"now", "utcnow", "today"})
"""Methods that give a date or a time, which is shown with digits."""

EITHER = (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow)
"""Arithmetic that no text takes part in: one side tells."""


MOST_DEPTH = 20


class Figures:
    """Asked with the names that are taken for figures; ``is_number`` tells which expressions are numbers."""

    def __init__(self, trees: ScriptTrees, is_number: Callable[[ast.expr], bool]) -> None:
        self._is_number = is_number
        self._defined = trees.defined
        self._can_be_told = (
            trees.is_imported("torch")
            and not any(map(trees.is_imported, LABELLED))
            and not trees.defined & OVERLOADED
            and not any(each.attr in OTHER_VALUES for each in trees.attributes)
        )

    def are(self, node: ast.expr, names: frozenset[str], depth: int = MOST_DEPTH) -> bool:
        """Whether an expression is shown as figures, whatever its value."""
        if depth == 0 or not self._can_be_told:
            return False
        if self._is_number(node):
            return True
        if isinstance(node, ast.BinOp):
            return self._sum(node, names, depth - 1)
        if isinstance(node, ast.IfExp):
            return all(self.are(each, names, depth - 1) for each in (node.body, node.orelse))
        if isinstance(node, ast.Call):
            return self._call(node, names, depth - 1)
        if isinstance(node, ast.UnaryOp):
            return not isinstance(node.op, ast.Not) and self.are(node.operand, names, depth - 1)
        if isinstance(node, ast.Subscript):
            return self.are(node.value, names, depth - 1)
        return isinstance(node, ast.Name) and node.id in names

    def _sum(self, node: ast.BinOp, names: frozenset[str], depth: int) -> bool:
        left, right = self.are(node.left, names, depth), self.are(node.right, names, depth)
        if isinstance(node.op, ast.Mult):  # a text can be taken several times, but no fraction of them
            return (left and right) or any(_is_fraction(each) for each in (node.left, node.right))
        if isinstance(node.op, EITHER):
            return left or right
        return left and (right or isinstance(node.op, ast.Mod))

    def _call(self, node: ast.Call, names: frozenset[str], depth: int) -> bool:
        if called(node) in self._defined:
            return False
        if isinstance(node.func, ast.Name):  # what is added up from 0 can be no text
            is_kept = node.func.id in ("abs", "round") and bool(node.args) and self.are(node.args[0], names, depth)
            return is_kept or (node.func.id == "sum" and len(node.args) == 1)
        if not isinstance(node.func, ast.Attribute):
            return False
        name, owner = node.func.attr, node.func.value
        if isinstance(owner, ast.Name) and owner.id in MODULES:
            return name in FUNCTIONS and not any(each.arg in ("dim", "dtype", "axis", None) for each in node.keywords)
        if name in CASTS or (name in NOW and not node.args):
            return True
        return name in KEPT and self.are(owner, names, depth)


def _is_fraction(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)
