"""What one candidate gives: its source, its jobs, and what the rules say of them. How it comes about is checking's."""

from __future__ import annotations

import re

import msgspec

from hpolint.model.finding import Finding, RuleFailure, Suppressed, UndecidedJudgement
from hpolint.model.fix import WrittenFix
from hpolint.model.forms import language_of
from hpolint.model.job import TuningJob
from hpolint.model.settings import Exclude
from hpolint.model.source import Source
from hpolint.suppressions.baseline import BaselineEntry
from hpolint.suppressions.config_entries import UnusedEntry

OURS = re.compile(r"sagemaker|boto|aws", re.IGNORECASE)


class Outcome(msgspec.Struct):
    """One candidate, read and judged. ``skipped`` and ``trouble`` are reasons; with trouble there is no source.

    ``known`` is what all that is told would be known by in a baseline. ``is_whole``: nothing of it was left unread.
    ``idle`` and ``used`` are the configuration's suppressions that silence nothing, or something, here.
    ``told`` are lines about what of it was not read, ``own`` is set for what hpolint itself has written.
    """

    name: str
    source: Source | None = None
    jobs: list[TuningJob] = msgspec.field(default_factory=list)
    findings: list[Finding] = msgspec.field(default_factory=list)
    undecided: list[UndecidedJudgement] = msgspec.field(default_factory=list)
    failures: list[RuleFailure] = msgspec.field(default_factory=list)
    skipped: str | None = None
    internal_error: str | None = None
    notices: list[str] = msgspec.field(default_factory=list)
    is_own_output: bool = False
    suppressed: list[Suppressed] = msgspec.field(default_factory=list)
    is_whole: bool = True
    baseline_entries: list[BaselineEntry] = msgspec.field(default_factory=list)
    idle: list[UnusedEntry] = msgspec.field(default_factory=list)
    used: set[tuple[Exclude, str]] = msgspec.field(default_factory=set)
    scripts: list[Source] = msgspec.field(default_factory=list)
    """Training scripts, with the modules that they import, in which findings have places."""
    beside: list[Source] = msgspec.field(default_factory=list)
    """Other files whose jobs are among these: what such a file says by itself does not count."""
    written: list[WrittenFix | None] = msgspec.field(default_factory=list)
    """The fix of each finding as it would be written; empty where that is not worked out yet."""

    @property
    def is_without_definition(self) -> bool:
        """Whether the bytes named a definition, and nothing at all came of it."""
        told = self.jobs or self.findings or self.skipped or self.internal_error or self.notices
        return not told and not self.is_own_output and (self.source is None or not is_of_others(self.source))


def is_of_others(source: Source) -> bool:
    """Whether Python that names a tuning job speaks of nothing of AWS: Google's Vertex AI has such jobs, too."""
    is_python = language_of(source.name).name in ("Python", "notebooks")
    return is_python and not OURS.search(source.text)
