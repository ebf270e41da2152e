"""A condition split at its logical operators, to test whether the examples need every part."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hpolint.lazy_regex import lazy_regex

TOKEN = lazy_regex(r"""r?("{3}|'{3})(?s:.*?)\1|(r?)(["'])(?:\\.|(?!\3).)*\3|&&|\|\||[()\[\]{}?]|//[^\n]*""")
NEUTRAL = {"&&": "true", "||": "false"}


class Part(msgspec.Struct, frozen=True):
    """An operand of ``&&`` or ``||``: its offsets in the condition, and the constant that replaces it."""

    start: int
    end: int
    neutral: str


def shortened(text: str) -> Iterator[tuple[Part, str]]:
    """Each part with the condition without it. Comparisons with null are kept, because type checks need them."""
    for part in parts(text, 0, len(text)):
        if not text[: part.end].endswith("null"):
            yield part, f"{text[: part.start]}{part.neutral}{text[part.end :]}"


def parts(text: str, start: int, end: int) -> Iterator[Part]:
    """The innermost operands of ``&&`` and ``||``; none if the text is a single term or a ``?:`` expression."""
    marks = list(_marks(text, start, end))
    operator = next((sign for sign in ("?", "||", "&&") if any(mark == sign for mark, _ in marks)), None)
    if operator in (None, "?"):
        inner = _bracketed(text, start, end)
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
    """The operators outside of brackets and strings, with their offsets."""
    depth = 0
    for match in TOKEN.finditer(text, start, end):
        token = match[0]
        if token in ("(", "[", "{", ")", "]", "}"):
            depth += 1 if token in "([{" else -1
        elif depth == 0 and token in ("&&", "||", "?"):
            yield token, match.start()


def _bracketed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The offsets of the content if one pair of parentheses encloses the whole text; None otherwise."""
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
