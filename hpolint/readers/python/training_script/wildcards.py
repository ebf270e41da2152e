"""The wildcard for an expression of a script in a printed line: a number, figures, a word or text.

Figures are what a script with torch prints as digits: numbers, tensors, arrays, times.
"""

from __future__ import annotations

import ast
import re
from functools import cached_property

from hpolint.lazy_regex import lazy_regex
from hpolint.model.training_script import FIGURES, GIVEN, NUMBER, TEXT, WORD, Wildcard
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.parsed_options import ParsedOptions
from hpolint.readers.python.training_script.script_trees import ScriptTrees, called_name

WORD_PATTERN = lazy_regex(r"[\w.\-/]*\Z", re.ASCII)
"""The pattern of a word."""

NUMERIC_CALLS = frozenset({"int", "float", "len"})
KEPT_CALLS = frozenset({"abs", "round", "sum"})
"""Functions that return a number for a number."""

NUMERIC_METHODS = frozenset({"perf_counter", "monotonic", "total_seconds", "device_count"})
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

FIGURE_METHODS = frozenset({"cpu", "cuda", "detach", "numpy", "clone", "round", "abs", "sqrt", "squeeze", "to"})
"""Methods that return a tensor or an array if their object is one."""

OTHER_VALUES = frozenset({"timedelta64", "datetime64", "poly1d"})
"""Values that numpy prints in words, or on several lines."""

CLOCK_METHODS = frozenset({"now", "utcnow", "today"})
"""Methods that return a date or a time, which is printed with digits."""

NUMERIC_OPERATORS = (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow)
"""Operators that strings do not support: one operand decides."""

MAX_DEPTH = 20


class Wildcards:
    """The wildcards of expressions in the modules that ``trees`` currently has.

    ``defined`` are the names of the script's functions, methods and classes.
    """

    def __init__(self, trees: ScriptTrees) -> None:
        self.bindings = Bindings(trees)
        self.defined = trees.defined
        self._trees = trees
        self._kinds: tuple[int, _Kinds] | None = None

    def of(self, node: ast.expr) -> Wildcard:
        """The wildcard of an expression."""
        size = len(self._trees.units)
        if self._kinds is None or self._kinds[0] != size:
            self._kinds = (size, _Kinds(self._trees, self.bindings))
        return self._kinds[1].wildcard(node)


class _Kinds:
    """The kinds of expressions and names. The names of each kind are computed on first use."""

    def __init__(self, trees: ScriptTrees, bindings: Bindings) -> None:
        self._trees = trees
        self._bindings = bindings
        self._options = ParsedOptions(trees)

    def wildcard(self, node: ast.expr) -> Wildcard:
        """The wildcard of an expression."""
        if self.is_number(node, self._numbers):
            return NUMBER
        if self.is_figures(node, self._figures):
            return FIGURES
        if self.is_given(node, self._given):
            return GIVEN
        return WORD if _is_word(node, self._words) else TEXT

    def _is_option(self, node: ast.Attribute) -> bool:
        """Whether an attribute is the value of a numeric option."""
        return self._options.is_number(node.attr) and self._options.is_namespace(node.value, self._namespaces)

    def is_number(self, node: ast.expr, names: frozenset[str], depth: int = MAX_DEPTH) -> bool:
        """Whether an expression is a number; ``names`` are those that are assumed to be."""
        if depth == 0:
            return False
        match node:
            case ast.Constant(value=value):
                return type(value) in (int, float)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub() | ast.Invert(), operand=operand):
                return self.is_number(operand, names, depth - 1)
            case ast.BinOp(left=left, right=right) if _keeps_numbers(node):
                return self._are_numbers([left, right], names, depth - 1)
            case ast.IfExp(body=left, orelse=right):
                return self._are_numbers([left, right], names, depth - 1)
            case ast.Call():
                return self._is_call_for_number(node, names, depth - 1)
            case ast.Subscript(value=ast.Attribute(attr="shape"), slice=ast.Constant(value=int())):
                return True
            case ast.Name(id=name):
                return name in names
            case ast.Attribute():
                return self._is_option(node)
        return False

    def _are_numbers(self, nodes: list[ast.expr], names: frozenset[str], depth: int) -> bool:
        return all(self.is_number(node, names, depth) for node in nodes)

    def _is_call_for_number(self, node: ast.Call, names: frozenset[str], depth: int) -> bool:
        name = called_name(node)
        if name in self._trees.defined or any(self._bindings.of(name)):
            return False
        if name in SCORE_FUNCTIONS:
            return len(node.args) <= 2 and _has_only_other_keywords(node, "average", "multioutput")
        if isinstance(node.func, ast.Attribute):
            return _is_method(name, node, node.func.value)
        if name in ("max", "min"):
            return len(node.args) > 1 and self._are_numbers(node.args, names, depth)
        if name in KEPT_CALLS:
            return bool(node.args) and self.is_number(node.args[0], names, depth)
        return name in NUMERIC_CALLS

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
        if self.is_number(node, self._numbers):
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
                return name in FIGURE_FUNCTIONS and _has_only_other_keywords(node, "dim", "dtype", "axis")
            case ast.Attribute(attr=name, value=owner):
                is_kept = name in FIGURE_METHODS and self.is_figures(owner, names, depth)
                return is_kept or _is_figure_method(name, node)
        return False

    def is_given(self, node: ast.expr, names: frozenset[str], depth: int = MAX_DEPTH) -> bool:
        """Whether an expression prints only values from the command line, or paths of them and of words.

        ``names`` are those that are assumed to do so.
        """
        if depth == 0 or not self._options.have_no_spaces or self._is_written:
            return False
        match node:
            case ast.Call(func=ast.Name(id="vars"), args=[argument]):
                return self._options.is_namespace(argument, self._namespaces)
            case ast.Call(func=function, args=parts) if source_text(function) == "os.path.join":
                return self._is_given_path(parts, names, depth - 1)
            case ast.Name(id=name) if name in names:
                return True
        inner = node.value if isinstance(node, ast.Attribute) else node
        return self._options.is_namespace(inner, self._namespaces)

    def _is_given_path(self, parts: list[ast.expr], names: frozenset[str], depth: int) -> bool:
        """Whether a path is made of values from the command line, and of words."""
        others = [part for part in parts if not self.is_given(part, names, depth)]
        return len(others) < len(parts) and all(_is_word(part, self._words) for part in others)

    @cached_property
    def _is_written(self) -> bool:
        """Whether the script sets an attribute of a parser's result."""
        stored = (attribute.value for attribute in self._trees.attributes if isinstance(attribute.ctx, ast.Store))
        return any(self._options.is_namespace(value, self._namespaces) for value in stored)

    @cached_property
    def _namespaces(self) -> frozenset[str]:
        return self._bindings.names_where(self._options.is_namespace)

    @cached_property
    def _given(self) -> frozenset[str]:
        return self._bindings.names_where(self.is_given)

    @cached_property
    def _numbers(self) -> frozenset[str]:
        return self._bindings.names_where(self.is_number)

    @cached_property
    def _figures(self) -> frozenset[str]:
        return self._bindings.names_where(self.is_figures)

    @cached_property
    def _words(self) -> frozenset[str]:
        return self._bindings.names_where(_is_word)


def _keeps_numbers(node: ast.BinOp) -> bool:
    """Whether the result for two numbers is one: a root may be complex."""
    if isinstance(node.op, ast.Pow):
        return isinstance(node.right, ast.Constant) and isinstance(node.right.value, int)
    return isinstance(node.op, ARITHMETIC)


def _has_only_other_keywords(node: ast.Call, *names: str) -> bool:
    """Whether a call certainly has none of some keyword arguments."""
    return not any(keyword.arg in (*names, None) for keyword in node.keywords)


def _is_method(name: str, node: ast.Call, owner: ast.expr) -> bool:
    """Whether a method returns a number for any object."""
    if name == "item":
        is_truth = isinstance(owner, ast.Call) and called_name(owner) in BOOLEAN_FUNCTIONS
        return not isinstance(owner, ast.Compare) and not is_truth and not node.args
    is_clock = name == "time" and isinstance(owner, ast.Name) and owner.id == "time"
    return is_clock or name in NUMERIC_METHODS or (name == "size" and bool(node.args))


def _is_figure_method(name: str, node: ast.Call) -> bool:
    """Whether a method returns figures for any object."""
    return name in TENSOR_METHODS or (name in CLOCK_METHODS and not node.args)


def _is_fraction(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def _is_word(node: ast.expr, names: frozenset[str]) -> bool:
    """Whether an expression is a word from the script's text."""
    match node:
        case ast.IfExp(body=first, orelse=second):
            return _is_word(first, names) and _is_word(second, names)
        case ast.Name(id=name):
            return name in names
        case ast.Constant(value=str(text)):
            return WORD_PATTERN.match(text) is not None
    return False
