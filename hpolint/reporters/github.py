"""Workflow commands of GitHub Actions: annotations at the lines, the gravest first, and the rest in the step's summary.

GitHub shows ten errors, ten warnings and ten notices of a step, and no more; what does not fit is counted.
"""

from __future__ import annotations

from hpolint.io.escaping import visible
from hpolint.model.finding import Finding
from hpolint.model.level import LEVELS
from hpolint.report.report import Report
from hpolint.reporters.machine_reports import Paths, cell_prefix, sentences, sorted_by_level

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
MOST = 10
"""Annotations of one level that GitHub shows for a step (GitHub Docs, "Workflow commands for GitHub Actions")."""


def render(report: Report) -> str:
    """The commands, one a line; a last one says how many findings are not among them."""
    paths, lines, left = Paths(report.sources), [], 0
    for level in LEVELS:
        found = [finding for finding in sorted_by_level(report.findings) if finding.level == level]
        most = MOST - 1 if len(found) > MOST else MOST
        lines += [_command(finding, report, paths) for finding in found[:most]]
        left += len(found[most:])
    if left:
        words = f"{left:,} more finding{'s' if left != 1 else ''}: see the summary of this step, or its log"
        lines.append(f"::notice title=hpolint::{_data(words)}")
    return "".join(f"{line}\n" for line in lines)


def _command(finding: Finding, report: Report, paths: Paths) -> str:
    span = finding.span
    places = {"file": paths.named(finding.source), "line": str(span.line), "endLine": str(span.end_line)}
    if span.line == span.end_line:  # GitHub takes columns for one line only
        places |= {"col": str(span.column), "endColumn": str(max(span.end_column, span.column + 1))}
    places["title"] = finding.rule.id
    properties = ",".join(f"{name}={_property(visible(value))}" for name, value in places.items())
    said = cell_prefix(finding, report) + sentences(finding)
    return f"::{COMMANDS[finding.level]} {properties}::{_data(visible(said))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
