"""The lines that a comment covers: its own, or those of the statement or member that begins below it."""

from __future__ import annotations

import warnings
from functools import cached_property

from msgspec.structs import replace

from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import language_of
from hpolint.model.source import Source
from hpolint.suppressions.ignore_comments import Comment

STRING = lazy_regex(r'"(?:[^"\\\n]|\\.)*+"')
HEREDOC = lazy_regex(r"[=(,\[?:{]\s*<<-?(?P<mark>[^\W\d][\w-]*)\s*\Z")
"""The end of a line of Terraform below which a text begins. A line with the mark alone ends it."""
CLOSING = " \t)]},"
PROGRAMS = ("Python", "notebooks", "R", "R documents")
Lines = tuple[int, int]
"""The first and the last line, from 1."""


class Extents:
    """The extents of the comments in one text, which is analysed once for all comments."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ends: dict[int, int] = {}

    def lines(self, comment: Comment) -> Lines:
        """The lines that a comment covers, as lines of the text that it is in."""
        line = comment.span.line
        if not comment.is_alone:
            before = self._source.line(line)[: comment.span.column - 1]
            return (line if before.strip(CLOSING) else self._first_line(line)), line
        first = self._next_content[comment.span.end_line]
        return first, self.last_line(first)

    def last_line(self, first: int) -> int:
        """The last line of what begins in a line."""
        if first not in self._ends:
            self._ends[first] = self._last_line(first)
        return self._ends[first]

    def _first_line(self, last: int) -> int:
        """The first line of the construct that ends in a line of closing brackets."""
        is_program = language_of(self._source.name).name in PROGRAMS
        return self._program_starts.get(last, last) if is_program else last

    def _last_line(self, first: int) -> int:
        """The last line of the construct that begins in a line."""
        language = language_of(self._source.name).name
        if language in PROGRAMS:
            return self._program_ends.get(first, first)
        if language == "Terraform":
            return _last_line_of_block(self._source, first)
        return _last_line_of_entry(self._source, first)

    @cached_property
    def _next_content(self) -> dict[int, int]:
        """For each line, the next line with more than a comment; the last line if there is none."""
        following = last = len(self._source.line_starts)
        found = {}
        for number in range(last, 0, -1):
            found[number] = following
            text = self._source.line(number).strip()
            if text and not text.startswith(("#", "//")):
                following = number
        return found

    @cached_property
    def _program_ends(self) -> dict[int, int]:
        """The last line of the longest statement, argument or entry, by its first line."""
        ends: dict[int, int] = {}
        for line, end in self.program_ranges:
            ends[line] = max(ends.get(line, line), end)
        return ends

    @cached_property
    def _program_starts(self) -> dict[int, int]:
        """The first line of the longest statement, argument or entry, by its last line."""
        starts: dict[int, int] = {}
        for line, end in self.program_ranges:
            starts[end] = min(starts.get(end, end), line)
        return starts

    @cached_property
    def program_ranges(self) -> list[Lines]:
        """The first and last lines of a program's statements, arguments and entries."""
        language = language_of(self._source.name).name
        if language == "R":
            from hpolint.readers.r.text_lines import ranges

            return ranges(self._source)
        if language == "R documents":
            from hpolint.readers.r.text_lines import chunk_sources

            ranges_of_chunks: list[Lines] = []
            for part in chunk_sources(self._source):
                ranges_of_chunks += Extents(part).program_ranges
            return ranges_of_chunks
        return self._python_ranges()

    def _python_ranges(self) -> list[Lines]:
        """The first and last lines of Python's statements, arguments and dictionary entries."""
        import ast

        from hpolint.readers.python.interpreter.units import Problem, module_unit
        from hpolint.readers.python.interpreter.walking import walk
        from hpolint.readers.python.notebook import without_magics

        unit = replace(module_unit(self._source), text=without_magics(self._source.text))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = unit.parse()
        except Problem:
            return []
        found: list[Lines] = []
        for node in walk(tree):
            places = [(getattr(node, "lineno", None), getattr(node, "end_lineno", None))]
            if isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                places = [((key or value).lineno, value.end_lineno) for key, value in pairs]
            found += [(line, end) for line, end in places if line is not None and end is not None]
        return found


def _last_line_of_entry(source: Source, first: int) -> int:
    """The last line of an entry of a mapping or list: lines below with more indentation belong to it."""
    indent = _indent(source.line(first))
    last = first
    for number in range(first + 1, len(source.line_starts) + 1):
        text = source.line(number)
        if text.strip() and not text.lstrip().startswith("#"):
            if _indent(text) <= indent:
                break
            last = number
    return last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _last_line_of_block(source: Source, first: int) -> int:
    """The last line of a block or attribute: the line that closes its brackets, or ends its heredoc."""
    depth, last = 0, len(source.line_starts)
    mark = ""
    for number in range(first, last):
        line = source.line(number)
        if mark and line.strip() != mark:
            continue  # brackets of a text in a heredoc are not those of the block
        heredoc = HEREDOC.search(line)
        mark = heredoc["mark"] if heredoc is not None else ""
        text = STRING.sub("", line)
        depth += sum(text.count(each) for each in "{[(") - sum(text.count(each) for each in "}])")
        if depth <= 0 and not mark:
            return number
    return last
