"""Edits of a notebook cell's text as edits of the file: its source stays a list of lines, or one string."""

from __future__ import annotations

import json
import re

from hpolint.fixes.edits import Edit
from hpolint.model.source import Cell, Source

LINE = re.compile(r"[^\n]*\n|[^\n]+")
SPLIT = re.compile(r'",\s*"')


def in_file(source: Source, cell: Cell, edit: Edit) -> Edit:
    """An edit of a cell's text as one of the notebook's."""
    text = cell.text.text
    start = cell.place(edit.start)[0] if edit.start < len(text) else cell.place(edit.start - 1)[1]
    end = cell.place(edit.end - 1)[1] if edit.end > edit.start else start
    between = _between(source.text, cell)
    if between is None or "\n" not in edit.text:
        return Edit(start, end, _spelled(edit.text))
    lines = LINE.findall(edit.text)
    words = between.join(_spelled(line) for line in lines)
    # Behind a line's end the rest of the string, if there is any, becomes one of its own.
    has_rest = text[edit.end - 1] != "\n" if edit.end > edit.start else edit.end < len(text)
    return Edit(start, end, words + (between if has_rest and lines[-1].endswith("\n") else ""))


def _spelled(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _between(text: str, cell: Cell) -> str | None:
    """What stands between two strings of the cell's source; None where it is one string."""
    first = cell.place(0)[0]
    before = text[:first].rstrip('"').rstrip()
    if not before.endswith("["):
        return None
    size = len(cell.text.text)
    end_of_line = cell.text.text.find("\n")
    if 0 <= end_of_line < size - 1:
        found = SPLIT.match(text, cell.place(end_of_line)[1])
        if found is not None:
            return found[0]
    opening = text[len(before) : first]
    return f'",{opening}'
