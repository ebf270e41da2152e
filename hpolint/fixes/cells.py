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
    end = cell.place(edit.end - 1)[1] if edit.end > edit.start else start
    between = _between(source.text, cell)
    if between is None or "\n" not in edit.text:
        return Edit(start, end, _escaped(edit.text))
    lines = LINE.findall(edit.text)
    words = between.join(_escaped(line) for line in lines)
    # After a line end, the rest of the string (if any) becomes a separate string.
    has_rest = text[edit.end - 1] != "\n" if edit.end > edit.start else edit.end < len(text)
    return Edit(start, end, words + (between if has_rest and lines[-1].endswith("\n") else ""))


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
        found = SPLIT.match(text, cell.place(end_of_line)[1])
        if found is not None:
            return found[0]
    opening = text[len(before) : first]
    return f'",{opening}'
