"""What one candidate gives: its source, its jobs, and what the rules say of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hpolint.discovery import Candidate
from hpolint.engine import Engine, Finding, OpenJudgement, RuleFailure
from hpolint.job import TuningJob
from hpolint.readers import read_source
from hpolint.rule import Rule
from hpolint.source import Source

Options = Mapping[str, Mapping[str, Any]]


@dataclass
class Outcome:
    """One candidate, read and judged. ``skipped`` and ``trouble`` are reasons; with trouble there is no source."""

    name: str
    source: Source | None = None
    jobs: list[TuningJob] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    undecided: list[OpenJudgement] = field(default_factory=list)
    failures: list[RuleFailure] = field(default_factory=list)
    skipped: str | None = None
    trouble: str | None = None
    beside: list[Source] = field(default_factory=list)
    """Other files whose jobs are among these: what such a file says by itself does not count."""


class Checker:
    """Reads and judges candidates with some rules."""

    def __init__(self, rules: tuple[Rule, ...], options: Options) -> None:
        self._engine = Engine(rules, options)

    def outcome(self, candidate: Candidate) -> Outcome:
        """One candidate's outcome. A file that trips us must not lose the others: it has trouble."""
        try:
            return self._outcome(candidate)
        except Exception as error:
            if "HPOLINT_DEBUG" in os.environ:
                raise
            return Outcome(candidate.name, trouble=f"internal error: {type(error).__name__}: {error}")

    def _outcome(self, candidate: Candidate) -> Outcome:
        source, reading = read_source(candidate.name, candidate.data)
        problems = self._engine.problems(source, reading)
        outcome = Outcome(source.name, source, reading.jobs, problems, skipped=reading.skipped, beside=reading.sources)
        for job in reading.jobs:
            verdicts = self._engine.judge(job)
            outcome.findings += verdicts.findings
            outcome.undecided += verdicts.undecided
            outcome.failures += verdicts.failures
        return outcome
