"""The lines and comments of R's text, for comments that suppress findings."""

from __future__ import annotations

from collections.abc import Iterator

from hpolint.model.source import Source
from hpolint.readers.python.interpreter.units import Problem
from hpolint.readers.r.chunks import chunks, masked
from hpolint.readers.r.parser import parse
from hpolint.readers.r.syntax import walk
from hpolint.readers.r.tokens import Kind, tokens_of


def comment_ranges(text: str) -> Iterator[tuple[int, int]]:
    """The offsets of the comments; none of a text with a character that is not part of R."""
    try:
        tokens = tokens_of(text)
    except Problem:
        return
    before = 0
    for token in tokens:
        at = text.find("#", before, token.start)
        while at >= 0:
            end = text.find("\n", at, token.start)
            end = token.start if end < 0 else end
            yield at, end
            at = text.find("#", end, token.start)
        before = token.end


def free_lines(source: Source) -> set[int]:
    """The lines above which a comment may be written: those that do not begin within a string."""
    free = set(range(1, len(source.line_starts) + 1))
    try:
        tokens = tokens_of(source.text)
    except Problem:
        return set()
    for token in tokens:
        if token.kind in (Kind.STRING, Kind.QUOTED_NAME) and "\n" in token.text:
            span = source.span(token.start, token.end)
            free.difference_update(range(span.line + 1, span.end_line + 1))
    return free


def ranges(source: Source) -> list[tuple[int, int]]:
    """The first and last lines of all expressions and arguments; none of a text that does not parse."""
    try:
        program = parse(source.text)
    except Problem:
        return []
    lines: list[tuple[int, int]] = []
    for node in walk(*program):
        span = source.span(node.start, node.end)
        lines.append((span.line, span.end_line))
    return lines


def chunk_sources(source: Source) -> list[Source]:
    """The chunks of each language of a document, as texts in which all else is blank."""
    languages = {".R": "r", ".py": "python"}
    return [Source(f"{source.name}{ending}", masked(source.text, engine)) for ending, engine in languages.items()]


def chunk_lines(source: Source) -> set[int]:
    """The lines of a document's chunks of R above which a comment may be written."""
    part = chunk_sources(source)[0]
    lines: set[int] = set()
    for chunk in chunks(source.text):
        if chunk.engine == "r":
            span = source.span(chunk.start, chunk.end)
            lines.update(range(span.line, span.end_line))
    return lines & free_lines(part)
