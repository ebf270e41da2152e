"""The report of a run: the data that the reporters print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import chain

import msgspec

from hpolint.model.finding import Suppressed
from hpolint.model.fix import WrittenFix
from hpolint.model.level import LEVELS, Level
from hpolint.report.records import (
    Cause,
    Diagnostic,
    FileRecord,
    JobSummary,
    RuleFault,
    RuleSummary,
    Undecided,
    UnknownValue,
)
from hpolint.report.run import Run
from hpolint.suppressions.baseline import Baseline, BaselineEntry

MAX_SHOWN = 50
"""Findings that the text report prints; the others are counted, and ``--all`` prints them."""


class AppliedFixes(msgspec.Struct, frozen=True):
    """The fixes that a run has applied.

    ``safeties`` are their safeties, so that none of them is left that can be written. ``counts`` are the fixes of each
    rule by file, ``diffs`` the changes of a dry run, and ``text`` is standard input with its fixes.
    """

    safeties: frozenset[str] = frozenset()
    counts: dict[str, Counter[str]] = msgspec.field(default_factory=dict)
    diffs: list[str] = msgspec.field(default_factory=list)
    text: bytes | None = None


class OpenValue(msgspec.Struct, frozen=True):
    """An unknown value, and the judgements that it leaves undecided, each with the cause that refers to it."""

    value: UnknownValue
    judgements: list[tuple[Undecided, Cause]]

    @property
    def subject(self) -> str:
        """What is unknown, as the source names it."""
        return self.judgements[0][1].subject

    @property
    def rules(self) -> list[str]:
        """The undecided rules."""
        return list(dict.fromkeys(judgement.rule.id for judgement, _ in self.judgements))

    @property
    def satisfying_default(self) -> str | None:
        """The default that satisfies all of these rules, as text; None if some are undecided with it."""
        defaults = {cause.default for judgement, cause in self.judgements if judgement.is_met_by_default}
        is_met = all(judgement.is_met_by_default for judgement, _ in self.judgements)
        return defaults.pop() if is_met and len(defaults) == 1 else None

    @property
    def settlers(self) -> set[str | None]:
        """Who can make it known."""
        return {cause.settler for _, cause in self.judgements}


class Report(Run, frozen=True, kw_only=True):
    """The result of one run.

    ``records`` are those of the files, ``findings`` all their diagnostics in the order of their places. ``twins`` are
    the diagnostics of several jobs that share a value, by the key of the one that is reported. ``stale_entries`` are
    the baseline's without a finding. ``shows_suppressed`` asks to print silenced diagnostics. ``written`` are the fixes
    as text, by the key of their diagnostic, as far as they have been written.
    """

    records: Sequence[FileRecord] = ()
    findings: Sequence[Diagnostic] = ()
    twins: dict[tuple[str, int], list[Diagnostic]] = msgspec.field(default_factory=dict)
    baseline: Baseline | None = None
    stale_entries: Sequence[BaselineEntry] = ()
    shows_suppressed: bool = False
    fixes: AppliedFixes = AppliedFixes()
    written: dict[tuple[str, int], WrittenFix] = msgspec.field(default_factory=dict)

    @cached_property
    def jobs(self) -> list[JobSummary]:
        """The jobs of all files."""
        return list(chain.from_iterable(record.jobs for record in self.records))

    @property
    def sources(self) -> list[str]:
        """The files in which it has places."""
        return list(dict.fromkeys(chain.from_iterable(record.sources for record in self.records)))

    @property
    def suppressed(self) -> list[Suppressed[Diagnostic]]:
        """The silenced diagnostics."""
        return list(chain.from_iterable(record.suppressed for record in self.records))

    @property
    def undecided(self) -> list[Undecided]:
        """The undecided rules of all files."""
        return list(chain.from_iterable(record.undecided for record in self.records))

    @cached_property
    def failures(self) -> list[RuleFault]:
        """The rules with an internal error, each once for each place."""
        return list(dict.fromkeys(chain.from_iterable(record.failures for record in self.records)))

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """The templates that were not read, each with the reason."""
        return [(record.name, record.skipped) for record in self.records if record.skipped is not None]

    @property
    def without_definition(self) -> list[str]:
        """The files whose bytes name a definition that no reader found."""
        return [record.name for record in self.records if record.is_without_definition]

    @property
    def mocked_calls(self) -> int:
        """The number of calls in tests that reach a mock."""
        return sum(record.mocked_calls for record in self.records)

    @property
    def baseline_entries(self) -> list[BaselineEntry]:
        """The entries of the findings in a baseline."""
        return list(chain.from_iterable(record.baseline_entries for record in self.records))

    def fix_of(self, diagnostic: Diagnostic) -> WrittenFix | None:
        """The fix of a diagnostic as text; None if it has not been written."""
        return self.written.get(diagnostic.key)

    def count(self, level: Level) -> int:
        """The number of findings with a level."""
        return sum(finding.level == level for finding in self.findings)

    @property
    def failing(self) -> int:
        """The number of findings that give exit code 1: a locked rule sets its own lowest level. No waiver is one."""
        count = 0
        for finding in self.findings:
            fails_from = finding.rule.fails_from or self.settings.rules.fail_on
            is_severe = LEVELS.index(finding.level) <= LEVELS.index(fails_from)
            count += is_severe and finding.rule.emitted_by != "waivers"
        return count

    def by_rule(self) -> list[tuple[RuleSummary, Level, int]]:
        """Each rule with findings, its most severe level and the number of findings; most findings first."""
        by_id: dict[str, list[Diagnostic]] = {}
        for finding in self.findings:
            by_id.setdefault(finding.rule.id, []).append(finding)
        rows = []
        for _, findings in sorted(by_id.items(), key=lambda item: (-len(item[1]), item[0])):
            level = min((finding.level for finding in findings), key=LEVELS.index)
            rows.append((findings[0].rule, level, len(findings)))
        return rows

    @cached_property
    def open_values(self) -> list[OpenValue]:
        """The unknown values that leave rules undecided, in the order of their places."""
        by_key: dict[tuple[object, ...], OpenValue] = {}
        for record in self.records:
            for judgement in record.undecided:
                for cause in judgement.causes:
                    value = record.values[cause.value]
                    open_value = by_key.setdefault(value.key, OpenValue(value, []))
                    open_value.judgements.append((judgement, cause))
        return [by_key[key] for key in sorted(by_key)]

    @property
    def values_to_settle(self) -> list[OpenValue]:
        """Those of the unknown values that who writes the source can make known."""
        return [open_value for open_value in self.open_values if "source" in open_value.settlers]

    @property
    def judgements_to_settle(self) -> list[Undecided]:
        """The undecided rules that depend on such a value."""
        return [judgement for judgement in self.undecided if judgement.is_settled_by_source]

    @property
    def judgements_of_sdk_config(self) -> list[Undecided]:
        """The undecided rules that the setting ``sdk-config`` would settle, at least in part."""
        return [judgement for judgement in self.undecided if judgement.needs("sdk-config")]

    @property
    def open_locked_values(self) -> list[OpenValue]:
        """The unknown values that leave locked rules undecided, each with the judgements of these alone."""
        values = []
        for open_value in self.open_values:
            locked = [(judgement, cause) for judgement, cause in open_value.judgements if judgement.rule.is_locked]
            if locked:
                values.append(OpenValue(open_value.value, locked))
        return values

    def configurations_without_sdk_config(self) -> list[str]:
        """The configuration files of the run in which ``sdk-config`` was looked for and is not set."""
        names: dict[str, None] = {}
        for settings in (self.settings, *self.other_settings):
            deciding = settings.with_above[-1]  # the outermost that locks rules counts
            if deciding.sdk_config is None:
                names |= dict.fromkeys(deciding.chain)
        return list(names)
