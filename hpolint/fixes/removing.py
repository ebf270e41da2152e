"""Removal of an argument or dict entry from Python, with its comma, its line and its trailing comment."""

from __future__ import annotations

import re

from hpolint.fixes.edits import Edit

GAP = r"(?:[ \t\f\r\n]|\\\r?\n|#[^\n]*+)*+"
CLOSED = re.compile(rf"(?:{GAP}\))*")
COMMA_AFTER = re.compile(GAP + ",")
REST_OF_LINE = re.compile(r"[ \t\f]*(?:#[^\r\n]*)?(?:\r?\n|\Z)")
COMMA_BEFORE = re.compile(r",[ \t\f]*\Z")


def removal(text: str, start: int, end: int, *, in_dict: bool) -> Edit:
    """The edit that removes an argument or dict entry; ``start`` and ``end`` span its name and value."""
    if (
        in_dict and (closed := CLOSED.match(text, end)) is not None
    ):  # parentheses around a value are not part of its node
        end = closed.end()
    comma = COMMA_AFTER.match(text, end)
    finish = comma.end() if comma is not None else end
    line = text.rfind("\n", 0, start) + 1
    rest = REST_OF_LINE.match(text, finish)
    if not text[line:start].strip() and rest is not None:
        return Edit(line, rest.end(), "")
    if comma is not None:
        while text[finish : finish + 1] in (" ", "\t"):
            finish += 1
        return Edit(start, finish, "")
    before = COMMA_BEFORE.search(text, line, start)
    return Edit(before.start() if before is not None else start, finish, "")
