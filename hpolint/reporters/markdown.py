"""Markdown, for a pull request's comment or the summary of a step on GitHub."""

from __future__ import annotations

import re

from hpolint.io.escaping import visible
from hpolint.lazy_regex import lazy_regex
from hpolint.model.level import LEVELS
from hpolint.report.records import Diagnostic
from hpolint.report.report import Report
from hpolint.reporters.machine_reports import sorted_by_level
from hpolint.reporters.summary import mocked_calls, summary

MAX_FINDINGS = 100
"""Findings that are listed: a comment on GitHub has at most 65,536 characters."""

MAX_FIXES = 30
"""Fixes that are shown as diffs."""

MARKS = {"error": "❌", "warning": "⚠️", "note": "ℹ️"}
SPECIAL = lazy_regex(r"([\\*_<>\[\]|#~])")


def render(report: Report) -> str:
    """A heading, a table of the rules with findings, the findings and their fixes."""
    lines = ["## hpolint", "", f"{escaped(summary(report))}.", ""]
    if report.mocked_calls:
        lines += [f"{escaped(mocked_calls(report))}.", ""]
    if report.findings:
        lines += ["| | findings | rule | what it finds |", "|---|---:|---|---|"]
        for rule, level, count in sorted(report.by_rule(), key=lambda row: LEVELS.index(row[1])):
            name = f"[{rule.id}]({rule.page})" if rule.is_builtin else _code(rule.id)
            lines.append(f"| {MARKS[level]} | {count} | {name} | {escaped(rule.summary)} |")
        lines += ["", "<details><summary>Findings</summary>", ""]
        found = sorted_by_level(report.findings)
        lines += [_item(finding) for finding in found[:MAX_FINDINGS]]
        if len(found) > MAX_FINDINGS:
            lines.append(f"- … and {len(found) - MAX_FINDINGS:,} more")
        lines += ["", "</details>", "", *_fixes(found, report)]
    errors = [*report.unreadable, *(failure.text for failure in report.failures)]
    lines += [f"- {MARKS['error']} {escaped(line)}" for line in errors]
    return "\n".join(lines).rstrip("\n") + "\n"


def _fixes(findings: list[Diagnostic], report: Report) -> list[str]:
    """The fixes as diffs, in the order of the findings."""
    blocks: list[str] = []
    for finding in findings:
        written = report.fix_of(finding)
        if finding.fix is not None and written is not None and written.lines and len(blocks) < MAX_FIXES:
            file = f" in {written.file}" if written.file is not None else ""
            place = f"{finding.place.shown} {finding.rule.id} ({finding.fix.safety}){file}"
            diff = [f"{sign}{visible(text)}" for sign, _, text in written.lines]
            fence = "`" * max(3, _longest_run("\n".join(diff)) + 1)
            blocks.append("\n".join([f"{fence}diff", f"# {visible(place)}", *diff, fence]))
    if not blocks:
        return []
    return ["<details><summary>Fixes</summary>", "", "\n\n".join(blocks), "", "</details>", ""]


def _item(finding: Diagnostic) -> str:
    first, *others = (escaped(each) for each in finding.text)
    more = "".join(f"<br>{each}" for each in others)
    return f"- {MARKS[finding.level]} {_code(finding.place.shown)} **{first}** ({_code(finding.rule.id)}){more}"


def _longest_run(text: str) -> int:
    """The length of the longest run of backticks."""
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _code(text: str) -> str:
    """A text as inline code; its fence is longer than its backticks."""
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{visible(text)}{pad}{fence}"


def escaped(text: str) -> str:
    """A sentence whose backticks stay code and whose other Markdown characters are escaped; `@` mentions nobody."""
    parts = visible(text).split("`")
    if len(parts) % 2 == 0:
        return _plain(visible(text)).replace("`", "\\`")
    return "`".join(part.replace("|", "\\|") if index % 2 else _plain(part) for index, part in enumerate(parts))


def _plain(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text).replace("@", "&#64;")
