"""The least length of texts that are known in part: dates with a known format, and identifiers."""

from __future__ import annotations

import string
from collections.abc import Iterable

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Unknown
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.bounds import known_length
from hpolint.readers.python.interpreter.values import Arguments, Value, returned_by, text_of, unknown

DIRECTIVE = lazy_regex(r"%([A-Za-z%])")
LENGTHS = {
    **dict.fromkeys("dHImMSUWVyC", 2),
    "Y": 4,
    "G": 4,
    "j": 3,
    "f": 6,
    "F": 10,
    "D": 8,
    "T": 8,
    "R": 5,
    "u": 1,
    "w": 1,
    "%": 1,
}
"""The characters of each directive of a date's format. The others depend on the locale, the platform or the date.

Source: the documentation of Python's ``datetime``, "strftime() and strptime() behavior".
"""

STRFTIME = frozenset({"time.strftime", "datetime.datetime.strftime", "datetime.date.strftime"})
IDENTIFIER = 36
"""The characters of a UUID."""

SECONDS = 10
"""The digits of the seconds since 1970, until the year 2286."""

LENGTH_OF_RESULT = {"uuid.uuid4": IDENTIFIER, "uuid.uuid1": IDENTIFIER, "time.time": SECONDS}
"""Functions whose result has at least so many characters as text."""


def length_of(value: Value) -> int:
    """The least number of characters that a value has as text."""
    if isinstance(value, Unknown):
        return max(value.min_length, known_length(value.pieces))
    text = text_of(value)
    return 0 if text is None else len(text)


def date_length(template: str) -> int:
    """The least number of characters of a date with a format."""
    literal = DIRECTIVE.sub("", template)
    if literal == template or "%" in literal:  # no date, or a flag or width, which the platform defines
        return 0
    return len(literal) + sum(LENGTHS.get(match[1], 0) for match in DIRECTIVE.finditer(template))


def call(name: str, arguments: Arguments, span: Span) -> Unknown | None:
    """The result of a function that makes a text or number of a known length; None for any other function."""
    last = name.rpartition(".")[2]
    if name in STRFTIME:
        return _date(arguments.positional, span)
    length = LENGTH_OF_RESULT.get(name)
    return None if length is None else unknown(returned_by(last, span).reason, span, min_length=length)


def method(name: str, arguments: Arguments, span: Span) -> Unknown | None:
    """The result of a date's method ``strftime``; None for any other method."""
    return _date(arguments.positional, span) if name == "strftime" else None


def _date(arguments: Iterable[Value], span: Span) -> Unknown:
    templates = [template for template in map(text_of, arguments) if template is not None]
    length = date_length(templates[0]) if templates else 0
    return unknown(returned_by("strftime", span).reason, span, (None,), length)


def of_format(text: str, arguments: Arguments) -> int:
    """The least number of characters of ``text.format(…)`` with plain fields; 0 for any others."""
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return 0
    named = [field for _, field, _, _ in fields if field is not None]
    is_plain = all(not spec and not conversion for _, _, spec, conversion in fields)
    if not is_plain or named != [""] * len(arguments.positional):
        return 0
    length = sum(map(length_of, arguments.positional))
    for literal, *_ in fields:
        length += len(literal)
    return length
