"""JSON with positions.

The standard library's parser validates the text and gives the reasons for errors, but no positions of values. These
come from a scan of the valid text's tokens. (tree-sitter-json does not parse `1e+16`.)
"""

from __future__ import annotations

import json

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Array, Node, Scalar, ScalarValue, Struct, Unknown
from hpolint.model.reasons import TOO_LARGE
from hpolint.model.source import Source, Span
from hpolint.syntax import MAX_DEPTH, MAX_VALUES, SyntaxProblem
from hpolint.syntax.numbers import MAX_NUMERAL_CHARACTERS, is_in_double_range

MAX_TOKENS = 2 * MAX_VALUES
"""Limit of tokens, which include keys and closing brackets."""

REASONS = {
    "Expecting property name enclosed in double quotes": "a key in double quotes is expected here",
    "Expecting ',' delimiter": "a comma is missing before this, or a bracket is not closed",
    "Expecting ':' delimiter": "a colon is missing before this",
    "Expecting value": "a value is expected here",
    "Extra data": "the JSON has ended before this",
    "Invalid control character at": "a control character in a string, which JSON requires to be escaped",
    "Invalid \\escape": "an escape that JSON does not have",
    "Invalid \\uXXXX escape": "an escape that JSON does not have",
    "Unterminated string starting at": "the string that begins here is not closed",
}
"""The messages of the standard library's parser in plainer words."""

TOKEN = lazy_regex(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[-+.0-9A-Za-z]++|[{}\[\]]')
"""A string, a number or word, or a bracket. Commas, colons and white space are skipped."""


def parse_json(source: Source) -> Node:
    """The document's value. Raises SyntaxProblem.

    The last value of a repeated key counts, as in Python, boto3 and the AWS CLI. ``Struct.shadowed`` has the places of
    the earlier ones.
    """
    _check(source)
    return _Builder(source).build()


def _check(source: Source) -> None:
    """Raise SyntaxProblem unless the standard library parses the text as strict JSON."""
    start = source.span(0, 0)
    try:
        # Integers as doubles: Python parses long integers in quadratic time, and refuses more than 4,300 digits.
        json.loads(source.text, parse_constant=_refuse_constant, parse_int=float)
    except json.JSONDecodeError as error:
        if error.pos >= len(source.text.rstrip()):
            last = max(len(source.text.rstrip()) - 1, 0)
            raise SyntaxProblem("the JSON ends too early", source.span(last, last + 1)) from None
        raise _problem(source, error) from None
    except RecursionError:
        raise SyntaxProblem("nested too deep to be read", start) from None
    except _Constant as error:
        raise SyntaxProblem(f"{error} is not JSON", start) from None


def plain_reason(error: json.JSONDecodeError) -> str:
    """The reason of a JSON error, in plain words if they are known."""
    return REASONS.get(error.msg.removesuffix(": "), error.msg)


def _problem(source: Source, error: json.JSONDecodeError) -> SyntaxProblem:
    """The problem of a JSON error, with a more specific reason and place for common mistakes."""
    text, at = source.text, error.pos
    before = len(text[:at].rstrip()) - 1
    reason = plain_reason(error)
    if text.startswith(("//", "/*", "#"), at):
        reason = "a comment, which JSON does not allow"
    elif text.startswith("'", at):
        reason = "a single quote: JSON requires double quotes around strings"
    elif before >= 0 and text[at] in "}]" and text[before] == ",":
        at, reason = before, f"a comma before `{text[at]}`, which JSON does not allow"
    elif error.msg.startswith("Illegal trailing comma"):  # the message since Python 3.13
        after = text[at + 1 :].lstrip()[:1]
        reason = f"a comma before `{after}`, which JSON does not allow"
    return SyntaxProblem(reason, source.span(at, at + 1))


class _Constant(Exception):
    """NaN or Infinity, which Python's parser accepts and JSON does not have."""


def _refuse_constant(name: str) -> None:
    raise _Constant(name)


class _Builder:
    """Builder of the tree from the tokens of a valid document."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._stack: list[tuple[Struct | Array, int]] = []
        self._key: tuple[str, Span] | None = None
        self._root: Node | None = None

    def build(self) -> Node:
        for number, match in enumerate(TOKEN.finditer(self._source.text)):
            start, end = match.span()
            first = self._source.text[start]
            if number > MAX_TOKENS:
                raise SyntaxProblem(f"more than {MAX_TOKENS:,} values", self._source.span(start, end))
            if first in "{[":
                self._open(first, start)
            elif first in "}]":
                self._close(end)
            else:
                self._scalar(start, end)
        if self._root is None:
            raise SyntaxProblem("the JSON ends too early", self._source.span(0, 0))
        return self._root

    def _open(self, token: str, start: int) -> None:
        opening = self._source.span(start, start + 1)
        if len(self._stack) >= MAX_DEPTH:
            raise SyntaxProblem(f"nested more than {MAX_DEPTH} levels deep", opening)
        anchor = self._key[1] if self._key else opening
        node: Struct | Array = Struct({}, opening, anchor) if token == "{" else Array([], opening, anchor)
        self._add(node)
        self._stack.append((node, start))

    def _close(self, end: int) -> None:
        node, start = self._stack.pop()
        node.span = self._source.span(start, end)

    def _scalar(self, start: int, end: int) -> None:
        span = self._source.span(start, end)
        node = _scalar(self._source.text, start, end, span)
        if self._stack and isinstance(self._stack[-1][0], Struct) and self._key is None:
            self._key = (str(node.value) if isinstance(node, Scalar) else "", span)
        else:
            self._add(node)

    def _add(self, node: Node) -> None:
        if not self._stack:
            self._root = node
            return
        above = self._stack[-1][0]
        if isinstance(above, Array):
            above.items.append(node)
            return
        name, span = self._key or ("", node.span)
        self._key = None
        if name in above.members:
            above.shadowed.append((name, above.keys[name]))
        above.members[name] = node
        above.keys[name] = span


def _scalar(text: str, start: int, end: int, span: Span) -> Scalar | Unknown:
    """The value of a string, number or word. A string without escapes is not decoded."""
    if text[start] == '"' and text.find("\\", start, end) < 0:
        return Scalar(text[start + 1 : end - 1], span)
    if text[start] != '"' and end - start > MAX_NUMERAL_CHARACTERS:
        return Unknown(TOO_LARGE, span)
    value: ScalarValue = json.loads(text[start:end])
    if isinstance(value, int) and not is_in_double_range(value):
        return Unknown(TOO_LARGE, span)
    return Scalar(value, span)
