"""The text report: place, rule, message, the source with the value underlined, and the fix."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

from hpolint.io.escaping import is_terminal
from hpolint.model.finding import Suppressed
from hpolint.model.fix import WrittenFix
from hpolint.model.message_text import joined_words
from hpolint.report.records import Diagnostic, JobSummary, Place, RelatedPlace
from hpolint.report.report import MAX_SHOWN, OpenValue, Report
from hpolint.report.stages import joined
from hpolint.reporters.layout import Line, printed, window, wrapped
from hpolint.reporters.machine_reports import sorted_by_level

MIN_WIDTH, PIPE_WIDTH = 40, 120
MAX_COLUMNS = 400
"""Columns of the source's lines: no more of them is recorded."""
MAX_FIX_LINES, MAX_RELATED = 24, 12
"""Lines of a fix, and related places or sentences that are shown: JSON and SARIF have all."""

NOBODY_SETTLES = "not counted: no value in the source can settle it"
CONFIG_SETTLES = "not counted: `sdk-config` settles it, with the path of that file or `none`"
"""What is said of unknown values that the summary does not count."""

Block: TypeAlias = list[Line]


def render(
    report: Report,
    *,
    width: int | None = None,
    colour: bool = False,
    undecided: bool = False,
    everything: bool = True,
    can_fix: bool = True,
) -> str:
    """The findings, most severe first, each as a block. ``width`` wraps messages and cuts source lines.

    Without ``can_fix``, as for a request that no file holds, fixes are advice: nothing says whether they are safe.

    Without ``everything``, notes take one line, repeats of a rule in a file are listed at the first one, notes of the
    same rule in other files are only counted, and only the first blocks are shown.
    """
    page = _Page(report, width, everything=everything, can_fix=can_fix)
    blocks = page.findings()
    if report.shows_suppressed:
        blocks += [_suppressed(each, page.block(each.finding)) for each in report.suppressed]
    blocks += page.open_values() if undecided else page.open_locked_rules()
    text, was_long = "", False
    for block in blocks:  # blank lines around blocks of several lines, none between notes
        is_long = len(block) > 1
        text += "\n" if text and (is_long or was_long) else ""
        for line in block:
            text += "".join(printed(part, colour=colour) for part in page.fitted(line))
        was_long = is_long
    return text + "\n" if text else ""


class _Page:
    """The blocks of one report."""

    def __init__(self, report: Report, width: int | None, *, everything: bool, can_fix: bool) -> None:
        self._report = report
        self._can_fix = can_fix
        self._width = max(width, MIN_WIDTH) if width is not None else None
        self._columns = min(self._width or PIPE_WIDTH, MAX_COLUMNS)
        self._names = Counter(job.source for job in report.jobs)
        self._everything = everything
        self._repeats = joined(sorted_by_level(report.findings))
        self._copies = {repeats.finding.key: repeats.copies for repeats in self._repeats if repeats.copies}

    def fitted(self, line: Line) -> Iterator[Line]:
        """A line wrapped to the width; source lines are cut already and stay as they are."""
        first = line[0][0] if line else ""
        if first.rstrip().endswith(("|", "-", "+")) or self._width is None:
            return iter([line])
        hanging = len(first) if first.endswith(" = ") else 4
        return wrapped(line, self._width, hanging)

    def findings(self) -> list[Block]:
        """The blocks of the findings; unless everything is printed, repeats of a rule in a file share one."""
        found = [repeats.finding for repeats in self._repeats]
        if self._everything:
            return [self.block(finding) for finding in found]
        groups: dict[object, list[Diagnostic]] = {}
        first_notes: dict[str, Diagnostic] = {}  # by rule
        for finding in found:
            key = self._group_key(finding)
            if finding.level == "note" and finding.undecided is None:
                first = first_notes.setdefault(finding.rule.id, finding)
                key = self._group_key(first) if first.source != finding.source else key
            groups.setdefault(key, []).append(finding)
        shown = list(groups.values())
        blocks = [self._grouped(each) for each in shown[:MAX_SHOWN]]
        left = sum(map(len, shown[MAX_SHOWN:]))
        if left:
            blocks.append([[(f"… and {left:,} more: `--all` prints all findings", "note")]])
        elif any(group[-1].source != group[0].source for group in shown):  # only a rule's notes are of several files
            blocks.append([[("… `--all` prints all notes", "note")]])
        return blocks

    def _group_key(self, finding: Diagnostic) -> object:
        """The key that findings of one block share: file, rule, level, first sentence and stages, or unknown value."""
        if finding.undecided is not None:
            return finding.file, finding.undecided
        return finding.source, finding.rule.id, finding.level, finding.text[0], self._copies.get(finding.key)

    def _grouped(self, group: list[Diagnostic]) -> Block:
        first, *others = (finding for finding in group if finding.source == group[0].source)
        elsewhere = [finding.source for finding in group if finding.source != group[0].source]
        block = self.block(first)
        if first.undecided is not None and others:
            rules = ", ".join(dict.fromkeys(each.rule.id for each in others if each.rule.id != first.rule.id))
            return [*block, _extra_line(block, f"also undecided: {rules}")] if rules else block
        places = list(dict.fromkeys(_repeated_at(finding) for finding in others))
        parts = [f"in {_listed(places)}"] if places else []
        if elsewhere:
            files = len(set(elsewhere))
            parts.append(f"{len(elsewhere):,} more in {f'{files:,} other files' if files > 1 else 'another file'}")
        if not parts:
            return block
        also = f"and {' and '.join(parts)}"
        return [[*block[0], (f" ({also})", "")]] if len(block) == 1 else [*block, _extra_line(block, also)]

    def block(self, finding: Diagnostic) -> Block:
        """A finding in full; a note in one line unless everything is printed."""
        has_siblings = self._names[finding.source] > 1
        whole = _finding(finding, self._report, self._columns, has_siblings=has_siblings, can_fix=self._can_fix)
        block = whole if finding.level != "note" or self._everything else whole[:1]
        copies = self._copies.get(finding.key)
        if copies is None:
            return block
        return [[*block[0], (f" ({copies})", "")]] if len(block) == 1 else [*block, _extra_line(block, copies)]

    def open_locked_rules(self) -> list[Block]:
        """A line for each unknown value that leaves locked rules undecided, so that nobody takes them for met."""
        values = self._report.open_locked_values
        blocks: list[Block] = [[_open_locked_rules(value)] for value in values]
        left = len(blocks) - MAX_SHOWN
        if left > 0 and not self._everything:
            more = f"… and {left:,} more values of locked rules: `--show-undecided` lists them"
            return [*blocks[:MAX_SHOWN], [[(more, "note")]]]
        return blocks

    def open_values(self) -> list[Block]:
        """The unknown values that leave judgements undecided, and the files that were not read."""
        report = self._report
        blocks = [_open_value(value, self._columns) for value in report.open_values]
        unread = [
            *report.skipped,
            *(
                (name, "it mentions a tuning job in a form that hpolint does not read")
                for name in report.without_definition
            ),
        ]
        return blocks + [[[(f"{name}: ", "bold"), (f"not read: {reason}", "")]] for name, reason in sorted(unread)]


def _extra_line(block: Block, text: str, style: str = "") -> Line:
    """An additional line of a block, aligned with its gutter."""
    margin = len(block[1][0][0]) - len(" |") if len(block) > 1 else 1
    return [(f"{' ' * margin} = ", "rail"), (text, style)]


def _repeated_at(finding: Diagnostic) -> str:
    """The place of a repeat in its file: of a generated file, which may have one line, in the program behind it."""
    return finding.origin.shown if finding.origin is not None else finding.place.line


def _listed(places: list[str], limit: int = 6) -> str:
    """Places as a phrase: ``lines 3, 9 and 12``, ``cell 4, line 2 and cell 9, line 1``."""
    shown = places[:limit]
    if all(place.startswith("line ") for place in shown):
        shown = [f"line{'s' if len(shown) > 1 else ''} {shown[0][5:]}", *(place[5:] for place in shown[1:])]
    if len(places) > limit:
        return f"{', '.join(shown)} and {len(places) - limit} more"
    return joined_words(shown)


def terminal_width() -> int | None:
    """The terminal's columns; None without a terminal."""
    if not is_terminal(sys.stdout):
        return None
    import shutil  # takes 3 ms, with its compression libraries

    return shutil.get_terminal_size().columns


def statistics(report: Report) -> str:
    """A table of the rules with findings; ``*`` marks those with fixes."""
    fixable = {finding.rule.id for finding in report.findings if finding.fix is not None}
    rows = [
        (f"{count}{' *' if rule.id in fixable else ''}", level, rule.id, rule.summary)
        for rule, level, count in report.by_rule()
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = [
        f"{count:>{widths[0]}}  {level:<{widths[1]}}  {name:<{widths[2]}}  {text}" for count, level, name, text in rows
    ]
    legend = ["* has fixes"] if fixable else []
    return "".join(f"{line.rstrip()}\n" for line in [*lines, *legend])


def _finding(finding: Diagnostic, report: Report, width: int, *, has_siblings: bool, can_fix: bool) -> Block:
    written, fix = report.fix_of(finding), finding.fix
    first, *others = finding.text
    rule = (finding.rule.id, finding.level, finding.rule.page)
    level: Line = [(f"{finding.level}[", finding.level), rule, ("]", finding.level)]
    head = [(f"{finding.place.shown}: ", "bold"), *level, (f" {first}", "bold")]
    lines = [head, *_excerpt(finding.place, width, finding.level)]
    gutter = " " * len(str(finding.place.local.line))
    for related in finding.related[:MAX_RELATED]:
        lines += _related(related, finding, gutter, width)
    if len(finding.related) > MAX_RELATED:
        lines.append([(f"{gutter} = ", "rail"), (f"and in {len(finding.related) - MAX_RELATED:,} more places", "")])
    sentences = list(enumerate(others, 1))
    left = len(sentences) - MAX_RELATED  # keep the last sentence: it says what to do
    for index, sentence in sentences[: MAX_RELATED - 1] + sentences[-1:] if left > 0 else sentences:
        if left > 0 and index == len(sentences):
            lines.append([(f"{gutter} = ", "rail"), (f"and {left:,} more like these", "")])
        is_fix = can_fix and fix is not None and index == finding.fix_sentence
        tag = f" ({fix.safety} fix)" if fix is not None and is_fix else ""
        lines.append([(f"{gutter} = ", "rail"), (f"{sentence}{tag}", "help")])
    if fix is not None and finding.fix_sentence is None:
        kind = f"{fix.safety} fix" if can_fix else "fix"
        lines.append([(f"{gutter} = ", "rail"), (f"{kind}: {finding.fix_phrase}", "")])
    lines += _written(written, gutter, width) if written is not None else ()
    if finding.job is not None:
        lines += _job_lines(finding.job, gutter, has_siblings=has_siblings)
    return lines


def _job_lines(job: JobSummary, gutter: str, *, has_siblings: bool) -> Iterator[Line]:
    """The job of a finding, and where a program constructs what carries it."""
    label, origin = _job_label(job, has_siblings=has_siblings), job.origin
    if origin is not None and not origin.is_whole:
        yield [(f"{gutter} = ", "rail"), (f"{origin.shown}, in the {origin.name}", "")]
    if label is None:
        return
    place = f"{origin.shown}, " if origin is not None and origin.is_whole else ""
    yield [(f"{gutter} = ", "rail"), (f"{place}in {label}", "")]


def _related(related: RelatedPlace, finding: Diagnostic, gutter: str, width: int) -> Iterator[Line]:
    """A related place: the number of its line, or the line itself if it is to be shown."""
    place = related.place
    if place is None:
        return
    if related.is_shown:
        yield [(f"{gutter} = ", "rail"), (f"{place.shown}: {related.name}", "")]
        yield from _excerpt(place, width, "note")
    elif related.source is not None:
        yield [(f"{gutter} = ", "rail"), (f"{related.name}: {place.shown}", "")]
    elif not finding.span.line <= related.span.line <= finding.span.end_line:
        yield [(f"{gutter} = ", "rail"), (f"{related.name}: {place.line}", "")]


def _written(written: WrittenFix, gutter: str, width: int) -> Iterator[Line]:
    """A fix as a small diff, or the reason why it is not written."""
    if written.reason is not None:
        yield [(f"{gutter} = ", "rail"), (f"not written by `--fix`: {written.reason}", "")]
    elif written.file is not None:
        yield [(f"{gutter} = ", "rail"), (f"the change in {written.file}:", "")]
    lines = written.lines[:MAX_FIX_LINES]
    size = max((len(str(number)) for _, number, _ in lines), default=0)
    size = max(size, len(gutter))
    for at, (sign, number, text) in enumerate(lines):
        start, end = _changed(text, [line for _, _, line in (*lines[:at], *lines[at + 1 :])])
        shown, _ = window(text, start, end, width - len(gutter) - 3)
        yield [(f"{number:>{size}} {sign} ", "rail"), (shown, "removed" if sign == "-" else "added")]
    if len(lines) < len(written.lines):
        yield [(f"{' ' * len(gutter)} = ", "rail"), (f"and {len(written.lines) - len(lines):,} more lines", "")]


def _common(one: str, other: str) -> int:
    """The length of the common prefix of two lines."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _changed(text: str, others: list[str]) -> tuple[int, int]:
    """The offsets of the part of a line that follows its longest common prefix with another line."""
    alike = max((_common(text, other) for other in others), default=0)
    indent = len(text) - len(text.lstrip())
    return (alike if alike > indent else indent), len(text)


def _suppressed(each: Suppressed[Diagnostic], block: Block) -> Block:
    """The block of a silenced finding, with its suppression or the baseline."""
    if each.suppression is None:
        why = "in the baseline"
    else:
        until = f", until {each.suppression.until}" if each.suppression.until is not None else ""
        why = f"suppressed{until}: {each.suppression.reason or 'no reason given'}"
    return [*block, _extra_line(block, why, "note")]


def _job_label(job: JobSummary, *, has_siblings: bool) -> str | None:
    """A job by its carrier, variable or name, else by its place if the file has several jobs; None if not needed."""
    if job.carrier is not None:
        named = job.label is not None and job.label not in job.carrier
        return f"{job.label} of the {job.carrier}" if named else f"the {job.carrier}"
    if job.variable is not None:
        return f"{job.label}, {job.line}" if has_siblings or job.cell is not None else None
    return (job.label or f"the tuning job that begins at {job.line}") if has_siblings else None


def _open_locked_rules(value: OpenValue) -> Line:
    rules = value.rules
    noun, verb = ("rule", "is") if len(rules) == 1 else ("rules", "are")
    default = value.satisfying_default
    judged = "cannot be decided"
    if default is not None:
        judged = f"{verb} satisfied by the default `{default}`, which a deployment may override"
    return [
        (f"{value.value.place.shown}: ", "bold"),
        (f"undecided[{', '.join(rules)}]", "note"),
        (f" {value.subject}{value.value.reason}, so the locked {noun} {judged}", ""),
    ]


def _open_value(value: OpenValue, width: int) -> Block:
    place = value.value.place
    gutter = " " * len(str(place.local.line))
    head = f": {value.subject}{value.value.reason}"
    block: Block = [[(f"{place.shown}: ", "bold"), ("unknown", "note"), (head, "bold")]]
    block += _excerpt(place, width, "note")
    block.append([(f"{gutter} = ", "rail"), (f"undecided because of this value: {', '.join(value.rules)}", "")])
    if "source" not in value.settlers:
        why = CONFIG_SETTLES if "sdk-config" in value.settlers else NOBODY_SETTLES
        block.append([(f"{gutter} = ", "rail"), (why, "")])
    return block


def _excerpt(place: Place, width: int, style: str) -> Iterator[Line]:
    """The lines of a place with marks below: the first lines of a long one, the part around it of a long line."""
    if not place.excerpt:
        return
    last = place.excerpt[-1].number
    margin = len(str(last))
    yield [(f"{' ' * margin} |", "rail")]
    for line in place.excerpt:
        shown, marks = window(line.text, line.start, line.end, width - margin - 3)
        yield [(f"{line.number:>{margin}} | ", "rail"), (shown, "")]
        yield [(f"{' ' * margin} | ", "rail"), (marks, style)]
    if last < place.local.end_line:
        yield [(f"{' ' * margin} | ", "rail"), (f"… to line {place.local.end_line}", "")]
