"""YAML's block style: a member is a line, as far in as those beside it."""

from __future__ import annotations

import json
import re

from hpolint.fixes.changes import Added, check_line_ends, scalar
from hpolint.fixes.edits import Edit
from hpolint.model.node import ScalarValue, Struct
from hpolint.model.source import Source

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*")
WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
STEP = 2


def spelled(value: ScalarValue) -> str:
    """A value as YAML has it, in each of its versions."""
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def added(source: Source, struct: Struct, members: Added) -> Edit:
    """The edit that gives a mapping further members, behind its last one."""
    last = max(struct.keys.values())
    indent = last.column - 1
    line = _end_of_entry(source, last.line, indent)
    raw = source.read(last)[:1]
    quote = raw if raw in ("'", '"') else ""
    at = source.offset(line, 1) + len(source.line(line))
    check_line_ends(source.text[source.offset(struct.span.line, 1) : at])
    end = "\r\n" if "\r\n" in source.text else "\n"
    return Edit(at, at, "".join(f"{end}{each}" for each in _lines(members, indent, quote)))


def _lines(members: Added, indent: int, quote: str) -> list[str]:
    """A line for each member, its name and text in the quotes of those beside it."""
    found = []
    for name, value in members.items():
        begin = f"{' ' * indent}{quote}{name}{quote}:"
        if isinstance(value, dict):
            found += [begin, *_lines(value, indent + STEP, quote)]
        else:
            found.append(f"{begin} {_quoted(scalar(value), quote)}")
    return found


def _quoted(value: ScalarValue, quote: str) -> str:
    """A value in quotes, where it is a text and they are used."""
    if not isinstance(value, str) or not quote:
        return spelled(value)
    return json.dumps(value, ensure_ascii=False) if quote == '"' else "'" + value.replace("'", "''") + "'"


def _end_of_entry(source: Source, first: int, indent: int) -> int:
    """The last line of a member: those below it that stand further in, and a list's that stand as far in."""
    last = first
    for number in range(first + 1, len(source.line_starts) + 1):
        text = source.line(number)
        words = text.lstrip(" ")
        if not words.strip() or words.startswith("#"):
            continue
        own = len(text) - len(words)
        if own < indent or (own == indent and not re.match(r"-(\s|$)", words)):
            break
        if own == indent and words.startswith("---"):
            break
        last = number
    return last
