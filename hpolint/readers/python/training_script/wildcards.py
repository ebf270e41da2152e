"""What stands for an expression of a script in a printed line, whatever its value: a number, figures, a word, text."""

from __future__ import annotations

import ast
import re
from functools import cached_property

from hpolint.model.training_script import FIGURES, GIVEN, NUMBER, TEXT, WORD, Wildcard
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.figures import Figures
from hpolint.readers.python.training_script.numeric_expressions import Numbers
from hpolint.readers.python.training_script.parsed_options import ParsedOptions
from hpolint.readers.python.training_script.script_trees import ScriptTrees

PLAIN = re.compile(r"[\w.\-/]*\Z", re.ASCII)
"""What a word may be."""


class Wildcards:
    """Of the modules that ``trees`` has by now."""

    def __init__(self, trees: ScriptTrees) -> None:
        self.bindings = Bindings(trees)
        self._trees = trees
        self._known: tuple[int, _Kinds] | None = None

    def is_own(self, name: str) -> bool:
        """Whether the script gives a name a meaning of its own, as a function or a method."""
        return name in self._trees.defined

    def of(self, node: ast.expr) -> Wildcard:
        """What an expression is shown as."""
        size = len(self._trees.units)
        if self._known is None or self._known[0] != size:
            self._known = (size, _Kinds(self._trees, self.bindings))
        return self._known[1].wildcard(node)


class _Kinds:
    """The names of each kind, each worked out when it is first asked for."""

    def __init__(self, trees: ScriptTrees, bindings: Bindings) -> None:
        self._trees = trees
        self._bindings = bindings
        self._given = ParsedOptions(trees)
        self._numeric = Numbers(self._is_option, trees, bindings)
        self._figured = Figures(trees, self._is_number)

    def wildcard(self, node: ast.expr) -> Wildcard:
        """What an expression is shown as."""
        if self._is_number(node):
            return NUMBER
        if self._figured.are(node, self._figures):
            return FIGURES
        if self._is_given(node):
            return GIVEN
        return WORD if _is_word(node, self._words) else TEXT

    def _is_number(self, node: ast.expr) -> bool:
        return self._numeric.is_one(node, self._numbers)

    def _is_option(self, node: ast.Attribute) -> bool:
        return self._given.is_namespace(node.value, self._namespaces) and self._given.is_number(node.attr)

    def _is_given(self, node: ast.expr) -> bool:
        """Whether an expression shows what the command line gives, and nothing that the script says itself."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "vars":
            node = node.args[0] if len(node.args) == 1 else node
        inner = node.value if isinstance(node, ast.Attribute) else node
        is_plain = self._given.are_plain and not self._is_written
        return is_plain and self._given.is_namespace(inner, self._namespaces)

    @cached_property
    def _is_written(self) -> bool:
        """Whether the script puts a member of its own into what a parser gives."""
        stored = (each.value for each in self._trees.attributes if isinstance(each.ctx, ast.Store))
        return any(self._given.is_namespace(each, self._namespaces) for each in stored)

    @cached_property
    def _namespaces(self) -> frozenset[str]:
        return self._bindings.those(self._given.is_namespace)

    @cached_property
    def _numbers(self) -> frozenset[str]:
        return self._bindings.those(self._numeric.is_one)

    @cached_property
    def _figures(self) -> frozenset[str]:
        return self._bindings.those(self._figured.are)

    @cached_property
    def _words(self) -> frozenset[str]:
        return self._bindings.those(_is_word)


def _is_word(node: ast.expr, names: frozenset[str]) -> bool:
    """Whether an expression is one of some words of the script's text."""
    if isinstance(node, ast.IfExp):
        return _is_word(node.body, names) and _is_word(node.orelse, names)
    if isinstance(node, ast.Name):
        return node.id in names
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and PLAIN.match(node.value) is not None
