"""The lines that a comment is about: its own, or those of the statement or member that begins below it."""

from __future__ import annotations

import ast
import re
import warnings

from hpolint.forms import language_of
from hpolint.source import Source
from hpolint.suppressing.comments import Comment

STRING = re.compile(r'"(?:[^"\\\n]|\\.)*+"')
Lines = tuple[int, int]
"""The first and the last one."""


def lines_of(comment: Comment, source: Source) -> Lines:
    """The lines of the comment's own text that it is about."""
    if not comment.is_alone:
        return comment.span.line, comment.span.line
    first = _next_line(source, comment.span.end_line)
    language = language_of(source.name).name
    if language in ("Python", "notebooks"):
        return first, _end_in_python(source, first)
    return first, _end_of_block(source, first) if language == "Terraform" else _end_of_entry(source, first)


def _next_line(source: Source, line: int) -> int:
    """The next line that holds more than a comment."""
    last = len(source.line_starts)
    for number in range(line + 1, last + 1):
        text = source.line(number).strip()
        if text and not text.startswith(("#", "//")):
            return number
    return last


def _end_in_python(source: Source, first: int) -> int:
    """Where the longest statement, argument or entry ends that begins in a line."""
    from hpolint.readers.python.notebook import without_magics

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(without_magics(source.text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return first
    ends = [first]
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            pairs = [(key or value, value) for key, value in zip(node.keys, node.values, strict=True)]
            ends += [value.end_lineno or first for key, value in pairs if key.lineno == first]
        elif getattr(node, "lineno", None) == first:
            ends.append(getattr(node, "end_lineno", None) or first)
    return max(ends)


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
    depth = 0
    for number in range(first, len(source.line_starts) + 1):
        text = STRING.sub("", source.line(number))
        depth += sum(text.count(each) for each in "{[(") - sum(text.count(each) for each in "}])")
        if depth <= 0:
            return number
    return len(source.line_starts)
