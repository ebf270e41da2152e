"""Writing and pruning the baseline, and reporting its stale entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from hpolint.cli.write_reports import CLEAN, FAILED, print_line
from hpolint.io.streams import OutputError, write, write_file
from hpolint.report.report import Report
from hpolint.suppressions.baseline import Baseline, BaselineEntry, baseline_text

MAX_LISTED = 5
"""Stale entries that are listed; the others are counted."""


def write_baseline_file(report: Report) -> int:
    """Write the current findings to the baseline and return the exit code.

    Entries of files and rules outside of this run stay.
    """
    baseline = report.baseline or Baseline("")
    outside = _fresh_entries(baseline, report)
    outside.subtract(report.baseline_entries)
    entries = [*outside.elements(), *report.baseline_entries]
    if _write(baseline, entries) == FAILED:
        return FAILED
    write(f"{baseline.path}: {_count(entries)} written\n")
    locked = sum(each.rule.fails_from is not None for each in report.findings)
    if locked:
        print_line(f"findings of locked rules, which a baseline does not hide: {locked:,}")
    return CLEAN


def prune_baseline_file(report: Report) -> int:
    """Remove the stale entries from the baseline and return the exit code of this step alone."""
    baseline = report.baseline
    if baseline is None:
        print_line("--prune: no baseline found")
    if baseline is None or not report.stale_entries:
        return CLEAN
    if baseline.reason_not_to_write is not None:
        print_line(baseline.reason_not_to_write)
        return FAILED
    print_line(f"{baseline.path}: {_count(report.stale_entries)} removed")
    return _write(baseline, _fresh_entries(baseline, report).elements())


def print_stale_entries(report: Report) -> int:
    """Print the entries of the baseline that match no finding, and return exit code 0.

    A baseline outside of the repository was written for one comparison: its stale entries are not reported.
    """
    baseline = report.baseline
    if baseline is None or baseline.is_outside or not report.stale_entries:
        return CLEAN
    lines = Counter(_line(entry) for entry in report.stale_entries)
    print_line(f"{baseline.path}: {_count(report.stale_entries)} without a finding: `--prune` removes them")
    for line, count in list(lines.items())[:MAX_LISTED]:
        print_line(f"  {line}{f', {count} times' if count > 1 else ''}")
    if len(lines) > MAX_LISTED:
        print_line(f"  … and {len(lines) - MAX_LISTED:,} more")
    return CLEAN


def _fresh_entries(baseline: Baseline, report: Report) -> Counter[BaselineEntry]:
    """The entries of the baseline without the stale ones."""
    fresh = baseline.counts
    fresh.subtract(report.stale_entries)
    return fresh


def _line(entry: BaselineEntry) -> str:
    named = f" of `{entry.job}`" if entry.job else ""
    return f"{entry.file}: {entry.rule}{named}{f' at {entry.path}' if entry.path else ''}"


def _count(entries: Sequence[BaselineEntry]) -> str:
    return f"{len(entries):,} {'entry' if len(entries) == 1 else 'entries'}"


def _write(baseline: Baseline, entries: Iterable[BaselineEntry]) -> int:
    try:
        write_file(baseline.path, baseline_text(entries))
    except OutputError as error:
        print_line(f"{baseline.path}: cannot be written: {error}")
        return FAILED
    return CLEAN
