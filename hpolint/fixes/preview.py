"""Prepare the fixes of a report's findings for printing, without writing them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import msgspec

from hpolint.fixes.fix_planner import FixPlanner
from hpolint.fixes.refusals import refusal
from hpolint.io import disk
from hpolint.io.forks import run_in_forks
from hpolint.model.finding import Finding
from hpolint.model.fix import WrittenFix
from hpolint.report.report import Report


class _FileWork(msgspec.Struct, frozen=True):
    """The findings of one file whose fixes are needed, and the file's other findings with a fix.

    ``files`` are the files whose jobs were read through this file, including itself.
    """

    name: str
    findings: list[Finding]
    others: list[Finding]
    files: set[str]


class _PreparedFixes(msgspec.Struct, frozen=True):
    """The fixes, in the order of the findings, and the recorded reads."""

    fixes: list[WrittenFix]
    queries: dict[disk.DiskQuery, disk.FileStamp]


def prepare_fixes(report: Report, findings: Iterable[Finding], processes: int = 1) -> None:
    """Add the missing fixes of findings to ``report.written``, in at most ``processes`` processes.

    More than one process may only be used in a program without threads.
    """
    work = _remaining_work(report, findings)
    for each, prepared in zip(work, run_in_forks(work, partial(_prepared, report), processes), strict=True):
        disk.add_recorded(prepared.queries)
        report.written |= zip(map(id, each.findings), prepared.fixes, strict=True)
        if report.cache is not None and len(each.files) == 1:  # otherwise the fixes depend on other files, too
            report.cache.store_fixes(each.name, report.written, prepared.queries)


def add_refusals(report: Report) -> None:
    """Add the reasons that are known without planning, for the other findings with a fix, to ``report.written``."""
    shared_files = _shared_files(report)
    for finding in report.findings:
        if finding.fix is None or finding.job is None or id(finding) in report.written:
            continue
        reason = refusal(report.sources[_reader(report, finding)], finding.job, finding.fix, shared_files)
        if reason is not None:
            report.written[id(finding)] = WrittenFix(reason=reason)


def _shared_files(report: Report) -> set[str]:
    """The files that several sources include."""
    return {name for name, readers in report.included_by.items() if len(readers) > 1}


def _remaining_work(report: Report, findings: Iterable[Finding]) -> list[_FileWork]:
    """The findings whose fixes are not prepared yet, by file."""
    requested: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fix is not None and id(finding) not in report.written:
            requested.setdefault(_reader(report, finding), []).append(finding)
    all_fixable: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.fix is not None and (name := _reader(report, finding)) in requested:
            all_fixable.setdefault(name, []).append(finding)
    found = []
    for name, needed in requested.items():
        needed_ids = set(map(id, needed))
        others = [each for each in all_fixable[name] if id(each) not in needed_ids]
        files = {name, *(each for each, readers in report.included_by.items() if name in readers)}
        found.append(_FileWork(name, _with_twins(report, needed), _with_twins(report, others), files))
    return found


def _with_twins(report: Report, findings: list[Finding]) -> list[Finding]:
    """The findings, and those of their duplicates that have a fix."""
    twins = (twin for each in findings for twin in report.twins.get(id(each), ()))
    return [*findings, *(twin for twin in twins if twin.fix is not None)]


def _prepared(report: Report, work: _FileWork) -> _PreparedFixes:
    shared_files = _shared_files(report)
    jobs = [job for job in report.jobs if job.source.name in work.files]
    with disk.recorded_reads() as recorder:
        plans = FixPlanner(report.sources[work.name], jobs, shared_files).edits_of(work.findings, work.others)
        return _PreparedFixes([each.written() for each in plans], recorder.stamps)


def _reader(report: Report, finding: Finding) -> str:
    """The file through which a finding's job was read."""
    reader, *_ = report.included_by.get(finding.source, [finding.source])
    return reader
