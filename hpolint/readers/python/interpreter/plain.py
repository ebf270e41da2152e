"""Conversion between the interpreter's values and Python's own, so that Python computes with known values."""

from __future__ import annotations

import math
import re
import string
from collections.abc import Mapping as AnyMapping
from itertools import count
from typing import Any

from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds
from hpolint.readers.python.interpreter.values import Constant, Mapping, Sequence, Value, unknown
from hpolint.syntax.numbers import index_of

LARGE_WIDTH = lazy_regex(r"\d{4}|\*")
"""A width in a format string that could produce a string of any length."""

MAX_METHOD_CHARACTERS = 1_000_000
"""Characters of a string method's result, bounded by the string's length times its largest argument."""

MAX_FORMAT_CHARACTERS = 100_000
"""Characters of a format string: each six of them may ask for 999 characters."""

MAX_FORMATTED_CHARACTERS = 10_000_000
"""Characters that a format string may make, as far as its fields and its largest value tell."""

WIDTH_CHARACTERS = 1_000
"""Characters that a field with a width of three digits may have."""

WIDTH_METHODS = frozenset({"center", "ljust", "rjust", "zfill", "expandtabs"})
"""Methods of strings with a number of characters as an argument."""

NESTED_FIELD = lazy_regex(r"\{[^{}]*\{")
"""A field of a format string within another one, which may be its width."""

KINDS: dict[type, str] = {list: "list", tuple: "tuple", set: "set"}


class NotPlainError(Exception):
    """A value is unknown, or has no counterpart among Python's own types."""


def plain(value: Value) -> Any:
    """The Python value. Raises NotPlainError. A set's order may differ from Python's at run time."""
    if isinstance(value, Constant):
        return value.value
    if not bounds.is_within_bounds(value):
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
    """The value for a Python object, with ``span`` throughout; unknown for types that no request contains."""
    if isinstance(value, dict) and all(isinstance(key, str | int | float | bool | None) for key in value):
        entries = {key: from_plain(entry, span) for key, entry in value.items()}
        return Mapping(entries, span, dict.fromkeys(entries, span))
    if type(value) in KINDS:
        return Sequence(KINDS[type(value)], [from_plain(item, span) for item in value], span)
    return known(value, span)


def literal(value: Any, span: Span) -> Value:
    """The value of a literal; a string may have any length, since the source contains it already."""
    if isinstance(value, str):
        return Constant(value, span)
    return known(value, span)


def known(result: Any, span: Span) -> Value:
    """The value of a computed result; unknown for types that no request contains, and beyond the bounds."""
    if isinstance(result, float) and not math.isfinite(result):
        return unknown("is not a finite number", span)
    if not isinstance(result, str | int | float | bool) and result is not None:
        return unknown("is computed in a way that is not analysed", span)
    if not bounds.is_scalar_within_bounds(result):
        return unknown(bounds.TOO_LARGE, span)
    return Constant(result, span)


def size_of(value: Any, *, has_widths: bool = False) -> int:
    """The characters of a value as text, about; with ``has_widths`` an integer counts as that many characters."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple | set):
        return sum(size_of(item, has_widths=has_widths) for item in value)
    if isinstance(value, float):
        return WIDTH_CHARACTERS
    if not isinstance(value, int):
        return 1
    return value if has_widths else value.bit_length() // 3 + 1


def may_format(text: str, value: Any) -> bool:
    """Whether ``text % value`` makes a text of a bounded length."""
    largest = text.count("%") * (size_of(value) + WIDTH_CHARACTERS)
    return _has_bounded_fields(text) and largest <= MAX_FORMATTED_CHARACTERS


def _has_bounded_fields(text: str) -> bool:
    """Whether a format string is short, and no field of it asks for a large width."""
    return len(text) <= MAX_FORMAT_CHARACTERS and not LARGE_WIDTH.search(text)


def text_method(text: str, name: str, positional: list[Any], named: AnyMapping[str, Any]) -> Any:
    """The result of a string's method. Raises NotPlainError if it could have any length, or the method fails."""
    is_format = name.startswith("format")
    has_widths = name in WIDTH_METHODS or (is_format and NESTED_FIELD.search(text) is not None)
    sizes = [size_of(argument, has_widths=has_widths) for argument in (*positional, *named.values())]
    method = getattr(text, name, None)
    if method is None or name.startswith(("_", "translate")):
        raise NotPlainError
    if (max(sizes, default=0) + 1) * (len(text) + 1) > MAX_METHOD_CHARACTERS:
        raise NotPlainError
    if is_format and not _has_bounded_fields(text):
        raise NotPlainError
    try:
        return method(*positional, **named)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, MemoryError) as error:
        raise NotPlainError from error


def format_pieces(text: str, positional: list[Value], named: AnyMapping[str, Value]) -> tuple[str | None, ...]:
    """The known pieces of ``text.format(…)``, with None for each unknown part."""
    pieces: list[str | None] = []
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return (None,)
    arguments: dict[Any, Value] = {**named, **dict(enumerate(positional))}
    automatic = count()
    for literal, name, spec, conversion in fields:
        if literal:
            pieces.append(literal)
        if name is None:
            continue
        index = next(automatic) if name == "" else index_of(name)
        value = arguments.get(name if index is None else index)
        pieces.append(None if spec or conversion else _piece(value))
    return tuple(pieces)


def _piece(value: Value | None) -> str | None:
    return str(value.value) if isinstance(value, Constant) else None


def percent_pieces(text: str, values: list[Value]) -> tuple[str | None, ...]:
    """The known pieces of ``text % (…)``, with None for each unknown part."""
    parts = re.split(r"%[sd]", text)
    if len(parts) != len(values) + 1 or any("%" in part for part in parts):
        return (None,)
    pieces: list[str | None] = [parts[0]]
    for value, part in zip(values, parts[1:], strict=True):
        pieces += [_piece(value), part]
    return tuple(piece for piece in pieces if piece != "")
