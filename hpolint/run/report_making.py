"""Making the report of a run from the records of its files."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from hpolint.io import disk
from hpolint.model.fix import WrittenFix
from hpolint.report.judged import JudgedFiles
from hpolint.report.records import FileRecord
from hpolint.report.report import Report
from hpolint.report.run import Run
from hpolint.report.twins import merged
from hpolint.run.preparation import Preparation
from hpolint.run.recording import file_record
from hpolint.suppressions.baseline import BaselineEntry, locked_entries, stale_entries
from hpolint.suppressions.config_entries import unused_findings

if TYPE_CHECKING:
    from hpolint.model.rule import Rule
    from hpolint.model.settings import Settings
    from hpolint.run.fix_files import Fixer


def report_of_run(run: Preparation, records: Sequence[FileRecord], fixer: Fixer | None) -> Report:
    """The report on the files of some paths."""
    report = report_of_records(records, run.lines(records), run.folders, fixer)
    if run.baseline is None:
        return report
    stale, notices = _stale_entries(run, report)
    return replace(report, baseline=run.baseline, stale_entries=stale, notices=[*report.notices, *notices])


def report_of_records(
    records: Sequence[FileRecord], lines: Mapping[str, Any], folders: list[str], fixer: Fixer | None = None
) -> Report:
    """The report on some files. ``lines`` are fields of ``Run``; ``folders`` were checked as a whole."""
    used = set(chain.from_iterable(record.used_entries for record in records))
    candidates = chain.from_iterable(record.unused_entries for record in records)
    unused = unused_findings(candidates, used, folders)
    groups = merged(chain(*(record.diagnostics for record in records), unused))
    written: dict[tuple[str, int], WrittenFix] = {}
    for record in records:
        written |= {(record.name, number): fix for number, fix in record.fixes.items()}
    report = Report(
        records=records,
        findings=[first for first, *_ in groups],
        twins={first.key: others for first, *others in groups if others},
        written=written,
        **lines,
    )
    if fixer is None:
        return report
    return replace(
        report,
        fixes=fixer.applied,
        unreadable=[*fixer.unreadable, *report.unreadable],
        notices=[*fixer.notices, *report.notices],
    )


def report_of_judged(judged: JudgedFiles) -> Report:
    """The report on files whose live jobs are used otherwise."""
    records = [file_record(outcome, lambda _name: None) for outcome in judged.outcomes]
    return report_of_records(records, {name: getattr(judged, name) for name in Run.__struct_fields__}, [])


def _stale_entries(run: Preparation, report: Report) -> tuple[list[BaselineEntry], list[str]]:
    """The entries of the baseline without a finding, and notices about it.

    There are none if a file could not be read or a rule failed.
    """
    baseline = run.baseline
    stale: list[BaselineEntry] = []
    notices: list[str] = []
    if baseline is None or not baseline.entries:
        return stale, notices
    if not report.unreadable and not report.failures:
        rules = _rules_of_files(run, report)
        unlocked = {name: _ids(own, are_locked=False) for name, own in rules.items()}
        count = locked_entries(baseline, {name: _ids(own, are_locked=True) for name, own in rules.items()})
        if count:
            subject = "entry of a locked rule is" if count == 1 else "entries of locked rules are"
            notices.append(f"{baseline.path}: {count:,} {subject} ignored")
        stale = stale_entries(baseline, report.baseline_entries, unlocked, run.search.roots)
    is_elsewhere = not any(disk.exists(os.path.join(baseline.folder, file)) for file in baseline.entries)
    if report.findings and is_elsewhere:  # it may be another repository's
        reason = "paths are relative to its folder, or to the repository's root if it lies outside"
        notices.append(f"{baseline.path}: none of its files exists: {reason}")
    return stale, notices


def _rules_of_files(run: Preparation, report: Report) -> dict[str, tuple[Rule, ...]]:
    """The rules of each file that was read as a whole."""
    from hpolint.registry.choosing import chosen_rules

    partly_read = {record.name for record in report.records if not record.is_whole}
    by_settings: dict[Settings, tuple[Rule, ...]] = {}
    rules: dict[str, tuple[Rule, ...]] = {}
    for file in run.searched:
        if file.settings not in by_settings:
            by_settings[file.settings] = chosen_rules(file.settings)
        if file.name not in partly_read:
            rules[file.name] = by_settings[file.settings]
    return rules


def _ids(rules: Collection[Rule], *, are_locked: bool) -> frozenset[str]:
    return frozenset(rule.id for rule in rules if (rule.fails_from is not None) is are_locked)
