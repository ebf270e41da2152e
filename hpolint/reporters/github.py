"""Workflow commands of GitHub Actions: annotations at the lines of the findings, most severe first.

GitHub shows at most ten errors, ten warnings and ten notices of a step. A last notice counts the other findings.
"""

from __future__ import annotations

from hpolint.io.escaping import visible
from hpolint.model.level import LEVELS
from hpolint.model.message_text import counted
from hpolint.report.records import Diagnostic
from hpolint.report.report import Report
from hpolint.reporters.machine_reports import (
    Paths,
    annotated,
    cell_prefix,
    origin_sentences,
    sentences,
    sorted_by_level,
)

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
MAX_ANNOTATIONS = 10
"""Annotations per level that GitHub shows for a step (GitHub Docs, "Workflow commands for GitHub Actions")."""


def render(report: Report) -> str:
    """The commands, one per line; the last one counts the findings without an annotation."""
    paths, lines, left = Paths(report.sources), [], 0
    for level in LEVELS:
        found = [finding for finding in sorted_by_level(report.findings) if finding.level == level]
        limit = MAX_ANNOTATIONS - 1 if len(found) > MAX_ANNOTATIONS else MAX_ANNOTATIONS
        lines += [_command(finding, paths) for finding in found[:limit]]
        left += len(found[limit:])
    if left:
        words = f"{counted(left, 'more finding')}: see the summary of this step, or its log"
        lines.append(f"::notice title=hpolint::{_data(words)}")
    return "".join(f"{line}\n" for line in lines)


def _command(finding: Diagnostic, paths: Paths) -> str:
    source, span = annotated(finding)
    places = {"file": paths.named(source), "line": str(span.line), "endLine": str(span.end_line)}
    if span.line == span.end_line:  # GitHub takes columns for one line only
        places |= {"col": str(span.column), "endColumn": str(max(span.end_column, span.column + 1))}
    places["title"] = finding.rule.id
    properties = ",".join(f"{name}={_property(visible(value))}" for name, value in places.items())
    message = cell_prefix(finding) + sentences(finding) + origin_sentences(finding, paths.named(finding.source))
    return f"::{COMMANDS[finding.level]} {properties}::{_data(visible(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
