"""The findings that two states of a job, or of a repository, do not share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeAlias

from hpolint.diff.compared_launches import ComparedLaunches
from hpolint.diff.fields import fields_of
from hpolint.model.finding import Finding
from hpolint.model.launch import Launch
from hpolint.model.level import LEVELS
from hpolint.model.node import path_text

KeyedFinding: TypeAlias = tuple[Finding, list[Hashable]]
"""A finding with keys that it shares with the same finding of the other state: one, or one for each launch."""

Difference: TypeAlias = tuple[tuple[Finding, ...], tuple[Finding, ...]]
"""The resolved findings, and those that are new or more severe now."""


def changes_of_files(before: list[Finding], after: list[Finding], renamed: Mapping[str, str]) -> Difference:
    """The changes of findings without a job. ``renamed`` maps the earlier names of files to the later ones."""
    return _difference(
        [(finding, [_file_key(finding, renamed)]) for finding in before],
        [(finding, [_file_key(finding, {})]) for finding in after],
    )


def changes_of_job(before: list[Finding], after: list[Finding], compared: ComparedLaunches) -> Difference:
    """The changes of the findings about a job, whose launches are ``compared``."""
    return _difference(
        [(finding, _launch_keys(finding, compared.before)) for finding in before],
        [(finding, _launch_keys(finding, compared.after)) for finding in after],
    )


def _difference(before: list[KeyedFinding], after: list[KeyedFinding]) -> Difference:
    left: dict[Hashable, list[int]] = defaultdict(list)
    for number, (_, keys) in enumerate(before):
        for key in keys:
            left[key].append(number)
    same: set[int] = set()
    new = []
    for finding, keys in after:
        earlier = [left[key].pop(0) for key in keys if left[key]]
        same.update(earlier)
        levels = [LEVELS.index(before[number][0].level) for number in earlier]
        if min(levels, default=len(LEVELS)) > LEVELS.index(finding.level):
            new.append(finding)
    resolved = [finding for number, (finding, _) in enumerate(before) if number not in same]
    return tuple(resolved), tuple(new)


def _file_key(finding: Finding, renamed: Mapping[str, str]) -> Hashable:
    """The identity of a finding without a job: its rule, its file and its text."""
    return finding.rule.id, renamed.get(finding.source, finding.source), finding.text


def _launch_keys(finding: Finding, numbers: Mapping[str | None, int]) -> list[Hashable]:
    """The identity of a finding within its job, for each launch that it is about.

    That is its rule, the path of its value with items by name, and one of the ``numbers`` of the job's launches. So a
    finding is the same as before if one of its launches had it before.
    """
    job, request = finding.job, finding.request
    assert job is not None, "the finding is about a job"
    assert request is not None, "the finding is about a job"
    launches: Sequence[Launch | None] = finding.launches
    if not launches:
        launches = job.launches.each if job.launches is not None else (None,)
    own = {numbers.get(launch.label if launch is not None else None, 0) for launch in launches}
    keys = {field.path: path_text(key) for key, field in fields_of(request).items()}
    path = keys.get(finding.path, path_text(finding.path))
    return [(finding.rule.id, path, number) for number in sorted(own)]
