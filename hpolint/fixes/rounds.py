"""A file mended until nothing of it can be mended any more: fixes that stand in each other's way take turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection

import msgspec
from msgspec.structs import replace

from hpolint.discovery.candidates import Candidate
from hpolint.fixes.fix_planner import FixEdits, FixPlanner, alike, compatible, fixed_texts
from hpolint.fixes.write_back import encoded
from hpolint.report.outcome import Outcome

MOST_ROUNDS = 10
Check = Callable[[Candidate], Outcome]


class FixedCandidate(msgspec.Struct):
    """A candidate before and after, how often each rule's findings were mended in each file, and what is left of it.

    ``restless`` are the rules whose findings came back in every round, ``faults`` the fixes that broke their promise.
    """

    before: Candidate
    after: Candidate
    outcome: Outcome
    fixed: dict[str, Counter[str]] = msgspec.field(default_factory=dict)
    restless: tuple[str, ...] = ()
    faults: list[FixEdits] = msgspec.field(default_factory=list)

    @property
    def changed(self) -> dict[str, tuple[bytes, bytes]]:
        """The bytes before and after of each file that is another one."""
        before, after = _files(self.before), _files(self.after)
        return {name: (data, after[name]) for name, data in before.items() if after[name] != data}


def apply_fixes(
    candidate: Candidate, outcome: Outcome, safeties: frozenset[str], check: Check, common: Collection[str] = ()
) -> FixedCandidate:
    """Apply the fixes of some safeties to a candidate; ``check`` reads and judges it anew.

    Of the files that it names ``common`` are named by others, too.
    """
    result = FixedCandidate(candidate, candidate, outcome)
    for _ in range(MOST_ROUNDS):
        chosen, faults = _chosen(result.outcome, safeties, common)
        result.faults = result.faults or faults  # told once, not in each round
        if not chosen:
            return result
        for name, rule, _ in {(each.source.name, each.finding.rule.id, each.edits) for each in chosen}:
            result.fixed.setdefault(name, Counter())[rule] += 1  # a shared value is mended once
        result.after = _with_texts(result.after, fixed_texts(chosen))
        result.outcome = check(result.after)
    left, _ = _chosen(result.outcome, safeties, common)
    result.restless = tuple(dict.fromkeys(each.finding.rule.id for each in left))
    return result


def _chosen(
    outcome: Outcome, safeties: frozenset[str], common: Collection[str]
) -> tuple[list[FixEdits], list[FixEdits]]:
    """The mendings of one round, as many as go together, and those that are mistakes of ours."""
    findings = [each for each in outcome.findings if each.fix is not None and each.fix.safety in safeties]
    if not findings or outcome.source is None:
        return [], []
    mender = FixPlanner(outcome.source, outcome.jobs, common)
    tried = mender.edits_of(findings)
    together = compatible(tried)
    if len(together) > 1 and mender.broken(together) is not None:
        together = alike(together)[0]
    return together, [each for each in tried if each.is_fault]


def _files(candidate: Candidate) -> dict[str, bytes]:
    return {candidate.name: candidate.data or b"", **dict(candidate.beside.values())}


def _with_texts(candidate: Candidate, texts: dict[str, str]) -> Candidate:
    new = {name: encoded(texts[name], data) for name, data in _files(candidate).items() if name in texts}
    beside = {uri: (path, new.get(path, data)) for uri, (path, data) in candidate.beside.items()}
    return replace(candidate, data=new.get(candidate.name, candidate.data), beside=beside)
