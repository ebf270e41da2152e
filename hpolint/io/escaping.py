"""Text that is safe to print."""

from __future__ import annotations

from typing import Any, TextIO

from hpolint.lazy_regex import lazy_regex


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal. A closed standard stream is None."""
    return stream is not None and stream.isatty()


BRIEF, LONG = 60, 200
"""Longest name or value in a sentence, in characters: of an existing value, and of one to write."""


def brief(text: str, most: int = BRIEF) -> str:
    """A name or value for a sentence, cut to ``most`` characters with an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


JOINER = "\u200d"
JOINED = lazy_regex("(?<=[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2190-\u2bff\U0001f000-\U0001faff])")
"""A zero-width joiner between symbols, such as in an emoji of a family. Elsewhere it would be invisible."""


INVISIBLE = lazy_regex(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\uffa0\ufe00-\ufe0d\U000e0100-\U000e01ef]"
    "|(?<![\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff#*0-9])[\ufe0e\ufe0f]"
)
"""Characters that take no room or are blank, and that Python takes for printable ones.

A variation selector behind a symbol chooses how an emoji looks. Source: Unicode's property
Default_Ignorable_Code_Point, and the blank Braille pattern.
"""


def visible(text: str) -> str:
    """The text without control and invisible characters, which could move the cursor or change the terminal."""
    if text.isascii() and text.isprintable():
        return text
    text = INVISIBLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return text if text.isprintable() else JOINER.join(map(_shown, JOINED.split(text)))


def visible_lines(text: str) -> str:
    """The same as ``visible``, but keeps line breaks."""
    return text if text.isascii() and text.isprintable() else "\n".join(map(visible, text.split("\n")))


def _shown(text: str) -> str:
    text = text.replace("\t", " ")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def printable(document: str) -> str:
    """A JSON document with control and invisible characters escaped. Its values stay the same."""
    if document.isascii() and document.isprintable():
        return document
    document = INVISIBLE.sub(lambda match: _escape(match[0]), document)
    if document.isprintable():
        return document
    return "".join(c if c.isprintable() or c == "\n" else _escape(c) for c in document)


def json_document(value: object, *, allow_nan: bool = True) -> str:
    """A value as a JSON document with a newline at its end. Raises ValueError for NaN and infinity if not allowed."""
    import json

    return printable(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=allow_nan)) + "\n"


def _escape(character: str) -> str:
    """A character as a JSON escape, or as two for a character beyond U+FFFF."""
    import json

    return json.dumps(character)[1:-1] if ord(character) > 0x7F else f"\\u{ord(character):04x}"


def value_text(value: object) -> str:
    """A configuration value as text for a message, strings cut to 40 characters."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else f'"{value[:37]}…"'
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else str(value)


FORMULA = tuple("=+-@＝＋－＠")
"""Characters that start a formula in a spreadsheet, also after white space."""


def spreadsheet_cell(value: Any) -> Any:
    """A value for CSV without control characters, that no spreadsheet reads as a formula."""
    if not isinstance(value, str):
        return value
    text = visible(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
