"""The outcome of one candidate: its source, its jobs and their findings."""

from __future__ import annotations

import msgspec

from hpolint.model.finding import Finding, RuleFailure, Suppressed, UndecidedJudgement
from hpolint.model.job import TuningJob
from hpolint.model.settings import Exclude
from hpolint.model.source import Source, Span
from hpolint.suppressions.baseline import BaselineEntry
from hpolint.suppressions.config_entries import UnusedEntry


class Silencing(msgspec.Struct):
    """What silences findings in one file.

    ``baseline_entries`` are the entries of its findings. ``unused_entries`` and ``used_entries`` are the
    configuration's suppressions that silence nothing, or something, in it.
    """

    suppressed: list[Suppressed[Finding]] = msgspec.field(default_factory=list)
    baseline_entries: list[BaselineEntry] = msgspec.field(default_factory=list)
    unused_entries: list[UnusedEntry[Finding]] = msgspec.field(default_factory=list)
    used_entries: set[tuple[Exclude, str]] = msgspec.field(default_factory=set)


class Outcome(msgspec.Struct, frozen=True):
    """One candidate, read and judged.

    ``skipped`` is the reason why it was not read, ``internal_error`` one of the reader or the engine. ``notices`` are
    lines about parts that were not read, ``is_whole`` says that there are none. ``is_own_output`` marks a file that
    hpolint wrote. ``mocked_calls`` counts the calls of a test that reach a mock.
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
    silencing: Silencing = msgspec.field(default_factory=Silencing)
    is_whole: bool = True
    mocked_calls: int = 0
    scripts: list[Source] = msgspec.field(default_factory=list)
    """Training scripts, and modules that they import, in which findings have places."""
    included_sources: list[Source] = msgspec.field(default_factory=list)
    """Other files whose jobs are among these: their own outcomes are dropped."""
    taken: list[tuple[str, Span]] = msgspec.field(default_factory=list)
    """The parts of requests that its jobs take from other files, by the names of these."""

    @property
    def sources(self) -> dict[str, Source]:
        """The sources in which it has places, by name, its own first."""
        sources = {self.source.name: self.source} if self.source is not None else {}
        sources |= {source.name: source for source in self.included_sources}
        for source in self.scripts:
            sources.setdefault(source.name, source)
        return sources
