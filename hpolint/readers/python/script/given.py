"""What a script's parsers give: which of its members are numbers, and whether the rest has no text of the script's."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cached_property

from hpolint.readers.python.following.tree import spelt
from hpolint.readers.python.script.trees import ScriptTrees

PARSES = frozenset({"parse_args", "parse_known_args"})
NUMERIC = frozenset({"int", "float"})
ENVIRONMENT = re.compile(r"(?:os\.)?(?:environ\[|environ\.get\(|getenv\()\s*['\"]SM_")
"""SageMaker's own variables: folders, names of hosts and channels, counts."""

MOST_DEPTH = 5


class Given:
    """The options of the parsers in ``trees``."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees

    def is_number(self, option: str) -> bool:
        """Whether an option gives a number, if it gives anything at all."""
        return self._numeric.get(option, False)

    @cached_property
    def are_plain(self) -> bool:
        """Whether no default is shown with a space, but for what stands between the items of a list."""
        set_apart = [each for call in self._trees.calls_of("set_defaults") for each in call.keywords]
        named = [each for call in self._trees.calls_of("add_argument") for each in call.keywords]
        shown = [*set_apart, *(each for each in named if each.arg in ("default", "const", None))]
        return all(each.arg is not None and _is_plain(each.value) for each in shown)

    @cached_property
    def _numeric(self) -> dict[str, bool]:
        found: dict[str, bool] = {}
        for call in self._trees.calls_of("add_argument"):
            member = _member(call)
            found[member] = found.get(member, True) and _gives_number(call)
        return found

    @cached_property
    def _returned(self) -> dict[str, list[ast.expr | None]]:
        """What the functions of the script return."""
        found: dict[str, list[ast.expr | None]] = defaultdict(list)
        for function in self._trees.functions:
            found[function.name] += [each.value for each in ast.walk(function) if isinstance(each, ast.Return)]
        return found

    def is_namespace(self, node: ast.expr, names: frozenset[str], depth: int = MOST_DEPTH) -> bool:
        """Whether an expression is all that a parser gives, through names and functions of the script."""
        if depth == 0:
            return False
        if isinstance(node, ast.Name):
            return node.id in names
        if isinstance(node, ast.Subscript):  # parse_known_args gives what it does not know, too
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
    return isinstance(of, ast.Name) and of.id in NUMERIC and not named.keys() & {"nargs", "action", None}


def _is_plain(default: ast.expr) -> bool:
    if isinstance(default, ast.Constant):
        return not (isinstance(default.value, str) and re.search(r"\s", default.value))
    if isinstance(default, ast.List | ast.Tuple):
        return all(map(_is_plain, default.elts))
    if isinstance(default, ast.UnaryOp):
        return _is_plain(default.operand)
    if isinstance(default, ast.Call) and spelt(default.func) in ("json.loads", "int", "float", "str"):
        return len(default.args) == 1 and _is_plain(default.args[0])
    return ENVIRONMENT.match(spelt(default)) is not None


def _member(call: ast.Call) -> str:
    """The name under which a parser gives an option."""
    dest = next((each.value for each in call.keywords if each.arg == "dest"), None)
    if isinstance(dest, ast.Constant):
        return str(dest.value)
    flags = [str(each.value) for each in call.args if isinstance(each, ast.Constant)]
    flag = next((each for each in flags if each.startswith("--")), flags[0] if flags else "")
    return flag.lstrip("-").replace("-", "_")
