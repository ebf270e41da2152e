"""Insert arguments, dict entries and imported names into Python code, in the layout of the existing ones.

The offsets of the existing members come from the syntax tree; only the characters between them are read here. If these
are more than commas, parentheses, white space and comments, the functions return None, and ``layouts.py`` inserts with
libcst, whose import takes longer than the check of several files. Both insert the same characters.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from hpolint.fixes.changes import NewMembers, NewObject, NoEditError
from hpolint.fixes.edits import Edit, applied_edits
from hpolint.fixes.python_trees import PythonTree
from hpolint.lazy_regex import lazy_regex

GAP = r"(?:[ \t\n]|\r\n|#[^\r\n]*)*+"
PARENTHESES = rf"(?:{GAP}\))*+"
"""Closing parentheses around a value, which its node does not include."""

OPENING = lazy_regex(rf"{PARENTHESES}{GAP}\(")
GAP_HERE = lazy_regex(GAP)
COMMA = lazy_regex(rf"{PARENTHESES}{GAP},({GAP})")
LAST = lazy_regex(rf"({PARENTHESES})(?:({GAP},)({GAP})|({GAP}))")
EQUAL = lazy_regex(r"[ \t]*=[ \t]*")
COLON = lazy_regex(r"[ \t]*:[ \t]*")
IMPORT = lazy_regex(rf"from[ \t]+[\w. \t]+?[ \t]import(?:[ \t]*\(({GAP})|[ \t]+)")
SIMPLE_STRING = lazy_regex(r"""[rRuUbB]{0,2}(?:"[^"\\\n]*"|'[^'\\\n]*')""")
FIRST_QUOTE = lazy_regex(r"""(?:[^'"#]|#[^\n]*)*+(["'])""")
PREFIX_OF_FORMAT = lazy_regex(r"(?i)(?<![^\W_])(?:[ft]r?|r[ft])\Z")


class _Members(msgspec.Struct, frozen=True):
    """The members between two brackets.

    ``ends`` are the end offsets of their nodes, ``opening`` is the text after the opening bracket, and ``closing`` the
    offset of the closing bracket.
    """

    ends: Sequence[int]
    opening: str
    closing: int


def with_members(
    tree: PythonTree, statement: ast.stmt, holder: ast.Call | ast.Dict, members: NewMembers, quote: str = '"'
) -> str | None:
    """The text of the statement with members added to a call or dict in it; None if the layout is not understood.

    ``quote`` is used for strings if the call or dict has no string yet. Raises NoEditError.
    """
    begin, finish = tree.offsets(statement)
    edits = _edits(tree, holder, members, quote)
    if edits is None:
        return None
    return applied_edits(tree.text[:finish], edits)[begin:]


def with_import(tree: PythonTree, statement: ast.ImportFrom, name: str) -> str | None:
    """The text of ``from … import …`` with a name added; None if the layout is not understood."""
    begin, finish = tree.offsets(statement)
    head = IMPORT.fullmatch(tree.text, begin, tree.offsets(statement.names[0])[0])
    if head is None or statement.names[0].name == "*":
        return None
    closing = finish if head[1] is None else finish - 1
    ends = [tree.offsets(alias)[1] for alias in statement.names]
    edits = _appended(tree.text, _Members(ends, head[1] or "", closing), [name])
    if edits is None:
        return None
    return applied_edits(tree.text[:finish], edits)[begin:]


def literal(value: Any, quote: str) -> str:
    """A value as a Python expression."""
    if isinstance(value, NewObject):
        arguments = ", ".join(f"{name}={literal(member, quote)}" for name, member in value.members.items())
        return f"{value.name}({arguments})"
    if isinstance(value, dict):
        entries = ", ".join(f"{quote}{name}{quote}: {literal(member, quote)}" for name, member in value.items())
        return f"{{{entries}}}"
    plain = repr(value)
    if isinstance(value, str) and plain[1:-1] == value and quote not in value:
        return f"{quote}{value}{quote}"
    return plain


def _edits(tree: PythonTree, holder: ast.Call | ast.Dict, members: NewMembers, quote: str) -> list[Edit] | None:
    """The edits that add members: values in place of None or False, and new members after the last one."""
    start, end = tree.offsets(holder)
    if isinstance(holder, ast.Call):
        existing = _in_call(tree, holder, end - 1)
    else:
        existing = _in_dict(tree, holder, start, end - 1)
    own_quote = _quote(tree.text[start:end], quote)
    if existing is None or own_quote is None:
        return None
    edits, missing = [], dict(members)
    for name, value, is_understood in _named_values(tree, holder):
        if name not in members:
            continue
        if not _is_off(value):
            raise NoEditError(f"`{name}` is already given")
        if not is_understood:
            return None
        edits.append(Edit(*tree.offsets(value), literal(missing.pop(name), own_quote)))
    if not missing:
        return edits
    separator = _separator(tree, holder)
    if separator is None:
        return None
    around = "" if isinstance(holder, ast.Call) else own_quote
    new = [f"{around}{name}{around}{separator}{literal(value, own_quote)}" for name, value in missing.items()]
    appended = _appended(tree.text, existing, new)
    if appended is None:
        return None
    return [*edits, *appended]


def _in_call(tree: PythonTree, call: ast.Call, closing: int) -> _Members | None:
    """The arguments of a call. Raises NoEditError if a positional one may be a new one."""
    if any(map(_is_off, call.args)):
        raise NoEditError("a positional argument may be the same one")
    opening = OPENING.match(tree.text, tree.offsets(call.func)[1], closing)
    if opening is None:
        return None
    ends = [tree.offsets(argument)[1] for argument in call.args]
    ends += [tree.offsets(keyword)[1] for keyword in call.keywords]
    return _Members(sorted(ends), _gap(tree.text, opening.end(), closing), closing)


def _in_dict(tree: PythonTree, node: ast.Dict, start: int, closing: int) -> _Members | None:
    """The entries of a dict; None if a key is not written as one simple string, number or name."""
    for key in node.keys:
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            first, last = tree.offsets(key)
            if SIMPLE_STRING.fullmatch(tree.text, first, last) is None:
                return None
    ends = [tree.offsets(value)[1] for value in node.values]
    return _Members(ends, _gap(tree.text, start + 1, closing), closing)


def _gap(text: str, start: int, end: int) -> str:
    """The white space and comments at an offset."""
    gap = GAP_HERE.match(text, start, end)
    return gap[0] if gap is not None else ""


def _named_values(tree: PythonTree, holder: ast.Call | ast.Dict) -> Iterator[tuple[str, ast.expr, bool]]:
    """The members with a name: the name, the value, and whether nothing but one sign stands between them."""
    if isinstance(holder, ast.Call):
        for keyword in holder.keywords:
            if keyword.arg is not None:
                yield keyword.arg, keyword.value, _sign(tree, keyword) is not None
    else:
        for key, value in zip(holder.keys, holder.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                between = COLON.fullmatch(tree.text, tree.offsets(key)[1], tree.offsets(value)[0])
                yield key.value, value, between is not None


def _separator(tree: PythonTree, holder: ast.Call | ast.Dict) -> str | None:
    """What separates a new name from its value: as in the last argument with a name; None if it is not understood."""
    if isinstance(holder, ast.Dict):
        return ": "
    named = [keyword for keyword in holder.keywords if keyword.arg is not None]
    return _sign(tree, named[-1]) if named else "="


def _sign(tree: PythonTree, keyword: ast.keyword) -> str | None:
    """The equals sign of an argument with the white space around it; None if there is more between name and value."""
    start, name = tree.offsets(keyword)[0], keyword.arg or ""
    sign = EQUAL.fullmatch(tree.text, start + len(name), tree.offsets(keyword.value)[0])
    if sign is None or not tree.text.startswith(name, start):
        return None
    return sign[0]


def _appended(text: str, members: _Members, new: list[str]) -> list[Edit] | None:
    """The edits that append new members; None if the layout is not understood. Raises NoEditError."""
    if not members.ends:
        is_empty = members.closing >= len(members.opening) and text.endswith(members.opening, 0, members.closing)
        return [Edit(members.closing, members.closing, ", ".join(new))] if is_empty else None
    if members.ends[-1] > members.closing:  # a generator expression has no brackets of its own
        return None
    last = LAST.fullmatch(text, members.ends[-1], members.closing)
    between = members.opening if "\n" in members.opening else " "
    if len(members.ends) > 1:
        comma = COMMA.match(text, members.ends[-2], members.closing)
        if comma is None:
            return None
        between = comma[1]
    if last is None:
        return None
    own_comma = last[2]
    closing = last[4] if own_comma is None else last[3]
    step, separator = _before_new(between, closing), f",{_before_new(between, '')}"
    added = f"{step}{separator.join(new)}"
    added = f",{added}" if own_comma is None else f"{own_comma}{added},"
    return [Edit(last.end(1), members.closing, added + _without_comment(closing))]


def _before_new(between: str, closing: str) -> str:
    """The text before a new member, with the comment of the previous member. Raises NoEditError.

    ``between`` is the text before the previous member, ``closing`` the text after it.
    """
    if "\n" not in between:
        if "#" in _first_line(closing):
            raise NoEditError("a comment ends the line where it would be written")
        return "" if between == "" else " "
    first = _first_line(closing) or _line_end(_first_line(between))
    return first + between[between.rindex("\n") + 1 :]


def _without_comment(closing: str) -> str:
    """The text before the closing bracket, without the last member's comment."""
    first = _first_line(closing)
    if "#" not in first:
        return closing
    return _line_end(first) + closing[len(first) :]


def _first_line(text: str) -> str:
    """The first line with its end; empty if the text has no line end."""
    return text[: text.find("\n") + 1]


def _line_end(line: str) -> str:
    return "\r\n" if line.endswith("\r\n") else "\n"


def _is_off(value: ast.expr) -> bool:
    """Whether a value is None or False, which an SDK treats as not given."""
    return isinstance(value, ast.Constant) and (value.value is None or value.value is False)


def _quote(text: str, default: str) -> str | None:
    """The quote of the first string in a text; None if that is a formatted string, which may contain others."""
    first = FIRST_QUOTE.match(text)
    if first is None:
        return default
    if PREFIX_OF_FORMAT.search(text, max(first.start(1) - 3, 0), first.start(1)):
        return None
    is_triple = text.startswith(first[1] * 3, first.start(1))
    return '"' if is_triple else first[1]
