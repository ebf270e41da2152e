"""Fixes as they would be written, worked out for whoever prints them: of a file those of all its findings."""

from __future__ import annotations

from collections.abc import Iterable

from hpolint.finding import Finding, once_each
from hpolint.fix import WrittenFix
from hpolint.fixing.mending import Mender
from hpolint.outcome import Outcome
from hpolint.report import Report

MANY = 50
"""Of a file with more fixes only those are worked out that somebody reads."""


def written_of(outcome: Outcome) -> list[WrittenFix | None]:
    """The fixes of a file's findings, one for each; none at all where they are many, or other files have a say in them.

    A value may be shared by jobs of the file: what becomes of each finding's fix depends on the others.
    """
    fixable = [finding for finding in outcome.findings if finding.fix is not None]
    if outcome.source is None or outcome.beside or not 0 < len(fixable) <= MANY:
        return []
    firsts, twins = once_each(fixable)
    others = [twin for first in firsts for twin in twins.get(id(first), ())]
    mendings = Mender(outcome.source, outcome.jobs).mendings([*firsts, *others])
    written = {id(each.finding): each.written() for each in mendings}
    return [written.get(id(finding)) for finding in outcome.findings]


def write_out(report: Report, findings: Iterable[Finding]) -> None:
    """Work out the fixes of some findings where that is left to do: with those of their file, if these are few."""
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
        chosen = every[name] if len(every[name]) <= MANY else some
        files = {name, *(each for each, readers in report.borrowed.items() if name in readers)}
        mender = Mender(report.sources[name], [job for job in report.jobs if job.source.name in files], common)
        twins = [twin for each in chosen for twin in report.twins.get(id(each), ())]
        report.written |= {id(each.finding): each.written() for each in mender.mendings([*chosen, *twins])}


def _reader(report: Report, finding: Finding) -> str:
    """The file that a finding's job was read through."""
    reader, *_ = report.borrowed.get(finding.source, [finding.source])
    return reader
