"""A rule's expressions with the names of its ``let`` expanded, compiled on first use."""

from __future__ import annotations

from functools import cache

from hpolint.cel.runtime import Environment, Expression
from hpolint.cel.type_checks import ExpressionError
from hpolint.model.rule import Rule
from hpolint.registry.lets import ExpandedExpression, LetError, Lets
from hpolint.registry.vocabulary import WORDS


@cache
def environment() -> Environment:
    """The CEL environment that all rules share."""
    return Environment(WORDS)


class Expressions:
    """The expressions of one rule."""

    def __init__(self, rule: Rule) -> None:
        self._lets = Lets(rule.lets)
        self._compiled: dict[str, Expression] = {}

    def expanded(self, text: str) -> ExpandedExpression:
        """An expression with the names of ``let`` expanded. Raises ExpressionError."""
        try:
            return self._lets.expanded(text)
        except LetError as error:
            raise ExpressionError(str(error), 0) from None

    def compiled(self, text: str) -> Expression:
        """The compiled expression. Raises ExpressionError."""
        if text not in self._compiled:
            self._compiled[text] = environment().compile(self.expanded(text).text)
        return self._compiled[text]
