"""Edits of YAML's block style: a new member is a line with the indentation of the others."""

from __future__ import annotations

import json
import re

from hpolint.fixes.changes import NewMembers, check_line_ends, scalar
from hpolint.fixes.edits import Edit, line_end
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Scalar, ScalarValue, Struct
from hpolint.model.source import Source

PLAIN = lazy_regex(r"[A-Za-z][A-Za-z0-9]*")
RESERVED = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
INDENT = 2


def rendered(value: ScalarValue) -> str:
    """A value in YAML syntax that has the same meaning in YAML 1.1 and 1.2, without quotes if possible."""
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False)


def insertion(source: Source, struct: Struct, members: NewMembers) -> Edit:
    """The edit that adds members to a mapping, after its last one."""
    last = max(struct.keys.values())
    indent = last.column - 1
    line = _last_line_of_entry(source, last.line, indent)
    first = source.read(last)[:1]
    quote = first if first in ("'", '"') else ""
    at = source.offset(line, 1) + len(source.line(line))
    check_line_ends(source.text[source.offset(struct.span.line, 1) : at])
    end = line_end(source, line)
    lines = _lines(members, indent, quote, quote or _quote_of_strings(source, struct))
    return Edit(at, at, "".join(f"{end}{new_line}" for new_line in lines))


def _quote_of_strings(source: Source, struct: Struct) -> str:
    """The quote of all strings that are members of a mapping; empty if there is none, or if they differ."""
    strings = [node for node in struct.members.values() if isinstance(node, Scalar) and isinstance(node.value, str)]
    quotes = {source.read(node.span)[:1] for node in strings}
    return next(iter(quotes)) if quotes in ({"'"}, {'"'}) else ""


def _lines(members: NewMembers, indent: int, quote: str, quote_of_strings: str) -> list[str]:
    """The lines of the members, with names and strings in the quotes of the existing ones."""
    lines = []
    for name, value in members.items():
        begin = f"{' ' * indent}{quote}{name}{quote}:"
        if isinstance(value, dict):
            lines += [begin, *_lines(value, indent + INDENT, quote, quote_of_strings)]
        else:
            lines.append(f"{begin} {_quoted(scalar(value), quote_of_strings)}")
    return lines


def _quoted(value: ScalarValue, quote: str) -> str:
    """A value, in quotes if it is a string and ``quote`` is set."""
    if not isinstance(value, str) or not quote:
        return rendered(value)
    if quote == '"':
        return json.dumps(value, ensure_ascii=False)
    return "'" + value.replace("'", "''") + "'"


def _last_line_of_entry(source: Source, first: int, indent: int) -> int:
    """The last line of a member: lines below with more indentation, or list items with the same, belong to it."""
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
