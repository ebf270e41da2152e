"""The data sets for which LightGBM and XGBoost print metrics, if the training data is the first of them in each line.

Source: lightgbm 3.3.5 and 4.7.0 and xgboost 3.2.0, run. LightGBM prints the data that it trains on first, wherever it
stands in ``valid_sets``: ``[1]\\ttraining's auc: 0.99\\tvalid_1's auc: 0.95``. XGBoost keeps the order of ``evals``:
``[0]\\ttrain-auc:0.99\\tvalidation-auc:0.95``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hpolint.model.training_script import EvaluatedSets
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.imported_names import ImportedNames
from hpolint.readers.python.training_script.script_trees import ScriptTrees, argument_of, text_of

TRAINING_PLACE = 1
"""The place of the training data among the arguments of both functions."""

SETS_PLACE, NAMES_PLACE = 3, 4
"""The places of ``valid_sets`` and ``evals``, and of ``valid_names``."""

PRINTING_CALLBACKS = frozenset({"lightgbm.log_evaluation", "lightgbm.print_evaluation"})

UNNAMED_TRAINING = "training"
"""LightGBM's name for the training data without ``valid_names``; the others are ``valid_0``, ``valid_1``, …"""


REGISTER_LOGGER = "register_logger"
"""LightGBM's function that sends its lines to a logger, which may not show them."""

METRIC_KEYS = frozenset({"metric", "metrics", "eval_metric", "verbose", "verbosity"})
"""Parameters that decide which metrics are printed."""


def evaluated_sets(trees: ScriptTrees, bindings: Bindings) -> tuple[EvaluatedSets, ...]:
    """The data sets of each call that certainly prints metrics of its training data first."""
    calls = trees.calls_of("train")
    if not calls or not (trees.is_imported("lightgbm") or trees.is_imported("xgboost")):
        return ()
    if trees.calls_of(REGISTER_LOGGER) or _may_change_metric(trees):
        return ()
    reader = _Reader(trees, bindings)
    return tuple(found for found in map(reader.sets, calls) if found is not None)


def _may_change_metric(trees: ScriptTrees) -> bool:
    """Whether a script may set the metric of parameters after it has written them."""
    stored = [node for node in trees.nodes_of(ast.Subscript) if isinstance(node.ctx, ast.Store)]
    return bool(trees.calls_of("update", "setdefault")) or any(text_of(node.slice) in METRIC_KEYS for node in stored)


class _Reader:
    """Reads calls of ``lightgbm.train`` and ``xgboost.train``."""

    def __init__(self, trees: ScriptTrees, bindings: Bindings) -> None:
        self._trees = trees
        self._bindings = bindings
        self._imported = ImportedNames(trees)

    def sets(self, call: ast.Call) -> EvaluatedSets | None:
        """The data sets of a call whose arguments are all known; None if it may print no training data first."""
        if any(keyword.arg is None for keyword in call.keywords):
            return None
        names: list[str] | None = None
        library = self._imported.full_name(call.func)
        if library == "lightgbm.train" and self._is_logged(call):
            names = self._of_lightgbm(call)
        elif library == "xgboost.train" and _is_printed(argument_of(call, "verbose_eval"), default=True):
            names = self._of_xgboost(call)
        if names is None or len(names) < 2:
            return None
        return EvaluatedSets(library.partition(".")[0], names[0], names[1], self._trees.site_of(call))

    def _is_logged(self, call: ast.Call) -> bool:
        """Whether a call of ``lightgbm.train`` prints metrics in every version that accepts its arguments."""
        if _is_printed(argument_of(call, "verbose_eval"), default=False):
            return True
        for callback in self._items(argument_of(call, "callbacks")):
            if isinstance(callback, ast.Call) and self._imported.full_name(callback.func) in PRINTING_CALLBACKS:
                return _is_printed(argument_of(callback, "period", 0), default=True)
        return False

    def _of_lightgbm(self, call: ast.Call) -> list[str] | None:
        """The names of the data sets in the order in which they are printed; None if the training data is none."""
        training = _name(argument_of(call, "train_set", TRAINING_PLACE))
        sets = [_name(item) for item in self._items(argument_of(call, "valid_sets", SETS_PLACE))]
        if training is None or sets.count(training) != 1 or None in sets:
            return None
        names = self._given_names(call)
        if names is None:
            names = [UNNAMED_TRAINING if name == training else f"valid_{at}" for at, name in enumerate(sets)]
        if len(names) < len(sets):
            return None
        first = names.pop(sets.index(training))
        return [first, *names]

    def _given_names(self, call: ast.Call) -> list[str] | None:
        """The known items of ``valid_names``; None without it."""
        given = argument_of(call, "valid_names", NAMES_PLACE)
        if given is None:
            return None
        return [text for text in map(text_of, self._items(given)) if text is not None]

    def _of_xgboost(self, call: ast.Call) -> list[str] | None:
        """The names of the data sets in the order in which they are printed; None if another one is the first."""
        training = _name(argument_of(call, "dtrain", TRAINING_PLACE))
        names: list[str] = []
        for item in self._items(argument_of(call, "evals", SETS_PLACE)):
            match item:
                case ast.Tuple(elts=[ast.Name(id=data), ast.Constant(value=str(name))]):
                    if not names and data != training:
                        return None
                    names.append(name)
                case _:
                    return None
        return names

    def _items(self, node: ast.expr | None) -> Iterator[ast.expr]:
        """The items of a list, also of a name that is only bound to one."""
        if isinstance(node, ast.Name):
            bound = self._bindings.of(node.id)
            node = bound[0] if len(bound) == 1 else None
        if isinstance(node, ast.List | ast.Tuple):
            yield from node.elts


def _name(node: ast.expr | None) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


def _is_printed(period: ast.expr | None, *, default: bool) -> bool:
    """Whether a period, or a switch, certainly prints every line, or every few lines."""
    if period is None:
        return default
    return isinstance(period, ast.Constant) and isinstance(period.value, int) and period.value > 0
