"""The fixes of a report's findings as they would be written, worked out for whoever prints them."""

from __future__ import annotations

from collections.abc import Iterable

from hpolint.finding import Finding
from hpolint.fixing.mending import Mender
from hpolint.report import Report


def write_out(report: Report, findings: Iterable[Finding]) -> None:
    """Work out the fixes of some findings, those of a file, and of the files that are read through it, at once."""
    by_reader: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fix is not None and id(finding) not in report.written:
            reader, *_ = report.borrowed.get(finding.source, [finding.source])
            by_reader.setdefault(reader, []).append(finding)
    common = {name for name, readers in report.borrowed.items() if len(readers) > 1}
    for name, some in by_reader.items():
        files = {name, *(each for each, readers in report.borrowed.items() if name in readers)}
        mender = Mender(report.sources[name], [job for job in report.jobs if job.source.name in files], common)
        twins = [twin for each in some for twin in report.twins.get(id(each), ())]
        report.written |= {id(each.finding): each.written() for each in mender.mendings([*some, *twins])}
