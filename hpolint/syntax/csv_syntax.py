"""CSV with the span of each cell, as spreadsheets and query engines write it (RFC 4180)."""

from __future__ import annotations

from collections.abc import Iterator

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Scalar
from hpolint.model.source import Source
from hpolint.syntax import SyntaxProblem

CELL = lazy_regex(r'(?P<cell>"(?P<quoted>[^"]*+(?:""[^"]*+)*+)"|(?P<plain>[^",\r\n]*+))(?P<end>,|\r?\n|\r|\Z)')


def parse_csv(source: Source) -> Iterator[list[Scalar]]:
    """The rows of a table, each with its cells as strings. Raises SyntaxProblem."""
    text = source.text
    row: list[Scalar] = []
    at = 0
    while at < len(text):
        cell = CELL.match(text, at)
        if cell is None:
            raise SyntaxProblem("a cell whose quotes are not closed", source.span(at, at + 1))
        value = cell["plain"] if cell["quoted"] is None else cell["quoted"].replace('""', '"')
        row.append(Scalar(value, source.span(*cell.span("cell"))))
        at = cell.end()
        if cell["end"] != ",":
            yield row
            row = []
    if row:
        yield row
