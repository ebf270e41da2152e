"""Logs of events: files as a trail delivers them, JSON lines, and tables with the results of queries.

Most events are of other operations. Only those that name the operation are parsed with the places of their values, so
that large logs can be read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Reading, ReadingProblem
from hpolint.model.node import Scalar, Struct
from hpolint.model.source import Source, Span
from hpolint.readers.cloudtrail import EVENT_NAME, is_event, read_event
from hpolint.readers.json_and_yaml import read_document
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.csv_syntax import parse_csv
from hpolint.syntax.embedded import parse_text
from hpolint.syntax.json_syntax import plain_reason
from hpolint.syntax.pieced_text import Text

RECORDS = lazy_regex(r'\{\s*"Records"\s*:\s*\[')
"""The start of a trail's log file, before its events."""

BETWEEN = lazy_regex(r"[\s,]*")
RECORDS_END = lazy_regex(r"\s*\]\s*\}")
SPACE = lazy_regex(r"\s*")

DECODER = json.JSONDecoder(parse_int=float)
"""Integers as doubles: Python parses long integers in quadratic time."""


def starts_stream(text: str) -> bool:
    """Whether a text begins with one JSON document and goes on with another, as JSON lines do."""
    try:
        _, end = DECODER.raw_decode(text, _after(SPACE, text, 0))
    except (ValueError, RecursionError):
        return False
    return text[_after(SPACE, text, end) :][:1] == "{"


def read_log(source: Source) -> Reading:
    """The jobs of a log or table. An event that does not parse does not hide those before it."""
    reading = Reading(unread=list)  # nothing in a log launches a job
    try:
        if source.is_table:
            _read_table(source, reading)
        else:
            _read_stream(source, reading)
    except SyntaxProblem as problem:
        reading.problems.append(ReadingProblem(problem.reason, problem.span))
    return reading


def _read_stream(source: Source, reading: Reading) -> None:
    for start, end in _documents(source):
        text = source.text[start:end]
        if EVENT_NAME in text:
            document = parse_text(Text(source).add([(text, start, end)]))
            reading.take(read_document(source, document))


def _documents(source: Source) -> Iterator[tuple[int, int]]:
    """The start and end of each document, and of each event of a trail's log file. Raises SyntaxProblem."""
    text = source.text
    at = _after(SPACE, text, 0)
    is_in_records = False
    while at < len(text):
        records = RECORDS.match(text, at)
        end = RECORDS_END.match(text, at)
        if records is not None and not is_in_records:
            is_in_records, at = True, records.end()
        elif end is not None and is_in_records:
            is_in_records, at = False, end.end()
        else:
            stop = _end_of_document(source, at)
            yield at, stop
            at = stop
        at = _after(BETWEEN, text, at)
    if is_in_records:
        last = max(len(text.rstrip()) - 1, 0)
        raise SyntaxProblem("the JSON ends too early", source.span(last, last + 1))


def _end_of_document(source: Source, start: int) -> int:
    try:
        _, end = DECODER.raw_decode(source.text, start)
    except json.JSONDecodeError as error:
        at = min(error.pos, max(len(source.text) - 1, 0))
        raise SyntaxProblem(plain_reason(error), source.span(at, at + 1)) from None
    except RecursionError:
        raise SyntaxProblem("nested too deep to be read", source.span(start, start + 1)) from None
    return end


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match is not None else at


def _read_table(source: Source, reading: Reading) -> None:
    """Read the rows of a table whose first row has the names of the columns."""
    rows = parse_csv(source)
    header = next(rows, [])
    names = [str(cell.value) for cell in header]
    for row in rows:
        if not any(EVENT_NAME in str(cell.value) for cell in row):
            continue
        event = _row(names, row)
        if is_event(event):
            reading.take(read_event(source, event))


def _row(names: list[str], row: list[Scalar]) -> Struct:
    """A row as a structure. The place of a column's name in it is the start of its cell."""
    first, last = row[0].span, row[-1].span
    span = Span(first.line, first.column, last.end_line, last.end_column)
    event = Struct({}, span, _start(first))
    for name, cell in zip(names, row, strict=False):
        event.members[name] = cell
        event.keys[name] = _start(cell.span)
    return event


def _start(span: Span) -> Span:
    return Span(span.line, span.column, span.line, span.column + 1)
