"""Where in a TOML text somebody is typing."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from hpolint.lazy_regex import lazy_regex

BARE = lazy_regex(r"[A-Za-z0-9_-]*")
BLANK = lazy_regex(r"[ \t]*")
BLANK_LINES = lazy_regex(r"(?:[ \t\r\n,]|#[^\n]*\n)*")
NEXT_KEY = lazy_regex(r"[ \t]*(?:\[{1,2}[ \t]*)?[\w.\"'/-]+[ \t]*(?:=|\]+[ \t]*\r?\n)")
"""A line with which a value that is not closed has ended."""

WORD = lazy_regex(r"[^,\]}\s#]*")


class TomlPlace(msgspec.Struct, frozen=True):
    """The end of a text: in the name of a table, in a key, or in a value.

    ``path`` are the names before it: for a name or key the complete ones, for a value those of its key. ``typed`` is
    the unfinished name or value, without its quote if it is ``quoted``. ``in_array``: the value is a member of one.
    """

    kind: Literal["table", "key", "value"]
    path: tuple[str, ...]
    typed: str = ""
    quoted: bool = False
    in_array: bool = False


def toml_place(before: str) -> TomlPlace | None:
    """Where a text ends; None within a comment."""
    if "#" in before.rpartition("\n")[2] and _ends_in_comment(before.rpartition("\n")[2]):
        return None
    scanner = _Scanner(before)
    try:
        scanner.read()
    except _EndError as end:
        return end.place
    return None


def _ends_in_comment(line: str) -> bool:
    quote = ""
    for character in line:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "#":
            return True
    return False


class _EndError(Exception):
    """The text has ended."""

    def __init__(self, place: TomlPlace) -> None:
        super().__init__()
        self.place = place


class _Scanner:
    """Reads a text up to its end, which it raises."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def read(self) -> None:
        """Read all lines. Raises _EndError."""
        table: tuple[str, ...] = ()
        while True:
            self._skip(BLANK_LINES)
            if self._is_at_end:
                raise _EndError(TomlPlace("key", table))
            if self._text[self._at] == "[":
                self._at += 2 if self._text.startswith("[[", self._at) else 1
                table = self._names("table", (), "]")
                self._skip_line()
            else:
                path = self._names("key", table, "=")
                self._value(path)
                self._skip_line()

    @property
    def _is_at_end(self) -> bool:
        return self._at >= len(self._text)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found is not None else self._at
        return found[0] if found is not None else ""

    def _skip_line(self) -> None:
        end = self._text.find("\n", self._at)
        if end < 0 and self._is_at_end:
            return
        self._at = end + 1 if end >= 0 else len(self._text)

    def _names(self, kind: Literal["table", "key"], above: tuple[str, ...], stop: str) -> tuple[str, ...]:
        """The names of a table or key, with those above. Raises _EndError within them."""
        path = above
        while True:
            self._skip(BLANK)
            name = self._name(kind, path)
            self._skip(BLANK)
            if self._is_at_end:
                raise _EndError(TomlPlace(kind, path, name))
            path = (*path, name)
            character = self._text[self._at]
            if character == "\n":  # a line without an end, which somebody may finish later
                return path
            self._at += 1
            if character == stop:
                return path

    def _name(self, kind: Literal["table", "key"], path: tuple[str, ...]) -> str:
        quote = self._text[self._at : self._at + 1]
        if quote not in ("'", '"') or not quote:
            return self._skip(BARE)
        start = self._at + 1
        end = self._text.find(quote, start)
        if end < 0:
            raise _EndError(TomlPlace(kind, path, self._text[start:], quoted=True))
        self._at = end + 1
        return self._text[start:end]

    def _value(self, path: tuple[str, ...], *, in_array: bool = False) -> None:
        """Read a value. Raises _EndError within it."""
        self._skip(BLANK)
        if self._is_at_end:
            raise _EndError(TomlPlace("value", path, in_array=in_array))
        character = self._text[self._at]
        if character in "\"'":
            self._string(path, character, in_array=in_array)
        elif character == "[":
            self._array(path)
        elif character == "{":
            self._inline_table(path)
        else:
            word = self._skip(WORD)
            if self._is_at_end:
                raise _EndError(TomlPlace("value", path, word, in_array=in_array))

    def _string(self, path: tuple[str, ...], quote: str, *, in_array: bool) -> None:
        mark = quote * 3 if self._text.startswith(quote * 3, self._at) else quote
        start = self._at + len(mark)
        end = self._text.find(mark, start)
        line = self._text.find("\n", start)
        if len(mark) == 1 and line >= 0 and not start <= end < line:  # it is not closed
            self._at = line
        elif end < 0:
            raise _EndError(TomlPlace("value", path, self._text[start:], quoted=True, in_array=in_array))
        else:
            self._at = end + len(mark)

    def _array(self, path: tuple[str, ...]) -> None:
        self._at += 1
        while True:
            self._skip(BLANK_LINES)
            if self._is_at_end:
                raise _EndError(TomlPlace("value", path, in_array=True))
            if self._text[self._at] == "]":
                self._at += 1
                return
            line = self._text.rfind("\n", 0, self._at) + 1
            if not self._text[line : self._at].strip() and NEXT_KEY.match(self._text, line) is not None:
                self._at = max(line - 1, 0)
                return
            before = self._at
            self._value(path, in_array=True)
            if self._at == before:  # what no value begins with
                self._at += 1

    def _inline_table(self, path: tuple[str, ...]) -> None:
        self._at += 1
        while True:
            self._skip(BLANK)
            if self._is_at_end:
                raise _EndError(TomlPlace("key", path))
            character = self._text[self._at]
            if character in "}\n":
                self._at += character == "}"
                return
            if character == ",":
                self._at += 1
                continue
            self._value(self._names("key", path, "="))
