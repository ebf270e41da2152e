"""The options whose values a script never reads: it parses them, and trains as if they were not there."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from hpolint.model.training_script import Shown
from hpolint.readers.python.training_script.averages import places_of_values
from hpolint.readers.python.training_script.parsed_options import PARSES, ParsedOptions, option_member
from hpolint.readers.python.training_script.script_trees import (
    DISPLAY_FUNCTIONS,
    ScriptTrees,
    called_name,
    positional_parameters,
)

PRINTERS = DISPLAY_FUNCTIONS | {"len", "str", "repr"}
"""Functions that only show their arguments."""

FORMATTERS = frozenset({"format", "round", "float", "int"})
"""Functions whose result is shown in place of their argument."""

WHOLE_MEMBERS = frozenset({"__dict__", "_get_kwargs", "__getattribute__", "keys", "items", "values", "to_dict"})
"""Members through which all options can be read."""

CALCULATIONS = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.Subscript)
"""Expressions that make another value of an option's."""

DYNAMIC = ("exec", "eval", "globals", "locals", "setattr", "delattr")
"""Built-in functions through which any name can be read. A model's method ``eval()`` is none."""


class UnusedOptions:
    """Tells which options are never read, for a script in which every use of the parsed options is seen."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees
        self.parsed = ParsedOptions(trees)
        self._places: dict[ast.Call, dict[ast.AST, int]] = {}
        self._read_names: dict[tuple[ast.FunctionDef, str], bool] = {}
        """Whether a function reads a name, once it was asked."""

    @property
    def has_other_defaults(self) -> bool:
        """Whether options may have other defaults than those with which they are declared."""
        return self.parsed.has_other_defaults

    def shown(self, call: ast.Call | None) -> tuple[Shown, ...] | None:
        """Where the option of an ``add_argument`` is printed, also under another name; None if it is read."""
        member = option_member(call) if call is not None else None
        if member is None or member in self._read or self.may_be_read_as_a_whole:
            return None
        uses: list[ast.expr] = [*self._shown_members[member]]
        for name in self._other_names[member]:
            uses += self._trees.loads(name)
        return tuple(self.place(use) for use in uses)

    @cached_property
    def _shown_members(self) -> dict[str, list[ast.Attribute]]:
        """The reads of each member that only print it."""
        members = defaultdict(list)
        for node in self._trees.attributes:
            if self.is_shown(node):
                members[node.attr].append(node)
        return members

    @cached_property
    def _other_names(self) -> dict[str, dict[str, None]]:
        """The names that are given the value of each member and only print it."""
        members: dict[str, dict[str, None]] = defaultdict(dict)
        for node in self._trees.attributes:
            above = self._trees.parents.get(node)
            if isinstance(above, ast.Assign) and self._is_put_aside(node):
                members[node.attr] |= {target.id: None for target in above.targets if isinstance(target, ast.Name)}
        return members

    def place(self, use: ast.expr) -> Shown:
        """The place of a use in the call that prints it."""
        inside: list[ast.AST] = [use]
        for above in self._trees.around(use):
            if isinstance(above, ast.Expr) and isinstance(above.value, ast.Call):
                call = above.value
                places = self._places.setdefault(call, places_of_values(call))
                place = next((places[node] for node in inside if node in places), None)
                return Shown(self._trees.site_of(call), place)
            inside.append(above)
        return Shown(self._trees.site_of(use), None)

    @cached_property
    def _read(self) -> set[str]:
        """The members that are read, and all strings: a member may be read by its name."""
        read: set[str] = set()
        for node in self._trees.attributes:
            if isinstance(node.ctx, ast.Load) and not self.is_shown(node) and not self._is_put_aside(node):
                read.add(node.attr)
        for constant, text in self._trees.texts.items():
            if not self.is_shown(constant) and not self.is_declared(constant):
                read.add(text)
        return read

    def _is_put_aside(self, node: ast.Attribute) -> bool:
        """Whether a value only gets a name that nothing reads."""
        above = self._trees.parents.get(node)
        if isinstance(above, ast.Assign):
            return all(map(self._is_unread, above.targets))
        return self._is_unread_argument(node)

    def _is_unread_argument(self, node: ast.Attribute) -> bool:
        """Whether a value is only passed to a function of the script that never reads it."""
        received = self.parameter_of(node)
        return received is not None and not self._reads(*received)

    def parameter_of(self, node: ast.expr) -> tuple[ast.FunctionDef, str] | None:
        """The function of the script that gets a value in a call, and its parameter; None if that is not certain."""
        argument = self._trees.parents.get(node)
        call = self._trees.parents.get(argument) if isinstance(argument, ast.keyword) else argument
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or _has_spread(call):
            return None
        function = self._only_function(call.func.id)
        if function is None:
            return None
        name = _parameter_of(function, call, argument if isinstance(argument, ast.keyword) else node)
        return None if name is None else (function, name)

    def _only_function(self, name: str) -> ast.FunctionDef | None:
        """The script's function of a name, if there is only one, whose body is all that runs when it is called."""
        functions = self._trees.functions_of(name)
        if len(functions) != 1 or not self._trees.is_own_function(name) or functions[0].decorator_list:
            return None
        return functions[0]

    def _reads(self, function: ast.FunctionDef, name: str) -> bool:
        """Whether a name is read in a function, or in one within it."""
        key = (function, name)
        if key not in self._read_names:
            loads = self._trees.loads(name)
            self._read_names[key] = any(function in self._trees.around(load) for load in loads)
        return self._read_names[key]

    def _is_unread(self, target: ast.expr) -> bool:
        """Whether a target is a name that nothing reads, except to print it."""
        return isinstance(target, ast.Name) and all(map(self.is_shown, self._trees.loads(target.id)))

    def is_shown(self, node: ast.AST) -> bool:
        """Whether a value is only shown in a printed text: what is calculated from it may be the objective."""
        for above in self._trees.around(node):
            if isinstance(above, CALCULATIONS) and not isinstance(getattr(above, "op", None), ast.Mod):
                return False
            if isinstance(above, ast.Call) and called_name(above) not in PRINTERS | FORMATTERS:
                return False
            if isinstance(above, ast.Expr):
                return isinstance(above.value, ast.Call) and called_name(above.value) in PRINTERS
            if isinstance(above, ast.stmt):
                return False
        return False

    def is_declared(self, node: ast.AST) -> bool:
        """Whether a string is an argument of ``add_argument``."""
        call = self._trees.closest(node, ast.Call)
        return call is not None and called_name(call) == "add_argument"

    @cached_property
    def may_be_read_as_a_whole(self) -> bool:
        """Whether the parser's result goes where its members are not seen."""
        if any(self._trees.loads(name) and not self._trees.is_own_function(name) for name in DYNAMIC):
            return True
        return any(map(self._escapes, self._uses()))

    def _uses(self) -> Iterator[ast.expr]:
        """Where the parser's result is: the calls that return it, and the reads of its names."""
        yield from self._trees.calls_of(*PARSES)
        for name in self.parsed.names:
            yield from self._trees.loads(name)

    def _escapes(self, node: ast.expr) -> bool:
        """Whether a use of the parser's result is another than a read of a member, or a call that is seen."""
        above = self._trees.parents.get(node)
        if isinstance(above, ast.keyword):
            above = self._trees.parents.get(above)
        match above:
            case ast.Attribute(attr=member):
                return member in WHOLE_MEMBERS
            case ast.Call():
                return self._call_escapes(above, node)
            case ast.Subscript(value=value, slice=ast.Constant()) if value is node:
                return self._escapes(above)  # the first item of parse_known_args()
            case ast.Assign(value=value, targets=targets):
                return value is node and not all(map(_is_plain, targets))
            case ast.FormattedValue():
                return not self.is_shown(node)
        return not isinstance(above, ast.Return | ast.Expr)

    def _call_escapes(self, call: ast.Call, node: ast.expr) -> bool:
        name, is_function = called_name(call), isinstance(call.func, ast.Name)
        if call.func is node:
            return True
        if is_function and self._trees.is_own_function(name):
            return any(function.args.kwarg or function.args.vararg for function in self._trees.functions_of(name))
        if name == "getattr" and len(call.args) > 1:
            return not isinstance(call.args[1], ast.Constant)
        return name not in (PRINTERS if is_function else DISPLAY_FUNCTIONS)


def _parameter_of(function: ast.FunctionDef, call: ast.Call, argument: ast.AST) -> str | None:
    """The parameter that gets an argument of a call without spread ones; None if that is not certain."""
    if isinstance(argument, ast.keyword):
        named = {parameter.arg for parameter in (*function.args.args, *function.args.kwonlyargs)}
        return argument.arg if argument.arg in named else None
    parameters = [parameter for parameter, _ in positional_parameters(function.args)]
    for parameter, value in zip(parameters, call.args, strict=False):
        if value is argument:
            return parameter.arg
    return None


def _has_spread(call: ast.Call) -> bool:
    has_spread_keywords = any(keyword.arg is None for keyword in call.keywords)
    return has_spread_keywords or any(isinstance(value, ast.Starred) for value in call.args)


def _is_plain(target: ast.expr) -> bool:
    """Whether a target is a name, or the two names of ``parse_known_args``."""
    match target:
        case ast.Name() | ast.Tuple(elts=[ast.Name(), _]):
            return True
    return False
