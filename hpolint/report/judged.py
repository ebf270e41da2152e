"""The live results of a run: its jobs and findings, for the commands that go on working with them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain

from hpolint.model.finding import Finding, RuleFailure, Suppressed
from hpolint.model.job import TuningJob
from hpolint.report.outcome import Outcome
from hpolint.report.run import Run
from hpolint.report.twins import merged


class JudgedFiles(Run, frozen=True, kw_only=True):
    """The outcomes of a run's files, each with its jobs. ``further`` are findings that belong to no file alone."""

    outcomes: Sequence[Outcome] = ()
    further: Sequence[Finding] = ()

    @cached_property
    def jobs(self) -> list[TuningJob]:
        """The jobs of all files."""
        return list(chain.from_iterable(outcome.jobs for outcome in self.outcomes))

    @property
    def suppressed(self) -> list[Suppressed[Finding]]:
        """The silenced findings."""
        return list(chain.from_iterable(outcome.silencing.suppressed for outcome in self.outcomes))

    @cached_property
    def failures(self) -> list[RuleFailure]:
        """The rules with an internal error, each once for each place."""
        failures: list[RuleFailure] = []
        for outcome in self.outcomes:
            failures += [failure for failure in outcome.failures if failure not in failures]
        return failures

    @cached_property
    def groups(self) -> list[list[Finding]]:
        """The findings in the order of their places; those of several jobs about one value are in one list."""
        return merged(chain(*(outcome.findings for outcome in self.outcomes), self.further))

    @property
    def findings(self) -> list[Finding]:
        """The findings as reports show them: of several jobs about one value, only one."""
        return [first for first, *_ in self.groups]
