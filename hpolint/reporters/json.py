"""JSON for other programs. ``version`` changes when a field changes its meaning or goes.

A fix has ``edits`` where its text is worked out, which is not so yet.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from hpolint.finding import Finding, OpenJudgement, Suppressed
from hpolint.fix import Fix
from hpolint.node import path_text
from hpolint.printing import printable
from hpolint.report import Report
from hpolint.telling import because

VERSION = 1


def render(report: Report) -> str:
    """The report as one JSON document."""
    document = {
        "version": VERSION,
        "summary": {
            "files": report.files,
            "jobs": len(report.jobs),
            **{f"{level}s": report.count(level) for level in ("error", "warning", "note")},
            "suppressed": sum(each.suppression is not None for each in report.suppressed),
            "known": sum(each.suppression is None for each in report.suppressed),
            "unknown_values": len(report.open_values()),
            "open_judgements": len(report.undecided),
        },
        "findings": [_finding(finding, report.cell(finding)) for finding in report.findings],
        "suppressed": [_suppressed(each, report.cell(each.finding)) for each in report.suppressed],
        "undecided": [_judgement(judgement) for judgement in report.undecided],
        "skipped": [{"path": path, "reason": reason} for path, reason in report.skipped],
        "empty": report.empty,
        "passed_over": report.passed_over,
        "left_out": report.left_out,
        "unreadable": [*report.unreadable, *report.vanished],
        "failures": [{"rule": failure.rule.id, "reason": failure.reason} for failure in report.failures],
    }
    return printable(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"


def _finding(finding: Finding, cell: int | None) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "level": finding.level,
        "precision": finding.rule.precision,
        "message": list(finding.text),
        "path": finding.source,
        **asdict(finding.span),
        "cell": cell,
        "job": finding.job.name if finding.job else None,
        "variable": finding.job.variable if finding.job else None,
        "form": finding.job.form if finding.job else None,
        "carrier": finding.job.carrier if finding.job else None,
        "field": path_text(finding.path),
        "count": finding.count,
        "related": [{"field": each.name, **asdict(each.span)} for each in finding.related],
        "fix": _fix(finding.fix),
    }


def _suppressed(each: Suppressed, cell: int | None) -> dict[str, Any]:
    """A finding that is not told, with who says so: a suppression, or the baseline."""
    said = each.suppression
    by = None if said is None else {"reason": said.reason, "until": str(said.until) if said.until else None}
    return {**_finding(each.finding, cell), "suppression": by}


def _fix(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    return {
        "safety": fix.safety,
        "set": {path_text(path): value for path, value in fix.set.items()},
        "rename": {path_text(path): name for path, name in fix.rename.items()},
        "remove": [path_text(path) for path in fix.remove],
        "edits": None,
    }


def _judgement(judgement: OpenJudgement) -> dict[str, Any]:
    return {
        "rule": judgement.rule.id,
        "path": judgement.job.source.name,
        "job": judgement.job.name,
        "subject": path_text(judgement.path),
        "causes": [{"reason": because(cause), **asdict(cause.span)} for cause in judgement.causes],
    }
