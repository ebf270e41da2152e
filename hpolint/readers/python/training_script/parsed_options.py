"""The options of a script's parsers: which are numbers, and whether their values contain spaces."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cached_property

from hpolint.lazy_regex import lazy_regex
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.script_trees import ScriptTrees

PARSES = frozenset({"parse_args", "parse_known_args"})
NUMERIC = frozenset({"int", "float"})
TYPES = NUMERIC | {"str", "bool", "list"}
NAMESPACES = frozenset(
    {"args", "arg", "opt", "opts", "options", "hparams", "params", "config", "cfg", "flags", "FLAGS"}
)
"""Usual names of a parser's result and of objects made from it."""

ENVIRONMENT = lazy_regex(r"(?:os\.)?(?:environ\[|environ\.get\(|getenv\()\s*['\"]SM_")
"""Reads of SageMaker's environment variables: folders, names of hosts and channels, counts."""

MAX_DEPTH = 5


class ParsedOptions:
    """The options of the parsers in ``trees``."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees

    def is_number(self, option: str) -> bool:
        """Whether an option's value, if it has one, is a number."""
        return self._numeric.get(option, False) and option not in self._stored

    @cached_property
    def have_no_spaces(self) -> bool:
        """Whether no option's printed value has a space, except between the items of a list.

        It is False if other code than a parser may set a value.
        """
        calls = [*self._trees.calls_of("add_argument"), *self._trees.calls_of("set_defaults")]
        keywords = [each for call in calls for each in call.keywords]
        values = [each for call in calls[len(self._trees.calls_of("add_argument")) :] for each in call.keywords]
        values += [each for each in keywords if each.arg in ("default", "const", None)]
        parsers = [each.arg for call in self._trees.calls_of("ArgumentParser") for each in call.keywords]
        is_set = self._stored or self._trees.loads("setattr") or "__dict__" in self._members or self._is_vars_kept
        return (
            not is_set
            and "argument_default" not in parsers
            and all(each.arg is not None and _has_no_space(each.value) for each in values)
            and all(_is_standard(each) for each in keywords)
        )

    @property
    def _is_vars_kept(self) -> bool:
        """Whether ``vars(…)`` is used for anything but printing."""
        calls = self._trees.calls_of("vars")
        parents = [self._trees.parents.get(each) for each in calls]
        shown = (ast.FormattedValue, ast.Call, ast.keyword, ast.BinOp)
        return len(calls) < len(self._trees.loads("vars")) or not all(isinstance(each, shown) for each in parents)

    @cached_property
    def _members(self) -> set[str]:
        return {each.attr for each in self._trees.attributes}

    @cached_property
    def _stored(self) -> set[str]:
        """The options that are assigned to, and the assigned members of objects with a namespace's usual name."""
        stored = [each for each in self._trees.attributes if isinstance(each.ctx, ast.Store)]
        return {each.attr for each in stored if each.attr in self._numeric or source_text(each.value) in NAMESPACES}

    @cached_property
    def _numeric(self) -> dict[str, bool]:
        found: dict[str, bool] = {}
        for call in self._trees.calls_of("add_argument"):
            member = option_member(call)
            found[member] = found.get(member, True) and _gives_number(call)
        for call in self._trees.calls_of("set_defaults"):
            found |= {each.arg: False for each in call.keywords if each.arg is not None}
        return found

    @cached_property
    def _returned(self) -> dict[str, list[ast.expr | None]]:
        """The returned expressions of the script's functions, by name."""
        found: dict[str, list[ast.expr | None]] = defaultdict(list)
        for function in self._trees.functions:
            found[function.name] += [each.value for each in ast.walk(function) if isinstance(each, ast.Return)]
        return found

    def is_namespace(self, node: ast.expr, names: frozenset[str], depth: int = MAX_DEPTH) -> bool:
        """Whether an expression is a parser's whole result, through names and functions of the script."""
        if depth == 0:
            return False
        if isinstance(node, ast.Name):
            return node.id in names
        if isinstance(node, ast.Subscript):  # parse_known_args also returns the unknown arguments
            is_first = isinstance(node.slice, ast.Constant) and node.slice.value == 0
            return is_first and self.is_namespace(node.value, names, depth - 1)
        if isinstance(node, ast.Tuple):
            return len(node.elts) == 2 and self.is_namespace(node.elts[0], names, depth - 1)
        if not isinstance(node, ast.Call):
            return False
        if isinstance(node.func, ast.Attribute):
            return node.func.attr in PARSES
        returned = self._returned.get(getattr(node.func, "id", ""), [])
        return bool(returned) and all(each and self.is_namespace(each, names, depth - 1) for each in returned)


def _gives_number(call: ast.Call) -> bool:
    named = {each.arg: each.value for each in call.keywords}
    of = named.get("type")
    is_typed = isinstance(of, ast.Name) and of.id in NUMERIC and not named.keys() & {"nargs", "action", None}
    return is_typed and _is_numeral(named.get("default"))


def _is_numeral(node: ast.expr | None) -> bool:
    """Whether a default is a number: an option without one is None if it is not set."""
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        return _is_numeral(node.operand)
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _is_standard(keyword: ast.keyword) -> bool:
    """Whether a keyword of ``add_argument`` does not let the script compute values itself."""
    if keyword.arg == "type":
        return isinstance(keyword.value, ast.Name) and keyword.value.id in TYPES
    return keyword.arg != "action" or isinstance(keyword.value, ast.Constant)


def _has_no_space(default: ast.expr) -> bool:
    if isinstance(default, ast.Constant):
        return not (isinstance(default.value, str) and re.search(r"\s", default.value))
    if isinstance(default, ast.List | ast.Tuple):
        return all(map(_has_no_space, default.elts))
    if isinstance(default, ast.UnaryOp):
        return _has_no_space(default.operand)
    if isinstance(default, ast.Call) and source_text(default.func) in ("json.loads", "int", "float", "str"):
        return len(default.args) == 1 and _has_no_space(default.args[0])
    others = default.args[1:] if isinstance(default, ast.Call) else []
    return ENVIRONMENT.match(source_text(default)) is not None and all(map(_has_no_space, others))


def option_member(call: ast.Call) -> str:
    """The name of an option's attribute in the parser's result."""
    dest = next((each.value for each in call.keywords if each.arg == "dest"), None)
    if isinstance(dest, ast.Constant):
        return str(dest.value)
    flags = [str(each.value) for each in call.args if isinstance(each, ast.Constant)]
    flag = next((each for each in flags if each.startswith("--")), flags[0] if flags else "")
    return flag.lstrip("-").replace("-", "_")
