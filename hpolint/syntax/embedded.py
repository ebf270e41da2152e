"""JSON in a string of another file, such as a state machine's definition, with each value's place in that file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto

from msgspec.structs import replace

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.source import Source, Span
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.json_syntax import parse_json
from hpolint.syntax.pieced_text import Text, offsets, text_with_gaps

TOKEN = lazy_regex(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[{}\[\]:,]|[^\s{}\[\]:,"]++', re.DOTALL)
COLON = lazy_regex(r"\s*:")


def parse_text(text: Text) -> Node:
    """The value of a text that is JSON except for its gaps. Raises SyntaxProblem, with the place in the source."""
    inner, bare = _quoted_gaps(text)
    source = Source(text.source.name, inner.value)
    try:
        return _Located(inner, source, bare).node(parse_json(source))
    except SyntaxProblem as problem:
        span = inner.span(*offsets(source, problem.span))
        raise SyntaxProblem(problem.reason, span) from None


class _Role(Enum):
    """What a gap outside of strings stands for: a value, members with their keys, or items."""

    VALUE = auto()
    MEMBERS = auto()
    ITEMS = auto()


def _quoted_gaps(text: Text) -> tuple[Text, dict[int, _Role]]:
    """The text with quotes around each run outside of strings that has a gap, and the offsets of those runs.

    Such a run may stand for a number, a part of one, members or items.
    """
    bare: dict[int, _Role] = {}
    if not text.gaps:
        return text, bare
    parts: list[Text] = []
    at = size = 0
    for start, end, role in _bare_runs(text.value):
        if not text.has_gap(start, end):
            continue
        begin, finish = text.place(start, end)
        before = Text(text.source).add([('"', begin, begin)])
        closing = '":null' if role is _Role.MEMBERS else '"'
        after = Text(text.source).add([(sign, finish, finish) for sign in closing])
        size += start - at
        bare[size] = role
        size += end - start + 1 + len(closing)
        parts += [text.part(at, start), before, text.part(start, end), after]
        at = end
    return text.continued(parts, at), bare


def _bare_runs(value: str) -> Iterator[tuple[int, int, _Role]]:
    """The start, end and role of each run of text outside of strings."""
    above: list[str] = []
    before = ""
    for match in TOKEN.finditer(value):
        token = match.group()
        if token in "{[":
            above.append(token)
        elif token in "}]":
            del above[-1:]
        elif token[0] not in '",:':
            role = _Role.ITEMS if above[-1:] == ["["] else _Role.VALUE
            if above[-1:] == ["{"] and before in "{," and not COLON.match(value, match.end()):
                role = _Role.MEMBERS
            yield match.start(), match.end(), role
        before = token


class _Located:
    """Conversion of nodes of the inner text to nodes of the outer one."""

    def __init__(self, text: Text, inner: Source, bare: dict[int, _Role]) -> None:
        self._text = text
        self._inner = inner
        self._bare = bare

    def node(self, node: Node) -> Node:
        if isinstance(node, Array):
            return self._array(node)
        if isinstance(node, Struct):
            return self._struct(node)
        if isinstance(node, Unknown):
            return replace(node, span=self._span(node.span))
        return self._unknown(node.span) or Scalar(node.value, self._span(node.span))

    def _array(self, node: Array) -> Array:
        """A list. A gap between its commas may stand for any number of items."""
        array = Array([], self._span(node.span), self._span(node.anchor))
        for item in node.items:
            placed = self.node(item)
            if isinstance(placed, Unknown) and self._role(item.span) is _Role.ITEMS:
                array.open = array.open or placed
            else:
                array.items.append(placed)
        return array

    def _struct(self, node: Struct) -> Struct:
        struct = Struct({}, self._span(node.span), self._span(node.anchor))
        for name, member in node.members.items():
            key = self._unknown(node.keys[name])
            if key is not None:
                struct.open = Unknown(f"has a key that {key.reason}", key.span)
                continue
            struct.members[name], struct.keys[name] = self.node(member), self._span(node.keys[name])
        struct.shadowed = [(name, self._span(span)) for name, span in node.shadowed if self._unknown(span) is None]
        return struct

    def _unknown(self, span: Span) -> Unknown | None:
        """The string at a place as an unknown value; None if it has no gap."""
        if not self._text.gaps:
            return None
        start, end = offsets(self._inner, span)
        if not self._text.has_gap(start, end):
            return None
        is_bare = self._role(span) is not None
        return text_with_gaps(self._text.part(start + 1, end - 1), self._span(span), escaped=not is_bare, bare=is_bare)

    def _role(self, span: Span) -> _Role | None:
        """The role of a gap outside of strings; None for a string with its own quotes."""
        return self._bare.get(offsets(self._inner, span)[0])

    def _span(self, span: Span) -> Span:
        return self._text.span(*offsets(self._inner, span))
