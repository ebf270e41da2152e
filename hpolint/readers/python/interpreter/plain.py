"""Values as Python's own, and back: what only needs known numbers, strings, lists and dicts is left to Python."""

from __future__ import annotations

import math
import re
import string
from collections.abc import Mapping as AnyMapping
from itertools import count
from typing import Any

from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds
from hpolint.readers.python.interpreter.values import Constant, Mapping, Sequence, Value, unknown
from hpolint.syntax.numbers import index_of

WIDE = re.compile(r"\d{4}|\*")
"""A width in a format that could make a text of any length."""

MOST_WORK = 1_000_000
"""A text's length times the largest of what its method is given: what the method makes is no longer."""

KINDS: dict[type, str] = {list: "list", tuple: "tuple", set: "set"}


class NotPlainError(Exception):
    """Something is not known, or nothing that Python's own types stand for."""


def plain(value: Value) -> Any:
    """The Python value. Raises NotPlainError. A set's order is not the one that Python gives it."""
    if isinstance(value, Constant):
        return value.value
    if not bounds.is_held(value):
        raise NotPlainError
    return _plain(value)


def _plain(value: Value) -> Any:
    if isinstance(value, Constant):
        return value.value
    if isinstance(value, Mapping) and value.open is None:
        return {key: _plain(entry) for key, entry in value.entries.items()}
    if isinstance(value, Sequence) and value.open is None:
        items = [_plain(item) for item in value.items]
        try:
            return {"tuple": tuple, "set": set}.get(value.kind, list)(items)
        except TypeError as error:
            raise NotPlainError from error
    raise NotPlainError


def from_plain(value: Any, span: Span) -> Value:
    """The value that stands for a Python one, all of it at one place; unknown for what no request holds."""
    if isinstance(value, dict) and all(isinstance(key, str | int | float | bool | None) for key in value):
        entries = {key: from_plain(entry, span) for key, entry in value.items()}
        return Mapping(entries, span, dict.fromkeys(entries, span))
    if type(value) in KINDS:
        return Sequence(KINDS[type(value)], [from_plain(item, span) for item in value], span)
    return known(value, span)


def literal(value: Any, span: Span) -> Value:
    """A value as it is written: a text of any length, since the source holds it already."""
    return Constant(value, span) if isinstance(value, str) else known(value, span)


def known(result: Any, span: Span) -> Value:
    """A computed result, if it is of the kind that can stand in a request."""
    if isinstance(result, float) and not math.isfinite(result):
        return unknown("is not a finite number", span)
    if not isinstance(result, str | int | float | bool) and result is not None:
        return unknown("is computed in a way that is not followed", span)
    followed = bounds.is_text_followed(len(result)) if isinstance(result, str) else bounds.is_number_followed(result)
    return Constant(result, span) if followed else unknown(bounds.TOO_LARGE, span)


def text_method(text: str, name: str, given: list[Any], named: AnyMapping[str, Any]) -> Any:
    """What a method of a string gives. Raises NotPlainError for what could be of any length, or fails."""
    every = [*given, *named.values()]
    sizes = [arg if isinstance(arg, int) else len(arg) if isinstance(arg, str) else 0 for arg in every]
    method = getattr(text, name, None)
    if (
        method is None
        or name.startswith("_")
        or name == "translate"
        or (max(sizes, default=0) + 1) * (len(text) + 1) > MOST_WORK
    ):
        raise NotPlainError
    if name.startswith("format") and WIDE.search(text):
        raise NotPlainError
    try:
        return method(*given, **named)
    except (TypeError, ValueError, LookupError, AttributeError, MemoryError) as error:
        raise NotPlainError from error


def format_pieces(text: str, given: list[Value], named: AnyMapping[str, Value]) -> tuple[str | None, ...]:
    """The known pieces of ``text.format(…)``, None for each part that is not known."""
    pieces: list[str | None] = []
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return (None,)
    automatic = count()
    for literal, name, spec, conversion in fields:
        if literal:
            pieces.append(literal)
        if name is not None:
            index = next(automatic) if name == "" else index_of(name)
            value = named.get(name) if index is None else given[index] if index < len(given) else None
            simple = isinstance(value, Constant) and not spec and not conversion
            pieces.append(str(value.value) if simple and isinstance(value, Constant) else None)
    return tuple(pieces)


def percent_pieces(text: str, given: list[Value]) -> tuple[str | None, ...]:
    """The known pieces of ``text % (…)``."""
    parts = re.split(r"%[sd]", text)
    if len(parts) != len(given) + 1 or any("%" in part for part in parts):
        return (None,)
    pieces: list[str | None] = [parts[0]]
    for value, part in zip(given, parts[1:], strict=True):
        pieces += [str(value.value) if isinstance(value, Constant) else None, part]
    return tuple(piece for piece in pieces if piece != "")
