"""Callbacks and schedulers that watch a metric while a script trains, and the direction in which they look."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from hpolint.model.source import Span
from hpolint.model.training_script import Monitor, Site
from hpolint.readers.python.interpreter.values import Arguments, Constant, Value
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.local_bindings import unconverted
from hpolint.readers.python.training_script.script_trees import ScriptTrees, argument_of, text_of

MODES = ("min", "max")


Kind: TypeAlias = Literal["stopping", "checkpoint", "rate"]
"""What a monitor decides, as in ``Monitor``."""


class _Callback(NamedTuple):
    """A class of a library that watches a metric: what it decides, and the places of its arguments.

    A place of None stands for an argument that only its keyword gives.
    """

    kind: Kind
    metric: int | None
    mode: int | None


KERAS_MODULES = ("keras.callbacks.", "tensorflow.keras.callbacks.", "tensorflow.python.keras.callbacks.")
KERAS = {
    "EarlyStopping": _Callback("stopping", 0, 4),
    "ModelCheckpoint": _Callback("checkpoint", 1, 5),
    "ReduceLROnPlateau": _Callback("rate", 0, 4),
}
KERAS_METRIC = "val_loss"
"""The metric that Keras's classes watch by default. Their default direction fits the metric.

Source: keras 2.8.0, ``callbacks.py``; keras 3.5.0, ``callbacks/early_stopping.py``, ``reduce_lr_on_plateau.py``.
"""

LIGHTNING_MODULES = ("pytorch_lightning.callbacks.", "lightning.pytorch.callbacks.")
LIGHTNING = {
    "EarlyStopping": _Callback("stopping", 0, 4),
    "ModelCheckpoint": _Callback("checkpoint", None, None),
}
MAX_PLACED = 2
"""Arguments of ``ModelCheckpoint`` that are given by their place and are no metric, in all versions."""

LIGHTNING_MODE = "min"
"""The default direction of Lightning's classes, whatever they watch, since version 1.3.

Source: pytorch-lightning 1.2.10 (which chooses it by the metric's name), 1.3.8, 1.9.5 and lightning 2.4.0,
``callbacks/early_stopping.py`` and ``callbacks/model_checkpoint.py``.
"""

PLATEAU = "torch.optim.lr_scheduler.ReduceLROnPlateau"
PLATEAU_MODE = "min"
"""PyTorch's scheduler, whose method ``step`` gets the metric, and its default direction.

Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
"""


def is_monitor(name: str) -> bool:
    """Whether a name is that of a class that watches a metric."""
    return name == PLATEAU or _class_of(name) is not None


Made = Mapping[Span, Sequence[tuple[str, Arguments]]]
"""The full names and the arguments with which each call of such a class was interpreted, by its span."""


class Monitors:
    """Tells what a script watches, where the metric and its direction are certain."""

    def __init__(self, made: Made, trees: ScriptTrees, bindings: Bindings) -> None:
        self._made = made
        self._trees = trees
        self._bindings = bindings

    def all(self) -> Iterator[Monitor]:
        """The monitors that the script makes and uses."""
        for span, times in self._made.items():
            call = self._trees.calls.get(span)
            if call is None or not self._is_used(call):
                continue
            found = {self._monitor(name, arguments, call) for name, arguments in times}
            monitor = found.pop()
            if monitor is not None and not found:
                yield monitor

    def _monitor(self, name: str, arguments: Arguments, call: ast.Call) -> Monitor | None:
        """What an object that a call makes watches; None if that is not certain, or changes nothing."""
        cls = _class_of(name)
        if arguments.open is not None:
            return None
        site = self._trees.site_of(call)
        if cls is None:
            mode = _text(_argument(arguments, "mode", 1), PLATEAU_MODE)
            return _monitor_of("rate", self._stepped_with(call), mode, site)
        is_of_keras = name.startswith(KERAS_MODULES)
        if cls.kind == "checkpoint" and not self._is_only_copy(arguments, is_of_keras=is_of_keras):
            return None
        mode = _text(_argument(arguments, "mode", cls.mode), "" if is_of_keras else self._lightning_mode)
        metric = _text(_argument(arguments, "monitor", cls.metric), KERAS_METRIC if is_of_keras else "")
        return None if self._is_negated(metric) else _monitor_of(cls.kind, metric, mode, site)

    def _is_only_copy(self, arguments: Arguments, *, is_of_keras: bool) -> bool:
        """Whether a callback that saves models keeps the best of them only, and no other callback saves any."""
        return _keeps_best(arguments, is_of_keras) and len(self._trees.calls_of("ModelCheckpoint")) == 1

    def _is_negated(self, metric: str) -> bool:
        """Whether the script logs a metric of this name with the other sign, or as a difference."""
        values = [argument_of(call, "value", 1) for call in self._trees.calls_of("log") if _logs(call, metric)]
        return any(map(_is_difference, values))

    @property
    def _lightning_mode(self) -> str:
        """The default direction of Lightning, if its version is certainly 1.3 or later; else empty.

        The package's name says so, or an argument of the Trainer. Source: pytorch-lightning 1.2.10, whose ``Trainer``
        has no argument ``devices``.
        """
        has_devices = any(argument_of(call, "devices") is not None for call in self._trees.calls_of("Trainer"))
        return LIGHTNING_MODE if has_devices or self._trees.is_imported("lightning") else ""

    def _is_used(self, call: ast.Call) -> bool:
        """Whether what a call makes goes anywhere."""
        match self._trees.parents.get(call):
            case ast.Assign(targets=[ast.Name(id=name)]):
                return bool(self._trees.loads(name))
            case ast.Expr():
                return False
        return True

    def _stepped_with(self, call: ast.Call) -> str:
        """The name of what a scheduler's method ``step`` gets, if that is one; else empty."""
        match self._trees.parents.get(call):
            case ast.Assign(targets=[ast.Name(id=name)]):
                bound = self._bindings.of(name)
            case _:
                return ""
        if not all(value is call or (isinstance(value, ast.Name) and value.id == name) for value in bound):
            return ""
        steps = [step for step in self._trees.calls_of("step") if _is_method_of(step, name)]
        metrics = {_metric_name(argument_of(step, "metrics", 0)) for step in steps}
        return self._unturned(metrics)

    def _unturned(self, metrics: set[str]) -> str:
        """The only one of some names, if the script turns no number with this name round; else empty."""
        metric = metrics.pop() if len(metrics) == 1 else ""
        return "" if any(map(_is_difference, self._bindings.of(metric))) else metric


def _monitor_of(kind: Kind, metric: str, mode: str, site: Site) -> Monitor | None:
    return Monitor(kind, metric, mode, site) if metric and mode in MODES else None


def _keeps_best(arguments: Arguments, is_of_keras: bool) -> bool:
    """Whether a callback that saves models certainly keeps the best of them only."""
    if is_of_keras:
        best = _argument(arguments, "save_best_only", 3)
        return isinstance(best, Constant) and best.value is True
    kept = arguments.keywords.get("save_top_k")
    if len(arguments.positional) > MAX_PLACED or kept is None:
        return len(arguments.positional) <= MAX_PLACED
    return isinstance(kept, Constant) and isinstance(kept.value, int) and kept.value > 0


def _class_of(name: str) -> _Callback | None:
    """The class of a callback by its full name; None for any other."""
    cls = name.rpartition(".")[2]
    if name.startswith(KERAS_MODULES):
        return KERAS.get(cls)
    return LIGHTNING.get(cls) if name.startswith(LIGHTNING_MODULES) else None


def _argument(arguments: Arguments, name: str, place: int | None) -> Value | None:
    if name in arguments.keywords:
        return arguments.keywords[name]
    return arguments.at(place) if place is not None else None


def _text(value: Value | None, default: str) -> str:
    """The text of an argument, or its default; empty if it is not known."""
    if value is None:
        return default
    return value.value if isinstance(value, Constant) and isinstance(value.value, str) else ""


def _is_method_of(call: ast.Call, name: str) -> bool:
    return isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == name


def _logs(call: ast.Call, metric: str) -> bool:
    """Whether a call logs a metric by its literal name."""
    name = argument_of(call, "name", 0)
    return name is not None and text_of(name) == metric


def _is_difference(node: ast.expr | None) -> bool:
    """Whether an expression turns a number round: ``-x`` or ``1 - x``."""
    match node:
        case ast.UnaryOp(op=ast.USub()) | ast.BinOp(op=ast.Sub()):
            return True
    return False


def _metric_name(node: ast.expr | None) -> str:
    """The name of a metric that an expression has: that of a variable, or the key of an item; else empty."""
    match unconverted(node):
        case ast.Name(id=name):
            return name
        case ast.Subscript(slice=key):
            return text_of(key) or ""
    return ""
