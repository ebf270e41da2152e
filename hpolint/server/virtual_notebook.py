"""The Python text that jupyterlab-lsp makes of a notebook, as the cells that it was made of.

It joins the texts of the code cells by blank lines, and writes magics as calls of IPython. Where a cell ends is known
if the saved notebook has as many cells. Otherwise what lies between two cells with a magic is one cell here: nothing
but the numbers of cells in messages depends on it.

Source: jupyterlab-lsp 5.2, ``overrides`` of ``transclusions/ipython``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import msgspec

from hpolint.lazy_regex import lazy_regex

FOLDER = ".virtual_documents"
"""The folder in whose place such a text has its path."""

CELL_MAGIC = lazy_regex(r'get_ipython\(\)\.run_cell_magic\("(\S+?)", "(.*?)", """(.*)\Z')
ENDING = '""")'
PYTHON_MAGIC = lazy_regex(r'# START_CELL_MAGIC\("(\S+?)", "(.*?)"\)\Z')
PYTHON_ENDING = "# END_CELL_MAGIC"
LINE_MAGIC = lazy_regex(r'(\s*)get_ipython\(\)\.run_line_magic\("(.*?)", "(.*)"\)\Z')
COMMAND = lazy_regex(r'(\s*)get_ipython\(\)\.(?:getoutput|system)\("(.*)"\)\Z')


BLANK = "\n\n\n"
"""What is between two cells: the end of a line, and two lines without text."""


class VirtualCell(msgspec.Struct, frozen=True):
    """A cell, and for each of its lines the line of the whole text that shows it, from 0."""

    text: str
    lines: tuple[int, ...]


def cells_of_text(text: str) -> list[VirtualCell]:
    """The cells of such a text, in their order; cells without a magic are joined."""
    return [cell for cell in _cells(text.split("\n")) if cell.text.strip()]


def cells_as_saved(text: str, saved: list[str]) -> list[VirtualCell] | None:
    """The cells of such a text, as many as the saved notebook has code cells; None if they are other ones."""
    blocks = text.removesuffix("\n").split(BLANK)
    counts = [cell.count(BLANK) + 1 for cell in saved]
    if sum(counts) != len(blocks):
        return None
    found, at, line = [], 0, 0
    for count in counts:
        own = BLANK.join(blocks[at : at + count])
        parts = list(_cells(own.split("\n")))
        lines = tuple(line + number for number in chain.from_iterable(part.lines for part in parts))
        found.append(VirtualCell("\n".join(part.text for part in parts if part.lines), lines))
        at, line = at + count, line + own.count("\n") + BLANK.count("\n")
    return found


def _cells(lines: list[str]) -> Iterator[VirtualCell]:
    plain: list[tuple[str, int]] = []
    at = 0
    while at < len(lines):
        call, start = CELL_MAGIC.match(lines[at]), PYTHON_MAGIC.match(lines[at])
        if call is None and start is None:
            plain.append((_without_calls(lines[at]), at))
            at += 1
            continue
        yield _cell(plain)
        plain = []
        found = _magic_cell(lines, at, call[1], call[2], call[3]) if call is not None else None
        if start is not None:
            found = _python_cell(lines, at, start[1], start[2])
        if found is None:  # the text ends within it
            return
        cell, at = found
        yield cell
    yield _cell(plain)


def _cell(lines: list[tuple[str, int]]) -> VirtualCell:
    return VirtualCell("\n".join(line for line, _ in lines), tuple(at for _, at in lines))


def _magic_cell(lines: list[str], at: int, name: str, given: str, first: str) -> tuple[VirtualCell, int] | None:
    """A cell whose text is a string in a call, and the number of the line after it; None if the call does not end."""
    content = [(f"%%{name}{_unescaped(given)}", at)]
    line, number = first, at
    while not line.endswith(ENDING):
        content.append((line.replace('\\"\\"\\"', '"""'), number))
        number += 1
        if number == len(lines):
            return None
        line = lines[number]
    content.append((line.removesuffix(ENDING).replace('\\"\\"\\"', '"""'), number))
    return _cell(content), number + 1


def _python_cell(lines: list[str], at: int, name: str, given: str) -> tuple[VirtualCell, int] | None:
    """A cell with a magic that runs Python, between two comments; None if the second one is missing."""
    end = next((number for number in range(at + 1, len(lines)) if lines[number] == PYTHON_ENDING), None)
    if end is None:
        return None
    content = [(f"%%{name}{_unescaped(given)}", at)]
    content += [(_without_calls(lines[number]), number) for number in range(at + 1, end)]
    return _cell(content), end + 1


def _without_calls(line: str) -> str:
    """A line with its magic or command as it was written."""
    if "get_ipython()" not in line:
        return line
    if (found := LINE_MAGIC.match(line)) is not None:
        return f"{found[1]}%{found[2]}{_unescaped(found[3])}"
    if (found := COMMAND.match(line)) is not None:
        return f"{found[1]}!{_unescaped(found[2])}"
    return line


def _unescaped(text: str) -> str:
    """The arguments of a magic without the escapes of a string."""
    return text.replace('\\"', '"').replace("\\\\", "\\")
