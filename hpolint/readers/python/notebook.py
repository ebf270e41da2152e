"""Notebooks: the code cells in order, each a unit of its own, and the way back to the raw JSON."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hpolint.readers.python.units import Unit
from hpolint.source import Cell, Source
from hpolint.syntax import SyntaxProblem

DECODER = json.JSONDecoder()
SPACE = re.compile(r"[ \t\r\n]*")

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


@dataclass(frozen=True, slots=True)
class Piece:
    """A JSON string and where it stands in the file, quotes included."""

    value: str
    start: int
    end: int


def notebook_units(source: Source) -> list[Unit]:
    """The code cells. Raises SyntaxProblem where the JSON breaks; another kernel's notebook has none."""
    try:
        cells, metadata = _scan(source.text)
    except json.JSONDecodeError as error:
        at = min(error.pos, max(len(source.text) - 1, 0))
        raise SyntaxProblem(error.msg, source.span(at, at + 1)) from None
    except (RecursionError, ValueError) as error:
        raise SyntaxProblem(f"is no notebook that can be read: {error}", source.span(0, 1)) from None
    units = []
    for number, pieces in cells if is_python(metadata) else []:
        text = "".join(piece.value for piece in pieces)
        if not NOT_PYTHON.match(text):
            place = _placer(source, pieces)
            units.append(Unit(source, text, place, number, number))
            source.cells.append(Cell(number, Source(source.name, text), place))
    return units


def is_python(metadata: Any) -> bool:
    """Whether the notebook's kernel runs Python; one that says nothing does."""
    language = _text(metadata, "language_info", "name") or _text(metadata, "kernelspec", "language")
    kernel = _text(metadata, "kernelspec", "name") or ""
    if language is not None:
        return language.lower().startswith(("python", "ipython"))
    return not re.match(r"ir\b|ir$|julia|scala|spark|bash", kernel.lower())


def _text(value: Any, *path: str) -> str | None:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None


def _scan(text: str) -> tuple[list[tuple[int, list[Piece]]], Any]:
    """The code cells' numbers and source strings, and the metadata; outputs are passed over in one step."""
    cells: list[tuple[int, list[Piece]]] = []
    metadata: Any = {}
    for key, start in _members(text, _skip(text, 0)):
        if key == "metadata":
            metadata = DECODER.raw_decode(text, start)[0]
        elif key == "cells":
            for number, (_, at) in enumerate(_elements(text, start), 1):
                kind, pieces = _cell(text, at)
                if kind == "code":
                    cells.append((number, pieces))
    return cells, metadata


def _cell(text: str, start: int) -> tuple[str | None, list[Piece]]:
    """A cell's kind and the strings of its source: a list of lines, or one string."""
    kind: str | None = None
    pieces: list[Piece] = []
    for key, at in _members(text, start):
        if key == "cell_type":
            kind = DECODER.raw_decode(text, at)[0]
        elif key == "source":
            starts = [place for _, place in _elements(text, at)] if text[at] == "[" else [at]
            decoded = [(*DECODER.raw_decode(text, place), place) for place in starts]
            pieces = [Piece(value, place, end) for value, end, place in decoded if isinstance(value, str)]
    return kind, pieces


def _members(text: str, start: int) -> Iterator[tuple[str, int]]:
    """An object's keys, each with the offset of its value."""
    if text[start : start + 1] != "{":
        return
    at = _skip(text, start + 1)
    while text[at : at + 1] == '"':
        key, at = DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise json.JSONDecodeError("Expecting ':' delimiter", text, at)
        at = _skip(text, at + 1)
        yield key, at
        at = _next(text, DECODER.raw_decode(text, at)[1], "}")
    if text[at : at + 1] != "}":
        raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)


def _elements(text: str, start: int) -> Iterator[tuple[None, int]]:
    """The offsets of an array's elements."""
    if text[start : start + 1] != "[":
        return
    at = _skip(text, start + 1)
    while text[at : at + 1] != "]":
        yield None, at
        at = _next(text, DECODER.raw_decode(text, at)[1], "]")


def _next(text: str, at: int, closing: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] == ",":
        return _skip(text, at + 1)
    if text[at : at + 1] != closing:
        raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
    return at


def _skip(text: str, at: int) -> int:
    match = SPACE.match(text, at)
    return match.end() if match else at


def _placer(source: Source, pieces: list[Piece]) -> Callable[[int], tuple[int, int]]:
    """From an offset of the cell's text to the raw characters that spell it."""
    starts, total = [], 0
    for piece in pieces:
        starts.append(total)
        total += len(piece.value)
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


def _raw_characters(source: Source, piece: Piece) -> list[tuple[int, int]]:
    """Where each character of a JSON string's value begins and ends in the file."""
    begin, end = piece.start + 1, piece.end - 1
    raw = source.text[begin:end]
    if "\\" not in raw:
        return [(offset, offset + 1) for offset in range(begin, end)]
    return [(begin + m.start(), begin + m.end()) for m in ESCAPE.finditer(raw)]


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
