"""The wildcard for an expression of a script in a printed line: a number, figures, a word or text."""

from __future__ import annotations

import ast
import re
from functools import cached_property

from hpolint.lazy_regex import lazy_regex
from hpolint.model.training_script import FIGURES, GIVEN, NUMBER, TEXT, WORD, Wildcard
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.figures import Figures
from hpolint.readers.python.training_script.numeric_expressions import Numbers
from hpolint.readers.python.training_script.parsed_options import ParsedOptions
from hpolint.readers.python.training_script.script_trees import ScriptTrees

WORD_PATTERN = lazy_regex(r"[\w.\-/]*\Z", re.ASCII)
"""The pattern of a word."""


class Wildcards:
    """The wildcards of expressions in the modules that ``trees`` currently has."""

    def __init__(self, trees: ScriptTrees) -> None:
        self.bindings = Bindings(trees)
        self._trees = trees
        self._kinds: tuple[int, _Kinds] | None = None

    def is_defined_in_script(self, name: str) -> bool:
        """Whether the script defines a function, method or class with a name."""
        return name in self._trees.defined

    def of(self, node: ast.expr) -> Wildcard:
        """The wildcard of an expression."""
        size = len(self._trees.units)
        if self._kinds is None or self._kinds[0] != size:
            self._kinds = (size, _Kinds(self._trees, self.bindings))
        return self._kinds[1].wildcard(node)


class _Kinds:
    """The names of each kind, computed on first use."""

    def __init__(self, trees: ScriptTrees, bindings: Bindings) -> None:
        self._trees = trees
        self._bindings = bindings
        self._parsed_options = ParsedOptions(trees)
        self._numeric = Numbers(self._is_option, trees, bindings)
        self._figured = Figures(trees, self._is_number)

    def wildcard(self, node: ast.expr) -> Wildcard:
        """The wildcard of an expression."""
        if self._is_number(node):
            return NUMBER
        if self._figured.is_figures(node, self._figures):
            return FIGURES
        if self._is_given(node):
            return GIVEN
        return WORD if _is_word(node, self._words) else TEXT

    def _is_number(self, node: ast.expr) -> bool:
        return self._numeric.is_number(node, self._numbers)

    def _is_option(self, node: ast.Attribute) -> bool:
        return self._parsed_options.is_namespace(node.value, self._namespaces) and self._parsed_options.is_number(
            node.attr
        )

    def _is_given(self, node: ast.expr) -> bool:
        """Whether an expression prints only values from the command line, none of the script's own."""
        match node:
            case ast.Call(func=ast.Name(id="vars"), args=[argument]):
                node = argument
        inner = node.value if isinstance(node, ast.Attribute) else node
        is_plain = self._parsed_options.have_no_spaces and not self._is_written
        return is_plain and self._parsed_options.is_namespace(inner, self._namespaces)

    @cached_property
    def _is_written(self) -> bool:
        """Whether the script sets an attribute of a parser's result."""
        stored = (attribute.value for attribute in self._trees.attributes if isinstance(attribute.ctx, ast.Store))
        return any(self._parsed_options.is_namespace(value, self._namespaces) for value in stored)

    @cached_property
    def _namespaces(self) -> frozenset[str]:
        return self._bindings.names_where(self._parsed_options.is_namespace)

    @cached_property
    def _numbers(self) -> frozenset[str]:
        return self._bindings.names_where(self._numeric.is_number)

    @cached_property
    def _figures(self) -> frozenset[str]:
        return self._bindings.names_where(self._figured.is_figures)

    @cached_property
    def _words(self) -> frozenset[str]:
        return self._bindings.names_where(_is_word)


def _is_word(node: ast.expr, names: frozenset[str]) -> bool:
    """Whether an expression is a word from the script's text."""
    match node:
        case ast.IfExp(body=first, orelse=second):
            return _is_word(first, names) and _is_word(second, names)
        case ast.Name(id=name):
            return name in names
        case ast.Constant(value=str(text)):
            return WORD_PATTERN.match(text) is not None
    return False
