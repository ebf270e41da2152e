"""Expressions of other languages in a syntax tree of Python, which say themselves what they do.

Their ``_fields`` name what they contain, so that each walk through a tree finds the names that they read and set.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter
    from hpolint.readers.python.interpreter.values import Value


class ForeignExpression(ast.expr):
    """An expression that evaluates itself."""

    def evaluate(self, interpreter: Interpreter) -> Value:
        """Its value, with its side effects."""
        raise NotImplementedError


class ForeignTarget(ForeignExpression):
    """A target that assigns itself."""

    def assign(self, interpreter: Interpreter, value: Value) -> None:
        """Bind it to a value."""
        raise NotImplementedError
