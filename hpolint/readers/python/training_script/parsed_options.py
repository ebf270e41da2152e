"""The options of a script's parsers: which are numbers, and whether their values contain spaces."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from hpolint.lazy_regex import lazy_regex
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.script_trees import (
    ScriptTrees,
    argument_of,
    called_name,
    is_first_item,
    positional_parameters,
)

PARSES = frozenset({"parse_args", "parse_known_args"})
NUMERIC = frozenset({"int", "float"})
TYPES = NUMERIC | {"str", "bool", "list"}
NAMESPACES = frozenset(
    {"args", "arg", "opt", "opts", "options", "hparams", "params", "config", "cfg", "flags", "FLAGS"}
)
"""Usual names of a parser's result and of objects made from it."""

ENVIRONMENT = lazy_regex(r"(?:os\.)?(?:environ\[|environ\.get\(|getenv\()\s*['\"]SM_")
"""Reads of SageMaker's environment variables: folders, names of hosts and channels, counts."""

ARGUMENT_DEFAULT = "argument_default"
"""The argument of a parser that is the default of its options."""

MAX_DEPTH = 5

MAX_ROUNDS = 8
"""Rounds in which names of the parsed options are followed into functions."""


class ParsedOptions:
    """The options of the parsers in ``trees``."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees

    def is_number(self, option: str) -> bool:
        """Whether an option's value, if it has one, is a number."""
        return self._numeric.get(option, False) and option not in self._stored

    def is_changed(self, member: str) -> bool:
        """Whether the script may give an option another value after it has parsed the command line."""
        return member in self._stored or self._may_be_set_by_name

    @cached_property
    def has_other_defaults(self) -> bool:
        """Whether options may have other defaults than those with which they are declared."""
        texts = (unit.text for unit in self._trees.units)
        return bool(self._trees.calls_of("set_defaults")) or any(ARGUMENT_DEFAULT in text for text in texts)

    @cached_property
    def have_no_spaces(self) -> bool:
        """Whether no option's printed value has a space, except between the items of a list.

        It is False if other code than a parser may set a value.
        """
        if self._stored or self._may_be_set_by_name:
            return False
        if any(keyword.arg == ARGUMENT_DEFAULT for keyword in self._keywords("ArgumentParser")):
            return False
        declared, defaults = list(self._keywords("add_argument")), list(self._keywords("set_defaults"))
        values = [*defaults, *(keyword for keyword in declared if keyword.arg in ("default", "const", None))]
        has_spaces = any(keyword.arg is None or not _has_no_space(keyword.value) for keyword in values)
        return not has_spaces and all(map(_is_standard, [*declared, *defaults]))

    def _keywords(self, function: str) -> Iterator[ast.keyword]:
        """The keyword arguments of the calls of a function."""
        for call in self._trees.calls_of(function):
            yield from call.keywords

    @cached_property
    def _may_be_set_by_name(self) -> bool:
        has_dict = any(attribute.attr == "__dict__" for attribute in self._trees.attributes)
        return has_dict or bool(self._trees.loads("setattr")) or self._is_vars_kept

    @property
    def _is_vars_kept(self) -> bool:
        """Whether ``vars(…)`` is used for anything but printing."""
        calls = self._trees.calls_of("vars")
        parents = [self._trees.parents.get(call) for call in calls]
        shown = (ast.FormattedValue, ast.Call, ast.keyword, ast.BinOp)
        return len(calls) < len(self._trees.loads("vars")) or not all(isinstance(parent, shown) for parent in parents)

    @cached_property
    def _stored(self) -> set[str]:
        """The options that are assigned to, and the assigned members of objects with a namespace's usual name."""
        stored = [attribute for attribute in self._trees.attributes if isinstance(attribute.ctx, ast.Store)]
        return {node.attr for node in stored if node.attr in self._numeric or source_text(node.value) in NAMESPACES}

    @cached_property
    def _numeric(self) -> dict[str, bool]:
        numeric: dict[str, bool] = {}
        for call in self._trees.calls_of("add_argument"):
            member = option_member(call)
            numeric[member] = numeric.get(member, True) and _gives_number(call)
        for keyword in self._keywords("set_defaults"):
            if keyword.arg is not None:
                numeric[keyword.arg] = False
        return numeric

    @cached_property
    def _returned(self) -> dict[str, list[ast.expr | None]]:
        """The returned expressions of the script's functions, by name."""
        returned: dict[str, list[ast.expr | None]] = defaultdict(list)
        for statement in self._trees.nodes_of(ast.Return):
            for function in self._trees.around(statement):
                if isinstance(function, ast.FunctionDef):
                    returned[function.name].append(statement.value)
        return returned

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the parser's result, also as a parameter of the script's functions."""
        assignments = self._trees.nodes_of(ast.Assign)
        calls = [call for call in self._trees.nodes_of(ast.Call) if isinstance(call.func, ast.Name)]
        names: frozenset[str] = frozenset()
        for _ in range(MAX_ROUNDS):
            more = set(names)
            for node in assignments:
                if self.is_namespace(node.value, names):
                    more |= set(_targets(node))
            for call in calls:
                more |= set(self._parameters(call, names))
            if more == names:
                return names
            names = frozenset(more)
        return names

    def _parameters(self, call: ast.Call, names: frozenset[str]) -> Iterator[str]:
        """The parameters of the script's functions that receive the parser's result in a call."""
        for function in self._trees.functions_of(called_name(call)):
            parameters = [parameter.arg for parameter, _ in positional_parameters(function.args)]
            passed: list[tuple[str | None, ast.expr]] = [*zip(parameters, call.args, strict=False)]
            passed += [(keyword.arg, keyword.value) for keyword in call.keywords]
            for name, value in passed:
                if name is not None and self.is_namespace(value, names):
                    yield name

    def is_namespace(self, node: ast.expr, names: frozenset[str], depth: int = MAX_DEPTH) -> bool:
        """Whether an expression is a parser's whole result, through names and functions of the script."""
        if depth == 0:
            return False
        match node:
            case ast.Name(id=name):
                return name in names
            case ast.Subscript(value=value):  # parse_known_args also returns the unknown arguments
                return is_first_item(node) and self.is_namespace(value, names, depth - 1)
            case ast.Tuple(elts=[first, _]):
                return self.is_namespace(first, names, depth - 1)
            case ast.Call(func=ast.Attribute(attr=method)):
                return method in PARSES
            case ast.Call(func=ast.Name(id=function)):
                return self._returns_namespace(function, names, depth - 1)
        return False

    def _returns_namespace(self, function: str, names: frozenset[str], depth: int) -> bool:
        values = self._returned.get(function, [])
        return bool(values) and all(value and self.is_namespace(value, names, depth) for value in values)


def _targets(node: ast.Assign) -> Iterator[str]:
    """The names that an assignment gives the parser's result."""
    for target in node.targets:
        match target:
            case ast.Name(id=name) | ast.Tuple(elts=[ast.Name(id=name), *_]):
                yield name


def _gives_number(call: ast.Call) -> bool:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    of = named.get("type")
    is_typed = isinstance(of, ast.Name) and of.id in NUMERIC and not named.keys() & {"nargs", "action", None}
    return is_typed and _is_numeral(named.get("default"))


def _is_numeral(node: ast.expr | None) -> bool:
    """Whether a default is a number: an option without one is None if it is not set."""
    match node:
        case ast.UnaryOp(op=ast.UAdd() | ast.USub() | ast.Invert(), operand=operand):
            return _is_numeral(operand)
        case ast.Constant(value=value):
            return type(value) in (int, float)
    return False


def _is_standard(keyword: ast.keyword) -> bool:
    """Whether a keyword of ``add_argument`` does not let the script compute values itself."""
    if keyword.arg == "type":
        return isinstance(keyword.value, ast.Name) and keyword.value.id in TYPES
    return keyword.arg != "action" or isinstance(keyword.value, ast.Constant)


def _has_no_space(default: ast.expr) -> bool:
    match default:
        case ast.Constant(value=value):
            return not (isinstance(value, str) and re.search(r"\s", value))
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return all(map(_has_no_space, items))
        case ast.UnaryOp(operand=operand):
            return _has_no_space(operand)
        case ast.Call(func=function, args=[argument]) if source_text(function) in ("json.loads", "int", "float", "str"):
            return _has_no_space(argument)
    others = default.args[1:] if isinstance(default, ast.Call) else []
    return ENVIRONMENT.match(source_text(default)) is not None and all(map(_has_no_space, others))


def option_member(call: ast.Call) -> str:
    """The name of an option's attribute in the parser's result."""
    dest = argument_of(call, "dest")
    if isinstance(dest, ast.Constant):
        return str(dest.value)
    flags = [str(argument.value) for argument in call.args if isinstance(argument, ast.Constant)]
    first, *_ = [*(flag for flag in flags if flag.startswith("--")), *flags, ""]
    return first.lstrip("-").replace("-", "_")
