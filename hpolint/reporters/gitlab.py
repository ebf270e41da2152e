"""GitLab's Code Quality report, which merge requests show.

Source: GitLab Docs, "Code Quality", Code Quality report format.
"""

from __future__ import annotations

from typing import Any

from hpolint.io.escaping import json_document
from hpolint.report.records import Diagnostic
from hpolint.report.report import Report
from hpolint.reporters.machine_reports import Paths, annotated, cell_prefix, fingerprints, origin_sentences, sentences

SEVERITIES = {"error": "critical", "warning": "major", "note": "info"}


def render(report: Report) -> str:
    """A JSON list of issues, empty if there are no findings."""
    paths = Paths(report.sources)
    issues = [_issue(finding, fingerprint, paths) for finding, fingerprint in fingerprints(report.findings)]
    return json_document(issues, allow_nan=False)


def _issue(finding: Diagnostic, fingerprint: str, paths: Paths) -> dict[str, Any]:
    source, span = annotated(finding)
    message = cell_prefix(finding) + sentences(finding) + origin_sentences(finding, paths.named(finding.source))
    return {
        "type": "issue",
        "check_name": finding.rule.id,
        "description": message,
        "severity": SEVERITIES[finding.level],
        "fingerprint": fingerprint,
        "location": {"path": paths.named(source), "lines": {"begin": span.line, "end": span.end_line}},
    }
