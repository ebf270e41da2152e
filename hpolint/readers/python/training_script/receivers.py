"""The constructors of libraries that the values of a script's options certainly reach."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from hpolint.data.constructor_limits import library_of
from hpolint.model.source import Span
from hpolint.model.training_script import Receiver
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.mistaken_calls import BOOSTER
from hpolint.readers.python.training_script.parsed_options import ParsedOptions
from hpolint.readers.python.training_script.script_trees import ScriptTrees
from hpolint.readers.python.training_script.undefined import EXIT_FUNCTIONS

MODELS = ("sklearn.", "xgboost.XGB", "xgboost.sklearn.XGB")
"""The beginnings of the names of the constructors that take any number, and whose models compare it when fitted."""

OPTIMIZERS = "torch.optim."

SETTING_FUNCTIONS = ("set_config", "config_context")
"""Functions of scikit-learn with which parameters are accepted as they are."""

XGBOOST = "xgboost."
CONVERSIONS = frozenset({"int", "float"})
MAX_NAMES = 3
"""Names through which a value is followed."""


def is_model(name: str) -> bool:
    """Whether a name is that of a model's class."""
    return name.startswith(MODELS) and _is_class(name)


def is_optimizer(name: str) -> bool:
    """Whether a name is that of one of PyTorch's optimizers, whose constructors compare their arguments."""
    return name.startswith(OPTIMIZERS) and "._" not in name and _is_class(name)


def _is_class(name: str) -> bool:
    return name.rpartition(".")[2][:1].isupper()


class Receivers:
    """Tells which constructors get an option.

    ``comparing`` are the names of those that certainly compare their arguments, or whose models do so when they are
    fitted as they are, by the spans of their calls. ``booster_keys`` are the places of the names of the parameters in
    the dict that a call gets.
    """

    def __init__(
        self,
        comparing: Mapping[Span, str],
        booster_keys: Mapping[Span, Mapping[str, Span]],
        trees: ScriptTrees,
        bindings: Bindings,
    ) -> None:
        self._comparing = comparing
        self._booster_keys = booster_keys
        self._trees = trees
        self._bindings = bindings
        self._parsed = ParsedOptions(trees)

    def by_member(self) -> dict[str, list[Receiver]]:
        """The constructors by the name of the option's attribute in the parser's result."""
        receivers: dict[str, list[Receiver]] = defaultdict(list)
        if self._may_leave_or_accept():
            return receivers
        for span, constructor in self._comparing.items():
            for parameter, value in self._arguments(span, constructor):
                member, conversion = self._read_member(value)
                if member and not self._parsed.is_changed(member):
                    site = self._trees.site_of(value)
                    receivers[member].append(Receiver(constructor, parameter, conversion, site))
        return receivers

    def _arguments(self, span: Span, constructor: str) -> Iterator[tuple[str, ast.expr]]:
        """The arguments of a call with their names, and the items of the written tuples and lists among them."""
        for parameter, value in self._passed(span, constructor):
            yield parameter, value
            items = value.elts if isinstance(value, ast.Tuple | ast.List) else []
            if not any(isinstance(item, ast.Starred) for item in items):
                yield from ((f"{parameter}[{place}]", item) for place, item in enumerate(items))

    def _passed(self, span: Span, constructor: str) -> Iterator[tuple[str, ast.expr]]:
        """The arguments of a call with their names; none if it may make another booster of XGBoost than trees."""
        call = self._trees.calls[span]
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        if constructor.startswith(XGBOOST) and not named.keys().isdisjoint((BOOSTER, None)):
            return
        for name, value in named.items():
            if name is not None:
                yield name, value
        yield from self._positional(call, constructor)
        for parameter, place in self._booster_keys.get(span, {}).items():
            if place in self._values_by_key:
                yield parameter, self._values_by_key[place]

    def _positional(self, call: ast.Call, constructor: str) -> Iterator[tuple[str, ast.expr]]:
        """The positional arguments of a call with the names of the parameters that get them."""
        if not any(isinstance(argument, ast.Starred) for argument in call.args):
            yield from zip(library_of(constructor).positional(constructor), call.args, strict=False)

    @cached_property
    def _values_by_key(self) -> dict[Span, ast.expr]:
        """The values in the dicts that are written in the script, by the places of their keys."""
        values: dict[Span, ast.expr] = {}
        for node in self._trees.nodes_of(ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is not None:
                    values[self._trees.span_of(key)] = value
        return values

    def _may_leave_or_accept(self) -> bool:
        """Whether the script may end before it fits a model, or turns scikit-learn's comparison off."""
        early_exits = [call for call in self._trees.calls_of(*EXIT_FUNCTIONS) if not _runs_code(call)]
        return bool(early_exits or self._trees.calls_of(*SETTING_FUNCTIONS))

    def _read_member(self, value: ast.expr, names_left: int = MAX_NAMES) -> tuple[str, str]:
        """The option's attribute whose value an expression has, and how that is converted; empty for any other."""
        match value:
            case ast.Attribute(value=holder, attr=member):
                is_option = self._parsed.is_namespace(holder, self._parsed.names)
                return (member, "") if is_option else ("", "")
            case ast.Call(func=ast.Name(id=function), args=[argument], keywords=[]) if function in CONVERSIONS:
                member, _ = self._read_member(argument, names_left)
                return member, function
            case ast.Name(id=name) if names_left:
                return self._read_name(name, names_left - 1)
        return "", ""

    def _read_name(self, name: str, names_left: int) -> tuple[str, str]:
        """The same for a name that is bound once in the whole script."""
        bound = self._bindings.of(name)
        if len(bound) != 1 or bound[0] is None:
            return "", ""
        return self._read_member(bound[0], names_left)


def _runs_code(exit_call: ast.Call) -> bool:
    """Whether a call that ends the script runs the script's code first, as ``sys.exit(main())`` does."""
    return any(isinstance(argument, ast.Call) for argument in exit_call.args)
