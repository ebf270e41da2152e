"""Apply fixes to a file in rounds until none is left; overlapping fixes are applied in different rounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection

import msgspec
from msgspec.structs import replace

from hpolint.discovery.candidates import Candidate
from hpolint.fixes.fix_planner import FixEdits, FixPlanner, compatible, fixed_texts, grouped_by_edits
from hpolint.fixes.write_back import encoded
from hpolint.report.outcome import Outcome

MAX_ROUNDS = 10
Check = Callable[[Candidate], Outcome]


class FixedCandidate(msgspec.Struct):
    """A candidate before and after, its last outcome, and the number of fixed findings by file and rule.

    ``recurring`` are the rules with fixes left after the last round, ``faults`` the fixes that failed verification.
    """

    before: Candidate
    after: Candidate
    outcome: Outcome
    fixed: dict[str, Counter[str]] = msgspec.field(default_factory=dict)
    recurring: tuple[str, ...] = ()
    faults: list[FixEdits] = msgspec.field(default_factory=list)

    @property
    def changed(self) -> dict[str, tuple[bytes, bytes]]:
        """The bytes before and after of each changed file."""
        before, after = _files(self.before), _files(self.after)
        return {name: (data, after[name]) for name, data in before.items() if after[name] != data}


def apply_fixes(
    candidate: Candidate, outcome: Outcome, safeties: frozenset[str], check: Check, shared_files: Collection[str] = ()
) -> FixedCandidate:
    """Apply the fixes of the given safeties to a candidate; ``check`` checks it again after each round.

    ``shared_files`` are the files named by the candidate that other sources name, too.
    """
    result = FixedCandidate(candidate, candidate, outcome)
    for _ in range(MAX_ROUNDS):
        chosen, faults = _chosen(result.outcome, safeties, shared_files)
        result.faults = result.faults or faults  # reported once, not in each round
        if not chosen:
            return result
        for name, rule, _ in {(plan.source.name, plan.finding.rule.id, plan.edits) for plan in chosen}:
            result.fixed.setdefault(name, Counter())[rule] += 1  # a shared value is fixed once
        result.after = _with_texts(result.after, fixed_texts(chosen))
        result.outcome = check(result.after)
    left, _ = _chosen(result.outcome, safeties, shared_files)
    result.recurring = tuple(dict.fromkeys(plan.finding.rule.id for plan in left))
    return result


def _chosen(
    outcome: Outcome, safeties: frozenset[str], shared_files: Collection[str]
) -> tuple[list[FixEdits], list[FixEdits]]:
    """The compatible plans of one round, and the plans with internal errors."""
    findings = [each for each in outcome.findings if each.fix is not None and each.fix.safety in safeties]
    if not findings or outcome.source is None:
        return [], []
    planner = FixPlanner(outcome.source, outcome.jobs, shared_files)
    plans = planner.edits_of(findings)
    together = compatible(plans)
    if len(together) > 1 and planner.verification_error(together) is not None:
        together = grouped_by_edits(together)[0]
    return together, [each for each in plans if each.is_fault]


def _files(candidate: Candidate) -> dict[str, bytes]:
    return {candidate.name: candidate.data or b"", **dict(candidate.beside.values())}


def _with_texts(candidate: Candidate, texts: dict[str, str]) -> Candidate:
    new = {name: encoded(texts[name], data) for name, data in _files(candidate).items() if name in texts}
    beside = {uri: (path, new.get(path, data)) for uri, (path, data) in candidate.beside.items()}
    return replace(candidate, data=new.get(candidate.name, candidate.data), beside=beside)
