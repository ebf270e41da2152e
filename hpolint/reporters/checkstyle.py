"""Checkstyle's XML, which reviewdog and many CI systems read."""

from __future__ import annotations

from itertools import groupby

from hpolint.report.records import Diagnostic
from hpolint.report.report import Report
from hpolint.reporters.machine_reports import annotated, cell_prefix, origin_sentences, sentences
from hpolint.reporters.xml_text import attribute

SEVERITIES = {"error": "error", "warning": "warning", "note": "info"}


def render(report: Report) -> str:
    """The whole document, with files sorted by name."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<checkstyle version="4.3">']
    for name, found in groupby(sorted(report.findings, key=annotated), key=lambda finding: annotated(finding)[0]):
        lines += [f"  <file name={attribute(name)}>", *(_error(finding) for finding in found), "  </file>"]
    return "\n".join([*lines, "</checkstyle>"]) + "\n"


def _error(finding: Diagnostic) -> str:
    _, span = annotated(finding)
    message = attribute(cell_prefix(finding) + sentences(finding) + origin_sentences(finding, finding.source))
    place = f'line="{span.line}" column="{span.column}"'
    source = attribute(f"hpolint.{finding.rule.id.replace('/', '.')}")
    return f'    <error {place} severity="{SEVERITIES[finding.level]}" message={message} source={source}/>'
