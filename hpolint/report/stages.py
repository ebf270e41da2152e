"""Findings that the stages of a CDK app repeat: each stage is a copy of the same program.

They are joined only for people who read the text. Every other report has each finding, because each stage is deployed
by itself and has its own suppressions.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable

import msgspec

from hpolint.model.message_text import joined_words
from hpolint.report.records import Diagnostic

ASSEMBLY = "assembly-"
"""The beginning of the name of a folder with the templates of a stage, within the CDK's output."""


class _Copy(msgspec.Struct, frozen=True):
    """Where a finding is within the copies of an app.

    ``root`` is the folder with the copies, ``kind`` what is copied, ``name`` the copy, and ``within`` the path of the
    construct within it.
    """

    root: str
    kind: str
    name: str
    within: str


class Repeats(msgspec.Struct, frozen=True):
    """A finding, and the stages or stacks that have it, in words; empty if only one has it."""

    finding: Diagnostic
    copies: str


def joined(findings: Iterable[Diagnostic]) -> list[Repeats]:
    """The findings in their order, those that differ only by their stage as the first of them."""
    groups: dict[object, list[tuple[Diagnostic, str, str]]] = {}
    counts: Counter[object] = Counter()
    for finding in findings:
        copy = _copy_of(finding)
        if copy is None:
            groups[finding.key] = [(finding, "", "")]
            continue
        key = _key(finding, copy)
        counts[key, copy.name] += 1  # the same twice in a stage is no repetition
        group = groups.setdefault((key, counts[key, copy.name]), [])
        group.append((finding, copy.kind, copy.name))
    return [Repeats(group[0][0], _words(group)) for group in groups.values()]


def _copy_of(finding: Diagnostic) -> _Copy | None:
    """Where a finding is within the copies of an app; None if nothing says so.

    A stack outside of stages may be one of several copies of a class: those of one place in the program are.
    """
    job = finding.job
    if job is None or job.construct is None or finding.undecided is not None:
        return None
    name, _, within = job.construct.partition("/")
    root = posixpath.dirname(finding.file)
    kind = "stack"
    while posixpath.basename(root).startswith(ASSEMBLY):
        kind, root = "stage", posixpath.dirname(root)
    if not within or (kind == "stack" and finding.origin is None):
        return None
    return _Copy(root, kind, name, within)


def _key(finding: Diagnostic, copy: _Copy) -> object:
    """What the findings of copies have in common if they say the same of the same."""
    state = finding.job.state if finding.job is not None else None
    place = finding.origin.shown if finding.origin is not None else ""
    said = finding.rule.id, finding.level, finding.text, finding.path
    return copy.root, copy.kind, copy.within, state, place, said


def _words(group: list[tuple[Diagnostic, str, str]]) -> str:
    if len(group) == 1:
        return ""
    kind = group[0][1]
    return f"in the {kind}s {joined_words([f'`{name}`' for _, _, name in group])}"
