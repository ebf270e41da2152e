"""JUnit's XML, for CI systems that show test results: each file is a suite, each finding a failed case.

A file without findings has one passing case. Notes are passing cases with their message as output.
"""

from __future__ import annotations

from hpolint.report.records import Diagnostic
from hpolint.report.report import Report
from hpolint.reporters.machine_reports import cell_prefix, sentences
from hpolint.reporters.xml_text import attribute, content


def render(report: Report) -> str:
    """The whole document."""
    by_file: dict[str, list[Diagnostic]] = {job.source: [] for job in report.jobs}
    for finding in report.findings:
        by_file.setdefault(finding.source, []).append(finding)
    suites = [_suite(name, found) for name, found in sorted(by_file.items())]
    errors = [*report.unreadable, *(failure.text for failure in report.failures)]
    if errors:
        suites.append(_errors(errors))
    tests = sum(max(len(found), 1) for found in by_file.values()) + len(errors)
    failures = sum(finding.level != "note" for finding in report.findings)
    head = f'<testsuites name="hpolint" tests="{tests}" failures="{failures}" errors="{len(errors)}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *suites, "</testsuites>"]) + "\n"


def _suite(name: str, found: list[Diagnostic]) -> str:
    failures = sum(finding.level != "note" for finding in found)
    cases = [_case(finding) for finding in found] or [f'<testcase name="hpolint" classname={attribute(name)}/>']
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0"'
    return "\n".join(
        [f"  <testsuite name={attribute(name)} {counts}>", *(f"    {case}" for case in cases), "  </testsuite>"]
    )


def _case(finding: Diagnostic) -> str:
    span = finding.span
    name = f"{finding.rule.id} ({span.line}:{span.column})"
    head = f"<testcase name={attribute(name)} classname={attribute(finding.source)}"
    message = cell_prefix(finding) + sentences(finding)
    place = f"{finding.place.shown}: "
    if finding.level == "note":
        return f"{head}><system-out>{content(place + message)}</system-out></testcase>"
    failure = f"<failure type={attribute(finding.level)} message={attribute(message)}>"
    return f"{head}>{failure}{content(place + message)}</failure></testcase>"


def _errors(lines: list[str]) -> str:
    cases = [
        f'    <testcase name="run {number}" classname="hpolint"><error message={attribute(line)}/></testcase>'
        for number, line in enumerate(lines, 1)
    ]
    head = f'  <testsuite name="hpolint" tests="{len(lines)}" failures="0" errors="{len(lines)}">'
    return "\n".join([head, *cases, "  </testsuite>"])
