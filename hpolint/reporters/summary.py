"""The last line of the text report. It needs no parser and no rule."""

from __future__ import annotations

from hpolint.discovery import SUFFIXES
from hpolint.level import LEVELS
from hpolint.report import Report


def summary(report: Report) -> str:
    """The last line. That nothing was found cannot be taken for that nothing was there."""
    files, jobs = _count(report.files, "file"), _count(len(report.jobs), "tuning job")
    if not report.jobs and not report.findings:
        reads = f" (hpolint reads {', '.join(SUFFIXES)})" if report.files == 0 else ""
        text = f"no tuning jobs found in {files}{reads}"
    else:
        levels = [_count(report.count(level), level) for level in LEVELS if report.count(level)]
        found = _count(len(report.findings), "finding")
        text = f"{jobs} in {files}, {found}" + (f" ({', '.join(levels)})" if levels else "")
    open_ = report.open_values()
    if open_:
        verb = "leaves" if len(open_) == 1 else "leave"
        values, judgements = _count(len(open_), "unknown value"), _count(len(report.undecided), "judgement")
        text += f"; {values} {verb} {judgements} open"
    if report.skipped:
        text += f"; {_count(len(report.skipped), 'template')} not read"
    if report.unreadable:
        text += f"; {_count(len(report.unreadable), 'path')} could not be read"
    return text


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
