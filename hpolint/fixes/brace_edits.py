"""Edits of structures in braces: JSON, JSON within a string of another file, and YAML's flow style.

In nested strings, quotes and line ends are escaped once more at each level. The text between two existing members is
copied verbatim, so that a new member has the same layout as the others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import msgspec

from hpolint.fixes.changes import NewMembers, NoEditError, scalar
from hpolint.fixes.edits import Edit
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import ScalarValue

MARK = lazy_regex(r"""\\*"|'|[{}\[\],:]""")
FIRST_QUOTE = lazy_regex(r'\s*(?:\\+[rnt]|\s)*(\\*)"')
LINE_END = lazy_regex(r"(?:\r\n|\n|\\+r\\+n|\\+n)(?=(?:[ \t]|\\+t)*\Z)")
"""The last line end in white space, literal or escaped in a string."""

Render = Callable[[ScalarValue], str]


class Member(msgspec.Struct, frozen=True):
    """A member: the offsets of its key (``key``, ``key_end``) and of its value (``value``, ``end``)."""

    key: int
    key_end: int
    value: int
    end: int


class Braces(msgspec.Struct, frozen=True):
    """A structure: the offsets of its braces, its members, and the number of strings around it."""

    start: int
    end: int
    members: list[Member]
    string_depth: int


def braces(text: str, start: int) -> Braces:
    """The structure whose brace opens at an offset. Raises NoEditError if its end is not found."""
    level, depth = _string_depth(text, start), 0
    parts: list[int] = [start + 1]
    colons: list[int] = []
    for match in _marks_outside_strings(text, start, level):
        mark = match[0]
        if mark in "{[":
            depth += 1
        elif mark in "}]":
            depth -= 1
            if depth == 0:
                return Braces(start, match.start(), list(_members(text, [*parts, match.start() + 1], colons)), level)
        elif depth == 1 and mark == ",":
            parts.append(match.end())
        elif depth == 1 and mark == ":" and len(colons) < len(parts):
            colons.append(match.start())
    raise NoEditError("the end of the structure is not found")


def _marks_outside_strings(text: str, start: int, level: int) -> Iterator[re.Match[str]]:
    """The brackets, commas and colons outside of strings."""
    double = single = False
    for match in MARK.finditer(text, start):
        mark = match[0]
        if mark.endswith('"'):
            double ^= not single and _delimits(len(mark) - 1, level)
        elif mark == "'":
            single = level == 0 and not double and not single and _opens_string(text, match.start())
        elif not double and not single:
            yield match


def _string_depth(text: str, start: int) -> int:
    """The number of strings around a structure, from the backslashes before the first quote in or before it."""
    match = FIRST_QUOTE.match(text, start + 1)
    if match is not None:
        return string_depth(f'{match[1]}"')
    before = text[: max(text.rfind('"', 0, start), 0)]
    slashes = len(before) - len(before.rstrip("\\"))
    return string_depth("\\" * slashes + '"')


def string_depth(quote: str) -> int:
    """The number of strings around a quote: 0, 1, 2, 3 for 0, 1, 3, 7 backslashes before it."""
    return len(quote).bit_length() - 1


def _delimits(slashes: int, level: int) -> bool:
    """Whether a quote after this many backslashes begins or ends a string at this depth."""
    size = 1 << level
    return slashes % (2 * size) == size - 1


def _opens_string(text: str, at: int) -> bool:
    """Whether a single quote begins a string; within a word of YAML it is an apostrophe."""
    return text[:at].rstrip()[-1:] in "{[,:"


def _members(text: str, parts: list[int], colons: list[int]) -> Iterator[Member]:
    for begin, end, colon in zip(parts, parts[1:], colons, strict=False):
        key, key_end = _trimmed(text, begin, colon)
        value, value_end = _trimmed(text, colon + 1, end - 1)
        if key < key_end:
            yield Member(key, key_end, value, value_end)


SPACE_BEFORE = lazy_regex(r"(?:\s|\\+[rnt])*")
SPACE_AFTER = lazy_regex(r"(?:\s|(?<!\\)(?:\\\\)*\\[rnt])+\Z")
QUOTE = lazy_regex(r"""\\*"|'|""")


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The offsets of a range without the white space, literal or escaped, at its ends."""
    before = SPACE_BEFORE.match(text, start, end)
    if before is not None:
        start = before.end()
    while end > start and text[end - 1].isspace():
        end -= 1
    after = SPACE_AFTER.search(text, start, end)
    if after is not None:
        end = after.start()
    return start, end


def insertion(text: str, structure: Braces, members: NewMembers, render: Render | None = None) -> Edit:
    """The edit that adds members to a structure, in the layout of its last member."""
    level = structure.string_depth
    at, between, sign = structure.start + 1, "", ": "
    quote = "\\" * ((1 << level) - 1) + '"'
    if structure.members:
        at = structure.members[-1].end
        between, sign, quote = _layout(text, structure)
    if quote == "'" and level == 0:
        render = _single_quoted
    words = _rendered(members, between, text[at : structure.end], sign, quote, level, render or _json)
    separator = f",{between}"
    added = separator.join(words)
    return Edit(at, at, separator + added if structure.members else added)


def _layout(text: str, structure: Braces) -> tuple[str, str, str]:
    """What stands before a structure's last member, between its key and value, and around its key."""
    *others, last = structure.members
    previous = text.index(",", others[-1].end) if others else structure.start
    between = text[previous + 1 : last.key]
    if not others and not LINE_END.search(between):
        between = " "
    sign = text[last.key_end : last.value]
    if "\n" in sign or "\\" in sign:
        sign = ": "
    quote = QUOTE.match(text, last.key, last.key_end)
    return between, sign, quote[0] if quote is not None else ""


def _rendered(
    members: NewMembers, between: str, closing: str, sign: str, quote: str, level: int, render: Render
) -> list[str]:
    """The text of each new member."""
    texts = []
    for name, value in members.items():
        if isinstance(value, dict):
            inner = _indented(between, closing)
            words = _rendered(value, inner, between, sign, quote, level, render)
            end = between if LINE_END.search(inner) else ""
            body = f"{{{inner}{f',{inner}'.join(words)}{end}}}"
        else:
            body = escaped(render(scalar(value)), level)
        texts.append(f"{quote}{name}{quote}{sign}{body}")
    return texts


def _indented(between: str, closing: str) -> str:
    """The white space before a member one level deeper; empty if everything is on one line."""
    own, outer = LINE_END.search(between), LINE_END.search(closing)
    if own is None:
        return ""
    unit = between[own.end() + len(closing) - outer.end() :] if outer is not None else ""
    return between + (unit or "  ")


def escaped(text: str, level: int) -> str:
    """A text escaped for ``level`` strings around it."""
    for _ in range(level):
        text = json.dumps(text, ensure_ascii=False)[1:-1]
    return text


def _single_quoted(value: ScalarValue) -> str:
    """A value in YAML's single quotes; values that are not strings as JSON."""
    if not isinstance(value, str):
        return _json(value)
    return "'" + value.replace("'", "''") + "'"


def _json(value: ScalarValue) -> str:
    return json.dumps(value, ensure_ascii=False)


def removal(structure: Braces, key: int) -> Edit:
    """The edit that removes the member whose key contains an offset, with its comma. Raises NoEditError."""
    begin = structure.start + 1
    for number, member in enumerate(structure.members, 1):
        if member.key <= key < member.key_end:
            if number < len(structure.members):
                return Edit(member.key, structure.members[number].key, "")
            return Edit(begin, member.end, "")
        begin = member.end
    raise NoEditError("the member is not found")
