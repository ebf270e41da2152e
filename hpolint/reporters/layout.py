"""Lines of styled text, measured in terminal cells: wrapping, cutting and printing them, with or without colour."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TypeAlias

from hpolint.io.escaping import visible
from hpolint.lazy_regex import lazy_regex

Styled: TypeAlias = tuple[str, str] | tuple[str, str, str]
"""A piece of text, its style, and the address of its link, if any; a line is a list of pieces."""
Line: TypeAlias = list[Styled]

STYLES = {"error": "1;31", "warning": "1;33", "note": "1;36", "bold": "1", "rail": "34", "help": "32"} | {
    "removed": "31",
    "added": "32",
}
WORD = lazy_regex(r"\s+|\S+")
JOINER = "\u200d"


def clusters(text: str) -> Iterator[str]:
    """The grapheme clusters of a text: characters with their combining marks, modifiers and joined characters."""
    cluster = ""
    for character in text:
        joins = cluster and (cluster.endswith(JOINER) or character == JOINER or unicodedata.combining(character))
        if (
            joins
            or (cluster and character in "\ufe0e\ufe0f")
            or (cluster and "\U0001f3fb" <= character <= "\U0001f3ff")
        ):
            cluster += character
        else:
            if cluster:
                yield cluster
            cluster = character
    if cluster:
        yield cluster


def cells(text: str) -> int:
    """The number of terminal cells that a text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_cells_of, clusters(text)))


def _cells_of(cluster: str) -> int:
    first = cluster[0]
    if unicodedata.combining(first):
        return 0
    return 2 if unicodedata.east_asian_width(first) in ("W", "F") or "\ufe0f" in cluster else 1


def wrapped(line: Line, width: int | None, indent: int) -> Iterator[Line]:
    """The line broken between words into lines of at most ``width`` cells; all but the first are indented.

    A word that is longer than a line is not broken, so that a path or a name can be copied. A ``width`` of None breaks
    nothing.
    """
    if width is None or sum(cells(piece[0]) for piece in line) <= width:
        yield line
        return
    current: Line = []
    used = 0
    for word in _words(line):
        size = sum(cells(piece[0]) for piece in word)
        is_space = word[0][0].isspace()
        if used + size > width and current and not is_space:
            yield _right_stripped(current)
            current, used = [(" " * indent, "")], indent
        if is_space and used == indent and len(current) == 1 and not current[0][0].strip():
            continue  # drop the space at which the line was broken
        current += word
        used += size
    yield _right_stripped(current)


def _words(line: Line) -> Iterator[Line]:
    """The words of a line, and the spaces between them; a word may have several pieces, as a rule in brackets does."""
    word: Line = []
    for piece in line:
        for part in WORD.findall(piece[0]):
            if word and part.isspace() != word[-1][0].isspace():
                yield word
                word = []
            word.append((part, *piece[1:]))
    if word:
        yield word


def _right_stripped(line: Line) -> Line:
    """The line without white-space pieces at its end."""
    while line and line[-1][0].isspace():
        line = line[:-1]
    return line


def window(text: str, start: int, end: int, width: int) -> tuple[str, str]:
    """The part of a line around a value that fits into ``width`` cells, and the marks below that value."""
    width = max(width, 20)
    first = _boundary(text, max(start - width, 0))  # of a long line, only the part around the value is measured
    before, marked = visible(text[first:start]), visible(text[start : min(end, start + width)])
    after = visible(text[end : _boundary(text, min(end + width, len(text)))])
    room = width - 1 if cells(before + marked + after) <= width else max(width // 3, width - cells(marked) - 2)
    if first or cells(before) > room:
        parts = list(clusters(before))
        while parts and sum(map(_cells_of, parts)) > room - 1:
            parts.pop(0)
        before = f"…{''.join(parts)}"
    marks = max(min(cells(marked), width - cells(before)), 1)
    return _cut(before + marked + after, width), " " * cells(before) + "^" * marks


def _boundary(text: str, at: int) -> int:
    """The last offset up to ``at`` that does not split joined characters; ``at`` itself if none is near."""
    for place in range(at, max(at - 20, 0), -1):
        if place == len(text) or JOINER not in (text[place], text[place - 1]):
            return place
    return 0 if at < 20 else at


def _cut(text: str, width: int) -> str:
    if cells(text) <= width:
        return text
    parts, used = [], 0
    for cluster in clusters(text):
        used += _cells_of(cluster)
        if used > width - 1:
            break
        parts.append(cluster)
    return "".join(parts) + "…"


def printed(line: Line, *, colour: bool) -> str:
    """A line as text with a newline, with terminal codes if ``colour``."""
    if not colour:
        return "".join(visible(piece[0]) for piece in line).rstrip() + "\n"
    return "".join(_piece(*piece) for piece in _joined(line)) + "\n"


def _joined(line: Line) -> Iterator[Styled]:
    """The pieces, with adjacent ones of the same style and link merged."""
    pending: Styled | None = None
    for piece in line:
        if pending is not None and pending[1:] == piece[1:]:
            pending = (pending[0] + piece[0], *pending[1:])
        else:
            if pending is not None:
                yield pending
            pending = piece
    if pending is not None:
        yield pending


def _piece(text: str, style: str, address: str = "") -> str:
    """A piece with terminal codes. A terminal without links (OSC 8) shows only the text."""
    text = visible(text)
    text = f"\033[{STYLES[style]}m{text}\033[0m" if style and text else text
    return f"\033]8;;{address}\033\\{text}\033]8;;\033\\" if address else text
