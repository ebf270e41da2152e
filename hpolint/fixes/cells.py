"""Convert edits of a notebook cell to edits of the file; its source stays a list of lines, or a single string."""

from __future__ import annotations

import json

from hpolint.fixes.edits import Edit
from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import Cell, Source

LINE = lazy_regex(r"[^\n]*\n|[^\n]+")
SPLIT = lazy_regex(r'",\s*"')


def in_file(source: Source, cell: Cell, edit: Edit) -> Edit:
    """An edit of a cell's text as an edit of the notebook's text."""
    text = cell.text.text
    start = cell.place(edit.start)[0] if edit.start < len(text) else cell.place(edit.start - 1)[1]
    if edit.end > edit.start:
        end = cell.place(edit.end - 1)[1]
        has_rest = text[edit.end - 1] != "\n"
    else:
        end = start
        has_rest = edit.end < len(text)
    between = _between(source.text, cell)
    if between is None or "\n" not in edit.text:
        return Edit(start, end, _escaped(edit.text))
    words = between.join(_escaped(line) for line in LINE.findall(edit.text))
    if has_rest and edit.text.endswith("\n"):  # the rest of the string becomes a separate string
        words += between
    return Edit(start, end, words)


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _between(text: str, cell: Cell) -> str | None:
    """The text between two strings of the cell's source; None if the source is a single string."""
    first = cell.place(0)[0]
    before = text[:first].rstrip('"').rstrip()
    if not before.endswith("["):
        return None
    size = len(cell.text.text)
    end_of_line = cell.text.text.find("\n")
    if 0 <= end_of_line < size - 1:
        match = SPLIT.match(text, cell.place(end_of_line)[1])
        if match is not None:
            return match[0]
    opening = text[len(before) : first]
    return f'",{opening}'
