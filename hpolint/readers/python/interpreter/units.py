"""A source's pieces of Python: one for a module, one for each code cell of a notebook.

During interpretation a span's line is the unit's number times ``STRIDE`` plus the line within the unit, and its
columns are the syntax tree's, bytes of UTF-8: such a span costs no lookup. ``Places`` converts only the spans that
end up in a request to spans of the file.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from hpolint.lazy_regex import lazy_regex
from hpolint.model.message_text import shown_value
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, walk
from hpolint.model.reasons import SET_BY_RUNNING, with_default, with_place
from hpolint.model.source import Source, Span
from hpolint.model.training_script import Site

LINE_END = lazy_regex(r"\r\n|\r|\n")
STRIDE = 10_000_000
BEGINNING = Span(1, 0, 1, 0)
"""The span of a value whose place is unknown: the first unit's first character."""

TOKEN = lazy_regex(r"\w++|[^\w\s]")
MAX_TOKENS = 400_000
"""Tokens of one unit. A syntax tree takes about a kilobyte per token, and a text with more tokens has more statements
than are interpreted."""


class Problem(Exception):
    """A unit that cannot be parsed: the reason, and an offset in the unit's text."""

    def __init__(self, reason: str, offset: int, *, is_syntax_error: bool = False) -> None:
        super().__init__(reason, offset)
        self.reason = reason
        self.offset = offset
        self.is_syntax_error = is_syntax_error


class Unit(msgspec.Struct, dict=True):
    """One piece of Python. ``place`` gives a character's start and end offsets in the source.

    ``is_for_parameters``: it is a notebook's cell whose values whoever runs the notebook replaces.
    """

    source: Source
    text: str
    place: Callable[[int], tuple[int, int]]
    cell: int | None = None
    number: int = 0
    is_for_parameters: bool = False
    _rows: dict[int, bytes | None] = msgspec.field(default_factory=dict)

    def parse(self) -> ast.Module:
        """The syntax tree. Raises Problem for a syntax error, too many tokens, or nesting that is too deep.

        Python may emit warnings: callers suppress them for a user's file.
        """
        if len(self.text) > MAX_TOKENS and TOKEN.subn("", self.text, MAX_TOKENS + 1)[1] > MAX_TOKENS:
            raise Problem(f"has more than {MAX_TOKENS:,} names, numbers and signs, so it was not parsed", 0)
        try:
            return ast.parse(self.text)
        except SyntaxError as error:
            line, column = error.lineno or 1, max((error.offset or 1) - 1, 0)
            start = self._starts[min(line, len(self._starts)) - 1]
            offset = min(start + column, len(self.text))
            raise Problem(error.msg or "does not parse", offset, is_syntax_error=True) from None
        except (RecursionError, MemoryError):
            raise Problem("nested too deep to be read", 0) from None
        except ValueError as error:  # NUL characters, lone surrogates
            raise Problem(str(error), 0) from None

    @property
    def start(self) -> Span:
        """The span of the unit's first character."""
        line = self.number * STRIDE + 1
        return Span(line, 0, line, 1)

    def span(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg | ast.alias) -> Span:
        """The span of a syntax node."""
        base = self.number * STRIDE
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return Span(base + node.lineno, node.col_offset, base + end_line, end_column)

    def block(self, statements: Sequence[ast.stmt]) -> Span:
        """The span of some statements in a row."""
        first, last = self.span(statements[0]), self.span(statements[-1])
        return first._replace(end_line=last.end_line, end_column=last.end_column)

    def line(self, node: ast.stmt) -> Span:
        """The span of a statement's first line."""
        line = self.number * STRIDE + node.lineno
        row = self.text[self._starts[node.lineno - 1] :].partition("\n")[0].rstrip()
        return Span(line, node.col_offset, line, len(row.encode("utf-8", "surrogatepass")))

    def head(self, node: ast.keyword, name: str) -> Span:
        """The span of a keyword's name."""
        line = self.number * STRIDE + node.lineno
        return Span(line, node.col_offset, line, node.col_offset + len(name.encode("utf-8")))

    def tail(self, node: ast.Attribute) -> Span:
        """The span of the last name in a chain of attributes."""
        whole = self.span(node)
        return Span(whole.end_line, whole.end_column - len(node.attr.encode("utf-8")), whole.end_line, whole.end_column)

    def resolved(self, span: Span) -> Span:
        """The span in the source of a span of this unit."""
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
        row = self._non_ascii_row(line, start)
        if row is not None:
            column = len(row[:column].decode("utf-8", "ignore"))
        return start + column

    def _non_ascii_row(self, line: int, start: int) -> bytes | None:
        """A line in UTF-8; None if it is ASCII, where columns in bytes and in characters are the same."""
        if line not in self._rows:
            end = self._starts[line] if line < len(self._starts) else len(self.text)
            row = self.text[start:end]
            # JSON's escapes can write a lone surrogate in a cell; the parser counts it as three bytes too.
            self._rows[line] = None if row.isascii() else row.encode("utf-8", "surrogatepass")
        return self._rows[line]


class DataUnit(Unit):
    """A data file that a source loads: a span is that of the file, plus the lines that the number stands for."""

    def placed(self, span: Span) -> Span:
        """A span of the file as one of this unit."""
        return _moved(span, self.number * STRIDE)

    def resolved(self, span: Span) -> Span:
        """A span of this unit as one of the file."""
        return _moved(span, -self.number * STRIDE)


def module_unit(source: Source) -> Unit:
    """The only unit of a Python file."""
    return Unit(source, source.text, lambda offset: (offset, offset + 1))


def line_text(span: Span) -> str:
    """A span's line within its unit, for a reason."""
    return str(span.line % STRIDE)


class Places:
    """Converts the spans of a request to spans of the file, and names structures after their ``variables``.

    Without ``has_defaults`` no unknown value has one, as in tests, which nobody deploys. A value that a module of
    ``imported`` writes gets the span of its use in this file, if ``uses`` has one, else that
    of the structure that it is a part of.
    """

    def __init__(
        self,
        units: list[Unit],
        variables: Mapping[Span, str],
        imported: Mapping[int, Unit],
        uses: Mapping[Span, list[Span]],
        *,
        has_defaults: bool = True,
    ) -> None:
        self._uses = uses
        self._has_defaults = has_defaults
        self._variables = variables
        self._units = {unit.number: unit for unit in units}
        self._imported = imported
        self._resolved: dict[Span, Span | None] = {}

    def span(self, span: Span, otherwise: Span) -> Span:
        """The span in the file. For one of another file, the first use after ``otherwise``, or that itself."""
        if span not in self._resolved:
            unit = self._units.get(span.line // STRIDE)
            self._resolved[span] = unit.resolved(span) if unit is not None else None
        resolved = self._resolved[span]
        if resolved is not None:
            return resolved
        uses = [self.span(use, otherwise) for use in self._uses.get(span, ())]
        return min((use for use in uses if use > otherwise), default=otherwise)

    def request(self, request: Struct, launches: Iterable[Span]) -> tuple[Struct, dict[Path, Site]]:
        """A copy of a request with spans of the file, and the places of the values that imported modules write.

        A request of another file without a use in this one gets the first of ``launches``, the spans of what launches
        it, that is in this file.
        """
        near = BEGINNING
        if self.span(request.span, BEGINNING) == BEGINNING:
            places = (self.span(launch, BEGINNING) for launch in launches)
            near = next((place for place in places if place != BEGINNING), BEGINNING)
        return self._struct(request, near), self.imported(request)

    def imported(self, node: Node, path: Path = ()) -> dict[Path, Site]:
        """The places of the values of a node, at a path of the request, that imported modules write."""
        sites: dict[Path, Site] = {}
        for below, value in walk(node, path) if self._imported else ():
            unit = self._imported.get(value.span.line // STRIDE)
            if unit is not None:
                sites[below] = Site(unit.source.name, unit.resolved(value.span))
        return sites

    def node(self, node: Node, near: Span) -> Node:
        """A copy of a node with spans of the file; a value of another file has the span of its use after ``near``."""
        if isinstance(node, Scalar):
            return Scalar(node.value, self.span(node.span, near), node.origin)
        if isinstance(node, Unknown):
            return self.unknown(node, near)
        if isinstance(node, Struct):
            return self._struct(node, near)
        anchor = self.span(node.anchor, near)
        items = [self.node(item, anchor) for item in node.items]
        return Array(items, self.span(node.span, near), anchor, self._open(node, near))

    def _scalar(self, node: Scalar | None, near: Span) -> Scalar | None:
        return None if node is None else Scalar(node.value, self.span(node.span, near), node.origin)

    def _open(self, node: Struct | Array, near: Span) -> Unknown | None:
        return None if node.open is None else self.unknown(node.open, near)

    def _struct(self, node: Struct, near: Span) -> Struct:
        anchor = self.span(node.anchor, near)
        keys = {name: self.span(key, anchor) for name, key in node.keys.items()}
        members = {name: self.node(member, keys.get(name, anchor)) for name, member in node.members.items()}
        return Struct(
            members,
            self.span(node.span, near),
            anchor,
            keys,
            self._open(node, near),
            name=self._variables.get(node.span),
        )

    def unknown(self, node: Unknown, near: Span) -> Unknown:
        """An unknown value with spans of the file, and a reason that names its default."""
        choices = [self._scalar(choice, near) for choice in node.choices]
        unit = self._imported.get(node.span.line // STRIDE)
        reason = node.reason if unit is None else with_place(node.reason, unit.source.name)
        default = self._scalar(node.default, near) if self._has_defaults else None
        if default is not None and node.kind in SET_BY_RUNNING:
            reason = with_default(reason, shown_value(default.value))
        place = self.span(node.span, near)
        return Unknown(reason, place, node.pieces, tuple(choices), default, node.min_length)


def _moved(span: Span, lines: int) -> Span:
    return Span(span.line + lines, span.column, span.end_line + lines, span.end_column)
