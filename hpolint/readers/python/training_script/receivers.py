"""The constructors of libraries that the values of a script's options certainly reach."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from hpolint.data.constructor_combinations import is_combined
from hpolint.data.constructor_limits import library_of
from hpolint.model.source import Span
from hpolint.model.training_script import Construction, ConstructorArgument, Receiver
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.mistaken_calls import BOOSTER
from hpolint.readers.python.training_script.parsed_options import ParsedOptions
from hpolint.readers.python.training_script.script_trees import ScriptTrees
from hpolint.readers.python.training_script.undefined import EXIT_FUNCTIONS

MODELS = ("sklearn.", "xgboost.XGB", "xgboost.sklearn.XGB")
"""The beginnings of the names of the constructors that take any number, and whose models compare it when fitted."""

OPTIMIZERS = "torch.optim."

SETTING_FUNCTIONS = ("set_config", "config_context", "patch_sklearn")
"""Functions with which scikit-learn accepts parameters as they are, or is replaced by another implementation."""

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
        if self._may_leave_or_accept:
            return receivers
        for span, constructor in self._comparing.items():
            for parameter, value in self._arguments(span, constructor):
                member, conversion = self._read_member(value)
                if member and not self._parsed.is_changed(member):
                    site = self._trees.site_of(value)
                    receivers[member].append(Receiver(constructor, parameter, conversion, site))
        return receivers

    def constructions(self) -> tuple[Construction, ...]:
        """The calls of constructors whose arguments may exclude or switch off each other."""
        return tuple(self._construction(span) for span in self._combined)

    @cached_property
    def _combined(self) -> list[Span]:
        """The places of these calls."""
        combined = [span for span, constructor in self._comparing.items() if is_combined(constructor)]
        return [] if combined and self._may_leave_or_accept else combined

    def number_of(self, call: ast.Call) -> int | None:
        """The place of a call among the constructions; None if it is none of them."""
        numbers = (number for number, span in enumerate(self._combined) if self._trees.calls[span] is call)
        return next(numbers, None)

    def _construction(self, span: Span) -> Construction:
        call = self._trees.calls[span]
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        arguments = tuple(self._argument(name, value) for name, value in named.items() if name is not None)
        is_whole = not call.args and None not in named
        return Construction(self._comparing[span], self._trees.site(span), arguments, is_whole)

    def _argument(self, parameter: str, value: ast.expr) -> ConstructorArgument:
        member, conversion = self._read_member(value)
        if member:
            is_known = not self._parsed.is_changed(member)
            return ConstructorArgument(parameter, member, conversion, is_known=is_known)
        match self._written(value):
            case ast.Constant(value=str() | int() | float() | bool() | None as constant):
                return ConstructorArgument(parameter, value=constant)
        return ConstructorArgument(parameter, is_known=False)

    def _written(self, value: ast.expr) -> ast.expr:
        """An expression, or the one that a name in its place is bound to, if that is the name's only binding."""
        for _ in range(MAX_NAMES):
            bound = self._bindings.of(value.id) if isinstance(value, ast.Name) else []
            if len(bound) != 1 or bound[0] is None:
                break
            value = bound[0]
        return value

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

    @cached_property
    def _may_leave_or_accept(self) -> bool:
        """Whether the script may end before it fits a model, or turns scikit-learn's comparison off."""
        early_exits = [call for call in self._trees.calls_of(*EXIT_FUNCTIONS) if not _runs_code(call)]
        return bool(early_exits or self._trees.calls_of(*SETTING_FUNCTIONS))

    def _read_member(self, value: ast.expr) -> tuple[str, str]:
        return read_member(value, self._parsed, self._bindings)


def read_member(
    value: ast.expr, parsed: ParsedOptions, bindings: Bindings, names_left: int = MAX_NAMES
) -> tuple[str, str]:
    """The option's attribute whose value an expression has, and how that is converted; empty for any other.

    A name counts if it is bound once in the whole script.
    """
    match value:
        case ast.Attribute(value=holder, attr=member):
            return (member, "") if parsed.is_namespace(holder, parsed.names) else ("", "")
        case ast.Call(func=ast.Name(id=function), args=[argument], keywords=[]) if function in CONVERSIONS:
            member, _ = read_member(argument, parsed, bindings, names_left)
            return member, function
        case ast.Name(id=name) if names_left:
            bound = bindings.of(name)
            if len(bound) == 1 and bound[0] is not None:
                return read_member(bound[0], parsed, bindings, names_left - 1)
    return "", ""


def _runs_code(exit_call: ast.Call) -> bool:
    """Whether a call that ends the script runs the script's code first, as ``sys.exit(main())`` does."""
    return any(isinstance(argument, ast.Call) for argument in exit_call.args)
