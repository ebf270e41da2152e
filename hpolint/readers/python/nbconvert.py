"""A notebook that was exported as a script: a cell with a magic is a text there, in a call of IPython that runs it.

As nbconvert writes it: ``get_ipython().run_cell_magic('time', '', 'tuner.fit()\\n')``. Such a text is a piece of the
program like those around it; each of its characters stands where the literal has it.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import TypeGuard

from hpolint.model.source import Source
from hpolint.readers.python.interpreter.units import LINE_END, Problem, Unit, module_unit

RUNS = "run_cell_magic"
MAGICS = frozenset({"time", "capture", "prun"})
"""Magics whose cell runs as if it stood alone, and leaves what it sets."""

ESCAPE = re.compile(r"\\(?:\r\n|N\{[^}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|.)", re.DOTALL)
SIMPLE = "\\'\"abfnrtv"
"""What stands for one character behind a backslash; before anything else the backslash stays."""

BEHIND = re.compile(r"[ \t]*(?:#|[\r\n]|\Z)")

MOST = 1_000_000
"""Cells times lines of a file whose cells are followed: each part of it has the lines before it."""


def script_units(source: Source) -> list[Unit]:
    """The pieces of a Python file, in their order: itself alone, unless it holds cells as texts."""
    whole = module_unit(source)
    cells = _cells(whole)
    lines = len(LINE_END.findall(source.text)) if cells else 0
    if not cells or len(cells) * lines > MOST:
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
    """The texts of such cells."""
    return [cell.text for _, _, cell in _cells(module_unit(source))]


def _cells(whole: Unit) -> list[tuple[int, int, Unit]]:
    """The cells that a script runs in statements at its top, with where those begin and end."""
    if RUNS not in whole.text:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes are not ours to tell
            calls = [each.value for each in whole.parse().body if isinstance(each, ast.Expr)]
    except Problem:
        return []
    found = [(*_offsets(whole, each), _cell(whole, each)) for each in calls if _runs_cell(each)]
    return [(start, end, cell) for start, end, cell in found if cell is not None]


def _cell(whole: Unit, call: ast.Call) -> Unit | None:
    """The cell that a call runs, if Python runs it, and the call stands in lines of its own."""
    texts = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if len(texts) != 3 or len(call.args) != 3 or texts[0] not in MAGICS:
        return None
    text, (start, end) = whole.text, _offsets(whole, call)
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    if text[line:start].strip() or not BEHIND.match(text, end):
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
    """A part of the file, behind as many empty lines as stand before it: a line has its own number."""
    return Unit(
        source,
        "\n" * before + source.text[start:end],
        lambda offset: (max(start + offset - before, start), max(start + offset - before + 1, start)),
    )


def _starts(text: str, start: int, end: int) -> list[int]:
    """Where each character of a plain literal stands, and where the last one ends; empty for any other literal."""
    raw = text[start:end]
    if raw[:1] not in ("'", '"') or raw[:3] in ("'''", '"""') or raw[-1:] != raw[:1]:
        return []
    found = list(_places(raw, start))
    return [*found, end - 1]


def _places(raw: str, start: int) -> Iterator[int]:
    at = 1
    for escape in ESCAPE.finditer(raw, 1, len(raw) - 1):
        yield from range(start + at, start + escape.start())
        what = escape[0][1:]
        if what not in ("\n", "\r", "\r\n"):  # a line that goes on
            yield start + escape.start()
        if len(what) == 1 and what not in SIMPLE + "\n\r01234567":
            yield start + escape.start() + 1
        at = escape.end()
    yield from range(start + at, start + len(raw) - 1)
