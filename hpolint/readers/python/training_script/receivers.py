"""The constructors of libraries that the values of a script's options certainly reach."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Mapping

from hpolint.model.source import Span
from hpolint.model.training_script import Receiver
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.parsed_options import ParsedOptions
from hpolint.readers.python.training_script.script_trees import ScriptTrees
from hpolint.readers.python.training_script.undefined import EXIT_FUNCTIONS

LIBRARIES = ("sklearn.",)
"""The beginnings of the names of the constructors that are recorded."""

SETTING_FUNCTIONS = ("set_config", "config_context")
"""Functions of scikit-learn with which parameters are accepted as they are."""

CONVERSIONS = frozenset({"int", "float"})
MAX_NAMES = 3
"""Names through which a value is followed."""


class Receivers:
    """Tells which constructors get an option.

    ``fitted`` are the names of those that make a model which is certainly fitted as it is, by the spans of their calls.
    """

    def __init__(self, fitted: Mapping[Span, str], trees: ScriptTrees, bindings: Bindings) -> None:
        self._fitted = fitted
        self._trees = trees
        self._bindings = bindings
        self._parsed = ParsedOptions(trees)

    def by_member(self) -> dict[str, list[Receiver]]:
        """The constructors by the name of the option's attribute in the parser's result."""
        receivers: dict[str, list[Receiver]] = defaultdict(list)
        if self._may_leave_or_accept():
            return receivers
        for span, constructor in self._fitted.items():
            for keyword in self._trees.calls[span].keywords:
                member, conversion = self._read_member(keyword.value)
                if keyword.arg is not None and member and not self._parsed.is_changed(member):
                    site = self._trees.site_of(keyword.value)
                    receivers[member].append(Receiver(constructor, keyword.arg, conversion, site))
        return receivers

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
