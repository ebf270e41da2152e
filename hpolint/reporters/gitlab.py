"""GitLab's Code Quality report, which merge requests show.

Source: GitLab Docs, "Code Quality", Code Quality report format.
"""

from __future__ import annotations

from hpolint.io.escaping import json_document
from hpolint.report.report import Report
from hpolint.reporters.machine_reports import Paths, cell_prefix, fingerprints, sentences

SEVERITIES = {"error": "critical", "warning": "major", "note": "info"}


def render(report: Report) -> str:
    """A JSON list of issues, empty if there are no findings."""
    paths = Paths(report.sources)
    issues = [
        {
            "type": "issue",
            "check_name": finding.rule.id,
            "description": cell_prefix(finding) + sentences(finding),
            "severity": SEVERITIES[finding.level],
            "fingerprint": fingerprint,
            "location": {
                "path": paths.named(finding.source),
                "lines": {"begin": finding.span.line, "end": finding.span.end_line},
            },
        }
        for finding, fingerprint in fingerprints(report.findings)
    ]
    return json_document(issues, allow_nan=False)
