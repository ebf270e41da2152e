"""Apply fixes to a file in rounds until none is left; overlapping fixes are applied in different rounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from hpolint.discovery.candidates import Candidate
from hpolint.fixes.fix_planner import FixEdits, FixPlanner, compatible, fixed_texts, grouped_by_edits
from hpolint.fixes.write_back import encoded
from hpolint.io import disk
from hpolint.io.files import read_file
from hpolint.readers.script_files import MAX_SCRIPT_BYTES
from hpolint.report.outcome import Outcome

if TYPE_CHECKING:
    from hpolint.fixes.script_proof import ScriptProof

MAX_ROUNDS = 10
Check = Callable[[Candidate, Mapping[str, bytes]], Outcome]
"""Checks a candidate with other texts of training scripts, by their names."""

MakeProof = Callable[[Outcome], "ScriptProof | None"]


class FixedCandidate(msgspec.Struct):
    """A candidate before and after, its last outcome, and the number of fixed findings by file and rule.

    ``scripts`` are the bytes of training scripts before and after. ``recurring`` are the rules with fixes left after
    the last round, ``faults`` the fixes that failed verification.
    """

    before: Candidate
    after: Candidate
    outcome: Outcome
    fixed: dict[str, Counter[str]] = msgspec.field(default_factory=dict)
    recurring: tuple[str, ...] = ()
    faults: list[FixEdits] = msgspec.field(default_factory=list)
    scripts: dict[str, tuple[bytes, bytes]] = msgspec.field(default_factory=dict)

    @property
    def changed(self) -> dict[str, tuple[bytes, bytes]]:
        """The bytes before and after of each changed file."""
        before, after = _files(self.before), _files(self.after)
        return {name: (data, after[name]) for name, data in before.items() if after[name] != data} | self.scripts

    @property
    def script_texts(self) -> dict[str, bytes]:
        """The changed training scripts by their names."""
        return {name: after for name, (_, after) in self.scripts.items()}


def apply_fixes(
    candidate: Candidate,
    outcome: Outcome,
    safeties: frozenset[str],
    check: Check,
    shared_files: Collection[str] = (),
    proof_of: MakeProof = lambda _: None,
) -> FixedCandidate:
    """Apply the fixes of the given safeties to a candidate; ``check`` checks it again after each round.

    ``shared_files`` are the files named by the candidate that other sources name, too. ``proof_of`` makes what verifies
    the changes of training scripts, which are not changed without it. Raises OSError if one cannot be read.
    """
    result = FixedCandidate(candidate, candidate, outcome)
    for _ in range(MAX_ROUNDS):
        with disk.trying(result.script_texts):
            planner = _planner(result.outcome, shared_files, proof_of)
            chosen, faults = _chosen(planner, result.outcome, safeties)
        result.faults = result.faults or faults  # reported once, not in each round
        if not chosen:
            return result
        for name, rule, _ in {(plan.source.name, plan.finding.rule.id, plan.edits) for plan in chosen}:
            result.fixed.setdefault(name, Counter())[rule] += 1  # a shared value is fixed once
        texts = fixed_texts(chosen)
        result.after = _with_texts(result.after, texts)
        result.scripts |= _scripts_with_texts(result, texts)
        result.outcome = check(result.after, result.script_texts)
    with disk.trying(result.script_texts):
        left, _ = _chosen(_planner(result.outcome, shared_files, proof_of), result.outcome, safeties)
    result.recurring = tuple(dict.fromkeys(plan.finding.rule.id for plan in left))
    return result


def _planner(outcome: Outcome, shared_files: Collection[str], proof_of: MakeProof) -> FixPlanner | None:
    """What plans the fixes of an outcome; None for one without a source."""
    if outcome.source is None:
        return None
    return FixPlanner(outcome.source, outcome.jobs, shared_files, proof_of(outcome))


def _chosen(
    planner: FixPlanner | None, outcome: Outcome, safeties: frozenset[str]
) -> tuple[list[FixEdits], list[FixEdits]]:
    """The compatible plans of one round, and the plans with internal errors."""
    findings = [each for each in outcome.findings if each.fix is not None and each.fix.safety in safeties]
    if not findings or planner is None:
        return [], []
    plans = planner.edits_of(findings)
    together = compatible(plans)
    if len(together) > 1 and planner.verification_error(together) is not None:
        together = grouped_by_edits(together)[0]
    return together, [each for each in plans if each.is_fault]


def _files(candidate: Candidate) -> dict[str, bytes]:
    return {candidate.name: candidate.data or b"", **dict(candidate.beside.values())}


def _scripts_with_texts(fixed: FixedCandidate, texts: Mapping[str, str]) -> dict[str, tuple[bytes, bytes]]:
    """The training scripts among some new texts, with their bytes before any fix and now. Raises OSError."""
    own = _files(fixed.before)
    scripts: dict[str, tuple[bytes, bytes]] = {}
    for name, text in texts.items():
        if name not in own:
            known = fixed.scripts.get(name)
            before = known[0] if known is not None else read_file(name, MAX_SCRIPT_BYTES)
            scripts[name] = before, encoded(text, before)
    return scripts


def _with_texts(candidate: Candidate, texts: dict[str, str]) -> Candidate:
    new = {name: encoded(texts[name], data) for name, data in _files(candidate).items() if name in texts}
    beside = {uri: (path, new.get(path, data)) for uri, (path, data) in candidate.beside.items()}
    return replace(candidate, data=new.get(candidate.name, candidate.data), beside=beside)
