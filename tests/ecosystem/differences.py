"""Two commits' findings and jobs, side by side: what comes, what goes, what is said otherwise."""

from __future__ import annotations

import difflib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from tests.ecosystem.runs import Said

Each = dict[str, Any]
Pair = tuple[Each | None, Each | None]
"""The same finding, or job, before and after; None where it is not."""


@dataclass(frozen=True)
class Change:
    """A finding that comes (+), goes (-) or says something else (~)."""

    rule: str
    path: str
    sign: str
    text: str


def report(before: Said, after: Said) -> list[str]:
    """The lines that are printed; the last one sums up."""
    changes = finding_changes(before.findings, after.findings)
    jobs = job_diffs(before.jobs, after.jobs)
    errors = list(difflib.ndiff(sorted(before.errors), sorted(after.errors)))
    errors = [line for line in errors if line[0] in "+-"]
    signs = Counter(change.sign for change in changes)
    files = len({change.path for change in changes})
    summary = (
        f"findings: {signs['+']} added, {signs['-']} removed, {signs['~']} changed in {files} files; "
        f"jobs: {len(jobs)} of {max(len(before.jobs), len(after.jobs))} read otherwise; "
        f"errors: {len(errors)} lines differ"
    )
    return [*_by_rule(changes), *(line for diff in jobs for line in diff), *errors, summary]


def finding_changes(before: list[Each], after: list[Each]) -> list[Change]:
    """The findings that are not the same. A place is no difference: a file's lines are the same in both."""

    def place(finding: Each) -> Hashable:
        return finding["rule"], finding["path"], finding["field"]

    changes = []
    for old, new in _pairs(before, after, place, lambda finding: (finding["message"], finding["fix"])):
        text = "\n      → ".join(_described(each) for each in (old, new) if each is not None)
        sign = "+" if old is None else "-" if new is None else "~"
        one = old or new or {}
        changes.append(Change(one["rule"], one["path"], sign, text))
    return sorted(changes, key=lambda change: (change.rule, change.path, change.sign, change.text))


def _described(finding: Each) -> str:
    where = f"cell {finding['cell']}, line {finding['line']}" if finding["cell"] else f"line {finding['line']}"
    fix = f" [fix: {json.dumps(finding['fix'])}]" if finding["fix"] else ""
    return f"{finding['field']} ({where}): {' | '.join(finding['message'])}{fix}"


def _by_rule(changes: list[Change]) -> list[str]:
    lines: list[str] = []
    by_rule: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_rule[change.rule].append(change)
    for rule, its in by_rule.items():
        signs = Counter(change.sign for change in its)
        lines.append(f"{rule}: {signs['+']} added, {signs['-']} removed, {signs['~']} changed")
        path = None
        for change in its:
            if change.path != path:
                path = change.path
                lines.append(f"  {path}: {sum(each.path == path for each in its)}")
            lines.append(f"    {change.sign} {change.text}")
    return lines


def job_diffs(before: list[Each], after: list[Each]) -> list[list[str]]:
    """A unified diff for each job that is not read in the same way, or only by one of the two."""

    def name(job: Each) -> Hashable:
        return job["path"], job["name"], job["carrier"]

    diffs = []
    for old, new in _pairs(before, after, name, lambda job: job):
        one = old or new or {}
        label = f"{one['path']} {one['name'] or one['carrier'] or ''}".strip()
        diffs.append(list(difflib.unified_diff(_lines(old), _lines(new), label, label, lineterm="", n=2)))
    return diffs


def _lines(job: Each | None) -> list[str]:
    return json.dumps(job, indent=1, ensure_ascii=False).splitlines() if job is not None else []


def _pairs(
    before: list[Each], after: list[Each], key: Callable[[Each], Hashable], said: Callable[[Each], Any]
) -> list[Pair]:
    """What has the same key on both sides and is not the same; what is the same has gone out first."""
    sides: dict[Hashable, tuple[list[Each], list[Each]]] = defaultdict(lambda: ([], []))
    for each in before:
        sides[key(each)][0].append(each)
    for each in after:
        sides[key(each)][1].append(each)
    found: list[Pair] = []
    for olds, news in sides.values():
        left = list(news)
        gone = []
        for old in olds:
            same = next((new for new in left if said(new) == said(old)), None)
            if same is None:
                gone.append(old)
            else:
                left.remove(same)
        found += zip_longest(gone, left)
    return found
