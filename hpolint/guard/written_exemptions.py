"""What is written about findings in the caller's file: suppressions, waivers and the baseline.

They name places of the file, and a request has none of these. So the file is read as ``hpolint check`` does: a finding
of the request gets the place of the same value in the job that is being launched, as far as the file tells it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from msgspec.structs import replace

from hpolint.discovery.candidates import candidate
from hpolint.guard.callers import Caller
from hpolint.io.files import read_file
from hpolint.model.finding import Finding
from hpolint.model.forms import language_of
from hpolint.model.ignore_comment import MARK
from hpolint.model.job import TuningJob
from hpolint.model.node import Array, Path, Struct, follow, item_name, place
from hpolint.model.rule import Rule
from hpolint.model.settings import Settings
from hpolint.model.source import Source, Span, UndecodableError
from hpolint.readers import read_source
from hpolint.report.outcome import Outcome
from hpolint.run.file_check import FileChecks
from hpolint.suppressions.baseline import named_path
from hpolint.suppressions.silencing import FileSuppressions

NOTEBOOK = "notebook.ipynb"
"""The name under which the executed cells of a notebook are read."""


def not_silenced(
    findings: list[Finding], caller: Caller, settings: Settings, checks: FileChecks, rules: tuple[Rule, ...]
) -> list[Finding]:
    """The findings of a request that nothing in the caller's file, and no waiver or baseline for it, silences.

    A comment counts where it counts in a check: at the value, at the job's constructor, or at the call that launches
    it. If the file does not tell which job the call launches, all comments of the file count that name the rule.
    """
    name, data = _file_of(caller)
    has_more = any(each.silencing.waivers for each in settings.with_above) or checks.baseline is not None
    if data is None or not (MARK.encode() in data or settings.silencing.suppressions or has_more):
        return findings
    try:
        source = read_source(name, data)[0]
    except (UndecodableError, ValueError):
        return findings
    read = candidate(name, data, [])
    outcome = checks.candidate(read, settings) if read is not None else Outcome(name, source)
    job = _launched(outcome, caller, findings)
    call = _call_span(source, caller)
    launched = job or TuningJob("request", source, Struct({}, call, call), calls=[call])
    launched = replace(launched, calls=[*launched.calls, call])
    suppressions = FileSuppressions(source, [launched], settings, rules)
    left = [each for each in findings if not suppressions.silences(_placed(each, launched, source))]
    if job is None:
        return [each for each in left if not suppressions.names(each.rule)]
    return list(_not_known(left, outcome, job))


def _not_known(findings: Iterable[Finding], outcome: Outcome, job: TuningJob) -> Iterable[Finding]:
    """The findings without those that a waiver or the baseline silences in the check of the file."""
    silenced = {_key(each.finding) for each in outcome.silencing.suppressed if each.finding.job is job}
    reported = {_key(each) for each in outcome.findings if each.job is job}
    rules = {rule for rule, _ in silenced}
    return (each for each in findings if each.rule.id not in rules or _key(each) in reported)


def _key(finding: Finding) -> tuple[str, str]:
    """The rule and the path of the value, with named items by their names: an SDK may change their order."""
    return finding.rule.id, named_path(finding)


def _placed(finding: Finding, job: TuningJob, source: Source) -> Finding:
    """A finding of the request at the place of its value in the file."""
    path = _path_in(job, finding)
    return replace(finding, job=job, source=source.name, span=place(job.request, path)[0], path=path)


def _path_in(job: TuningJob, finding: Finding) -> Path:
    """The path of a finding's value in another request, where named items may have other indices."""
    steps: list[str | int] = []
    for at, step in enumerate(finding.path):
        own = follow(finding.job.request, finding.path[: at + 1]) if finding.job is not None else None
        items = follow(job.request, tuple(steps)) if isinstance(step, int) else None
        if isinstance(items, Array) and (name := item_name(own)) is not None:
            step = next((number for number, item in enumerate(items.items) if item_name(item) == name), step)
        steps.append(step)
    return tuple(steps)


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


def _call_span(source: Source, caller: Caller) -> Span:
    """The start of the calling line, as a place of the source."""
    line = caller.line or 1
    # The cells are those of the session's history, whose first entry has the number 0.
    cell = next((each for each in source.cells if each.number - 1 == caller.cell), None)
    text = cell.text if cell is not None else source
    if not 1 <= line <= len(text.line_starts):
        return Span(1, 1, 1, 2)
    start = text.offset(line, len(text.line(line)) - len(text.line(line).lstrip()) + 1)
    return source.span(*cell.place(start)) if cell is not None else source.span(start, start + 1)


def _launched(outcome: Outcome, caller: Caller, findings: list[Finding]) -> TuningJob | None:
    """The job of the file that this call launches: by the place of its launch, its name, or as the only one."""
    jobs = [job for job in outcome.jobs if job.source is outcome.source]
    at_place = [job for job in jobs if any(_has_line(job, span, caller) for span in job.calls)]
    names = {each.job.name for each in findings if each.job is not None}
    by_name = [job for job in jobs if job.name is not None and job.name in names]
    return next((found[0] for found in (at_place, by_name, jobs) if len(found) == 1), None)


def _has_line(job: TuningJob, span: Span, caller: Caller) -> bool:
    found = job.source.in_cell(span) if job.source.cells else None
    if found is not None:
        return found[0].number - 1 == caller.cell and found[1].line <= (caller.line or 0) <= found[1].end_line
    return not job.source.cells and span.line <= (caller.line or 0) <= span.end_line
