"""Compiling and evaluating expressions, three-valued.

A name or member that is not bound makes CEL answer with an error, unless its logic settles the
matter without it (``missing && false`` is false). Such an error is ``Undecided``; any other is the
rule's own mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cel_expr_python import cel

from hpolint.cel.syntax_tree import outcomes, read_tree
from hpolint.cel.type_checks import Checked, ExpressionError, Key, check
from hpolint.cel.types import Type

LARGEST = 64 * 1024
"""Characters of a text or list that an expression may make."""

MOST_NAMES = 64
"""So many cut texts a list can have."""

MISSING = ("No value with name", "Key not found in map")


class Undecided(Exception):
    """A missing value decides the expression."""


class EvaluationError(Exception):
    """The expression itself fails, whatever the subject."""


class Environment:
    """The names that expressions may use. Values are plain Python: dict, list, str, bool, int, float, None."""

    def __init__(self, names: Iterable[str]) -> None:
        self._env = cel.NewEnv(variables=dict.fromkeys(names, cel.Type.DYN))
        self._compiled: dict[str, Expression] = {}

    def compile(self, text: str) -> Expression:
        """An expression, compiled once however often it is needed: each configuration has rules of its own.

        Raises ExpressionError, with the offset of the mistake in the text.
        """
        if text not in self._compiled:
            self._compiled[text] = self._anew(text)
        return self._compiled[text]

    def _anew(self, text: str) -> Expression:
        try:
            return Expression(self._env.compile(text))
        except RuntimeError as error:
            raise _compile_error(text, str(error)) from None

    def bind(self, subject: Mapping[str, object]) -> Any:
        """A subject that several expressions can be asked about: binding a large one costs."""
        return self._env.Activation(dict(subject))


class Expression:
    """A compiled expression."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def check(self, names: Mapping[str, Type], known: frozenset[Key] = frozenset()) -> Checked:
        """See ``checking.check``."""
        return check(read_tree(self._compiled.serialize()), names, known)

    def outcomes(self) -> set[object] | None:
        """The constants that it may give; None if it may give anything else."""
        return outcomes(read_tree(self._compiled.serialize()))

    def evaluate(self, subject: Any, *, cut: bool = False) -> Any:
        """The value for a bound subject, as plain Python. Raises Undecided or EvaluationError.

        ``cut``: it is for a sentence, and what is too long for one is cut: a job can have names of any length.
        """
        try:
            result = self._compiled.eval(subject)
        except RuntimeError as error:  # "Iteration budget exceeded", of nested macros
            raise EvaluationError(str(error)) from None
        if result.type() != cel.Type.ERROR:
            return _plain(result, cut)
        message = str(result.value())
        if any(words in message for words in MISSING):
            raise Undecided(message)
        raise EvaluationError(message)


def _plain(result: Any, cut: bool) -> Any:
    """A result as plain Python.

    cel-expr-python 0.1.3 gives away a reference to None that it does not own for each null that it
    turns into Python's, until Python 3.11 aborts: a null is told by its type alone.
    """
    kind = result.type()
    if kind == cel.Type.NULL:
        return None
    if kind.name().startswith(("list", "LIST")):
        return _bounded([_plain(item, cut) for item in result.value()], cut)
    if kind.name().startswith(("map", "MAP")):
        raise EvaluationError("a structure is no value that can be printed or set")
    return _bounded(result.plain_value(), cut)


def _bounded(value: Any, cut: bool) -> Any:
    """A text or list of a size that a message or fix can hold. Raises EvaluationError."""
    if cut and isinstance(value, str):
        return value[: LARGEST // MOST_NAMES]
    size = len(value) if isinstance(value, str | bytes) else 0
    if isinstance(value, list):
        size = sum(len(item) if isinstance(item, str) else 1 for item in value)
    if size > LARGEST:
        raise EvaluationError(f"it makes a text or list of {size} characters; {LARGEST} are allowed")
    return value


UNDECLARED = re.compile(r"undeclared reference to '(.+?)' \(in container")
WORDS = {"and": "&&", "or": "||", "not": "!"}


def _in_plain_words(reason: str, text: str, offset: int) -> ExpressionError:
    """What CEL's compiler says, for who knows CEL a little."""
    unknown = UNDECLARED.match(reason)
    if unknown:
        at = text.rfind(unknown[1].partition(".")[0], 0, offset + 1)
        return ExpressionError(f"unknown name `{unknown[1]}`", at if at >= 0 else offset)
    if "token recognition error at: '=" in reason:
        return ExpressionError("a single `=` is no operator: `==` compares", offset)
    for word, sign in WORDS.items():
        if f"mismatched input '{word}'" in reason or f"extraneous input '{word}'" in reason:
            return ExpressionError(f"`{word}` is written `{sign}`", offset)
    if "mismatched input '<EOF>'" in reason:
        return ExpressionError("the expression breaks off: a part of it is missing", offset)
    if "no matching overload for '_?_:_'" in reason:
        return ExpressionError("`?:` wants a bool before it, and values of one kind on both sides of `:`", offset)
    return ExpressionError(reason, offset)


def _compile_error(text: str, message: str) -> ExpressionError:
    """CEL's own message, cut to its first sentence; it gives line and column, from 1."""
    for part in message.splitlines():
        _, separator, reason = part.partition("<input>:")
        if not separator:
            continue
        line, column, reason = reason.split(":", 2)
        starts = [0, *(index + 1 for index, character in enumerate(text) if character == "\n")]
        offset = min(starts[int(line) - 1] + int(column) - 1, max(len(text) - 1, 0))
        return _in_plain_words(reason.strip().partition(" expecting ")[0], text, offset)
    return ExpressionError(message, 0)
