"""Notebooks: their code cells as units, in order, with offsets in the raw JSON."""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable
from collections.abc import Sequence as AnySequence
from functools import cached_property
from itertools import accumulate, count
from typing import Any

import msgspec

from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import Cell, Source, WrittenFile
from hpolint.readers.python.interpreter.units import Unit
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.json_syntax import plain_reason

DECODER = json.JSONDecoder(parse_int=float)  # integers are not used, and Python rejects long ones
SPACE = lazy_regex(r"[ \t\r\n]*")

MEMBER = lazy_regex(r'"([^"\\\x00-\x1f]*)"[ \t\r\n]*:[ \t\r\n]*')
"""A key without escapes, such as all keys of the notebook format, up to its value."""

COMMA = lazy_regex(r"[ \t\r\n]*(,[ \t\r\n]*)?")
ESCAPE = lazy_regex(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
"""A JSON escape: several characters that spell one."""
NOT_PYTHON = lazy_regex(
    r"\s*%%(?:bash|sh|script|writefile|file|html|javascript|js|latex|markdown|svg|perl|ruby|R|sql|cmd|system|sx|!|"
    r"local|configure|spark|send_to_spark|bigquery|ai|pypy|python2|cython)\b"
)
PARAMETERS_TAG = "parameters"
"""The tag of the cell whose values papermill replaces."""

WRITES_FILE = lazy_regex(r"\s*%%(?:writefile|file)[ \t]+(?P<appends>(?:-a|--append)[ \t]+)?(?P<path>[^\n]+?)[ \t]*\n")
INDENT = lazy_regex(r"(?:[ \t]*\n)*([ \t]+)(?=\S)")
CELL_MAGIC = lazy_regex(r"\s*%%")
RUN_MAGIC = lazy_regex(r"^[ \t]*(%(?:time|timeit|prun|memit|mprun)[ \t]+(?:-[\w.]+(?:[ \t]+\d+)?[ \t]+)*)(?=[\w(\[])")
"""A magic that runs the statement behind it in the notebook's namespace."""

LINE_MAGIC = lazy_regex(r"^([ \t]*)(%{1,2}|!{1,2}|\?)")
ASSIGNED_MAGIC = lazy_regex(r"^([ \t]*+[\w,][\w, ]*+=\s*+)[!%](?!=)")


class Piece(msgspec.Struct, frozen=True):
    """A JSON string and its offsets in the file, including the quotes."""

    value: str
    start: int
    end: int


class Placement:
    """Maps offsets of a cell's text to offsets of the raw characters in the file.

    ``start`` is the offset of the value of the cell's ``source``. It is scanned at the first call.
    """

    def __init__(self, file: str, start: int) -> None:
        self._file = file
        self._start = start
        self._raw: dict[int, AnySequence[int]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """The state for another process, without what can be computed again."""
        return {"_file": self._file, "_start": self._start, "_raw": {}}

    def __call__(self, offset: int) -> tuple[int, int]:
        """The start and end in the file of the character at an offset of the cell's text."""
        total = self._offsets[-1]
        if total == 0:
            return 0, 1
        offset = min(max(offset, 0), total - 1)
        number = bisect_right(self._offsets, offset) - 1
        if number not in self._raw:
            self._raw[number] = _raw_starts(self._file, self._pieces[number])
        raw = self._raw[number]
        at = min(offset - self._offsets[number], len(raw) - 2)
        return raw[at], raw[at + 1]

    @cached_property
    def _pieces(self) -> list[Piece]:
        return _pieces(self._file, self._start)

    @cached_property
    def _offsets(self) -> list[int]:
        return list(accumulate((len(piece.value) for piece in self._pieces), initial=0))


MAX_VALUES = 4_000_000
"""Values of a notebook. A value takes up to 100 bytes; plots with a million points have less than half of them."""

MIN_COUNTED_CHARACTERS = 8_000_000
"""Characters from which on the values are counted: a shorter notebook cannot take much memory."""


def _check_values(source: Source) -> None:
    """Raise SyntaxProblem for a notebook that would take all memory, such as one with an output of empty lists."""
    text = source.text
    if len(text) < MIN_COUNTED_CHARACTERS:
        return
    if text.count(",") + text.count("[") + text.count("{") > MAX_VALUES:
        raise SyntaxProblem(f"the notebook has more than {MAX_VALUES:,} values", source.span(0, 1))


def notebook_units(source: Source) -> list[Unit]:
    """The Python code cells; none for another kernel's notebook. Raises SyntaxProblem."""
    cells, metadata, parameter_cells = _scanned(source)
    if not is_python(metadata):
        return []
    units = []
    for number, start, text in cells:
        placement = Placement(source.text, start)
        cell = Cell(number, Source(source.name, text), placement, start)
        written = WRITES_FILE.match(text)
        if written is not None:
            path = written["path"].strip("\"'")
            source.written.append(WrittenFile(path, written["appends"] is not None, cell, written.end()))
        elif NOT_PYTHON.match(text):
            source.shells.append(cell)
        else:
            unit = _unit(source, text, placement, number)
            unit.is_for_parameters = number in parameter_cells
            units.append(unit)
            source.cells.append(cell)
    return units


def code_cells(source: Source) -> list[tuple[int, int, str]]:
    """The code cells of a notebook: number, offset of the source's value, text. Raises SyntaxProblem."""
    return _scanned(source)[0]


def is_r_notebook(source: Source) -> bool:
    """Whether a notebook's kernel is one of R; not for one that is no JSON."""
    try:
        metadata = _scanned(source)[1]
    except SyntaxProblem:
        return False
    language = _text(metadata, "language_info", "name")
    if language is not None:
        return language.lower() == "r"
    kernel = (_text(metadata, "kernelspec", "name") or "").lower()
    return bool(R_KERNEL.match(kernel)) or (_text(metadata, "kernelspec", "language") or "").lower() == "r"


def _scanned(source: Source) -> tuple[list[tuple[int, int, str]], Any, set[int]]:
    """The code cells, the metadata and the numbers of cells for parameters of a notebook. Raises SyntaxProblem."""
    _check_values(source)
    try:
        return _scan(source.text)
    except json.JSONDecodeError as error:
        at = min(error.pos, max(len(source.text) - 1, 0))
        raise SyntaxProblem(_broken(source, error), source.span(at, at + 1)) from None
    except (RecursionError, ValueError) as error:
        raise SyntaxProblem(f"the notebook cannot be read: {error}", source.span(0, 1)) from None


def _broken(source: Source, error: json.JSONDecodeError) -> str:
    """Why a notebook's JSON does not parse. Most such files are incomplete."""
    if error.msg.startswith("Unterminated string"):
        return "the notebook ends inside a string; it may be incomplete"
    if error.pos >= len(source.text.rstrip()):
        return "the notebook ends here; it may be incomplete"
    return plain_reason(error)


def _unit(source: Source, text: str, place: Callable[[int], tuple[int, int]], number: int) -> Unit:
    """A cell as a unit. The first line's indentation is removed from all lines that have it, as in IPython."""
    indent = INDENT.match(text)
    if indent is None:
        return Unit(source, text, place, number, number)
    offsets: list[int] = []
    end = 0
    for line in text.splitlines(keepends=True):
        end += len(line)
        offsets += range(end - len(line.removeprefix(indent[1])), end)
    return Unit(source, "".join(text[i] for i in offsets), lambda offset: place(offsets[offset]), number, number)


R_KERNEL = lazy_regex(r"ir(?:__|$|\b)")
"""The name of a kernel of R; in Studio with the image behind two underscores."""

OTHER_KERNELS = lazy_regex(r"julia|scala|spark|bash")


def is_python(metadata: Any) -> bool:
    """Whether the notebook's kernel runs Python, which is assumed if the metadata does not say.

    What the last kernel has said of itself decides. The name of a kernel of R is surer than the language beside it:
    Studio writes Python there.
    """
    kernel = (_text(metadata, "kernelspec", "name") or "").lower()
    language = _text(metadata, "language_info", "name")
    if language is None:
        if R_KERNEL.match(kernel):
            return False
        language = _text(metadata, "kernelspec", "language")
    if language is not None:
        return language.lower().startswith(("python", "ipython"))
    return OTHER_KERNELS.match(kernel) is None


def _text(value: Any, *path: str) -> str | None:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None


def _scan(text: str) -> tuple[list[tuple[int, int, str]], Any, set[int]]:
    """The code cells (number, offset of the source's value, text), the metadata, and the numbers of the cells that are
    tagged `parameters`. Other members are skipped."""
    cells: list[tuple[int, int, str]] = []
    parameter_cells: set[int] = set()
    metadata: Any = {}
    numbers = count(1)

    def member(key: str, at: int) -> int:
        nonlocal metadata
        if key == "cells":
            return _array(text, at, lambda start: cell(next(numbers), start))
        if key == "worksheets":  # in version 3 they contain the cells
            return _array(text, at, lambda start: _object(text, start, worksheet))
        value, end = DECODER.raw_decode(text, at)
        if key == "metadata":
            metadata = value
        return end

    def worksheet(key: str, at: int) -> int:
        return member(key, at) if key == "cells" else int(DECODER.raw_decode(text, at)[1])

    def cell(number: int, at: int) -> int:
        kind, start, lines, end, tags = _cell(text, at)
        if PARAMETERS_TAG in tags:
            parameter_cells.add(number)
        if kind == "code":
            cells.append((number, start, "".join(line for line in lines if isinstance(line, str))))
        return end

    _object(text, _skip(text, 0), member)
    return cells, metadata, parameter_cells


def _cell(text: str, at: int) -> tuple[Any, int, list[Any], int, list[Any]]:
    """A cell's type, the offset of its source's value, the source's lines, the cell's end offset, and its tags."""
    kind: Any = None
    start, lines = at, []
    tags: list[Any] = []

    def member(key: str, at: int) -> int:
        nonlocal kind, start, lines, tags
        value, end = DECODER.raw_decode(text, at)
        if key == "cell_type":
            kind = value
        elif key == "metadata" and isinstance(value, dict) and isinstance(value.get("tags"), list):
            tags = value["tags"]
        elif key in ("source", "input"):  # version 3 uses `input`
            start, lines = at, value if isinstance(value, list) else [value]
        return end

    end = _object(text, at, member)
    return kind, start, lines, end, tags


def _pieces(text: str, start: int) -> list[Piece]:
    """The strings of a source (one string, or a list of lines), with their offsets."""
    pieces: list[Piece] = []

    def piece(at: int) -> int:
        value, end = DECODER.raw_decode(text, at)
        if isinstance(value, str):
            pieces.append(Piece(value, at, end))
        return end

    _array(text, start, piece) if text.startswith("[", start) else piece(start)
    return pieces


def _object(text: str, start: int, member: Callable[[str, int], int]) -> int:
    """The end of an object. ``member`` reads the value of a key at an offset and returns its end."""
    if text[start : start + 1] != "{":
        return DECODER.raw_decode(text, start)[1]
    at = _skip(text, start + 1)
    while text[at : at + 1] == '"':
        plain = MEMBER.match(text, at)
        key, at = (plain[1], plain.end()) if plain is not None else _key(text, at)
        at = _next(text, member(key, at), "}")
    if text[at : at + 1] != "}":
        raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
    return at + 1


def _key(text: str, at: int) -> tuple[str, int]:
    """A key, which may contain escapes, and the offset of its value."""
    key, at = DECODER.raw_decode(text, at)
    at = _skip(text, at)
    if text[at : at + 1] != ":":
        raise json.JSONDecodeError("Expecting ':' delimiter", text, at)
    return key, _skip(text, at + 1)


def _array(text: str, start: int, element: Callable[[int], int]) -> int:
    """The end of an array. ``element`` reads the element at an offset and returns its end."""
    if text[start : start + 1] != "[":
        return DECODER.raw_decode(text, start)[1]
    at = _skip(text, start + 1)
    while text[at : at + 1] != "]":
        at = _next(text, element(at), "]")
    return at + 1


def _next(text: str, at: int, closing: str) -> int:
    match = COMMA.match(text, at)
    at = match.end() if match is not None else at
    if match is not None and match[1] is not None:
        return at
    if text[at : at + 1] != closing:
        raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
    return at


def _skip(text: str, at: int) -> int:
    match = SPACE.match(text, at)
    return match.end() if match else at


def _raw_starts(file: str, piece: Piece) -> AnySequence[int]:
    """The start offset in the file of each character of a JSON string's value, and the end of the last."""
    begin, end = piece.start + 1, piece.end - 1
    raw = file[begin:end]
    if "\\" not in raw:
        return range(begin, end + 1)
    starts, at = array("L"), begin
    for escape in ESCAPE.finditer(raw):
        starts.extend(range(at, begin + escape.start() + 1))
        at = begin + escape.end()
    starts.extend(range(at, end + 1))
    return starts


def without_magics(text: str) -> str:
    """The cell with IPython's lines replaced by Python of the same length: `pass`, a name or a comment."""
    lines = text.split("\n")
    continued = False
    for number, line in enumerate(lines):
        runs = RUN_MAGIC.match(line)
        if number == 0 and CELL_MAGIC.match(line):
            lines[number] = f"#{line[1:]}"
        elif continued:
            lines[number] = f"#{line[1:]}" if line else line
            continued = line.endswith("\\")
        elif runs is not None:
            lines[number] = line[: runs.start(1)] + "if 1:".ljust(len(runs[1])) + line[runs.end() :]
        else:
            lines[number] = _without_magic(line)
            continued = lines[number] != line and line.endswith("\\")
    return "\n".join(lines)


def _without_magic(line: str) -> str:
    """A line without a magic or a shell command, as Python of the same length."""
    if LINE_MAGIC.match(line) or re.match(r"^[ \t]*[\w.]+\?{1,2}\s*$", line):
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        return f"{indent}pass".ljust(len(line))[: max(len(line), len(indent) + 4)]
    assigned = ASSIGNED_MAGIC.match(line)
    return f"{assigned[1]}_".ljust(len(line)) if assigned is not None else line


def shell_lines(text: str) -> str:
    """A cell's lines that IPython hands to a shell, each with what continues it; the other lines are blank."""
    lines = text.split("\n")
    continued = False
    for number, line in enumerate(lines):
        is_shell = continued or re.match(r"[ \t]*+(?:[\w,][\w, ]*+=\s*+)?!", line) is not None
        continued = is_shell and line.endswith("\\")
        lines[number] = line if is_shell else " " * len(line)
    return "\n".join(lines)
