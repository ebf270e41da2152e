"""Text for people: place, rule, message, the source with the value underlined, what to write instead."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterator

from hpolint.engine import Finding, OpenJudgement
from hpolint.fix import Fix
from hpolint.job import TuningJob
from hpolint.node import Path, Unknown, path_text, walk
from hpolint.printing import LONG, brief, on_terminal, visible
from hpolint.report import Report
from hpolint.source import Source, Span
from hpolint.spelling import API, Spelling

Styled = tuple[str, str]
"""A piece of text and its style; a line is a list of them."""

STYLES = {"error": "1;31", "warning": "1;33", "note": "1;36", "bold": "1", "rail": "34", "help": "32"}
MIN_WIDTH, PIPE_WIDTH = 40, 120
SHOWN_LINES = 3


def render(report: Report, *, width: int | None = None, colour: bool = False, undecided: bool = False) -> str:
    """The findings, each a block. ``width`` cuts source lines; messages are left whole."""
    columns = max(width or PIPE_WIDTH, MIN_WIDTH)
    names = [job.source.name for job in report.jobs]
    blocks = [
        _finding(finding, report.sources[finding.source], columns, crowded=names.count(finding.source) > 1)
        for finding in report.findings
    ]
    if undecided:
        open_values = report.open_values()
        blocks += [_open_value(report.sources[name], value, open_, columns) for name, value, open_ in open_values]
        unread = [*report.skipped, *((name, "it names a tuning job in no form that is read") for name in report.empty)]
        blocks += [[[(f"{name}: ", "bold"), (f"not read: {reason}", "")]] for name, reason in sorted(unread)]
    return "".join("".join(_line(line, colour) for line in block) + "\n" for block in blocks)


def terminal_width() -> int | None:
    """The terminal's columns; None where there is no terminal."""
    return shutil.get_terminal_size().columns if on_terminal(sys.stdout) else None


def statistics(report: Report) -> str:
    """A table of the rules that found something."""
    rows = [(str(count), rule.level, rule.id, rule.summary) for rule, count in report.by_rule()]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = [
        f"{count:>{widths[0]}}  {level:<{widths[1]}}  {name:<{widths[2]}}  {text}" for count, level, name, text in rows
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _finding(finding: Finding, source: Source, width: int, *, crowded: bool) -> list[list[Styled]]:
    rule = finding.rule
    place = source.shown(finding.span)
    shown, span = _view(source, finding.span)
    first, *others = finding.message
    head = [(f"{place}: ", "bold"), (f"{rule.level}[{rule.id}]", rule.level), (f" {first}", "bold")]
    lines = [head, *_excerpt(shown, span, width, rule.level)]
    gutter = " " * len(str(span.line))
    spelling = finding.job.spelling if finding.job is not None else API
    lines += [
        [(f"{gutter} = ", "rail"), (f"{name}: {_where(source, other)}", "")]
        for other, name in finding.related
        if not finding.span.line <= other.line <= finding.span.end_line
    ]
    lines += [[(f"{gutter} = ", "rail"), (sentence, "help")] for sentence in others]
    if finding.fix is not None:
        lines.append([(f"{gutter} = ", "rail"), (f"{finding.fix.safety} fix: {fix_text(finding.fix, spelling)}", "")])
    if finding.job is not None and (crowded or finding.job.carrier is not None):
        lines.append([(f"{gutter} = ", "rail"), (f"in the tuning job {_which(finding.job, source)}", "")])
    return lines


def _which(job: TuningJob, source: Source) -> str:
    """A job by its name and what carries it, else by its place."""
    name = f"`{brief(job.name, LONG)}`" if job.name is not None else ""
    carrier = f"of the {job.carrier}" if job.carrier is not None else ""
    return f"{name} {carrier}".strip() or f"that begins in {_where(source, job.request.anchor)}"


def _view(source: Source, span: Span) -> tuple[Source, Span]:
    """The text and place to show: in a notebook those of the cell."""
    found = source.in_cell(span) if source.cells else None
    return (source, span) if found is None else (found[0].text, found[1])


def _where(source: Source, span: Span) -> str:
    found = source.in_cell(span) if source.cells else None
    return f"line {span.line}" if found is None else f"cell {found[0].number}, line {found[1].line}"


def fix_text(fix: Fix, spelling: Spelling) -> str:
    """A fix in words, as the source spells them."""
    parts = [spelling.at(path).value(_last(path), value) for path, value in fix.set.items()]
    parts += [f"rename {_last(path)} to {spelling.at((*path[:-1], n)).name(n)}" for path, n in fix.rename.items()]
    parts += [f"remove {spelling.at(path).name(_last(path))}" for path in fix.remove]
    return ", ".join(parts)


def _last(path: Path) -> str:
    """A path's last name, with the index of an item: ``Values[0]``."""
    named = next((at for at in range(len(path) - 1, -1, -1) if isinstance(path[at], str)), 0)
    return brief(path_text(path[named:]), LONG)


def _open_value(source: Source, unknown: Unknown, open_: list[OpenJudgement], width: int) -> list[list[Styled]]:
    place = source.shown(unknown.span)
    shown, span = _view(source, unknown.span)
    gutter = " " * len(str(span.line))
    rules = ", ".join(dict.fromkeys(judgement.rule.id for judgement in open_))
    return [
        [(f"{place}: ", "bold"), ("unknown", "note"), (f": {_subject(unknown, open_)}{unknown.reason}", "bold")],
        *_excerpt(shown, span, width, "note"),
        [(f"{gutter} = ", "rail"), (f"undecided because of it: {rules}", "")],
    ]


def _subject(unknown: Unknown, open_: list[OpenJudgement]) -> str:
    """The name of the field that is unknown, where its reason does not name it."""
    if unknown.reason.startswith("`"):
        return ""
    request = open_[0].job.request
    path = next((path for path, node in walk(request) if node is unknown and path), None)
    if not path or not isinstance(path[-1], str):
        return "this value "
    return f"`{open_[0].job.spelling.at(path).name(path[-1])}` "


def _excerpt(source: Source, span: Span, width: int, style: str) -> Iterator[list[Styled]]:
    """The lines of a span with marks below; of a long span the first lines, of a long line the part around it."""
    if not source.text:
        return
    last = min(span.end_line, span.line + SHOWN_LINES - 1)
    margin = len(str(last))
    yield [(f"{' ' * margin} |", "rail")]
    for number in range(span.line, last + 1):
        text = source.line(number)
        start = span.column - 1 if number == span.line else len(text) - len(text.lstrip())
        end = span.end_column - 1 if number == span.end_line else len(text)
        shown, marks = _window(text, start, max(end, start + 1), width - margin - 3)
        yield [(f"{number:>{margin}} | ", "rail"), (shown, "")]
        yield [(f"{' ' * margin} | ", "rail"), (marks, style)]
    if last < span.end_line:
        yield [(f"{' ' * margin} | ", "rail"), (f"… to line {span.end_line}", "")]


def _window(text: str, start: int, end: int, width: int) -> tuple[str, str]:
    """The part of a line that fits, and the marks below it, counted in terminal cells."""
    width = max(width, 20)
    first = max(start - width, 0)  # a long line is looked at only around the value
    before, marked = visible(text[first:start]), visible(text[start : min(end, start + width)])
    after = visible(text[end : end + width])
    room = width - 1 if _cells(before + marked + after) <= width else max(width // 3, width - _cells(marked) - 2)
    if first or _cells(before) > room:
        while before and _cells(before) > room - 1:
            before = before[1:]
        before = f"…{before}"
    marks = max(min(_cells(marked), width - _cells(before)), 1)
    return _cut(before + marked + after, width), " " * _cells(before) + "^" * marks


def _cut(text: str, width: int) -> str:
    if _cells(text) <= width:
        return text
    while text and _cells(text) > width - 1:
        text = text[: -max((_cells(text) - width) // 2, 1)]
    return text + "…"


def _cells(text: str) -> int:
    """How many terminal cells a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in text
    )


def _line(line: list[Styled], colour: bool) -> str:
    line = [(visible(text), style) for text, style in line]
    if not colour:
        return "".join(text for text, _ in line).rstrip() + "\n"
    return "".join(f"\033[{STYLES[style]}m{text}\033[0m" if style and text else text for text, style in line) + "\n"
