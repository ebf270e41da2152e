"""The expressions of a script that are printed as figures: numbers, arrays, tensors, times."""

from __future__ import annotations

import ast
from functools import cached_property

from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script import numeric_results as results
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.number_expressions import (
    ARITHMETIC,
    MAX_DEPTH,
    NumberExpressions,
    has_only_other_keywords,
)
from hpolint.readers.python.training_script.script_trees import ScriptTrees, called_name

LABELLING_PACKAGES = frozenset(
    {"pandas", "polars", "dask", "modin", "cudf", "xarray", "pyspark", "vaex", "astropy", "pint"}
    | {"awswrangler", "datasets", "pyarrow", "seaborn", "statsmodels", "sympy", "torchmetrics"}
)
"""Packages whose values support arithmetic and are printed with words."""

OPERATOR_METHODS = frozenset(
    {"__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__", "__floordiv__", "__pow__", "__rpow__"}
    | {"__add__", "__radd__", "__mod__", "__neg__", "__pos__", "__abs__", "__round__", "__getitem__", "__rfloordiv__"}
)
"""Methods with which a class of the script supports arithmetic, and may be printed in any way."""

FIGURE_MODULES = frozenset({"torch", "np", "numpy"})
FIGURE_FUNCTIONS = frozenset(
    {"sum", "mean", "sqrt", "std", "var", "exp", "log", "abs", "round", "tensor", "zeros", "ones", "stack", "cat"}
    | {"eq", "norm", "prod", "average", "square", "argmax", "argmin", "from_numpy", "count_nonzero", "device"}
)
"""Functions of these modules that return a tensor, an array, a number or a device."""


TENSOR_METHODS = frozenset({"double", "float", "half", "long", "mean", "sum", "std", "var", "argmax"})
"""Methods that only tensors and arrays have."""

TENSOR_TYPES = frozenset({"double", "float", "half", "long"})
"""Methods of tensors that change the type of their numbers."""

FIGURE_METHODS = frozenset({"cpu", "cuda", "detach", "numpy", "clone", "round", "abs", "sqrt", "squeeze", "to"})
"""Methods that return a tensor or an array if their object is one."""

OTHER_VALUES = frozenset({"timedelta64", "datetime64", "poly1d"})
"""Values that numpy prints in words, or on several lines."""

CLOCK_METHODS = frozenset({"now", "utcnow", "today"})
"""Methods that return a date or a time, which is printed with digits."""

NUMERIC_OPERATORS = (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow)
"""Operators that strings do not support: one operand decides."""


class Figures:
    """The figures of one script, among them its numbers. Names that are figures are computed on first use."""

    def __init__(self, trees: ScriptTrees, bindings: Bindings, numbers: NumberExpressions) -> None:
        self._trees = trees
        self._bindings = bindings
        self._numbers = numbers

    def __contains__(self, node: ast.expr) -> bool:
        return self.is_figures(node, self._names)

    @cached_property
    def _names(self) -> frozenset[str]:
        return self._bindings.names_where(self.is_figures)

    @cached_property
    def _has_figures(self) -> bool:
        """Whether the script has torch, and nothing that prints figures with words."""
        return (
            self._trees.is_imported("torch")
            and not any(map(self._trees.is_imported, LABELLING_PACKAGES))
            and not self._trees.defined & OPERATOR_METHODS
            and not any(attribute.attr in OTHER_VALUES for attribute in self._trees.attributes)
        )

    def is_figures(self, node: ast.expr, names: frozenset[str], depth: int = MAX_DEPTH) -> bool:
        """Whether an expression is printed as figures, for any value; ``names`` are those that are assumed to be."""
        if depth == 0 or not self._has_figures:
            return False
        if node in self._numbers:
            return True
        match node:
            case ast.BinOp():
                return self._is_sum_of_figures(node, names, depth - 1)
            case ast.IfExp(body=first, orelse=second):
                return self.is_figures(first, names, depth - 1) and self.is_figures(second, names, depth - 1)
            case ast.Call():
                return self._is_call_for_figures(node, names, depth - 1)
            case ast.Subscript(value=inner) | ast.UnaryOp(op=ast.UAdd() | ast.USub() | ast.Invert(), operand=inner):
                return self.is_figures(inner, names, depth - 1)
            case ast.Name(id=name):
                return name in names
        return False

    def _is_sum_of_figures(self, node: ast.BinOp, names: frozenset[str], depth: int) -> bool:
        left, right = self.is_figures(node.left, names, depth), self.is_figures(node.right, names, depth)
        if isinstance(node.op, ast.Mult):  # a string can be multiplied by an integer, but not by a fraction
            return (left and right) or _is_fraction(node.left) or _is_fraction(node.right)
        if isinstance(node.op, NUMERIC_OPERATORS):
            return left or right
        return left and (right or isinstance(node.op, ast.Mod))

    def _is_call_for_figures(self, node: ast.Call, names: frozenset[str], depth: int) -> bool:
        if called_name(node) in self._trees.defined:
            return False
        match node.func:
            case ast.Name(id="sum"):  # it starts with 0, so it never adds strings
                return len(node.args) == 1
            case ast.Name(id="abs" | "round"):
                return bool(node.args) and self.is_figures(node.args[0], names, depth)
            case ast.Attribute(attr=name, value=ast.Name(id=module)) if module in FIGURE_MODULES:
                return name in FIGURE_FUNCTIONS and has_only_other_keywords(node, "dim", "dtype", "axis")
            case ast.Attribute(attr=name, value=owner):
                is_kept = name in FIGURE_METHODS and self.is_figures(owner, names, depth)
                return is_kept or _is_figure_method(name, node)
        return False

    def is_formatted_as_number(self, node: ast.expr) -> bool:
        """Whether an expression is a number, or a tensor without dimensions."""
        return self.is_scalar(node, self._scalars)

    def is_scalar(self, node: ast.expr, names: frozenset[str], depth: int = MAX_DEPTH) -> bool:
        """Whether an expression is a number or a tensor without dimensions; ``names`` are assumed to be."""
        if depth == 0:
            return False
        if node in self._numbers:
            return True
        match node:
            case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
                return self.is_scalar(operand, names, depth - 1)
            case ast.BinOp(left=left, right=right, op=operator) if isinstance(operator, (*ARITHMETIC, ast.Pow)):
                return self._are_scalars([left, right], names, depth - 1)
            case ast.IfExp(body=left, orelse=right):
                return self._are_scalars([left, right], names, depth - 1)
            case ast.Name(id=name):
                return name in names
            case ast.Call():
                return self._is_call_for_scalar(node, names, depth - 1)
        return False

    def _are_scalars(self, nodes: list[ast.expr], names: frozenset[str], depth: int) -> bool:
        return all(self.is_scalar(node, names, depth) for node in nodes)

    def _is_call_for_scalar(self, node: ast.Call, names: frozenset[str], depth: int) -> bool:
        name = called_name(node)
        if name in self._trees.defined:
            return False
        if self._numbers.is_metric_result(node):
            return not self._is_traced(node)
        if not self._has_figures:
            return False
        match node.func:
            case ast.Name(id="round" | "abs" | "sum" | "float"):
                return len(node.args) >= 1 and self.is_scalar(node.args[0], names, depth)
            case ast.Name(id=called):
                return called in self._losses
            case ast.Attribute(value=owner) if name in FIGURE_METHODS | TENSOR_TYPES:
                return self.is_scalar(owner, names, depth)
            case ast.Attribute(value=owner) if name in results.LOSS_FUNCTIONS:
                return source_text(owner) in results.FUNCTIONAL and results.reduces_loss(node)
        return results.is_reduction(node)

    def _is_traced(self, node: ast.Call) -> bool:
        """Whether code is in a function that TensorFlow may trace, where a tensor has no value."""
        function = self._trees.closest(node, ast.FunctionDef)
        while function is not None:
            if function.decorator_list:
                return True
            function = self._trees.closest(function, ast.FunctionDef)
        return False

    def is_loss(self, node: ast.expr, names: frozenset[str]) -> bool:
        """Whether an expression is a loss function whose result has no dimensions."""
        if isinstance(node, ast.Call):
            return called_name(node) not in self._trees.defined and results.is_loss_class(node)
        return isinstance(node, ast.Name) and node.id in names

    @cached_property
    def _scalars(self) -> frozenset[str]:
        return self._bindings.names_where(self.is_scalar)

    @cached_property
    def _losses(self) -> frozenset[str]:
        return self._bindings.names_where(self.is_loss)


def _is_figure_method(name: str, node: ast.Call) -> bool:
    """Whether a method returns figures for any object."""
    return name in TENSOR_METHODS or (name in CLOCK_METHODS and not node.args)


def _is_fraction(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)
