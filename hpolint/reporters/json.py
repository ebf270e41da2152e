"""JSON for other programs. ``version`` changes when a field is removed or changes its meaning.

``settled_by`` of an unknown value is ``source``, ``sdk-config``, or null if nobody can make it known; ``to_settle``
counts those of the source. A fix has ``edits`` of its file's text, or of the training script at ``path``, or the reason
in ``not_written`` why there are none.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from hpolint.io.escaping import json_document
from hpolint.model.finding import Suppressed
from hpolint.model.fix import Fix, WrittenFix
from hpolint.model.node import path_text
from hpolint.report.records import (
    Cause,
    Diagnostic,
    FileRecord,
    LaunchSummary,
    OriginPlace,
    RelatedPlace,
    RuleFault,
    Undecided,
)
from hpolint.report.report import Report

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
            "baselined": sum(each.suppression is None for each in report.suppressed),
            "mocked_calls": report.mocked_calls,
            "unknown_values": len(report.open_values),
            "undecided": len(report.undecided),
            "to_settle": len(report.values_to_settle),
            "undecided_to_settle": len(report.judgements_to_settle),
        },
        "findings": [_finding(finding, report) for finding in report.findings],
        "suppressed": [_suppressed(each, report) for each in report.suppressed],
        "fixed": {name: dict(count) for name, count in report.fixes.counts.items()},
        "undecided": list(chain.from_iterable(map(_judgements, report.records))),
        "skipped": [{"path": path, "reason": reason} for path, reason in report.skipped],
        "without_definition": report.without_definition,
        "notices": report.notices,
        "skipped_folders": report.skipped_folders,
        "unreadable": [*report.unreadable, *report.vanished],
        "failures": [_failure(failure) for failure in report.failures],
    }
    return json_document(document, allow_nan=False)


def _failure(failure: RuleFault) -> dict[str, Any]:
    return {"rule": failure.rule, "reason": failure.reason, "path": failure.source, "line": failure.line}


def _finding(finding: Diagnostic, report: Report) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "level": finding.level,
        "precision": finding.rule.precision,
        "message": list(finding.text),
        "path": finding.source,
        **finding.span._asdict(),
        "origin": _origin(finding.origin),
        "cell": finding.place.cell,
        "job": finding.job.name if finding.job else None,
        "variable": finding.job.variable if finding.job else None,
        "form": finding.job.form if finding.job else None,
        "carrier": finding.job.carrier if finding.job else None,
        "field": path_text(finding.path),
        "count": finding.count,
        "related": [_related(each) for each in finding.related],
        "fix": _fix(finding.fix, report.fix_of(finding)),
        **launches_json(finding.launches),
    }


def _origin(origin: OriginPlace | None) -> dict[str, Any] | None:
    """Where a program constructs what a generated file carries; null if that is not known, or nothing generates it."""
    return {"path": origin.source, "line": origin.span.line} if origin is not None else None


def _suppressed(each: Suppressed[Diagnostic], report: Report) -> dict[str, Any]:
    """A silenced finding with its suppression, which is null for a baseline entry."""
    suppression = each.suppression
    finding = _finding(each.finding, report)
    if suppression is None:
        return {**finding, "suppression": None}
    until = str(suppression.until) if suppression.until else None
    return {**finding, "suppression": {"reason": suppression.reason, "until": until}}


def _related(related: RelatedPlace) -> dict[str, Any]:
    """A related place; with its path if it is in another file."""
    path = {"path": related.source} if related.source is not None else {}
    return {"field": related.name, **path, **related.span._asdict()}


def _fix(fix: Fix | None, written: WrittenFix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    return {
        "safety": fix.safety,
        "set": {path_text(path): value for path, value in fix.set.items()},
        "rename": {path_text(path): name for path, name in fix.rename.items()},
        "remove": [path_text(path) for path in fix.remove],
        **_edits(written),
        "not_written": written.reason if written is not None else None,
    }


def _edits(written: WrittenFix | None) -> dict[str, Any]:
    """The edits of a fix, and their file if it is another than the finding's."""
    if written is None or written.reason is not None:
        return {"edits": None}
    edits = [{**edit.span._asdict(), "text": edit.text} for edit in written.edits]
    return {"edits": edits} if written.file is None else {"path": written.file, "edits": edits}


def _judgements(record: FileRecord) -> list[dict[str, Any]]:
    return [_judgement(judgement, record) for judgement in record.undecided]


def _judgement(judgement: Undecided, record: FileRecord) -> dict[str, Any]:
    return {
        "rule": judgement.rule.id,
        "path": judgement.source,
        "job": judgement.job,
        "subject": judgement.subject,
        "satisfied_by_default": judgement.is_met_by_default,
        "causes": [_cause(cause, record) for cause in judgement.causes],
        **launches_json(judgement.launches),
    }


def launches_json(launches: Iterable[LaunchSummary]) -> dict[str, Any]:
    """The member ``launches`` of a finding or a job; nothing without any."""
    listed = [
        {
            "launch": launch.label,
            "path": launch.source,
            **launch.span._asdict(),
            "certainty": launch.certainty,
            "count": launch.count,
        }
        for launch in launches
    ]
    return {"launches": listed} if listed else {}


def _cause(cause: Cause, record: FileRecord) -> dict[str, Any]:
    value = record.values[cause.value]
    return {"reason": value.reason, "settled_by": cause.settler, **value.place.span._asdict()}
