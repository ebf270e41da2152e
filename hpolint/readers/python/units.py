"""A source's pieces of Python: one for a module, one for each code cell of a notebook."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from hpolint.source import Source, Span

LINE_END = re.compile(r"\r\n|\r|\n")


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
    _rows: dict[int, bytes | None] = field(default_factory=dict, repr=False)

    def parse(self) -> ast.Module:
        """The syntax tree. Raises Problem: for a syntax error, or for nesting that no parser survives."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # invalid escapes are not ours to tell
                return ast.parse(self.text)
        except SyntaxError as error:
            line, column = error.lineno or 1, error.offset or 1
            raise Problem(
                error.msg or "does not parse", self._offset(line, max(column - 1, 0), codepoints=True)
            ) from None
        except (RecursionError, MemoryError):
            raise Problem("nested too deep to be read", 0) from None
        except ValueError as error:  # NUL characters, lone surrogates
            raise Problem(str(error), 0) from None

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self.text))]

    def span(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg) -> Span:
        """Where a syntax node stands in the source."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        start = self._offset(node.lineno, node.col_offset)
        return self.between(start, self._offset(end_line, end_column))

    def head(self, node: ast.keyword, length: int) -> Span:
        """The first characters of a node: a keyword's name."""
        start = self._offset(node.lineno, node.col_offset)
        return self.between(start, start + length)

    def between(self, start: int, end: int) -> Span:
        """The span of the source between two offsets of the unit's text."""
        begin = self.place(start)[0] if start < len(self.text) else len(self.source.text)
        return self.source.span(begin, self.place(end - 1)[1] if end > start else begin)

    def _offset(self, line: int, column: int, *, codepoints: bool = False) -> int:
        """An offset of the text from a line and a column, which Python counts in bytes of UTF-8."""
        start = self._starts[min(line, len(self._starts)) - 1]
        if codepoints:
            return min(start + column, len(self.text))
        row = self._wide_row(line, start)
        return start + (column if row is None else len(row[:column].decode("utf-8", "ignore")))

    def _wide_row(self, line: int, start: int) -> bytes | None:
        """A line in UTF-8 if it is not plain ASCII, where columns and characters are the same."""
        if line not in self._rows:
            end = self._starts[line] if line < len(self._starts) else len(self.text)
            row = self.text[start:end]
            self._rows[line] = None if row.isascii() else row.encode("utf-8")
        return self._rows[line]


def module_unit(source: Source) -> Unit:
    """The only unit of a Python file."""
    return Unit(source, source.text, lambda offset: (offset, offset + 1))
