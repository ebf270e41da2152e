"""A rule's expressions, with its ``let`` written out, compiled when they are first asked for."""

from __future__ import annotations

from functools import cache

from hpolint.cel.runtime import Environment, Expression
from hpolint.cel.type_checks import ExpressionError
from hpolint.model.rule import Rule
from hpolint.registry.lets import LetError, Lets, WrittenOut
from hpolint.registry.vocabulary import WORDS


@cache
def environment() -> Environment:
    """The environment of all rules."""
    return Environment(WORDS)


class Expressions:
    """The expressions of one rule."""

    def __init__(self, rule: Rule) -> None:
        self._lets = Lets(rule.lets)
        self._compiled: dict[str, Expression] = {}

    def written_out(self, text: str) -> WrittenOut:
        """An expression with the names of ``let`` written out. Raises ExpressionError."""
        try:
            return self._lets.written_out(text)
        except LetError as error:
            raise ExpressionError(str(error), 0) from None

    def compiled(self, text: str) -> Expression:
        """The expression, ready to be evaluated. Raises ExpressionError."""
        if text not in self._compiled:
            self._compiled[text] = environment().compile(self.written_out(text).text)
        return self._compiled[text]
