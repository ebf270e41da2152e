"""The report of a run: the data that the reporters print."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from hpolint.model.level import LEVELS, Level
from hpolint.model.node import Path, path_text
from hpolint.model.reasons import CONFIG_FILE
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
"""Findings that the text report prints; the others are counted, and ``--all`` prints them."""


class Report(msgspec.Struct, dict=True):
    """The result of one run.

    Files: ``files`` counts those that were searched. ``vanished`` and ``unreadable`` are lines about files that could
    not be read, ``notices`` about other things that were not checked, ``skipped_folders`` about skipped folders that
    may contain definitions. ``skipped`` are templates with the reason, ``without_definition`` files whose bytes name a
    definition that no reader found, ``partly_read`` files with an unread part. ``included_by`` maps files whose jobs
    were read through other files to the names of those. ``mocked_calls`` counts the calls of tests that reach a mock.

    Findings: ``failures`` are rules with an internal error. ``suppressed`` are silenced findings, and
    ``shows_suppressed`` asks to print them. ``twins`` are the findings of several jobs that share a value, by the
    ``id()`` of the one that is reported. ``other_settings`` are the settings of other folders.

    Suppressions: ``baseline_entries`` are the entries of the findings, ``stale_entries`` the baseline's without a
    finding. ``unused_entries`` and ``used_entries`` are the configuration's suppressions, by whether they silence
    anything in a file.

    Fixes: ``applied`` are the safeties of the fixes that the run has applied, so that none of them is left that can be
    written. ``fixed`` counts the fixes of each rule by file, ``diffs`` are the changes of a dry run, ``fixed_text`` is
    standard input with its fixes. ``written`` are the computed edits of fixes by the ``id()`` of their finding.
    ``cache`` stores outcomes for the next run.
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
    partly_read: set[str] = msgspec.field(default_factory=set)
    applied: frozenset[str] = frozenset()
    fixed: dict[str, Counter[str]] = msgspec.field(default_factory=dict)
    diffs: list[str] = msgspec.field(default_factory=list)
    fixed_text: bytes | None = None
    written: dict[int, WrittenFix] = msgspec.field(default_factory=dict)
    twins: dict[int, list[Finding]] = msgspec.field(default_factory=dict)
    included_by: dict[str, list[str]] = msgspec.field(default_factory=dict)
    cache: ResultCache | None = None
    unused_entries: list[UnusedEntry] = msgspec.field(default_factory=list)
    used_entries: set[tuple[Exclude, str]] = msgspec.field(default_factory=set)
    mocked_calls: int = 0

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are on in any folder of the run. Raises ConfigError."""
        from hpolint.registry.choosing import chosen_rules

        selected = (rule for settings in (self.settings, *self.other_settings) for rule in chosen_rules(settings))
        return tuple({rule.id: rule for rule in selected}.values())

    def fix_of(self, finding: Finding) -> WrittenFix | None:
        """A finding's fix as edits; None if they have not been computed."""
        return self.written.get(id(finding))

    def cell(self, finding: Finding) -> int | None:
        """The number of the notebook cell that contains a finding; None in other files."""
        source = self.sources.get(finding.source)
        found = source.in_cell(finding.span) if source is not None and source.cells else None
        return found[0].number if found is not None else None

    def add(self, outcome: Outcome) -> None:
        """Add the outcome of one candidate."""
        if outcome.internal_error is not None:
            self.unreadable.append(f"{outcome.name}: {outcome.internal_error}")
        if outcome.source is not None:
            self.sources[outcome.name] = outcome.source
        self.sources |= {source.name: source for source in outcome.included_sources}
        for source in outcome.scripts:
            self.sources.setdefault(source.name, source)
        if outcome.skipped is not None:
            self.skipped.append((outcome.name, outcome.skipped))
        self.notices += [f"{outcome.name}: {line}" for line in outcome.notices]
        if outcome.is_without_definition:
            self.without_definition.append(outcome.name)
        self.baseline_entries += outcome.baseline_entries
        for source in outcome.included_sources:
            self.included_by.setdefault(source.name, []).append(outcome.name)
        self.unused_entries += outcome.unused_entries
        self.used_entries |= outcome.used_entries
        self.suppressed += outcome.suppressed
        self.partly_read |= set() if outcome.is_whole else {outcome.name}
        self.mocked_calls += outcome.mocked_calls
        self.jobs += outcome.jobs
        self.findings += outcome.findings
        self.written |= {
            id(each): fix for each, fix in zip(outcome.findings, outcome.written, strict=False) if fix is not None
        }
        self.undecided += outcome.undecided
        self.failures += [failure for failure in outcome.failures if failure not in self.failures]

    def finish(self, roots: Iterable[str] = ()) -> None:
        """Add the unused suppressions, sort the findings, and merge those about one value that several jobs share.

        ``roots`` are the folders that were checked as a whole.
        """
        if self.unused_entries:
            from hpolint.suppressions.config_entries import unused_findings

            self.findings += unused_findings(self.unused_entries, self.used_entries, roots)
        self._add_configurations()
        if self.findings:
            from hpolint.model.finding import deduplicated

            self.findings, self.twins = deduplicated(self.findings)

    def _add_configurations(self) -> None:
        """Add the configuration files in which findings have places."""
        for name in {each.source for each in self.findings if each.source not in self.sources}:
            from hpolint.suppressions.config_entries import configuration_source

            source = configuration_source(name)
            if source is not None:
                self.sources[name] = source

    def count(self, level: Level) -> int:
        """The number of findings with a level."""
        return sum(finding.level == level for finding in self.findings)

    @property
    def failing(self) -> int:
        """The number of findings that give exit code 1: a locked rule sets its own lowest level. No waiver is one."""
        return sum(
            LEVELS.index(each.level) <= LEVELS.index(each.rule.fails_from or self.settings.fail_on)
            for each in self.findings
            if each.rule.emitted_by != "waivers"
        )

    def by_rule(self) -> list[tuple[Rule, Level, int]]:
        """Each rule with findings, its most severe level and the number of findings; most findings first."""
        found: dict[str, list[Finding]] = {}
        for finding in self.findings:
            found.setdefault(finding.rule.id, []).append(finding)
        ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
        return [(some[0].rule, min((each.level for each in some), key=LEVELS.index), len(some)) for _, some in ordered]

    def open_values(self) -> list[tuple[str, Unknown, list[UndecidedJudgement]]]:
        """The unknown values that leave judgements undecided, each with its file and those judgements.

        Members that the SDK's configuration may set all have the place of one constructor: each is a value of its own.
        """
        found: dict[tuple[str, Unknown, Path | None], list[UndecidedJudgement]] = {}
        for judgement in self.undecided:
            for cause in judgement.causes:
                path = judgement.cause_path(cause) if cause.reason == CONFIG_FILE else None
                found.setdefault((judgement.job.source.name, cause, path), []).append(judgement)
        ordered = sorted(found.items(), key=_place_of_value)
        return [(name, unknown, judgements) for (name, unknown, _), judgements in ordered]

    def values_to_settle(self) -> list[Unknown]:
        """The unknown values that leave judgements undecided and that who writes the source can make known."""
        return [value for _, value, judgements in self.open_values() if _settles_source(value, judgements)]

    def judgements_to_settle(self) -> list[UndecidedJudgement]:
        """The undecided judgements that depend on such a value."""
        return [judgement for judgement in self.undecided if judgement.is_settled_by_source]

    def judgements_of_sdk_config(self) -> list[UndecidedJudgement]:
        """The undecided judgements that the setting ``sdk-config`` would settle, at least in part."""
        return [judgement for judgement in self.undecided if _needs_sdk_config(judgement)]

    def configurations_without_sdk_config(self) -> list[str]:
        """The configuration files of the run in which ``sdk-config`` was looked for and is not set."""
        found: dict[str, None] = {}
        for settings in (self.settings, *self.other_settings):
            deciding = settings.above[-1] if settings.above else settings  # the outermost that locks rules counts
            if deciding.sdk_config is None:
                found |= dict.fromkeys(deciding.chain)
        return list(found)

    def open_locked_values(self) -> list[tuple[str, Unknown, list[UndecidedJudgement]]]:
        """The unknown values that leave locked rules undecided, each with its file and their judgements."""
        found = []
        for name, unknown, judgements in self.open_values():
            locked = [judgement for judgement in judgements if judgement.rule.fails_from is not None]
            if locked:
                found.append((name, unknown, locked))
        return found


def _place_of_value(item: tuple[tuple[str, Unknown, Path | None], object]) -> tuple[object, ...]:
    (name, unknown, path), _ = item
    return name, unknown.span, unknown.reason, path_text(path or ())


def _needs_sdk_config(judgement: UndecidedJudgement) -> bool:
    return any(judgement.settler(cause) == "sdk-config" for cause in judgement.causes)


def _settles_source(value: Unknown, judgements: list[UndecidedJudgement]) -> bool:
    return any(judgement.settler(value) == "source" for judgement in judgements)
