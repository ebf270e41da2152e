"""What a run found, for the reporters to print."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from hpolint.model.level import LEVELS, Level
from hpolint.model.settings import Settings

if TYPE_CHECKING:
    from collections import Counter

    from hpolint.cache.outcomes import ResultCache
    from hpolint.model.finding import Finding, RuleFailure, Suppressed, UndecidedJudgement
    from hpolint.model.fix import WrittenFix
    from hpolint.model.job import TuningJob
    from hpolint.model.node import Unknown
    from hpolint.model.rule import Rule
    from hpolint.model.settings import Exclude
    from hpolint.model.source import Source
    from hpolint.report.outcome import Outcome
    from hpolint.suppressions.baseline import Baseline, BaselineEntry
    from hpolint.suppressions.config_entries import UnusedEntry

MAX_SHOWN = 50
"""So many findings a person reads in one go; the others are counted, and ``--all`` prints them."""


class Report(msgspec.Struct, dict=True):
    """The outcome of one run.

    ``files`` counts those that were looked at. ``vanished`` and ``unreadable`` are lines about files that could not
    be read, ``passed_over`` about what else was not looked at, ``left_out`` about folders that are left out though they
    may hold definitions. ``skipped`` names the templates with the reason, ``empty`` the files whose bytes name a
    definition that no reader found. ``failures`` are rules that failed themselves. ``suppressed`` is what is not told,
    ``shows_suppressed`` says that people want to see it. ``others`` are the settings of other folders. ``known`` is
    what the findings would be known by in a baseline, ``unmatched`` what the baseline has in vain.
    ``in_part`` are files of which something could not be read. ``idle`` and ``used`` are suppressions of the
    configuration, by whether they silence something of a file.
    ``fixed`` says of files that were mended how often each rule was, ``diffs`` what would become of them, ``mended`` is
    the text of standard input with its fixes. ``written`` are fixes as they would be written, by their finding's
    identity, as far as they are worked out. ``borrowed`` are files whose jobs were read through others, by
    the names of those. ``keeper`` keeps what files gave for another run. ``twins``
    are findings that are told as one, by the identity of that one: of several jobs that share a value.
    """

    settings: Settings
    files: int = 0
    jobs: list[TuningJob] = msgspec.field(default_factory=list)
    findings: list[Finding] = msgspec.field(default_factory=list)
    undecided: list[UndecidedJudgement] = msgspec.field(default_factory=list)
    failures: list[RuleFailure] = msgspec.field(default_factory=list)
    notices: list[str] = msgspec.field(default_factory=list)
    skipped_folders: list[str] = msgspec.field(default_factory=list)
    without_definition: list[str] = msgspec.field(default_factory=list)
    vanished: list[str] = msgspec.field(default_factory=list)
    unreadable: list[str] = msgspec.field(default_factory=list)
    skipped: list[tuple[str, str]] = msgspec.field(default_factory=list)
    sources: dict[str, Source] = msgspec.field(default_factory=dict)
    suppressed: list[Suppressed] = msgspec.field(default_factory=list)
    other_settings: list[Settings] = msgspec.field(default_factory=list)
    baseline_entries: list[BaselineEntry] = msgspec.field(default_factory=list)
    baseline: Baseline | None = None
    stale_entries: list[BaselineEntry] = msgspec.field(default_factory=list)
    shows_suppressed: bool = False
    in_part: set[str] = msgspec.field(default_factory=set)
    fixed: dict[str, Counter[str]] = msgspec.field(default_factory=dict)
    diffs: list[str] = msgspec.field(default_factory=list)
    fixed_text: bytes | None = None
    written: dict[int, WrittenFix] = msgspec.field(default_factory=dict)
    twins: dict[int, list[Finding]] = msgspec.field(default_factory=dict)
    borrowed: dict[str, list[str]] = msgspec.field(default_factory=dict)
    cache: ResultCache | None = None
    idle: list[UnusedEntry] = msgspec.field(default_factory=list)
    used: set[tuple[Exclude, str]] = msgspec.field(default_factory=set)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that were asked, anywhere; of a run without files those that would be. Raises ConfigError."""
        from hpolint.registry.choosing import chosen_rules

        asked = (rule for settings in (self.settings, *self.other_settings) for rule in chosen_rules(settings))
        return tuple({rule.id: rule for rule in asked}.values())

    def fix_of(self, finding: Finding) -> WrittenFix | None:
        """A finding's fix as it would be written, if that is worked out."""
        return self.written.get(id(finding))

    def cell(self, finding: Finding) -> int | None:
        """The number of the notebook cell that a finding's place is in; None elsewhere."""
        source = self.sources.get(finding.source)
        found = source.in_cell(finding.span) if source is not None and source.cells else None
        return found[0].number if found is not None else None

    def add(self, outcome: Outcome) -> None:
        """Take in what one candidate gave."""
        if outcome.internal_error is not None:
            self.unreadable.append(f"{outcome.name}: {outcome.internal_error}")
        if outcome.source is not None:
            self.sources[outcome.name] = outcome.source
        self.sources |= {source.name: source for source in outcome.beside}
        for source in outcome.scripts:
            self.sources.setdefault(source.name, source)
        if outcome.skipped is not None:
            self.skipped.append((outcome.name, outcome.skipped))
        self.notices += [f"{outcome.name}: {line}" for line in outcome.notices]
        if outcome.is_without_definition:
            self.without_definition.append(outcome.name)
        self.baseline_entries += outcome.baseline_entries
        for source in outcome.beside:
            self.borrowed.setdefault(source.name, []).append(outcome.name)
        self.idle += outcome.idle
        self.used |= outcome.used
        self.suppressed += outcome.suppressed
        self.in_part |= set() if outcome.is_whole else {outcome.name}
        self.jobs += outcome.jobs
        self.findings += outcome.findings
        self.written |= {
            id(each): fix for each, fix in zip(outcome.findings, outcome.written, strict=False) if fix is not None
        }
        self.undecided += outcome.undecided
        self.failures += [failure for failure in outcome.failures if failure not in self.failures]

    def finish(self, roots: Iterable[str] = ()) -> None:
        """Put the findings in order, each mistake once: a value that YAML's aliases use several times is one.

        ``roots`` are the folders that were checked as a whole.
        """
        if self.idle:
            from hpolint.suppressions.config_entries import unused_findings

            self.findings += unused_findings(self.idle, self.used, roots)
        self._add_configurations()
        if self.findings:
            from hpolint.model.finding import deduplicated

            self.findings, self.twins = deduplicated(self.findings)

    def _add_configurations(self) -> None:
        """Findings about suppressions of a configuration stand in its file."""
        for name in {each.source for each in self.findings if each.source not in self.sources}:
            from hpolint.suppressions.config_entries import configuration_source

            source = configuration_source(name)
            if source is not None:
                self.sources[name] = source

    def count(self, level: Level) -> int:
        """How many findings have that level."""
        return sum(finding.level == level for finding in self.findings)

    @property
    def failing(self) -> int:
        """How many findings are grave enough for exit code 1: a locked rule says itself from which level."""
        return sum(
            LEVELS.index(each.level) <= LEVELS.index(each.rule.fails_from or self.settings.fail_on)
            for each in self.findings
        )

    def by_rule(self) -> list[tuple[Rule, Level, int]]:
        """The rules that found something, most findings first, each with the gravest level that it found."""
        found: dict[str, list[Finding]] = {}
        for finding in self.findings:
            found.setdefault(finding.rule.id, []).append(finding)
        ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
        return [(some[0].rule, min((each.level for each in some), key=LEVELS.index), len(some)) for _, some in ordered]

    def open_values(self) -> list[tuple[str, Unknown, list[UndecidedJudgement]]]:
        """The unknown values that leave judgements open, each with its file and those judgements."""
        found: dict[tuple[str, Unknown], list[UndecidedJudgement]] = {}
        for judgement in self.undecided:
            for cause in judgement.causes:
                found.setdefault((judgement.job.source.name, cause), []).append(judgement)
        ordered = sorted(found.items(), key=lambda item: (item[0][0], item[0][1].span, item[0][1].reason))
        return [(name, unknown, judgements) for (name, unknown), judgements in ordered]
