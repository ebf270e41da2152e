"""The text of a table in HTML. Imported where one is read: Python's parser of HTML takes a while to load."""

from __future__ import annotations

from html.parser import HTMLParser


def first_table(page: str) -> list[list[str]]:
    """The rows of a page's first table that have cells, as the texts of the cells."""
    parser = _TableParser()
    parser.feed(page)
    return [row for row in parser.rows if row]


class _TableParser(HTMLParser):
    """Collects the first table's cells, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._is_in_cell = False
        self._is_done = False

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        """Begin a row or a cell."""
        if self._is_done:
            return
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td") and self.rows:
            self.rows[-1].append("")
            self._is_in_cell = True

    def handle_endtag(self, tag: str) -> None:
        """End a cell or the table."""
        self._is_done |= tag == "table"
        if tag in ("th", "td"):
            self._is_in_cell = False

    def handle_data(self, data: str) -> None:
        """Add text to the current cell."""
        if self._is_in_cell and not self._is_done:
            self.rows[-1][-1] += data.strip()
