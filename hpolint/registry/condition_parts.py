"""A condition taken apart at its logic, to see whether its examples need every part."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

TOKEN = re.compile(r"""r?("{3}|'{3})(?s:.*?)\1|(r?)(["'])(?:\\.|(?!\3).)*\3|&&|\|\||[()\[\]{}?]|//[^\n]*""")
NEUTRAL = {"&&": "true", "||": "false"}


class Part(msgspec.Struct, frozen=True):
    """An operand of ``&&`` or ``||``: its characters in the condition, and what stands for it where it is left out."""

    start: int
    end: int
    neutral: str


def shortened(text: str) -> Iterator[tuple[Part, str]]:
    """A condition without each of its parts, but for guards against null, which the language demands."""
    for part in parts(text, 0, len(text)):
        if not text[: part.end].endswith("null"):
            yield part, f"{text[: part.start]}{part.neutral}{text[part.end :]}"


def parts(text: str, start: int, end: int) -> Iterator[Part]:
    """The operands of a text's logic, the innermost ones; none where it is one term, or chooses by ``?:``."""
    marks = list(_marks(text, start, end))
    operator = next((each for each in ("?", "||", "&&") if any(mark == each for mark, _ in marks)), None)
    if operator in (None, "?"):
        inner = _within(text, start, end)
        if inner is not None:
            yield from parts(text, *inner)
        return
    at = start
    for place in [*(place for mark, place in marks if mark == operator), end]:
        first, last = _trimmed(text, at, place)
        inside = list(parts(text, first, last))
        yield from inside or [Part(first, last, NEUTRAL[str(operator)])]
        at = place + 2


def _marks(text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    """The operators of a text that stand in no brackets and in no string."""
    depth = 0
    for match in TOKEN.finditer(text, start, end):
        token = match[0]
        if token in ("(", "[", "{", ")", "]", "}"):
            depth += 1 if token in "([{" else -1
        elif depth == 0 and token in ("&&", "||", "?"):
            yield token, match.start()


def _within(text: str, start: int, end: int) -> tuple[int, int] | None:
    """What stands in the brackets that are all of a text."""
    first, last = _trimmed(text, start, end)
    if text[first : first + 1] != "(" or text[last - 1 : last] != ")":
        return None
    depth = 0
    for match in TOKEN.finditer(text, first, last):
        depth += (match[0] in ("(", "[", "{")) - (match[0] in (")", "]", "}"))
        if depth == 0:
            return (first + 1, last - 1) if match.end() == last else None
    return None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
