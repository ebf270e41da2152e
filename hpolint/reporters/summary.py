"""The last lines of the text report. The module imports no parser and no rule."""

from __future__ import annotations

from hpolint.io.escaping import visible
from hpolint.model.forms import SUFFIXES
from hpolint.model.level import LEVELS
from hpolint.model.message_text import counted, joined_words
from hpolint.report.records import Diagnostic
from hpolint.report.report import Report


def summary(report: Report) -> str:
    """The summary line. It distinguishes no jobs from jobs without findings."""
    files, jobs = counted(report.files, "file"), counted(len(report.jobs), "tuning job")
    if not report.jobs and not report.findings:
        reads = f" (hpolint reads {', '.join(SUFFIXES)})" if report.files == 0 else ""
        text = f"no tuning jobs found in {files}{reads}"
        skipped = _skipped_folders(report)
    else:
        levels = [counted(report.count(level), level) for level in LEVELS if report.count(level)]
        found = counted(len(report.findings), "finding")
        text = f"{jobs} in {files}, {found}" + (f" ({', '.join(levels)})" if levels else "")
        skipped = ""
    text += _mentioned(report) + skipped + _undecided(report)
    if report.suppressed:
        known = sum(each.suppression is None for each in report.suppressed)
        kinds = {"suppressed": len(report.suppressed) - known, "in the baseline": known}
        text += "; " + ", ".join(f"{number:,} {word}" for word, number in kinds.items() if number)
    if report.skipped:
        text += f"; {counted(len(report.skipped), 'template')} not read"
    if report.unreadable:
        text += f"; {counted(len(report.unreadable), 'path')} could not be read"
    return text


def _undecided(report: Report) -> str:
    """The clause about unknown values that who writes the source can make known; empty if there are none."""
    count = len(report.values_to_settle)
    if not count:
        return ""
    verb = "leaves" if count == 1 else "leave"
    values, judgements = counted(count, "unknown value"), counted(len(report.judgements_to_settle), "judgement")
    return f"; {values} {verb} {judgements} undecided"


def sdk_config(report: Report) -> str:
    """The line about judgements that need the SDK's own configuration file; empty if there are none."""
    count = len(report.judgements_of_sdk_config)
    if not count:
        return ""
    places = [visible(path) for path in report.configurations_without_sdk_config()]
    where = f"`sdk-config` is not set in {joined_words(places)}" if places else "no hpolint.toml sets `sdk-config`"
    depend = "depends" if count == 1 else "depend"
    return (
        f"{counted(count, 'judgement')} {depend} on the SageMaker SDK's own configuration file, which is not read: "
        f'{where}; set it to the path of that file, or to "none" if you have none'
    )


def mocked_calls(report: Report) -> str:
    """The line about calls that are not checked because they reach a mock; empty if there are none."""
    if not report.mocked_calls:
        return ""
    if report.mocked_calls == 1:
        return "1 call in a test file that uses moto, Stubber or mock.patch is taken for a mock's and is not checked"
    calls = f"{report.mocked_calls:,} calls in test files that use moto, Stubber or mock.patch"
    return f"{calls} are taken for a mock's and are not checked"


def next_step(report: Report, *, shows_undecided: bool = False) -> str:
    """The commands that explain and fix the findings, and that list unknown values; empty if there are neither."""
    has_values = bool(report.values_to_settle) and not shows_undecided
    values = ["`--show-undecided` lists the unknown values"] if has_values else []
    if not report.findings:
        return "".join(values)
    rule, _, _ = min(report.by_rule(), key=lambda row: LEVELS.index(row[1]))  # of the most severe, the most frequent
    parts = [f"`hpolint rule {rule.name}` explains why"]
    safe, unsafe = (_fixable_count(report, safety) for safety in ("safe", "unsafe"))
    if safe:
        parts.append(f"{safe} fixable with `--fix`")
    if unsafe:
        parts.append(f"{unsafe}{' more' if safe else ' fixable'} with `--fix --unsafe-fixes`")
    locked = next((each.rule for each in report.findings if _is_locked(each)), None)
    if locked is not None:
        parts.append(f"`hpolint waiver {locked.name} PATH` prints what an exception from the locked rule needs")
    if any(_is_suppressed_by_metadata(finding) for finding in report.findings):
        parts.append("`Metadata` of a resource (`addMetadata`, `add_metadata`) suppresses findings in the CDK's output")
    return "; ".join([*parts, *values])


def _is_locked(finding: Diagnostic) -> bool:
    return finding.rule.is_locked and finding.job is not None and finding.rule.emitted_by is None


def _is_suppressed_by_metadata(finding: Diagnostic) -> bool:
    """Whether the CDK generates the file of a finding, so that no comment in it can stay."""
    return finding.job is not None and finding.job.construct is not None and not finding.rule.is_locked


def _may_be_written(finding: Diagnostic, safety: str) -> bool:
    """Whether a finding has a fix of a safety, and its file allows that the fix is written."""
    return finding.fix is not None and finding.fix.safety == safety and finding.refusals[0] is None


def _fixable_count(report: Report, safety: str) -> str:
    """The number of findings with a fix of a safety that can be written, as text; empty for 0.

    The edits of findings that are not printed are not computed, so the number is then an upper bound. Fixes that the
    run has applied leave only findings whose fixes cannot be written. No fix of a generated file is written.
    """
    if safety in report.fixes.safeties:
        return ""
    found = [each for each in report.findings if _may_be_written(each, safety)]
    written = [report.fix_of(each) for each in found]
    count = sum(each is None or each.reason is None for each in written)
    most = "at most " if None in written else ""
    return f"{most}{count:,}" if count else ""


MAX_NAMES = 3
"""Files, or folders, that were not read and are named; the others are counted."""


def _mentioned(report: Report) -> str:
    """The clause about files that may define a job and were not read; empty if there are none."""
    count = len(report.without_definition)
    if not count:
        return ""
    verb = "mentions" if count == 1 else "mention"
    unread = f"{counted(count, 'file')} {verb} a tuning job in a form that hpolint does not read"
    return f"; {unread}: {_listed(report.without_definition)}"


def _skipped_folders(report: Report) -> str:
    """The clause about folders that were not looked into; empty if there are none."""
    if not report.skipped_folders:
        return ""
    parts = (line.partition(": ") for line in report.skipped_folders)
    return f"; skipped: {_listed([f'{path} ({why})' for path, _, why in parts])}"


def _listed(names: list[str]) -> str:
    shown, more = [visible(name) for name in names[:MAX_NAMES]], len(names) - MAX_NAMES
    return f"{', '.join(shown)} and {more} more" if more > 0 else ", ".join(shown)
