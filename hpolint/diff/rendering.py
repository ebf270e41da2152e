"""A comparison as text, as Markdown for a pull request, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from hpolint.cost.amounts import defaults
from hpolint.cost.export import figure
from hpolint.diff.compared_launches import JobLaunch
from hpolint.diff.comparison import Comparison, JobChange
from hpolint.diff.fields import Change
from hpolint.diff.phrases import (
    counted,
    field_words,
    finding_words,
    hours_words,
    label,
    launch_lines,
    name,
    total_words,
    without_figure_words,
)
from hpolint.io.escaping import json_document, visible
from hpolint.model.finding import Finding
from hpolint.model.node import path_text
from hpolint.reporters.layout import Line, printed, wrapped
from hpolint.reporters.markdown import escaped

MARKER = "<!-- hpolint-diff -->"
"""The first line of the Markdown, by which the GitHub Action finds the comment to update."""

SIGNS = {"added": "+", "removed": "-", "changed": "~", "unread": "?"}
KINDS = {"added": "new", "removed": "removed", "unread": "no longer readable"}
STYLES = {"added": "added", "removed": "removed", "changed": "bold", "unread": "error"}
MAX_FIELDS, MAX_FINDINGS = 15, 10
COMMIT_DIGITS = 12
VERSION = 1


def text_comparison(found: Comparison, *, width: int | None = None, colour: bool = False) -> str:
    """The comparison as text: each changed job with its fields, worst case and findings, then the total."""
    lines = chain.from_iterable(wrapped(line, width, 6) for line in _lines(found))
    return "".join(printed(line, colour=colour) for line in lines)


def _lines(found: Comparison) -> Iterator[Line]:
    head = found.head[:COMMIT_DIGITS] if " " not in found.head else found.head
    yield [(f"{found.base[:COMMIT_DIGITS]} → {head}: {counted(found)}", "bold")]
    for each in found.changed:
        yield []
        yield [(f"{SIGNS[each.kind]} {visible(name(each))}", STYLES[each.kind]), (f" ({visible(each.place)})", "")]
        for line, style in _job_lines(each):
            yield [("    ", ""), (visible(line), style)]
    for finding in found.new:
        yield [("+ ", "added"), (visible(f"{finding.source}: {finding_words(finding)}"), "")]
    for finding in found.resolved:
        yield [("- ", "removed"), (visible(f"{finding.source}: {finding_words(finding)}"), "")]
    if found.changed:
        yield []
        yield [(f"total: {total_words(found)}", "bold")]
        for line in without_figure_words(found):
            yield [(f"not in the total: {visible(line)}", "")]


def _job_lines(each: JobChange) -> Iterator[tuple[str, str]]:
    yield from ((line, "") for line in _field_lines(each))
    yield from _launch_lines(each)
    if each.kind != "changed" or each.changes_cost:
        yield hours_words(each), ""
    yield from ((f"+ {line}", "added") for line in _cut(_finding_lines(each.new), MAX_FINDINGS, "finding"))
    yield from ((f"- {line}", "removed") for line in _cut(_finding_lines(each.resolved), MAX_FINDINGS, "finding"))


def _field_lines(each: JobChange) -> list[str]:
    return _cut([field_words(change, each) for change in each.fields], MAX_FIELDS, "field")


def _launch_lines(each: JobChange) -> Iterator[tuple[str, str]]:
    """The lines about the launches of a job, with their styles."""
    yield from ((line, "") for line in launch_lines(each, "changed"))
    for kind in ("added", "removed"):
        yield from ((f"{SIGNS[kind]} {line}", STYLES[kind]) for line in launch_lines(each, kind))


def _finding_lines(findings: tuple[Finding, ...]) -> list[str]:
    return [finding_words(each) for each in findings]


def _cut(lines: list[str], limit: int, what: str) -> list[str]:
    more = len(lines) - limit
    if more <= 0:
        return lines
    noun = what if more == 1 else f"{what}s"
    return [*lines[:limit], f"… and {more} {noun} more"]


def markdown_comparison(found: Comparison) -> str:
    """The comparison as Markdown, for a pull request's comment or a step's summary; empty without a change."""
    if found.is_empty:
        return ""
    lines = [MARKER, f"### hpolint: {counted(found)}", "", f"**{visible(total_words(found))}**"]
    lines += [f"Not in the total: {_cell(line)}" for line in without_figure_words(found)]
    if found.changed:
        lines += ["", "| job | what changed | at worst |", "|---|---|---|"]
        lines += [_row(each) for each in found.changed]
    new = list(chain(*(job.new for job in found.changed), found.new))
    resolved = list(chain(*(job.resolved for job in found.changed), found.resolved))
    lines += [*_listed(new, "new ", ""), *_listed(resolved, "", " resolved")]
    return "\n".join(lines) + "\n"


def _listed(findings: list[Finding], before: str, after: str) -> list[str]:
    """A list of findings below a line with their number; empty without findings."""
    if not findings:
        return []
    title = f"{len(findings)} {before}finding{'' if len(findings) == 1 else 's'}{after}"
    lines = _cut([finding_words(each) for each in findings], MAX_FINDINGS * 2, "finding")
    return ["", f"**{title}**", "", *(f"- {_cell(line)}" for line in lines)]


def _row(each: JobChange) -> str:
    lines = [*_field_lines(each), *(line for line, _ in _launch_lines(each))]
    what = KINDS.get(each.kind, "<br>".join(map(_cell, lines)))
    return f"| {_cell(name(each))}<br>{_cell(each.place)} | {what} | {_cell(hours_words(each))} |"


def _cell(text: str) -> str:
    """A text escaped for Markdown and HTML."""
    return escaped(text.replace("&", "&amp;").replace("`", "'"))


def json_comparison(found: Comparison) -> str:
    """The comparison as JSON."""
    before, after = found.totals
    money = {"before": float(found.money[0]), "after": float(found.money[1])}
    document = {
        "version": VERSION,
        "base": found.base,
        "head": found.head,
        "jobs": [_record(each) for each in found.changed],
        "unchanged": sum(each.kind == "same" for each in found.jobs),
        "new": [_finding(each) for each in found.new],
        "resolved": [_finding(each) for each in found.resolved],
        "hours": {"before": float(before), "after": float(after)},
        "money": {**money, "currency": found.currency, "unpriced": found.unpriced},
        "increase": found.increase(),
        "without_figure": len(found.without_figure),
        "lost": sum(each.becomes_unknown for each in found.jobs),
        "unbounded": len(found.unbounded),
    }
    return json_document(document)


def _record(each: JobChange) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "path": each.job.source.name,
        "earlier_path": each.before.estimate.job.source.name if each.before is not None else None,
        "line": each.job.request.anchor.line,
        "cell": each.job.cell,
        "variable": each.job.variable,
        "name": each.job.name,
        "fields": [_field(change, each) for change in each.fields],
        **_launches(each),
        "hours": {
            "before": None if each.before is None else figure(each.before.hours),
            "after": None if each.after is None else figure(each.after.hours),
        },
        "money": {
            "before": None if each.before is None else figure(each.before.money),
            "after": None if each.after is None else figure(each.after.money),
        },
        "limits_written": {
            "before": None if each.before is None else each.before.estimate.is_written,
            "after": None if each.after is None else each.after.estimate.is_written,
        },
        "by_default": {
            "before": [] if each.before is None else defaults(each.before.estimate),
            "after": [] if each.after is None else defaults(each.after.estimate),
        },
        "new": [_finding(finding) for finding in each.new],
        "resolved": [_finding(finding) for finding in each.resolved],
    }


def _field(change: Change, job: JobChange) -> dict[str, Any]:
    return {
        "path": path_text(change.key),
        "name": label(change, job),
        "before": None if change.before is None else change.before.text,
        "after": None if change.after is None else change.after.text,
        "before_default": change.before is not None and change.before.is_default,
        "after_default": change.after is not None and change.after.is_default,
        "before_unknown": change.before is not None and change.before.is_unknown,
        "after_unknown": change.after is not None and change.after.is_unknown,
    }


def _launches(job: JobChange) -> dict[str, Any]:
    """The changed launches of a job with several; nothing without any."""
    changed = [
        {
            "kind": change.kind,
            "launch": change.launch.label,
            "path": change.launch.source or change.state.job.source.name,
            "line": change.launch.place.line,
            "certainty": {"before": _certainty(change.before), "after": _certainty(change.after)},
            "count": {"before": _count(change.before), "after": _count(change.after)},
            "fields": [_field(field, job) for field in change.fields],
        }
        for change in job.launches
    ]
    return {"launches": changed} if changed else {}


def _certainty(launch: JobLaunch | None) -> str | None:
    return launch.certainty.value if launch is not None and launch.certainty is not None else None


def _count(launch: JobLaunch | None) -> int | None:
    return launch.count if launch is not None else 0


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "level": finding.level,
        "path": finding.source,
        "line": finding.span.line,
        "message": list(finding.text),
    }
