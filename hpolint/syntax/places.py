"""The place of each character of a string in the source text.

A string of JSON or YAML may have escapes, folded lines, or an indented block. A value inside of the string (in a state
machine's definition, for example) is reported at its own place, so each character needs one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterator

from hpolint.lazy_regex import lazy_regex

Placed = tuple[str, int, int]
"""Characters with their start and end offsets in the source: literal characters, or those of one escape."""

ESCAPE = lazy_regex(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
JSON_ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n"}
"""The most frequent escapes; the others are decoded by the standard library's parser."""
YAML_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
YAML_ESCAPES |= {"e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0"}
YAML_ESCAPES |= {"L": "\u2028", "P": "\u2029"}
HEX_LENGTHS = {"x": 2, "u": 4, "U": 8}
BREAK = lazy_regex(r"[ \t]*(?:\r?\n[ \t]*)+")
HEADER = lazy_regex(r"[|>](?P<marks>[-+0-9]*)[^\n]*(?:\n|\Z)")
RUN = lazy_regex(r"[^\\'\s]+|[ \t]+")
CSV_RUN = lazy_regex(r'""|[^"]+')
JSON_RUN = lazy_regex(r"[^\\]+")


class OtherValueError(ValueError):
    """A text that does not spell a value, for example because it is an alias."""


def places(text: str, start: int, end: int, value: str) -> Iterator[Placed]:
    """The places of the characters of a value that is written as ``text[start:end]``.

    They are read one by one: a text of megabytes may have an escape in each second place. Raises OtherValueError,
    possibly after the first places.
    """
    reader = _reader(text[start : start + 1])
    try:
        yield from _spelling(reader(text, start, end), value)
    except (IndexError, ValueError):
        raise OtherValueError from None


def _spelling(found: Iterator[Placed], value: str) -> Iterator[Placed]:
    """The same places, without the line breaks at the end that a block's chomping removes. Raises OtherValueError."""
    at = 0
    for placed in found:
        chars = placed[0]
        if at == len(value) and chars == "\n":
            continue
        if not value.startswith(chars, at):
            raise OtherValueError
        at += len(chars)
        yield placed
    if at != len(value):
        raise OtherValueError


def _reader(mark: str) -> Callable[[str, int, int], Iterator[Placed]]:
    readers = {'"': _double_quoted, "'": _single_quoted, "|": _block, ">": _block}
    return readers.get(mark, _plain)


def json_places(text: str, start: int, end: int, value: str) -> Iterator[Placed]:
    """The same as ``places``, for a string of JSON with JSON's escapes."""
    return _spelling(_json_places(text, start, end), value)


def _json_places(text: str, start: int, end: int) -> Iterator[Placed]:
    at = start + 1
    while at < end - 1:
        if run := JSON_RUN.match(text, at, end - 1):
            yield run.group(), at, run.end()
            at = run.end()
        elif escape := ESCAPE.match(text, at, end - 1):
            yield _escaped(escape.group()), at, escape.end()
            at = escape.end()
        else:
            raise OtherValueError


def csv_places(text: str, start: int, end: int, value: str) -> Iterator[Placed]:
    """The same as ``places``, for a cell of CSV, in which a quote is written twice."""
    return _spelling(_csv_places(text, start, end), value)


def _csv_places(text: str, start: int, end: int) -> Iterator[Placed]:
    if text[start : start + 1] != '"':
        yield text[start:end], start, end
        return
    for run in CSV_RUN.finditer(text, start + 1, end - 1):
        characters = '"' if run.group() == '""' else run.group()
        yield characters, *run.span()


def _escaped(escape: str) -> str:
    """The character of an escape. Raises OtherValueError."""
    if escape in JSON_ESCAPES:
        return JSON_ESCAPES[escape]
    try:
        return str(json.loads(f'"{escape}"'))
    except ValueError:
        raise OtherValueError from None


def _double_quoted(text: str, start: int, end: int) -> Iterator[Placed]:
    at = start + 1
    while at < end - 1:
        if text[at] == "\\":
            escape = _yaml_escape(text, at)
            if escape[0]:
                yield escape
            at = escape[2]
        else:
            at = yield from _run(text, at, end - 1)


def _run(text: str, at: int, end: int) -> Generator[Placed, None, int]:
    """Yield the line breaks or the literal characters at an offset, and return the offset after them."""
    if fold := _fold(text, at, end):
        yield from fold[0]
        return fold[1]
    run = RUN.match(text, at, end)
    stop = run.end() if run else at + 1
    yield text[at:stop], at, stop
    return stop


def _yaml_escape(text: str, at: int) -> Placed:
    mark = text[at + 1]
    if mark in HEX_LENGTHS:
        stop = at + 2 + HEX_LENGTHS[mark]
        pair = ESCAPE.match(text, at)
        if pair and pair.end() > stop:  # a surrogate pair, as JSON escapes characters beyond U+FFFF
            return json.loads(f'"{pair.group()}"'), at, pair.end()
        return chr(int(text[at + 2 : stop], 16)), at, stop
    if mark in "\r\n":
        line = re.compile(r"\r?\n[ \t]*").match(text, at + 1)
        return "", at, line.end() if line else at + 2
    if mark not in YAML_ESCAPES:
        raise ValueError(mark)
    return YAML_ESCAPES[mark], at, at + 2


def _fold(text: str, at: int, end: int) -> tuple[list[Placed], int] | None:
    """The characters of line breaks in a flow scalar and the offset after them; None if there are none.

    The first break is a space, each further one a line feed.
    """
    if text[at] not in " \t\r\n":
        return None
    match = BREAK.match(text, at, end)
    if match is None:
        return None
    breaks = [at + offset for offset, mark in enumerate(match.group()) if mark == "\n"]
    if len(breaks) == 1:
        return [(" ", at, match.end())], match.end()
    return [("\n", place, place + 1) for place in breaks[1:]], match.end()


def _single_quoted(text: str, start: int, end: int) -> Iterator[Placed]:
    at = start + 1
    while at < end - 1:
        if text.startswith("''", at):
            yield "'", at, at + 2
            at += 2
        else:
            at = yield from _run(text, at, end - 1)


def _plain(text: str, start: int, end: int) -> Iterator[Placed]:
    at = start
    while at < end:
        at = yield from _run(text, at, end)


def _block(text: str, start: int, end: int) -> Iterator[Placed]:
    """A literal (``|``) or folded (``>``) block. Yields all final line breaks, which chomping may remove."""
    header = HEADER.match(text, start)
    if header is None:
        return
    lines = list(_lines(text, header.end(), end))
    digits = [int(mark) for mark in header["marks"] if mark.isdigit()]
    indent = _indent(text, start, lines, digits[0] if digits else None)
    bodies = [(min(first + indent, last), last, stop) for first, last, stop in lines]
    spelled = _literal if text[start] == "|" else _folded
    yield from spelled(text, bodies)


def _lines(text: str, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Each line's start, the end of its text, and the end of its line break."""
    while at < end:
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop + 1
        last = stop
        while last > at and text[last - 1] in "\r\n":
            last -= 1
        yield at, last, stop
        at = stop


def _indent(text: str, start: int, lines: list[tuple[int, int, int]], given: int | None) -> int:
    for first, last, _ in lines:
        body = text[first:last]
        if body.strip(" "):
            own = len(body) - len(body.lstrip(" "))
            if given is None:
                return own
            line = text[text.rfind("\n", 0, start) + 1 : start]
            above = len(line) - len(line.lstrip(" -"))
            return min(own, above + given)
    return 0


def _literal(text: str, bodies: list[tuple[int, int, int]]) -> Iterator[Placed]:
    for first, last, stop in bodies:
        if first < last:
            yield text[first:last], first, last
        yield "\n", last, max(stop, last + 1)


def _folded(text: str, bodies: list[tuple[int, int, int]]) -> Iterator[Placed]:
    before: tuple[int, int, int] | None = None
    empty: list[int] = []
    for first, last, stop in bodies:
        if first == last:
            empty.append(last)
            continue
        if before is not None:
            yield from _joint(text, before, first, empty)
        else:
            yield from (("\n", at, at + 1) for at in empty)
        empty = []
        if first < last:
            yield text[first:last], first, last
        before = (first, last, stop)
    if before is not None:
        yield "\n", before[1], max(before[2], before[1] + 1)
    yield from (("\n", at, at + 1) for at in empty)


def _joint(text: str, before: tuple[int, int, int], first: int, empty: list[int]) -> Iterator[Placed]:
    """The characters between two lines of a folded block: a space, or line feeds at empty and more indented lines."""
    start, last, stop = before
    if text[start] in " \t" or text[first] in " \t":
        yield "\n", last, stop
    elif not empty:
        yield " ", last, stop
    yield from (("\n", at, at + 1) for at in empty)
