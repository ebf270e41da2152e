"""A source's pieces of Python: one for a module, one for each code cell of a notebook.

While source is followed, a place is a Span whose line is the unit's number times ``STRIDE`` plus the
unit's own line, and whose columns are the syntax tree's, bytes of UTF-8: nothing has to be looked up
for it. Only what ends in a request is turned into places of the file, by ``Places``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.source import Source, Span

LINE_END = re.compile(r"\r\n|\r|\n")
STRIDE = 10_000_000
BEGINNING = Span(1, 0, 1, 0)
"""Where a value stands of which nobody knows the place: the first unit's first character."""

TOKEN = re.compile(r"\w++|[^\w\s]")
MAX_TOKENS = 400_000
"""Of one unit. The tree of a text takes a kilobyte for each of them, however short they are, and of a text with so many
more statements would have to be followed than are."""


@dataclass
class Problem(Exception):
    """A unit that does not parse: the reason, and where in the unit's text."""

    reason: str
    offset: int


@dataclass
class Unit:
    """One piece of Python. ``place`` says where a character of its text begins and ends in the source."""

    source: Source
    text: str
    place: Callable[[int], tuple[int, int]] = field(repr=False)
    cell: int | None = None
    number: int = 0
    _rows: dict[int, bytes | None] = field(default_factory=dict, repr=False)

    def parse(self) -> ast.Module:
        """The syntax tree. Raises Problem: for a syntax error, or for nesting that no parser survives.

        Python may warn of what it sees: whoever calls this for a user's file does so silently.
        """
        if len(self.text) > MAX_TOKENS and TOKEN.subn("", self.text, MAX_TOKENS + 1)[1] > MAX_TOKENS:
            raise Problem(f"has more than {MAX_TOKENS:,} names, numbers and signs, so it was not parsed", 0)
        try:
            return ast.parse(self.text)
        except SyntaxError as error:
            line, column = error.lineno or 1, max((error.offset or 1) - 1, 0)
            start = self._starts[min(line, len(self._starts)) - 1]
            raise Problem(error.msg or "does not parse", min(start + column, len(self.text))) from None
        except (RecursionError, MemoryError):
            raise Problem("nested too deep to be read", 0) from None
        except ValueError as error:  # NUL characters, lone surrogates
            raise Problem(str(error), 0) from None

    @property
    def start(self) -> Span:
        """The place of the unit's first character."""
        line = self.number * STRIDE + 1
        return Span(line, 0, line, 1)

    def span(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg) -> Span:
        """The place of a syntax node."""
        base = self.number * STRIDE
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return Span(base + node.lineno, node.col_offset, base + end_line, end_column)

    def line(self, node: ast.stmt) -> Span:
        """The place of a statement in its first line."""
        line = self.number * STRIDE + node.lineno
        row = self.text[self._starts[node.lineno - 1] :].partition("\n")[0].rstrip()
        return Span(line, node.col_offset, line, len(row.encode("utf-8", "surrogatepass")))

    def head(self, node: ast.keyword, name: str) -> Span:
        """The place of a keyword's name."""
        line = self.number * STRIDE + node.lineno
        return Span(line, node.col_offset, line, node.col_offset + len(name.encode("utf-8")))

    def tail(self, node: ast.Attribute) -> Span:
        """The place of the last name in a chain of attributes."""
        whole = self.span(node)
        return Span(whole.end_line, whole.end_column - len(node.attr.encode("utf-8")), whole.end_line, whole.end_column)

    def resolved(self, span: Span) -> Span:
        """A place of this unit as one of the source."""
        base = self.number * STRIDE
        start = self._offset(span.line - base, span.column)
        return self.between(start, self._offset(span.end_line - base, span.end_column))

    def between(self, start: int, end: int) -> Span:
        """The span of the source between two offsets of the unit's text."""
        begin = self.place(start)[0] if start < len(self.text) else len(self.source.text)
        return self.source.span(begin, self.place(end - 1)[1] if end > start else begin)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self.text))]

    def _offset(self, line: int, column: int) -> int:
        """An offset of the text from a line and a column in bytes of UTF-8."""
        start = self._starts[min(line, len(self._starts)) - 1]
        row = self._wide_row(line, start)
        return start + (column if row is None else len(row[:column].decode("utf-8", "ignore")))

    def _wide_row(self, line: int, start: int) -> bytes | None:
        """A line in UTF-8 if it is not plain ASCII, where columns and characters are the same."""
        if line not in self._rows:
            end = self._starts[line] if line < len(self._starts) else len(self.text)
            row = self.text[start:end]
            # A lone surrogate, which JSON's escapes can spell in a cell, is three bytes to the parser too.
            self._rows[line] = None if row.isascii() else row.encode("utf-8", "surrogatepass")
        return self._rows[line]


def module_unit(source: Source) -> Unit:
    """The only unit of a Python file."""
    return Unit(source, source.text, lambda offset: (offset, offset + 1))


def line_text(span: Span) -> str:
    """A place's line for a reason: the line of its own unit."""
    return str(span.line % STRIDE)


class Places:
    """Turns the places of a request into places of the file, and gives structures the ``variables`` that hold them."""

    def __init__(self, units: list[Unit], variables: Mapping[Span, str]) -> None:
        self._variables = variables
        self._units = {unit.number: unit for unit in units}
        self._known: dict[Span, Span] = {}

    def span(self, span: Span) -> Span:
        """A place of the file."""
        if span not in self._known:
            unit = self._units.get(span.line // STRIDE)
            self._known[span] = unit.resolved(span) if unit is not None else span
        return self._known[span]

    def node(self, node: Node) -> Node:
        """A copy of a tree with places of the file."""
        if isinstance(node, Scalar):
            return Scalar(node.value, self.span(node.span), node.origin)
        if isinstance(node, Unknown):
            return self.unknown(node)
        open_ = self.unknown(node.open) if node.open is not None else None
        if isinstance(node, Array):
            return Array([self.node(item) for item in node.items], self.span(node.span), self.span(node.anchor), open_)
        return self.struct(node)

    def struct(self, node: Struct) -> Struct:
        """The same for a structure."""
        open_ = self.unknown(node.open) if node.open is not None else None
        members = {name: self.node(member) for name, member in node.members.items()}
        keys = {name: self.span(key) for name, key in node.keys.items()}
        name = self._variables.get(node.span)
        return Struct(members, self.span(node.span), self.span(node.anchor), keys, open_, name=name)

    def unknown(self, node: Unknown) -> Unknown:
        """The same for an unknown value."""
        choices = tuple(each and Scalar(each.value, self.span(each.span), each.origin) for each in node.choices)
        return Unknown(node.reason, self.span(node.span), node.pieces, choices=choices)
