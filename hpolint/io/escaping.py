"""Text that is safe to print."""

from __future__ import annotations

import re
from typing import TextIO


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person reads the stream; one that was closed is None."""
    return stream is not None and stream.isatty()


BRIEF, LONG = 60, 200
"""Characters of a name or value that is told in a sentence: of one that is there, and of one that is to be written."""


def brief(text: str, most: int = BRIEF) -> str:
    """A name or value for a sentence, however long it is."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


JOINER = "\u200d"
JOINED = re.compile("(?<=[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2190-\u2bff\U0001f000-\U0001faff])")
"""Where signs are joined into one, as a family of emoji is; elsewhere the joiner hides."""


def visible(text: str) -> str:
    """The text without what would move the cursor or change the terminal."""
    if text.isprintable():
        return text
    return JOINER.join(map(_shown, JOINED.split(text)))


def visible_lines(text: str) -> str:
    """The same for a text whose line breaks are its own."""
    return text if text.isascii() and text.isprintable() else "\n".join(map(visible, text.split("\n")))


def _shown(text: str) -> str:
    return "".join(" " if c == "\t" else c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def printable(document: str) -> str:
    """A JSON document whose strings show no character that moves or hides others; what they say stays the same."""
    if document.isprintable():
        return document
    return "".join(c if c.isprintable() or c == "\n" else _escape(c) for c in document)


def _escape(character: str) -> str:
    """A character as JSON's escape: beyond the first 65,536 it takes two."""
    import json

    return json.dumps(character)[1:-1] if ord(character) > 0x7F else f"\\u{ord(character):04x}"


def value_text(value: object) -> str:
    """A value as a message names it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else f'"{value[:37]}…"'
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else str(value)
