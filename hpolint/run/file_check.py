"""The check of one file, from its name to its outcome. An error affects only this file."""

from __future__ import annotations

import gc
import os
from functools import partial
from typing import TYPE_CHECKING, Any

from hpolint.discovery.candidates import Candidate, read_candidate
from hpolint.discovery.walk import Found, Search
from hpolint.io import disk
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.model.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hpolint.cost.prices import Prices
    from hpolint.engine.surroundings import Surroundings
    from hpolint.fixes.script_proof import ScriptProof
    from hpolint.model.job import TuningJob
    from hpolint.model.node import Unknown
    from hpolint.model.rule import Rule
    from hpolint.readers.script_files import Scripts
    from hpolint.report.outcome import Outcome
    from hpolint.run.candidate_check import Checker
    from hpolint.suppressions.baseline import Baseline


def _surroundings(cost: Mapping[str, Any]) -> Surroundings:
    """What rules can ask beside a job. ``cost`` are the inputs of cost estimates."""
    from hpolint.engine.surroundings import Surroundings
    from hpolint.io.files import repository_root
    from hpolint.io.git_remote import repository_name

    memo = disk.RecordedMemo()

    def prices() -> Prices | None:
        from hpolint.cost.configured_prices import prices_of

        return prices_of(cost)

    def usd_of(job: TuningJob) -> float | Unknown | None:
        from hpolint.cost.estimate import worst_case_usd

        return worst_case_usd(job, memo.of("prices", prices))

    return Surroundings(
        usd_of=usd_of,
        repository_of=lambda name: repository_name(repository_root(os.path.dirname(name) or ".")),
    )


COLLECT_EVERY = 64
"""Candidates between two garbage collections, which free reference cycles such as functions and their scopes."""


MAX_CHECKERS = 16
"""Checkers that are kept, each for other settings. A folder's files come one after the other."""


class FileChecks:
    """Reads and judges files. Rules and parsers are loaded with the first candidate: most runs have none."""

    def __init__(self, roots: list[str], baseline: Baseline | None = None) -> None:
        self.roots = roots
        self.baseline = baseline
        self._scripts: Scripts | None = None
        self._repositories = disk.RecordedMemo()
        self._count = 0
        self._checkers = disk.RecordedMemo(MAX_CHECKERS)
        self._rules: dict[Settings, Mapping[str, Rule]] = {}

    def file(self, file: Found) -> tuple[Outcome | None, Search]:
        """The outcome of a file, None if it is not a candidate, and the search with its notices. Raises ConfigError.

        While reads are recorded, the search also has the reads of the disk, except that of the file itself.
        """
        if not disk.is_recording():
            return self._file(file)
        with disk.recorded_reads() as recorder:
            outcome, search = self._file(file)
        recorder.stamps.pop((file.name, True), None)
        search.queries = recorder.stamps
        return outcome, search

    def _file(self, file: Found) -> tuple[Outcome | None, Search]:
        search = Search(roots=self.roots)
        try:
            found = read_candidate(file.name, search, self._repositories, is_other=file.is_other)
        except Exception as error:
            if debugging():
                raise
            search.unreadable.append(f"{file.name}: {internal_error('the search', error)}")
            return None, search
        return (self.candidate(found, file.settings) if found is not None else None), search

    def candidate(self, candidate: Candidate, settings: Settings) -> Outcome:
        """The outcome of a candidate. Raises ConfigError."""
        self._count += 1
        if self._count % COLLECT_EVERY == 0:
            gc.collect(0)  # the youngest generation: without it a run would keep all that it has read
        return self.checker(settings).outcome(candidate)

    def proof(self, outcome: Outcome, settings: Settings) -> ScriptProof | None:
        """What verifies changes of the training scripts of an outcome; None for an outcome without a source."""
        from hpolint.fixes.script_proof import ScriptProof

        source = outcome.source
        if source is None:
            return None
        return ScriptProof(outcome, partial(self.checker(settings).outcome_with, source))

    def checker(self, settings: Settings) -> Checker:
        """The checker for some settings. Raises ConfigError."""
        checker: Checker = self._checkers.of(settings, partial(self._checker, settings))
        return checker

    def forget_scripts(self) -> None:
        """Read training scripts again from now on: in a process that stays, they may have changed."""
        if self._scripts is not None:
            self._scripts.forget()

    def _checker(self, settings: Settings) -> Checker:
        from hpolint.readers.script_files import Scripts
        from hpolint.registry.choosing import chosen_rules
        from hpolint.run.candidate_check import Checker

        if self._scripts is None:
            self._scripts = Scripts(self.roots)
        rules = chosen_rules(settings)
        self._rules[settings] = {rule.id: rule for rule in rules}
        return Checker(rules, settings, self.baseline, self._scripts, _surroundings(settings.cost))

    def rules(self, settings: Settings) -> Mapping[str, Rule]:
        """The rules for some settings, by their ids. Raises ConfigError."""
        if settings not in self._rules:
            from hpolint.registry.choosing import chosen_rules

            self._rules[settings] = {rule.id: rule for rule in chosen_rules(settings)}
        return self._rules[settings]

    def for_worker(self) -> FileChecks:
        """A new instance for another process, without loaded rules."""
        return FileChecks(self.roots, self.baseline)
