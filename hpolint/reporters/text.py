"""Text for people: place, rule, message, the source with the value underlined, what to write instead."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterator

from hpolint.finding import Finding, OpenJudgement, Suppressed
from hpolint.fix import Fix
from hpolint.job import TuningJob
from hpolint.node import Unknown
from hpolint.pages import page_url
from hpolint.printing import on_terminal, visible
from hpolint.report import Report
from hpolint.source import Source, Span
from hpolint.telling import advice, because, last_name, line_of, spelled
from hpolint.wording import Advice

Styled = tuple[str, str] | tuple[str, str, str]
"""A piece of text and its style, and where it leads to if it is a link; a line is a list of them."""

STYLES = {"error": "1;31", "warning": "1;33", "note": "1;36", "bold": "1", "rail": "34", "help": "32"}
MIN_WIDTH, PIPE_WIDTH = 40, 120
SHOWN_LINES = 3


def render(report: Report, *, width: int | None = None, colour: bool = False, undecided: bool = False) -> str:
    """The findings, each a block. ``width`` cuts source lines; messages are left whole."""
    columns = max(width or PIPE_WIDTH, MIN_WIDTH)
    names = [job.source.name for job in report.jobs]

    def block(finding: Finding) -> list[list[Styled]]:
        return _finding(finding, report.sources[finding.source], columns, crowded=names.count(finding.source) > 1)

    blocks = [block(finding) for finding in report.findings]
    if report.shows_suppressed:
        blocks += [_silenced(each, block(each.finding)) for each in report.suppressed]
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
    rows = [(str(count), level, rule.id, rule.summary) for rule, level, count in report.by_rule()]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = [
        f"{count:>{widths[0]}}  {level:<{widths[1]}}  {name:<{widths[2]}}  {text}" for count, level, name, text in rows
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _finding(finding: Finding, source: Source, width: int, *, crowded: bool) -> list[list[Styled]]:
    place = source.shown(finding.span)
    shown, span = _view(source, finding.span)
    first, *others = finding.text
    rule = (finding.rule.id, finding.level, page_url(finding.rule))
    level: list[Styled] = [(f"{finding.level}[", finding.level), rule, ("]", finding.level)]
    head = [(f"{place}: ", "bold"), *level, (f" {first}", "bold")]
    lines = [head, *_excerpt(shown, span, width, finding.level)]
    gutter = " " * len(str(span.line))
    lines += [
        [(f"{gutter} = ", "rail"), (f"{each.name}: {line_of(source, each.span)}", "")]
        for each in finding.related
        if not finding.span.line <= each.span.line <= finding.span.end_line
    ]
    said = _says_fix(finding)
    for index, sentence in enumerate(others, 1):
        tag = f" ({finding.fix.safety} fix)" if finding.fix is not None and index == said else ""
        lines.append([(f"{gutter} = ", "rail"), (f"{sentence}{tag}", "help")])
    if finding.fix is not None and said is None:
        fix = fix_text(finding.fix, finding.job)
        lines.append([(f"{gutter} = ", "rail"), (f"{finding.fix.safety} fix: {fix}", "")])
    which = _which(finding.job, source, crowded=crowded) if finding.job is not None else None
    return [*lines, [(f"{gutter} = ", "rail"), (f"in {which}", "")]] if which is not None else lines


def _silenced(each: Suppressed, block: list[list[Styled]]) -> list[list[Styled]]:
    """A finding that is not told otherwise, and who says so."""
    if each.suppression is None:
        why = "known: it is in the baseline"
    else:
        until = f", until {each.suppression.until}" if each.suppression.until is not None else ""
        why = f"suppressed{until}: {each.suppression.reason or 'no reason is given'}"
    return [*block, [("  = ", "rail"), (why, "note")]]


def _says_fix(finding: Finding) -> int | None:
    """The number of the sentence that says all that the fix writes; None if none does."""
    fix = finding.fix
    if fix is None or fix.remove or fix.rename:
        return None
    for index, sentence in enumerate(finding.message):
        if any(isinstance(part, Advice) and dict(part.set) == fix.set for part in sentence):
            return index
    return None


def _which(job: TuningJob, source: Source, *, crowded: bool) -> str | None:
    """A job by its variable or name, and what carries it; where there are others and it has none, by its place."""
    at = line_of(source, job.request.anchor)
    if job.carrier is not None:
        named = job.label is not None and job.label not in job.carrier
        return f"{job.label} of the {job.carrier}" if named else f"the {job.carrier}"
    if job.variable is not None:
        return f"{job.label}, {at}" if crowded or job.cell is not None else None
    return (job.label or f"the tuning job that begins in {at}") if crowded else None


def _view(source: Source, span: Span) -> tuple[Source, Span]:
    """The text and place to show: in a notebook those of the cell."""
    found = source.in_cell(span) if source.cells else None
    return (source, span) if found is None else (found[0].text, found[1])


def fix_text(fix: Fix, job: TuningJob | None) -> str:
    """A fix in words, as the source spells them."""
    parts = [advice(Advice(tuple(fix.set.items())), job)] if fix.set else []
    name = {path: job.spelling.at(path).name(last_name(path)) if job else last_name(path) for path in fix.remove}
    parts += [f"rename {last_name(path)} to {job.spelling.name(to) if job else to}" for path, to in fix.rename.items()]
    parts += [f"remove `{name[path]}`" for path in fix.remove]
    return ", ".join(parts)


def _open_value(source: Source, unknown: Unknown, open_: list[OpenJudgement], width: int) -> list[list[Styled]]:
    place = source.shown(unknown.span)
    shown, span = _view(source, unknown.span)
    gutter = " " * len(str(span.line))
    rules = ", ".join(dict.fromkeys(judgement.rule.id for judgement in open_))
    return [
        [
            (f"{place}: ", "bold"),
            ("unknown", "note"),
            (f": {spelled(open_[0].job, unknown)}{because(unknown)}", "bold"),
        ],
        *_excerpt(shown, span, width, "note"),
        [(f"{gutter} = ", "rail"), (f"undecided because of it: {rules}", "")],
    ]


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
    if not colour:
        return "".join(visible(piece[0]) for piece in line).rstrip() + "\n"
    return "".join(_piece(*piece) for piece in line) + "\n"


def _piece(text: str, style: str, address: str = "") -> str:
    """A piece as terminals take it. One that knows no links (OSC 8) shows the text alone."""
    text = visible(text)
    text = f"\033[{STYLES[style]}m{text}\033[0m" if style and text else text
    return f"\033]8;;{address}\033\\{text}\033]8;;\033\\" if address else text
