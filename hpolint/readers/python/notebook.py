"""Notebooks: the code cells in order, each a unit of its own, and the way back to the raw JSON."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

from hpolint.node import Array, Scalar, Struct
from hpolint.readers.python.units import Unit
from hpolint.source import Cell, Source
from hpolint.syntax.json import parse_json

ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)
NOT_PYTHON = re.compile(
    r"\s*%%(?:bash|sh|script|writefile|file|html|javascript|js|latex|markdown|svg|perl|ruby|R|sql|cmd|system|sx|!|"
    r"local|configure|spark|send_to_spark|bigquery|ai|pypy|python2|cython)\b"
)
CELL_MAGIC = re.compile(r"\s*%%")
LINE_MAGIC = re.compile(r"^([ \t]*)(%{1,2}|!{1,2}|\?)")
ASSIGNED_MAGIC = re.compile(r"^([ \t]*[\w, ]+=\s*)[!%](?!=)")


def is_python(root: Struct) -> bool:
    """Whether the notebook's kernel runs Python; one that says nothing does."""
    metadata = root.get("metadata")
    language = _text(metadata, "language_info", "name") or _text(metadata, "kernelspec", "language")
    kernel = _text(metadata, "kernelspec", "name") or ""
    if language is not None:
        return language.lower().startswith(("python", "ipython"))
    return not re.match(r"ir\b|ir$|julia|scala|spark|bash", kernel.lower())


def _text(node: object, *path: str) -> str | None:
    for step in path:
        node = node.get(step) if isinstance(node, Struct) else None
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def notebook_units(source: Source) -> list[Unit]:
    """The code cells. Raises SyntaxProblem where the JSON breaks; another kernel's notebook has none."""
    root = parse_json(source)
    cells = root.get("cells") if isinstance(root, Struct) else None
    if not isinstance(root, Struct) or not isinstance(cells, Array) or not is_python(root):
        return []
    units = []
    for number, cell in enumerate(cells.items, 1):
        if isinstance(cell, Struct) and _text(cell, "cell_type") == "code":
            pieces = _pieces(cell)
            text = "".join(str(piece.value) for piece in pieces)
            if not NOT_PYTHON.match(text):
                place = _placer(source, pieces)
                units.append(Unit(source, text, place, number))
                source.cells.append(Cell(number, Source(source.name, text), place))
    return units


def _pieces(cell: Struct) -> list[Scalar]:
    """The strings of a cell's source: a list of lines, or one string."""
    found = cell.get("source")
    items = found.items if isinstance(found, Array) else [found]
    return [item for item in items if isinstance(item, Scalar) and isinstance(item.value, str)]


def _placer(source: Source, pieces: list[Scalar]) -> Callable[[int], tuple[int, int]]:
    """From an offset of the cell's text to the raw characters that spell it."""
    starts, total = [], 0
    for piece in pieces:
        starts.append(total)
        total += len(str(piece.value))
    raw: dict[int, list[tuple[int, int]]] = {}

    def place(offset: int) -> tuple[int, int]:
        if not pieces:
            return 0, 1
        offset = min(max(offset, 0), max(total - 1, 0))
        number = bisect_right(starts, offset) - 1
        if number not in raw:
            raw[number] = _raw_characters(source, pieces[number])
        within = min(offset - starts[number], len(raw[number]) - 1)
        return raw[number][within] if raw[number] else (0, 1)

    return place


def _raw_characters(source: Source, piece: Scalar) -> list[tuple[int, int]]:
    """Where each character of a JSON string's value begins and ends in the file."""
    begin = source.offset(piece.span.line, piece.span.column) + 1
    end = source.offset(piece.span.end_line, piece.span.end_column) - 1
    return [(begin + m.start(), begin + m.end()) for m in ESCAPE.finditer(source.text[begin:end])]


def without_magics(text: str) -> str:
    """The cell with IPython's lines made into Python of the same length: `pass` or a string."""
    lines = text.split("\n")
    continued = False
    for number, line in enumerate(lines):
        magic = LINE_MAGIC.match(line)
        assigned = ASSIGNED_MAGIC.match(line)
        if number == 0 and CELL_MAGIC.match(line):
            lines[number] = "#" + line[1:]
        elif continued:
            lines[number] = "#" + line[1:] if line else line
            continued = line.endswith("\\")
        elif magic or re.match(r"^[ \t]*[\w.]+\?{1,2}\s*$", line):
            indent = magic[1] if magic else re.match(r"^[ \t]*", line)[0]  # type: ignore[index]
            lines[number] = (indent + "pass").ljust(len(line))[: max(len(line), len(indent) + 4)]
            continued = line.endswith("\\")
        elif assigned:
            lines[number] = (assigned[1] + "_").ljust(len(line))
            continued = line.endswith("\\")
    return "\n".join(lines)
