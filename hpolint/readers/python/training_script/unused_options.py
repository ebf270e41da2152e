"""The options whose values a script never reads: it parses them, and trains as if they were not there."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from hpolint.model.training_script import Shown
from hpolint.readers.python.training_script.averages import places_of_values
from hpolint.readers.python.training_script.parsed_options import PARSES, ParsedOptions, option_member
from hpolint.readers.python.training_script.script_trees import DISPLAY_FUNCTIONS, ScriptTrees, called_name

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

MAX_ROUNDS = 8
"""Rounds in which names of the parsed options are followed into functions."""


class UnusedOptions:
    """Tells which options are never read, for a script in which every use of the parsed options is seen."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees
        self._parsed = ParsedOptions(trees)
        self._places: dict[ast.Call, dict[ast.AST, int]] = {}

    def shown(self, call: ast.Call | None) -> tuple[Shown, ...] | None:
        """Where the option of an ``add_argument`` is printed, also under another name; None if it is read."""
        member = option_member(call) if call is not None else None
        if member is None or member in self._read or self._may_be_read_as_a_whole:
            return None
        uses: list[ast.expr] = [*self._shown_members[member]]
        for name in self._other_names[member]:
            uses += self._trees.loads(name)
        return tuple(self._place(use) for use in uses)

    @cached_property
    def _shown_members(self) -> dict[str, list[ast.Attribute]]:
        """The reads of each member that only print it."""
        members = defaultdict(list)
        for node in self._trees.attributes:
            if self._is_shown(node):
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

    def _place(self, use: ast.expr) -> Shown:
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
        found: set[str] = set()
        for node in self._trees.nodes():
            is_attribute = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
            if not (is_attribute or isinstance(node, ast.Constant)) or self._is_shown(node):
                continue
            if isinstance(node, ast.Attribute):
                found |= {node.attr} if not self._is_put_aside(node) else set()
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not self._is_declared(node):
                found.add(node.value)
        return found

    def _is_put_aside(self, node: ast.Attribute) -> bool:
        """Whether a value only gets a name that nothing reads."""
        above = self._trees.parents.get(node)
        if not isinstance(above, ast.Assign) or not all(isinstance(each, ast.Name) for each in above.targets):
            return False
        names = [each.id for each in above.targets if isinstance(each, ast.Name)]
        return not any(not self._is_shown(use) for name in names for use in self._trees.loads(name))

    def _is_shown(self, node: ast.AST) -> bool:
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

    def _is_declared(self, node: ast.AST) -> bool:
        """Whether a string is an argument of ``add_argument``."""
        call = next((each for each in self._trees.around(node) if isinstance(each, ast.Call)), None)
        return call is not None and called_name(call) == "add_argument"

    @cached_property
    def _may_be_read_as_a_whole(self) -> bool:
        """Whether the parser's result goes where its members are not seen."""
        if any(self._trees.loads(name) and not self._trees.is_own_function(name) for name in DYNAMIC):
            return True
        uses = (use for name in self._names for use in self._trees.loads(name))
        return any(map(self._escapes, [*self._parse_calls, *uses]))

    @property
    def _parse_calls(self) -> Iterator[ast.expr]:
        for name in PARSES:
            yield from self._trees.calls_of(name)

    @cached_property
    def _names(self) -> frozenset[str]:
        """The names of the parser's result, also as a parameter of the script's functions."""
        names: frozenset[str] = frozenset()
        for _ in range(MAX_ROUNDS):
            found = set(names)
            for node in self._trees.nodes():
                if isinstance(node, ast.Assign) and self._parsed.is_namespace(node.value, names):
                    found |= set(_targets(node))
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    found |= set(self._parameters(node, names))
            if found == names:
                return names
            names = frozenset(found)
        return names

    def _parameters(self, call: ast.Call, names: frozenset[str]) -> Iterator[str]:
        """The parameters of the script's functions that receive the parser's result in a call."""
        for function in (each for each in self._trees.functions if each.name == getattr(call.func, "id", "")):
            given = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
            for name, value in zip(given, call.args, strict=False):
                if self._parsed.is_namespace(value, names):
                    yield name
            for keyword in call.keywords:
                if keyword.arg is not None and self._parsed.is_namespace(keyword.value, names):
                    yield keyword.arg

    def _escapes(self, node: ast.expr) -> bool:
        """Whether a use of the parser's result is another than a read of a member, or a call that is seen."""
        above = self._trees.parents.get(node)
        if isinstance(above, ast.keyword):
            above = self._trees.parents.get(above)
        if isinstance(above, ast.Attribute):
            return above.attr in WHOLE_MEMBERS
        if isinstance(above, ast.Call):
            return self._call_escapes(above, node)
        if isinstance(above, ast.Subscript):  # the first item of parse_known_args()
            return not (above.value is node and isinstance(above.slice, ast.Constant)) or self._escapes(above)
        if isinstance(above, ast.Assign):
            return above.value is node and not all(_is_plain(target) for target in above.targets)
        if isinstance(above, ast.FormattedValue):
            return not self._is_shown(node)
        return not isinstance(above, ast.Return | ast.Expr)

    def _call_escapes(self, call: ast.Call, node: ast.expr) -> bool:
        name = called_name(call)
        if call.func is node:
            return True
        if isinstance(call.func, ast.Name) and self._trees.is_own_function(name):
            functions = [each for each in self._trees.functions if each.name == name]
            return any(each.args.kwarg is not None or each.args.vararg is not None for each in functions)
        if name == "getattr" and len(call.args) > 1:
            return not isinstance(call.args[1], ast.Constant)
        return name not in PRINTERS or not (isinstance(call.func, ast.Name) or name not in ("str", "repr", "len"))


def _is_plain(target: ast.expr) -> bool:
    """Whether a target is a name, or the two names of ``parse_known_args``."""
    if isinstance(target, ast.Tuple):
        return len(target.elts) == 2 and isinstance(target.elts[0], ast.Name)
    return isinstance(target, ast.Name)


def _targets(node: ast.Assign) -> Iterator[str]:
    """The names that an assignment gives the parser's result."""
    for target in node.targets:
        first = target.elts[0] if isinstance(target, ast.Tuple) and target.elts else target
        if isinstance(first, ast.Name):
            yield first.id
