"""Structures in braces: JSON, JSON within a string of another file, and YAML's flow style.

Within strings of strings quotes are escaped once more at each level, and so are line ends: what stands between two
members is copied as it is, so that the new one looks like those beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import msgspec

from hpolint.fixes.changes import Added, NoEditError, scalar
from hpolint.fixes.edits import Edit
from hpolint.model.node import ScalarValue

MARK = re.compile(r"""\\*"|'|[{}\[\],:]""")
LINE_END = re.compile(r"(?:\r\n|\n|\\+r\\+n|\\+n)(?=(?:[ \t]|\\+t)*\Z)")
"""The last line end of white space, as it is, or spelt in a string."""

Spell = Callable[[ScalarValue], str]


class Member(msgspec.Struct, frozen=True):
    """A member: where its key begins and ends, and where its value does."""

    key: int
    key_end: int
    value: int
    end: int


class Braces(msgspec.Struct, frozen=True):
    """A structure: where its braces stand, its members, and how deep it lies in strings."""

    start: int
    end: int
    members: list[Member]
    level: int


def braces(text: str, start: int) -> Braces:
    """The structure whose brace opens at an offset. Raises NoEditError where its end is not found."""
    level, depth = _level(text, start), 0
    parts: list[int] = [start + 1]
    colons: list[int] = []
    for match in _outside(text, start, level):
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
    raise NoEditError("its end is not found")


def _outside(text: str, start: int, level: int) -> Iterator[re.Match[str]]:
    """The brackets, commas and colons that stand in no string."""
    double = single = False
    for match in MARK.finditer(text, start):
        mark = match[0]
        if mark.endswith('"'):
            double ^= not single and _delimits(len(mark) - 1, level)
        elif mark == "'":
            single = level == 0 and not double and not single and _opens(text, match.start())
        elif not double and not single:
            yield match


def _level(text: str, start: int) -> int:
    """How many strings are around a structure, by the backslashes before the quotes in it, or before it."""
    found = re.compile(r'\s*(?:\\+[rnt]|\s)*(\\*)"').match(text, start + 1)
    if found is not None:
        slashes = len(found[1])
    else:
        before = text.rfind('"', 0, start)
        slashes = len(text[:before]) - len(text[:before].rstrip("\\")) if before >= 0 else 0
    return level_of("\\" * slashes + '"')


def level_of(quote: str) -> int:
    """How many strings are around one that a quote begins, by the backslashes before it: 0, 1, 3, 7."""
    return len(quote).bit_length() - 1


def _delimits(slashes: int, level: int) -> bool:
    """Whether a quote behind so many backslashes begins or ends a string of that level."""
    size = 1 << level
    return slashes % (2 * size) == size - 1


def _opens(text: str, at: int) -> bool:
    """Whether a single quote begins a string: within a word of YAML it is an apostrophe."""
    return text[:at].rstrip()[-1:] in "{[,:"


def _members(text: str, parts: list[int], colons: list[int]) -> Iterator[Member]:
    for begin, end, colon in zip(parts, parts[1:], colons, strict=False):
        key, key_end = _trimmed(text, begin, colon)
        value, value_end = _trimmed(text, colon + 1, end - 1)
        if key < key_end:
            yield Member(key, key_end, value, value_end)


SPACE_BEFORE = re.compile(r"(?:\s|\\+[rnt])*")


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch without the white space at its ends, be it spelt or as it is."""
    first = SPACE_BEFORE.match(text, start, end)
    start = first.end() if first is not None else start
    while end > start and text[end - 1].isspace():
        end -= 1
    spelt = re.compile(r"(?:\s|(?<!\\)(?:\\\\)*\\[rnt])+\Z").search(text, start, end)
    return start, min(end, spelt.start()) if spelt is not None and spelt.start() >= start else end


def added(text: str, found: Braces, members: Added, spell: Spell | None = None) -> Edit:
    """The edit that gives a structure further members, in the manner of the last one."""
    spell = spell or _json
    single = found.members and text[found.members[-1].key] == "'"
    if single and found.level == 0:
        spell = _single
    quote = '"'
    if found.members:
        last = found.members[-1]
        behind = text.index(",", found.members[-2].end) if len(found.members) > 1 else found.start
        between = text[behind + 1 : last.key]
        if len(found.members) == 1 and not LINE_END.search(between):
            between = " "
        sign = text[last.key_end : last.value]
        if "\n" in sign or "\\" in sign:
            sign = ": "
        raw = text[last.key : last.key_end]
        quote = re.match(r"""\\*"|'|""", raw)[0]  # type: ignore[index]
        at, begin = last.end, ","
    else:
        between, sign, at, begin = "", ": ", found.start + 1, ""
        quote = "\\" * ((1 << found.level) - 1) + '"'
    closing = text[(found.members[-1].end if found.members else found.start + 1) : found.end]
    words = _spelled(members, between, closing, sign, quote, found.level, spell)
    return Edit(at, at, begin + (("," + between).join(words) if begin == "" else between + f",{between}".join(words)))


def _spelled(members: Added, between: str, closing: str, sign: str, quote: str, level: int, spell: Spell) -> list[str]:
    """Each member as it is to be written."""
    found = []
    for name, value in members.items():
        if isinstance(value, dict):
            inner = _deeper(between, closing)
            words = _spelled(value, inner, between, sign, quote, level, spell)
            body = f"{{{inner}{f',{inner}'.join(words)}{between if LINE_END.search(inner) else ''}}}"
        else:
            body = escaped(spell(scalar(value)), level)
        found.append(f"{quote}{name}{quote}{sign}{body}")
    return found


def _deeper(between: str, closing: str) -> str:
    """The white space before a member one level further in; none where all stands in one line."""
    own, around = LINE_END.search(between), LINE_END.search(closing)
    if own is None:
        return ""
    indent = between[own.end() :]
    unit = indent[len(closing[around.end() :]) :] if around is not None else "  "
    return between + (unit or "  ")


def escaped(text: str, level: int) -> str:
    """A text as it is spelt in so many strings around it."""
    for _ in range(level):
        text = json.dumps(text, ensure_ascii=False)[1:-1]
    return text


def _single(value: ScalarValue) -> str:
    """A value as YAML has it between single quotes."""
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else _json(value)


def _json(value: ScalarValue) -> str:
    return json.dumps(value, ensure_ascii=False)


def without(found: Braces, key: int) -> Edit:
    """The edit that takes a member away, with its comma."""
    at = next((number for number, member in enumerate(found.members) if member.key <= key < member.key_end), None)
    if at is None:
        raise NoEditError("the member is not found")
    member = found.members[at]
    if at + 1 < len(found.members):
        return Edit(member.key, found.members[at + 1].key, "")
    begin = found.members[at - 1].end if at else found.start + 1
    return Edit(begin, member.end, "")
