"""The wildcard for an expression of a script in a printed line: a number, figures, a word or text.

Figures are what a script with torch prints as digits: numbers, tensors, arrays, times.
"""

from __future__ import annotations

import ast
import re
from functools import cached_property

from hpolint.lazy_regex import lazy_regex
from hpolint.model.training_script import FIGURES, GIVEN, NUMBER, TEXT, WORD, Wildcard
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.bindings import Bindings
from hpolint.readers.python.training_script.figures import Figures
from hpolint.readers.python.training_script.number_expressions import MAX_DEPTH, NumberExpressions
from hpolint.readers.python.training_script.parsed_options import ParsedOptions
from hpolint.readers.python.training_script.script_trees import ScriptTrees

WORD_PATTERN = lazy_regex(r"[\w.\-/]*\Z", re.ASCII)
"""The pattern of a word."""


class Wildcards:
    """The wildcards of expressions in the modules that ``trees`` currently has.

    ``defined`` are the names of the script's functions, methods and classes.
    """

    def __init__(self, trees: ScriptTrees) -> None:
        self.bindings = Bindings(trees)
        self.defined = trees.defined
        self._trees = trees
        self._kinds: tuple[int, _Kinds] | None = None

    def of(self, node: ast.expr) -> Wildcard:
        """The wildcard of an expression."""
        return self._current_kinds().wildcard(node)

    def is_formatted_as_number(self, node: ast.expr) -> bool:
        """Whether ``format()`` without a format shows an expression as a number, also a tensor without dimensions."""
        return self._current_kinds().figures.is_formatted_as_number(node)

    def _current_kinds(self) -> _Kinds:
        size = len(self._trees.units)
        if self._kinds is None or self._kinds[0] != size:
            self._kinds = (size, _Kinds(self._trees, self.bindings))
        return self._kinds[1]


class _Kinds:
    """The kinds of expressions and names. The names of each kind are computed on first use."""

    def __init__(self, trees: ScriptTrees, bindings: Bindings) -> None:
        self._trees = trees
        self._bindings = bindings
        self._options = ParsedOptions(trees)
        self._numbers = NumberExpressions(trees, bindings, self._options)
        self.figures = Figures(trees, bindings, self._numbers)

    def wildcard(self, node: ast.expr) -> Wildcard:
        """The wildcard of an expression."""
        if node in self._numbers:
            return NUMBER
        if node in self.figures:
            return FIGURES
        if self.is_given(node, self._given):
            return GIVEN
        return WORD if _is_word(node, self._words) else TEXT

    def is_given(self, node: ast.expr, names: frozenset[str], depth: int = MAX_DEPTH) -> bool:
        """Whether an expression prints only values from the command line, or paths of them and of words.

        ``names`` are those that are assumed to do so.
        """
        if depth == 0 or not self._options.have_no_spaces or self._is_written:
            return False
        match node:
            case ast.Call(func=ast.Name(id="vars"), args=[argument]):
                return self._options.is_namespace(argument, self._numbers.namespaces)
            case ast.Call(func=function, args=parts) if source_text(function) == "os.path.join":
                return self._is_given_path(parts, names, depth - 1)
            case ast.Name(id=name) if name in names:
                return True
        inner = node.value if isinstance(node, ast.Attribute) else node
        return self._options.is_namespace(inner, self._numbers.namespaces)

    def _is_given_path(self, parts: list[ast.expr], names: frozenset[str], depth: int) -> bool:
        """Whether a path is made of values from the command line, and of words."""
        others = [part for part in parts if not self.is_given(part, names, depth)]
        return len(others) < len(parts) and all(_is_word(part, self._words) for part in others)

    @cached_property
    def _is_written(self) -> bool:
        """Whether the script sets an attribute of a parser's result."""
        stored = (attribute.value for attribute in self._trees.attributes if isinstance(attribute.ctx, ast.Store))
        return any(self._options.is_namespace(value, self._numbers.namespaces) for value in stored)

    @cached_property
    def _given(self) -> frozenset[str]:
        return self._bindings.names_where(self.is_given)

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
