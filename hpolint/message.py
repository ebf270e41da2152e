"""Messages: sentences with `{CEL}` or `{CEL:format}` in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hpolint.printing import LONG, brief

FORMAT = re.compile(r"about\Z|[<>=^]?[+-]?#?0?\d*,?(\.\d+)?[bcdeEfFgGnosxX%]?\Z")
PLAIN = re.compile(r"[a-z]\w*(?:\.\w+)+\Z")
"""An expression that is nothing but a value of the job."""

SHOWN_ITEMS = 3
ABOUT_WHOLE = 10


class TemplateError(ValueError):
    """A sentence whose braces do not match."""


@dataclass(frozen=True, slots=True)
class Hole:
    """An expression in a sentence, where it begins, and how its value is printed."""

    expression: str
    offset: int
    format: str


Segment = str | Hole


def parse_template(text: str) -> list[Segment]:
    """A sentence's literal parts and holes; ``{{`` and ``}}`` are braces. Raises TemplateError."""
    segments: list[Segment] = []
    literal = ""
    at = 0
    while at < len(text):
        if text.startswith(("{{", "}}"), at):
            literal += text[at]
            at += 2
        elif text[at] == "}":
            raise TemplateError("a } without its {")
        elif text[at] == "{":
            end = _end(text, at + 1)
            if literal:
                segments.append(literal)
                literal = ""
            segments.append(_hole(text[at + 1 : end], at + 1))
            at = end + 1
        else:
            literal += text[at]
            at += 1
    return [*segments, literal] if literal else segments


def _end(text: str, at: int) -> int:
    """Where the hole that is open at ``at`` closes; braces in CEL's strings do not count."""
    quote = ""
    for index in range(at, len(text)):
        character = text[index]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "}":
            return index
    raise TemplateError("a { that is not closed")


def _hole(inside: str, offset: int) -> Hole:
    """The format begins at the last colon outside of brackets and quotes, unless that is ``?:``'s."""
    depth, quote, colon, question = 0, "", -1, False
    for index, character in enumerate(inside):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif depth == 0 and character == "?":
            question = True
        elif depth == 0 and character == ":":
            colon = index
    if colon < 0 or question:
        return Hole(inside, offset, "")
    format_ = inside[colon + 1 :]
    if not FORMAT.match(format_):
        raise TemplateError(f"`{format_}` is no format")
    return Hole(inside[:colon], offset, format_)


def render(segments: list[Segment], evaluate: Callable[[str], Any], mark: Callable[[str], str] = str) -> str | None:
    """The sentence with its values; None if one of them is null, or all of it is empty. ``evaluate`` may raise.

    ``mark`` is put around what is a value of the job as it stands there, and no part of the sentence.
    """
    parts = []
    for segment in segments:
        if isinstance(segment, str):
            parts.append(segment)
            continue
        value = evaluate(segment.expression)
        if value is None:
            return None
        text = show(value, segment.format)
        parts.append(mark(text) if PLAIN.match(segment.expression) else text)
    return "".join(parts) or None


def show(value: Any, format_: str = "") -> str:
    """A value as messages print it: doubles as ``%.6g``, a list with its first items.

    Beside Python's formats there is ``about``: whole numbers from 10 up, two digits below.
    """
    if isinstance(value, list):
        items = [f"`{show(item)}`" for item in value[:SHOWN_ITEMS]]
        more = len(value) - len(items)
        if more:
            return f"{', '.join(items)} and {more} more"
        return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]])) if items else "none"
    if format_ == "about":
        return format(value, ",.0f" if abs(value) >= ABOUT_WHOLE else ".2g")
    if format_:
        return format(value, format_)
    return format(value, ".6g") if isinstance(value, float) else brief(str(value), LONG)
