"""What the caller's file says about findings: suppression comments, configuration entries, waivers and the baseline.

They name places of the file, and the request has none of these. So the file is checked as ``hpolint check`` does, and
what is silenced there in the job that is being launched is silenced in its request.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hpolint.discovery.candidates import candidate
from hpolint.guard.callers import Caller
from hpolint.io.files import read_file
from hpolint.model.forms import language_of
from hpolint.model.ignore_comment import MARK
from hpolint.model.job import TuningJob
from hpolint.report.outcome import Outcome
from hpolint.suppressions.baseline import named_path

if TYPE_CHECKING:
    from hpolint.model.finding import Finding
    from hpolint.model.settings import Settings
    from hpolint.model.source import Span
    from hpolint.run.file_check import FileChecks

NOTEBOOK = "notebook.ipynb"
"""The name under which the executed cells of a notebook are read."""


def not_silenced(
    findings: list[Finding], caller: Caller, settings: Settings, checks: FileChecks, *, has_baseline: bool
) -> list[Finding]:
    """The findings of a request that nothing in or about the caller's file silences.

    If the job that is launched cannot be told from others in the file, a suppression counts for all of them.
    """
    name, data = _file_of(caller)
    waivers = any(each.waivers for each in (settings, *settings.above))
    if data is None or not (MARK.encode() in data or settings.suppressions or waivers or has_baseline):
        return findings
    read = candidate(name, data, [])
    if read is None:
        return findings
    outcome = checks.candidate(read, settings)
    job = _launched(outcome, caller, findings)
    silenced = {_key(each.finding) for each in outcome.suppressed if job is None or each.finding.job is job}
    reported = {_key(each) for each in outcome.findings if each.job is job}
    rules = {rule for rule, _ in silenced}
    return [
        each
        for each in findings
        if each.rule.id not in rules
        or _key(each) in reported
        or (job is None and each.rule.fails_from is not None)  # a locked rule's waiver is for one job
    ]


def _file_of(caller: Caller) -> tuple[str, bytes | None]:
    """The name and the bytes of the caller's file; None for code without a readable one."""
    if caller.cells:
        cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell} for cell in caller.cells]
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        return NOTEBOOK, json.dumps(notebook, indent=1).encode("utf-8", "surrogatepass")
    try:
        return caller.file, read_file(caller.file, language_of(caller.file).max_bytes)
    except (OSError, ValueError):
        return caller.file, None


def _launched(outcome: Outcome, caller: Caller, findings: list[Finding]) -> TuningJob | None:
    """The job of the file that this call launches: by the place of its launch, its name, or as the only one."""
    jobs = [job for job in outcome.jobs if job.source is outcome.source]
    at_place = [job for job in jobs if any(_has_line(job, span, caller) for span in job.launches)]
    names = {each.job.name for each in findings if each.job is not None}
    by_name = [job for job in jobs if job.name is not None and job.name in names]
    return next((found[0] for found in (at_place, by_name, jobs) if len(found) == 1), None)


def _has_line(job: TuningJob, span: Span, caller: Caller) -> bool:
    found = job.source.in_cell(span) if job.source.cells else None
    if found is not None:
        # The cells are those of the session's history, whose first entry has the number 0.
        return found[0].number - 1 == caller.cell and found[1].line <= (caller.line or 0) <= found[1].end_line
    return not job.source.cells and span.line <= (caller.line or 0) <= span.end_line


def _key(finding: Finding) -> tuple[str, str]:
    """The rule and the path of the value, with named items by their names: an SDK may change their order."""
    return finding.rule.id, named_path(finding)
