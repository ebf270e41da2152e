"""The fixes of a report's findings as they would be written, worked out for whoever prints them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import msgspec

from hpolint.fixes.fix_planner import FixPlanner
from hpolint.io import disk
from hpolint.io.forks import shared
from hpolint.model.finding import Finding
from hpolint.model.fix import WrittenFix
from hpolint.report.report import Report


class _Wanted(msgspec.Struct, frozen=True):
    """The findings of one file whose fixes are asked for, and what others of the file want that counts, too.

    ``files`` are those whose jobs were read through it, itself among them.
    """

    name: str
    findings: list[Finding]
    others: list[Finding]
    files: set[str]


class _PreparedFixes(msgspec.Struct, frozen=True):
    """What came of it: the fixes, in the order of the findings, and what was asked of the disk."""

    fixes: list[WrittenFix]
    queries: dict[disk.DiskQuery, disk.FileStamp]


def write_out(report: Report, findings: Iterable[Finding], processes: int = 1) -> None:
    """Work out the fixes of some findings where that is left to do, in so many processes at most.

    More than one process is for a program that has no threads.
    """
    wanted = _wanted(report, findings)
    for each, worked in zip(wanted, shared(wanted, partial(_worked, report), processes), strict=True):
        disk.add_recorded(worked.queries)
        report.written |= zip(map(id, each.findings), worked.fixes, strict=True)
        if report.cache is not None and len(each.files) == 1:  # else other files have a say in it
            report.cache.store_fixes(each.name, report.written, worked.queries)


def _wanted(report: Report, findings: Iterable[Finding]) -> list[_Wanted]:
    """The work that is left to do, by files."""
    asked: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fix is not None and id(finding) not in report.written:
            asked.setdefault(_reader(report, finding), []).append(finding)
    every: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.fix is not None and (name := _reader(report, finding)) in asked:
            every.setdefault(name, []).append(finding)
    found = []
    for name, some in asked.items():
        ours = set(map(id, some))
        rest = [each for each in every[name] if id(each) not in ours]
        files = {name, *(each for each, readers in report.included_by.items() if name in readers)}
        found.append(_Wanted(name, _with_twins(report, some), _with_twins(report, rest), files))
    return found


def _with_twins(report: Report, findings: list[Finding]) -> list[Finding]:
    """Some findings and those that are told as one with them, where they have a fix."""
    twins = (twin for each in findings for twin in report.twins.get(id(each), ()))
    return [*findings, *(twin for twin in twins if twin.fix is not None)]


def _worked(report: Report, wanted: _Wanted) -> _PreparedFixes:
    common = {name for name, readers in report.included_by.items() if len(readers) > 1}
    jobs = [job for job in report.jobs if job.source.name in wanted.files]
    with disk.recorded_reads() as watch:
        mendings = FixPlanner(report.sources[wanted.name], jobs, common).edits_of(wanted.findings, wanted.others)
        return _PreparedFixes([each.written() for each in mendings], watch.stamps)


def _reader(report: Report, finding: Finding) -> str:
    """The file that a finding's job was read through."""
    reader, *_ = report.included_by.get(finding.source, [finding.source])
    return reader
