"""The fixes of a report's findings as they would be written, worked out for whoever prints them."""

from __future__ import annotations

from collections.abc import Iterable

from hpolint import disk
from hpolint.finding import Finding
from hpolint.fixing.mending import Mender
from hpolint.report import Report


def write_out(report: Report, findings: Iterable[Finding]) -> None:
    """Work out the fixes of some findings where that is left to do; what others of their file want counts, too."""
    wanted: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fix is not None and id(finding) not in report.written:
            wanted.setdefault(_reader(report, finding), []).append(finding)
    every: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.fix is not None and (name := _reader(report, finding)) in wanted:
            every.setdefault(name, []).append(finding)
    common = {name for name, readers in report.borrowed.items() if len(readers) > 1}
    for name, some in wanted.items():
        asked = set(map(id, some))
        rest = [each for each in every[name] if id(each) not in asked]
        files = {name, *(each for each, readers in report.borrowed.items() if name in readers)}
        with disk.watched() as watch:
            mender = Mender(report.sources[name], [job for job in report.jobs if job.source.name in files], common)
            twins = [twin for each in some for twin in report.twins.get(id(each), ())]
            rest += [twin for each in rest for twin in report.twins.get(id(each), ())]
            report.written |= {id(each.finding): each.written() for each in mender.mendings([*some, *twins], rest)}
        if report.keeper is not None and len(files) == 1:  # else other files have a say in it
            report.keeper.fixes(name, report.written, watch.seen)


def _reader(report: Report, finding: Finding) -> str:
    """The file that a finding's job was read through."""
    reader, *_ = report.borrowed.get(finding.source, [finding.source])
    return reader
