"""Notebooks exported as scripts, where a cell with a magic is a string in a call of IPython.

nbconvert writes ``get_ipython().run_cell_magic('time', '', 'tuner.fit()\\n')``. Such a string is a unit of its own, and
its spans are those of the string literal.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import TypeGuard

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
            calls = [each.value for each in whole.parse().body if isinstance(each, ast.Expr)]
    except Problem:
        return []
    found = [(*_offsets(whole, each), _cell(whole, each)) for each in calls if _runs_cell(each)]
    return [(start, end, cell) for start, end, cell in found if cell is not None]


def _cell(whole: Unit, call: ast.Call) -> Unit | None:
    """The cell that a call runs; None if it is not Python, not a plain literal, or shares its lines with other code."""
    texts = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if len(texts) != 3 or len(call.args) != 3 or texts[0] not in MAGICS:
        return None
    text, (start, end) = whole.text, _offsets(whole, call)
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    if text[line:start].strip() or not REST_OF_LINE.match(text, end):
        return None
    starts = _starts(text, *_offsets(whole, call.args[2]))
    if len(starts) != len(texts[2]) + 1:
        return None
    return Unit(whole.source, texts[2], lambda offset: (starts[offset], starts[offset + 1]))


def _runs_cell(call: ast.expr) -> TypeGuard[ast.Call]:
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr != RUNS:
        return False
    owner = call.func.value.func if isinstance(call.func.value, ast.Call) else None
    return isinstance(owner, ast.Name) and owner.id == "get_ipython"


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
    found = list(_places(raw, start))
    return [*found, end - 1]


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
