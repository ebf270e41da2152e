"""Notebooks exported as scripts, where a cell with a magic is a string in a call of IPython.

nbconvert writes ``get_ipython().run_cell_magic('time', '', 'tuner.fit()\\n')``. Such a string is a unit of its own, and
its spans are those of the string literal.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import Source
from hpolint.readers.python.interpreter.units import LINE_END, Problem, Unit, module_unit

RUNS = "run_cell_magic"
MAGICS = frozenset({"time", "capture", "prun"})
"""Magics that run their cell as ordinary code, in the notebook's namespace."""

ESCAPE = lazy_regex(r"\\(?:\r\n|N\{[^}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|.)", re.DOTALL)
SIMPLE = "\\'\"abfnrtv"
"""Characters that form a one-character escape with a backslash; before others the backslash is literal."""

REST_OF_LINE = lazy_regex(r"[ \t]*(?:#|[\r\n]|\Z)")

MAX_CELL_LINES = 1_000_000
"""Limit of cells times lines: each part of the file is padded with the lines before it."""


def script_units(source: Source) -> list[Unit]:
    """The units of a Python file, in order: the file itself, split where it has cells as strings."""
    whole = module_unit(source)
    cells = _cells(whole)
    lines = len(LINE_END.findall(source.text)) if cells else 0
    if not cells or len(cells) * lines > MAX_CELL_LINES:
        return [whole]
    units: list[Unit] = []
    at = before = 0
    for start, end, cell in cells:
        units += [_part(source, at, start, before), cell]
        before += len(LINE_END.findall(source.text, at, end))
        at = end
    units.append(_part(source, at, len(source.text), before))
    for number, unit in enumerate(units):
        unit.number = number
    return units


def exported_cells(source: Source) -> list[str]:
    """The texts of cells that a script has as strings."""
    return [cell.text for _, _, cell in _cells(module_unit(source))]


def _cells(whole: Unit) -> list[tuple[int, int, Unit]]:
    """The cells that a script runs in top-level statements, each with the statement's start and end offset."""
    if RUNS not in whole.text:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes are not hpolint's to report
            statements = whole.parse().body
    except Problem:
        return []
    cells: list[tuple[int, int, Unit]] = []
    for statement in statements:
        if isinstance(statement, ast.Expr):
            cell = _cell(whole, statement.value)
            if cell is not None:
                cells.append((*_offsets(whole, statement.value), cell))
    return cells


def _cell(whole: Unit, call: ast.expr) -> Unit | None:
    """The cell that a call runs; None if it is not Python, not a plain literal, or shares its lines with other code."""
    match call:
        case ast.Call(
            func=ast.Attribute(attr=method, value=ast.Call(func=ast.Name(id="get_ipython"))),
            args=[ast.Constant(value=str(magic)), ast.Constant(value=str()), ast.Constant(value=str(cell)) as literal],
        ) if method == RUNS and magic in MAGICS:
            starts = _starts(whole.text, *_offsets(whole, literal))
            if _is_alone(whole.text, *_offsets(whole, call)) and len(starts) == len(cell) + 1:
                return Unit(whole.source, cell, lambda offset: (starts[offset], starts[offset + 1]))
    return None


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether a part of a text has its lines for itself."""
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    return not text[line:start].strip() and REST_OF_LINE.match(text, end) is not None


def _offsets(whole: Unit, node: ast.expr) -> tuple[int, int]:
    span = whole.resolved(whole.span(node))
    return whole.source.offset(span.line, span.column), whole.source.offset(span.end_line, span.end_column)


def _part(source: Source, start: int, end: int, before: int) -> Unit:
    """A part of the file, padded with the number of lines before it, so that its lines keep their numbers."""
    return Unit(
        source,
        "\n" * before + source.text[start:end],
        lambda offset: (max(start + offset - before, start), max(start + offset - before + 1, start)),
    )


def _starts(text: str, start: int, end: int) -> list[int]:
    """The start offset of each character of a plain literal, and the end of the last; empty for other literals."""
    raw = text[start:end]
    if raw[:1] not in ("'", '"') or raw[:3] in ("'''", '"""') or raw[-1:] != raw[:1]:
        return []
    return [*_places(raw, start), end - 1]


def _places(raw: str, start: int) -> Iterator[int]:
    at = 1
    for escape in ESCAPE.finditer(raw, 1, len(raw) - 1):
        yield from range(start + at, start + escape.start())
        escaped = escape[0][1:]
        if escaped not in ("\n", "\r", "\r\n"):  # a line continuation
            yield start + escape.start()
        if len(escaped) == 1 and escaped not in SIMPLE + "\n\r01234567":
            yield start + escape.start() + 1
        at = escape.end()
    yield from range(start + at, start + len(raw) - 1)
