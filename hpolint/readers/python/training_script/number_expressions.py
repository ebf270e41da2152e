"""The expressions of a script whose value is certainly one number, whatever its data are."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property, partial
from itertools import chain
from typing import TypeAlias

from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script import numeric_results as results
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.parsed_options import ParsedOptions
from hpolint.readers.python.training_script.script_trees import ScriptTrees, argument_of, called_name

NUMERIC_CALLS = frozenset({"int", "float", "len"})
KEPT_CALLS = frozenset({"abs", "round", "sum"})
"""Functions that return a number for a number."""

NUMERIC_METHODS = frozenset({"perf_counter", "monotonic", "total_seconds", "device_count"})
ARITHMETIC = (ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Add, ast.Mod)
BOOLEAN_FUNCTIONS = frozenset({"all", "any", "equal", "isnan", "isinf", "isfinite", "allclose"})
"""Methods and functions that return a boolean, which ``item()`` keeps."""

LIST_CHANGES = frozenset({"append", "extend", "insert", "__setitem__", "__iadd__"})
"""Methods that add items to a list."""

MAX_DEPTH = 20
Maker: TypeAlias = Callable[[ast.expr | None], bool]


class NumberExpressions:
    """The numbers of one script. Names that are numbers are computed on first use."""

    def __init__(self, trees: ScriptTrees, bindings: Bindings, options: ParsedOptions) -> None:
        self._trees = trees
        self._bindings = bindings
        self._options = options
        self._made: dict[tuple[str, Maker], bool] = {}
        self._lists: dict[tuple[str, bool], bool] = {}

    def __contains__(self, node: ast.expr) -> bool:
        return self.is_number(node, self._names)

    @cached_property
    def _names(self) -> frozenset[str]:
        return self._bindings.names_where(self.is_number)

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """The names of what parsers of the command line return."""
        return self._bindings.names_where(self._options.is_namespace)

    def _is_option(self, node: ast.Attribute) -> bool:
        """Whether an attribute is the value of a numeric option."""
        return self._options.is_number(node.attr) and self._options.is_namespace(node.value, self.namespaces)

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
            case ast.Subscript():
                return self._is_item_that_is_number(node)
            case ast.Name(id=name):
                return name in names
        return isinstance(node, ast.Attribute) and self._is_attribute_that_is_number(node)

    def _is_attribute_that_is_number(self, node: ast.Attribute) -> bool:
        """Whether an attribute is the value of a numeric option, or the best score of scikit-learn's own search."""
        return self._is_option(node) or (node.attr == "best_score_" and self._trees.is_imported("sklearn"))

    def _is_item_that_is_number(self, node: ast.Subscript) -> bool:
        """Whether an item is a number: of a shape, or of what Keras's ``evaluate`` and ``History`` have."""
        if not results.is_index(node.slice):
            return self._is_lightning_result(node) or self._is_log_item(node)
        if self._is_list(node.value):
            return True
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            return True
        return self._has_keras and (results.is_history_item(node.value) or self._is_item_of_evaluation(node))

    def _is_log_item(self, node: ast.expr) -> bool:
        """Whether an expression is a metric in the logs of an epoch, a parameter of which nothing else has the name."""
        is_parameter = all(value is None for value in self._bindings.of(results.LOGS))
        return self._has_keras and is_parameter and results.is_log_item(node)

    def _is_item_of_evaluation(self, node: ast.Subscript) -> bool:
        """Whether an item of what Keras's ``evaluate`` returns is the loss, or a metric that is one number."""
        if not self._trees.defined.isdisjoint(results.EVALUATION) or not self._trees.calls_of("compile"):
            return False
        is_loss = isinstance(node.slice, ast.Constant) and node.slice.value == 0
        return self._is_made_by(node.value, results.is_evaluation) and (is_loss or self._has_only_named_metrics)

    def _is_lightning_result(self, node: ast.Subscript) -> bool:
        """Whether an item is a number of the dicts that Lightning's ``validate`` and ``test`` return."""
        match node:
            case ast.Subscript(value=ast.Subscript(value=runs, slice=ast.Constant(value=int()))):
                has_lightning = any(map(self._trees.is_imported, results.LIGHTNING))
                return has_lightning and self._is_made_by(runs, results.is_lightning_run)
        return False

    def _is_made_by(self, node: ast.expr, is_maker: Maker) -> bool:
        """Whether a predicate holds for an expression, or for all that a name is bound to."""
        if not isinstance(node, ast.Name):
            return is_maker(node)
        key = (node.id, is_maker)
        if key not in self._made:
            bound = self._bindings.of(node.id)
            self._made[key] = bool(bound) and all(map(is_maker, bound))
        return self._made[key]

    @cached_property
    def _has_only_named_metrics(self) -> bool:
        """Whether each model of Keras gets its metrics by names that stand for one number each."""
        return all(map(results.has_named_metrics, self._trees.calls_of("compile")))

    @cached_property
    def _has_keras(self) -> bool:
        return any(map(self._trees.is_imported, results.KERAS))

    def _are_numbers(self, nodes: list[ast.expr], names: frozenset[str], depth: int) -> bool:
        return all(self.is_number(node, names, depth) for node in nodes)

    def _is_call_for_number(self, node: ast.Call, names: frozenset[str], depth: int) -> bool:
        name = called_name(node)
        if isinstance(node.func, ast.Name) and self._trees.is_own_function(name):
            return f"{name}()" in names
        if name in self._trees.defined or any(self._bindings.of(name)):
            return False
        if name in results.SCORE_FUNCTIONS:
            return results.is_score(node)
        if isinstance(node.func, ast.Attribute):
            return self._is_member_that_returns_number(node, node.func.value, names, depth)
        return name in NUMERIC_CALLS or (bool(node.args) and self._is_builtin_number(name, node.args, names, depth))

    def _is_member_that_returns_number(
        self, node: ast.Call, owner: ast.expr, names: frozenset[str], depth: int
    ) -> bool:
        """Whether a function of numpy or math, or a method, returns a number."""
        if isinstance(owner, ast.Name) and owner.id in results.NUMPY | results.MATH:
            return self._is_numpy_number(node, names, depth)
        name = called_name(node)
        return _is_method(name, node, owner) or self._is_library_number(name, node, owner)

    def _is_builtin_number(self, name: str, given: list[ast.expr], names: frozenset[str], depth: int) -> bool:
        """Whether a builtin function returns a number for some numbers, or for an array of them."""
        if name in ("max", "min", "sum") and len(given) == 1 and self._is_row(given[0]):
            return True
        if name in ("max", "min"):
            return len(given) > 1 and self._are_numbers(given, names, depth)
        return name in KEPT_CALLS and self.is_number(given[0], names, depth)

    def _is_numpy_number(self, node: ast.Call, names: frozenset[str], depth: int) -> bool:
        """Whether a function of numpy or math returns one number."""
        name = called_name(node)
        if name in results.QUANTILES:
            return self._is_quantile(node, names, depth)
        if not node.args:
            return False
        if name in results.ROOTS:
            return isinstance(node.func, ast.Attribute) and self._is_root(node.func, node.args[0], names, depth)
        is_alone = len(node.args) == 1 and not node.keywords
        return is_alone and name in results.STATISTICS and self._is_array(node.args[0])

    def _is_quantile(self, node: ast.Call, names: frozenset[str], depth: int) -> bool:
        """Whether a call is for one quantile of all data."""
        quantile = argument_of(node, "q", 1)
        is_whole = len(node.args) <= 2 and has_only_other_keywords(node, "axis", "out", "keepdims")
        return is_whole and quantile is not None and self.is_number(quantile, names, depth)

    def _is_root(self, function: ast.Attribute, argument: ast.expr, names: frozenset[str], depth: int) -> bool:
        """Whether one of ``ROOTS`` returns a number: those of math always do."""
        is_of_math = isinstance(function.value, ast.Name) and function.value.id in results.MATH
        return is_of_math or self.is_number(argument, names, depth)

    def _is_list(self, node: ast.expr, *, may_have_none: bool = False) -> bool:
        """Whether an expression is a list to which the script adds only numbers: a name or an attribute of ``self``.

        ``may_have_none``: also what ``logs.get()`` returns, of which there is no maximum or mean if it is None.
        """
        if not isinstance(node, ast.Name | ast.Attribute):
            return False
        key = (source_text(node), may_have_none)
        if key not in self._lists:
            bound, uses = self._bound_and_used(node)
            is_empty_list = bool(bound) and all(isinstance(value, ast.List) and not value.elts for value in bound)
            keeps = partial(self._keeps_numbers_only, may_have_none=may_have_none)
            self._lists[key] = is_empty_list and all(map(keeps, uses))
        return self._lists[key]

    def _bound_and_used(self, node: ast.expr) -> tuple[list[ast.expr | None], list[ast.expr]]:
        """What a name or an attribute of ``self`` is bound to, and its uses; nothing for other expressions."""
        match node:
            case ast.Name(id=name):
                return self._bindings.of(name), [*self._trees.loads(name)]
            case ast.Attribute(attr=name, value=ast.Name(id="self")):
                named = self._attributes[name]
                stored = [attribute for attribute in named if isinstance(attribute.ctx, ast.Store)]
                return [*map(self._assigned_to, stored)], [*named]
        return [], []

    @cached_property
    def _attributes(self) -> dict[str, list[ast.Attribute]]:
        """The attributes of all objects, by their names."""
        attributes: dict[str, list[ast.Attribute]] = defaultdict(list)
        for attribute in self._trees.attributes:
            attributes[attribute.attr].append(attribute)
        return attributes

    def _assigned_to(self, target: ast.Attribute) -> ast.expr | None:
        """The value that is assigned to an attribute; None for other statements."""
        statement = self._trees.parents.get(target)
        return statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None

    def _keeps_numbers_only(self, use: ast.expr, *, may_have_none: bool) -> bool:
        """Whether a use of a list changes nothing, or adds a number to it."""
        parent = self._trees.parents.get(use)
        if isinstance(parent, ast.Subscript):
            return isinstance(parent.ctx, ast.Load)
        if not isinstance(parent, ast.Attribute):
            return not isinstance(parent, ast.AugAssign)
        call = self._trees.parents.get(parent)
        if not isinstance(call, ast.Call) or parent.attr not in LIST_CHANGES:
            return True
        if parent.attr != "append" or len(call.args) != 1:
            return False
        is_log = may_have_none and self._is_log_item(call.args[0])
        return is_log or self.is_number(call.args[0], frozenset())

    def _is_row(self, node: ast.expr) -> bool:
        """Whether an expression is a list of numbers, or an array with one dimension."""
        if self._is_list(node, may_have_none=True) or self._is_made_by(node, results.is_cross_validation):
            return True
        return self._has_keras and results.is_history_item(node)

    def _is_array(self, node: ast.expr) -> bool:
        """Whether an expression is a list of numbers, or an array with any dimensions."""
        return self._is_row(node) or self._is_made_by(node, results.is_array)

    @cached_property
    def _models(self) -> frozenset[str]:
        """The names that are imported from scikit-learn's modules, such as those of its models."""
        imports = [node for node in self._trees.nodes_of(ast.ImportFrom) if (node.module or "").startswith("sklearn.")]
        aliases = chain.from_iterable(node.names for node in imports)
        return frozenset(alias.asname or alias.name for alias in aliases)

    def _is_model(self, node: ast.expr | None) -> bool:
        """Whether an expression constructs a model of scikit-learn, also one that is fitted at once."""
        match node:
            case ast.Call(func=ast.Attribute(attr="fit", value=model)):
                return self._is_model(model)
            case ast.Call(func=ast.Name(id=name)):
                return name in self._models and name[:1].isupper()
        return False

    def _is_library_number(self, name: str, node: ast.Call, owner: ast.expr) -> bool:
        """Whether a method of a library's object returns one number."""
        match name:
            case "score":
                return len(node.args) == 2 and self._is_made_by(owner, self._is_model)
            case "numpy":
                return isinstance(owner, ast.Call) and self.is_metric_result(owner)
        return name in results.STATISTICS and self._is_array(owner) and not node.args and not node.keywords

    def is_metric_result(self, node: ast.Call) -> bool:
        """Whether a call returns the result of a metric of Keras that is one number."""
        match node.func:
            case ast.Attribute(attr="result", value=metric) if self._has_keras:
                return self._is_made_by(metric, results.is_keras_metric)
        return False


def _keeps_numbers(node: ast.BinOp) -> bool:
    """Whether the result for two numbers is one: a root may be complex."""
    if isinstance(node.op, ast.Pow):
        return isinstance(node.right, ast.Constant) and isinstance(node.right.value, int)
    return isinstance(node.op, ARITHMETIC)


def has_only_other_keywords(node: ast.Call, *names: str) -> bool:
    """Whether a call certainly has none of some keyword arguments."""
    return not any(keyword.arg in (*names, None) for keyword in node.keywords)


def _is_method(name: str, node: ast.Call, owner: ast.expr) -> bool:
    """Whether a method returns a number for any object."""
    if name == "item":
        is_truth = isinstance(owner, ast.Call) and called_name(owner) in BOOLEAN_FUNCTIONS
        return not isinstance(owner, ast.Compare) and not is_truth and not node.args
    is_clock = name == "time" and isinstance(owner, ast.Name) and owner.id == "time"
    return is_clock or name in NUMERIC_METHODS or (name == "size" and bool(node.args))
