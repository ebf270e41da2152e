"""The lines that a comment is about: its own, or those of the statement or member that begins below it."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import replace
from functools import cached_property

from hpolint.model.forms import language_of
from hpolint.model.source import Source
from hpolint.readers.python.interpreter.units import Problem, module_unit
from hpolint.readers.python.interpreter.walking import walk
from hpolint.readers.python.notebook import without_magics
from hpolint.suppressions.ignore_comments import Comment

STRING = re.compile(r'"(?:[^"\\\n]|\\.)*+"')
CLOSING = " \t)]},"
Lines = tuple[int, int]
"""The first and the last one."""


class Extents:
    """What the comments of one text are about; the text is gone through once, however many they are."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ends: dict[int, int] = {}

    def lines(self, comment: Comment) -> Lines:
        """The lines of the comment's own text that it is about."""
        line = comment.span.line
        if not comment.is_alone:
            before = self._source.line(line)[: comment.span.column - 1]
            return (line if before.strip(CLOSING) else self._begin(line)), line
        first = self._next[comment.span.end_line]
        if first not in self._ends:
            self._ends[first] = self._end(first)
        return first, self._ends[first]

    def _begin(self, last: int) -> int:
        """Where what is closed in a line begins; only brackets stand there."""
        is_python = language_of(self._source.name).name in ("Python", "notebooks")
        return self._starts.get(last, last) if is_python else last

    def _end(self, first: int) -> int:
        language = language_of(self._source.name).name
        if language in ("Python", "notebooks"):
            return self._in_python.get(first, first)
        return _end_of_block(self._source, first) if language == "Terraform" else _end_of_entry(self._source, first)

    @cached_property
    def _next(self) -> dict[int, int]:
        """For each line the next one that holds more than a comment; the last one where there is none."""
        following = last = len(self._source.line_starts)
        found = {}
        for number in reversed(range(1, last + 1)):
            found[number] = following
            text = self._source.line(number).strip()
            if text and not text.startswith(("#", "//")):
                following = number
        return found

    @cached_property
    def _in_python(self) -> dict[int, int]:
        """For each line where the longest statement, argument or entry ends that begins in it."""
        ends: dict[int, int] = {}
        for line, end in self._pieces:
            ends[line] = max(ends.get(line, line), end)
        return ends

    @cached_property
    def _starts(self) -> dict[int, int]:
        """For each line where the longest statement, argument or entry begins that ends in it."""
        starts: dict[int, int] = {}
        for line, end in self._pieces:
            starts[end] = min(starts.get(end, end), line)
        return starts

    @cached_property
    def _pieces(self) -> list[Lines]:
        """The statements, arguments and entries of Python: where each begins and ends."""
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


def _end_of_entry(source: Source, first: int) -> int:
    """The last line of a mapping's or list's entry: those below it that are indented further belong to it."""
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


def _end_of_block(source: Source, first: int) -> int:
    """The last line of a block or attribute: the one in which its brackets are closed."""
    depth, last = 0, len(source.line_starts)
    for number in range(first, last):
        text = STRING.sub("", source.line(number))
        depth += sum(text.count(each) for each in "{[(") - sum(text.count(each) for each in "}])")
        if depth <= 0:
            return number
    return last
