"""Writing and pruning the baseline, and telling what of it is found no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hpolint.cli.write_reports import CLEAN, FAILED, say
from hpolint.io.streams import OutputError, write, write_file
from hpolint.report.report import Report
from hpolint.suppressions.baseline import Baseline, BaselineEntry, baseline_text

SHOWN = 5
"""Entries that are named one by one."""


def written_baseline(report: Report) -> int:
    """Write what was found; entries of files and rules that are not this run's stay. The exit code."""
    baseline = report.baseline or Baseline("")
    kept = Counter(entry for entries in baseline.entries.values() for entry in entries.elements())
    kept.subtract(report.stale_entries)
    before = Counter(report.baseline_entries) & Counter({entry: count for entry, count in kept.items() if count > 0})
    entries = [*(kept - before).elements(), *report.baseline_entries]
    if _written(baseline, entries) == FAILED:
        return FAILED
    count = f"{len(entries):,} {'entry' if len(entries) == 1 else 'entries'}"
    write(f"{baseline.path}: what is found now is known from now on ({count})\n")
    locked = sum(each.rule.fails_from is not None for each in report.findings)
    if locked:
        say(f"findings of locked rules, which are told all the same: {locked:,}")
    return CLEAN


def pruned_baseline(report: Report) -> int:
    """Write the baseline without what is found no more. The exit code that this alone would have."""
    baseline = report.baseline
    if baseline is None or not report.stale_entries:
        return CLEAN
    kept = Counter(entry for entries in baseline.entries.values() for entry in entries.elements())
    kept.subtract(report.stale_entries)
    say(f"{baseline.path}: {_count(report.stale_entries)} removed")
    return _written(baseline, kept.elements())


def say_unmatched(report: Report) -> int:
    """Tell that entries of the baseline are found no more, or changed. The exit code stays.

    Not of one that lies outside of the repository: it was made to be compared with, and nobody keeps it.
    """
    baseline = report.baseline
    if baseline is None or baseline.is_outside or not report.stale_entries:
        return CLEAN
    lines = Counter(_line(entry) for entry in report.stale_entries)
    say(f"{baseline.path}: {_count(report.stale_entries)} that no finding matches any more: `--prune` removes them")
    for line, count in list(lines.items())[:SHOWN]:
        say(f"  {line}{f', {count} times' if count > 1 else ''}")
    if len(lines) > SHOWN:
        say(f"  … and {len(lines) - SHOWN:,} more")
    return CLEAN


def _line(entry: BaselineEntry) -> str:
    named = f" of `{entry.job}`" if entry.job else ""
    return f"{entry.file}: {entry.rule}{named}{f' at {entry.path}' if entry.path else ''}"


def _count(entries: list[BaselineEntry]) -> str:
    return f"{len(entries):,} {'entry' if len(entries) == 1 else 'entries'}"


def _written(baseline: Baseline, entries: Iterable[BaselineEntry]) -> int:
    try:
        write_file(baseline.path, baseline_text(entries))
    except OutputError as error:
        say(f"{baseline.path}: cannot be written: {error}")
        return FAILED
    return CLEAN
