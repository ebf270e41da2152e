"""The fixes of a report's findings as they would be written, worked out for whoever prints them."""

from __future__ import annotations

from collections.abc import Iterable

from hpolint.finding import Finding
from hpolint.fix import WrittenFix
from hpolint.fixing.mending import Mender
from hpolint.report import Report


def write_out(report: Report, findings: Iterable[Finding]) -> None:
    """Work out the fixes of some findings, a file's at once."""
    by_source: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fix is not None and id(finding) not in report.written:
            by_source.setdefault(finding.source, []).append(finding)
    for name, some in by_source.items():
        source = report.sources[name]
        if name in report.borrowed:
            reason = "it is read together with the template that names it, which fills it in"
            report.written |= {id(each): WrittenFix(reason=reason) for each in some}
            continue
        mender = Mender(source, [job for job in report.jobs if job.source.name == name])
        twins = [twin for each in some for twin in report.twins.get(id(each), ())]
        report.written |= {id(each.finding): each.written(source) for each in mender.mendings([*some, *twins])}
