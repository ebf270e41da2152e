"""Compiling and evaluating expressions, three-valued.

A name or member that is not bound is an error in CEL, unless the result does not depend on it
(``missing && false`` is false). Such an error raises ``Undecided``. Any other error is a mistake in the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from cel_expr_python import cel

from hpolint.cel.syntax_tree import in_one_order, possible_constants, read_tree
from hpolint.cel.text_patterns import text_patterns
from hpolint.cel.type_checks import Checked, ExpressionError, Key, check
from hpolint.cel.types import Type
from hpolint.lazy_regex import lazy_regex

MAX_RESULT_SIZE = 64 * 1024
"""Characters of a string, or characters and items of a list, that an expression may return."""

MAX_CUT_CHARACTERS = 1024
"""Characters of a string for a message, which prints fewer."""

MISSING = ("No value with name", "Key not found in map")


class Undecided(Exception):
    """The result depends on a value that is not bound."""


class TooManySteps(Undecided):
    """The expression compares more items than CEL's limit of steps allows: nested macros over long lists."""


class EvaluationError(Exception):
    """The expression itself is wrong; the error is not caused by a value that is not bound."""


class Environment:
    """The names that expressions may use. Values are plain Python: dict, list, str, bool, int, float, None."""

    def __init__(self, names: Iterable[str], stored: Mapping[str, bytes] | None = None) -> None:
        """``stored`` are serialized expressions by their text: one is read in a tenth of the time of compiling it."""
        self._env = cel.NewEnv(variables=dict.fromkeys(names, cel.Type.DYN))
        self._stored = stored or {}
        self._compiled: dict[str, Expression] = {}

    def compile(self, text: str) -> Expression:
        """The compiled expression, cached by its text: each configuration creates its own rules.

        Raises ExpressionError, with the offset of the mistake in the text.
        """
        if text not in self._compiled:
            self._compiled[text] = self._compile(text)
        return self._compiled[text]

    def serialized(self) -> dict[str, bytes]:
        """The expressions compiled so far, by their text, always in the same bytes."""
        return {text: in_one_order(expression.serialized) for text, expression in self._compiled.items()}

    def _compile(self, text: str) -> Expression:
        if text in self._stored:
            with suppress(RuntimeError):  # another version of CEL, which reads it otherwise
                return Expression(self._env.deserialize(self._stored[text]))
        try:
            return Expression(self._env.compile(text))
        except RuntimeError as error:
            raise _compile_error(text, str(error)) from None

    def bind(self, subject: Mapping[str, object]) -> Any:
        """The values for ``Expression.evaluate``. Binding a large subject is slow: reuse the result."""
        return self._env.Activation(dict(subject))


class Expression:
    """A compiled expression."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    @property
    def serialized(self) -> bytes:
        """The expression as ``Environment`` reads it."""
        found: bytes = self._compiled.serialize()
        return found

    def check(self, names: Mapping[str, Type], known: frozenset[Key] = frozenset()) -> Checked:
        """See ``type_checks.check``."""
        return check(read_tree(self.serialized), names, known)

    def possible_constants(self) -> set[object] | None:
        """The constants that the expression can evaluate to; None if other results are possible."""
        return possible_constants(read_tree(self.serialized))

    def text_patterns(self, path: tuple[str, ...], values: Mapping[str, Any]) -> set[str] | None:
        """See ``text_patterns.text_patterns``."""
        return text_patterns(read_tree(self.serialized), path, values)

    def evaluate(self, subject: Any, *, cut: bool = False) -> Any:
        """The value for a bound subject, as plain Python. Raises Undecided or EvaluationError.

        ``cut``: shorten long strings, for use in a message: a job can have names of any length.
        """
        try:
            result = self._compiled.eval(subject)
        except RuntimeError as error:
            if "budget exceeded" in str(error):
                raise TooManySteps("the condition compares more items than CEL allows") from None
            raise EvaluationError(str(error)) from None
        if result.type() != cel.Type.ERROR:
            return _plain(result, cut)
        message = str(result.value())
        if any(words in message for words in MISSING):
            raise Undecided(message)
        raise EvaluationError(message)


def _plain(result: Any, cut: bool) -> Any:
    """A result as plain Python.

    cel-expr-python 0.1.3 releases a reference to None that it does not own each time it converts a
    null, until Python 3.11 aborts. A null is therefore recognised by its type, without converting it.
    """
    kind = result.type()
    if kind == cel.Type.NULL:
        return None
    if kind.name().startswith(("list", "LIST")):
        return _bounded([_plain(item, cut) for item in result.value()], cut)
    if kind.name().startswith(("map", "MAP")):
        raise EvaluationError("a structure cannot be printed or set")
    return _bounded(result.plain_value(), cut)


def _bounded(value: Any, cut: bool) -> Any:
    """The value, if it is small enough for a message or fix. Raises EvaluationError.

    A message cuts its strings and prints only the first items of a list: there neither is too large.
    """
    if cut and isinstance(value, str):
        return value[:MAX_CUT_CHARACTERS]
    if cut and isinstance(value, list):
        return value
    size = 0
    if isinstance(value, str | bytes):
        size = len(value)
    elif isinstance(value, list):
        size = sum(len(item) if isinstance(item, str) else 1 for item in value)
    if size > MAX_RESULT_SIZE:
        raise EvaluationError(f"the result has {size} characters or items; at most {MAX_RESULT_SIZE} are allowed")
    return value


UNDECLARED = lazy_regex(r"undeclared reference to '(.+?)' \(in container")
OPERATORS = {"and": "&&", "or": "||", "not": "!"}


def _explained(reason: str, text: str, offset: int) -> ExpressionError:
    """The compiler's error, reworded for authors of rules where it is a common mistake."""
    unknown = UNDECLARED.match(reason)
    if unknown:
        at = text.rfind(unknown[1].partition(".")[0], 0, offset + 1)
        return ExpressionError(f"unknown name `{unknown[1]}`", at if at >= 0 else offset, unknown[1].partition(".")[0])
    if "token recognition error at: '=" in reason:
        return ExpressionError("`=` is not an operator: write `==` to compare", offset)
    for word, sign in OPERATORS.items():
        if f"mismatched input '{word}'" in reason or f"extraneous input '{word}'" in reason:
            return ExpressionError(f"write `{sign}` instead of `{word}`", offset)
    if "mismatched input '<EOF>'" in reason:
        return ExpressionError("the expression is incomplete", offset)
    if "no matching overload for '_?_:_'" in reason:
        return ExpressionError("`?:` needs a bool before `?` and values of one type on both sides of `:`", offset)
    return ExpressionError(reason, offset)


TOO_DEEP = lazy_regex(r"recursion (?:depth of|limit exceeded\. limit:) (\d+)")
"""What the compiler says about nesting beyond its limit; it gives no place, or the line -1."""


def _compile_error(text: str, message: str) -> ExpressionError:
    """The compiler's first error as an ExpressionError. The message gives line and column, from 1."""
    too_deep = TOO_DEEP.search(message)
    if too_deep:
        return ExpressionError(f"the expression is nested more than {too_deep[1]} levels deep", 0)
    for part in message.splitlines():
        _, separator, reason = part.partition("<input>:")
        if not separator:
            continue
        line, column, reason = reason.split(":", 2)
        starts = [0, *(index + 1 for index, character in enumerate(text) if character == "\n")]
        offset = min(starts[int(line) - 1] + int(column) - 1, max(len(text) - 1, 0))
        return _explained(reason.strip().partition(" expecting ")[0], text, offset)
    return ExpressionError(message, 0)
