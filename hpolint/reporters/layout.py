"""Lines of styled pieces, counted in terminal cells: wrapped, cut, and printed with or without colour."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TypeAlias

from hpolint.io.escaping import visible

Styled: TypeAlias = tuple[str, str] | tuple[str, str, str]
"""A piece of text and its style, and where it leads to if it is a link; a line is a list of them."""
Line: TypeAlias = list[Styled]

STYLES = {"error": "1;31", "warning": "1;33", "note": "1;36", "bold": "1", "rail": "34", "help": "32"} | {
    "removed": "31",
    "added": "32",
}
WORD = re.compile(r"\s+|\S+")
JOINER = "\u200d"


def clusters(text: str) -> Iterator[str]:
    """What a person takes for one sign: with its marks, or several that are joined into one."""
    held = ""
    for character in text:
        joins = held and (held.endswith(JOINER) or character == JOINER or unicodedata.combining(character))
        if joins or (held and character in "\ufe0e\ufe0f") or (held and "\U0001f3fb" <= character <= "\U0001f3ff"):
            held += character
        else:
            if held:
                yield held
            held = character
    if held:
        yield held


def cells(text: str) -> int:
    """How many terminal cells a text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_cells_of, clusters(text)))


def _cells_of(cluster: str) -> int:
    first = cluster[0]
    if unicodedata.combining(first):
        return 0
    return 2 if unicodedata.east_asian_width(first) in ("W", "F") or "\ufe0f" in cluster else 1


def wrapped(line: Line, width: int | None, indent: int) -> Iterator[Line]:
    """A line as lines of a width at most, broken between words; those behind the first begin with an indent.

    A word that is longer than a line is left whole: a path or a name can be copied then. Without a width nothing is
    broken.
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
            yield _without_end(current)
            current, used = [(" " * indent, "")], indent
        if is_space and used == indent and len(current) == 1 and not current[0][0].strip():
            continue  # no line begins with the space that it was broken at
        current += word
        used += size
    yield _without_end(current)


def _words(line: Line) -> Iterator[Line]:
    """The words of a line, and the spaces between them; a word may be of several pieces, as a rule in brackets is."""
    held: Line = []
    for piece in line:
        for part in WORD.findall(piece[0]):
            if held and part.isspace() != held[-1][0].isspace():
                yield held
                held = []
            held.append((part, *piece[1:]))
    if held:
        yield held


def _without_end(line: Line) -> Line:
    """Without white space at the end."""
    while line and line[-1][0].isspace():
        line = line[:-1]
    return line


def window(text: str, start: int, end: int, width: int) -> tuple[str, str]:
    """The part of a line that fits, and the marks below it, counted in terminal cells."""
    width = max(width, 20)
    first = _boundary(text, max(start - width, 0))  # a long line is looked at only around the value
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
    """A place where no sign is cut through, at some place or shortly before it."""
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
    """A line as a terminal, or a file, gets it."""
    if not colour:
        return "".join(visible(piece[0]) for piece in line).rstrip() + "\n"
    return "".join(_piece(*piece) for piece in _joined(line)) + "\n"


def _joined(line: Line) -> Iterator[Styled]:
    """Pieces of one style and link beside each other as one: a sentence is not a hundred words in colour."""
    held: Styled | None = None
    for piece in line:
        if held is not None and held[1:] == piece[1:]:
            held = (held[0] + piece[0], *held[1:])
        else:
            if held is not None:
                yield held
            held = piece
    if held is not None:
        yield held


def _piece(text: str, style: str, address: str = "") -> str:
    """A piece as terminals take it. One that knows no links (OSC 8) shows the text alone."""
    text = visible(text)
    text = f"\033[{STYLES[style]}m{text}\033[0m" if style and text else text
    return f"\033]8;;{address}\033\\{text}\033]8;;\033\\" if address else text
