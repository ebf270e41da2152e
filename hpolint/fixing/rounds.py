"""A file mended until nothing of it can be mended any more: fixes that stand in each other's way take turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hpolint.candidates import Candidate
from hpolint.fixing.mending import Mender, Mending, compatible
from hpolint.fixing.writing import encoded
from hpolint.outcome import Outcome

MOST_ROUNDS = 10
Check = Callable[[Candidate], Outcome]


@dataclass
class Mended:
    """A file's bytes before and after, how often each rule's findings were mended, and what is left of it.

    ``restless`` are the rules whose findings came back in every round.
    """

    name: str
    before: bytes
    after: bytes
    outcome: Outcome
    fixed: Counter[str] = field(default_factory=Counter)
    restless: tuple[str, ...] = ()


def mended(candidate: Candidate, outcome: Outcome, safeties: frozenset[str], check: Check) -> Mended:
    """Apply the fixes of some safeties to a candidate; ``check`` reads and judges it anew."""
    data = candidate.data or b""
    result = Mended(candidate.name, data, data, outcome)
    for _ in range(MOST_ROUNDS):
        chosen = _chosen(result.outcome, safeties)
        if not chosen or result.outcome.source is None:
            return result
        mender = Mender(result.outcome.source, result.outcome.jobs)
        text = mender.text(chosen)
        result.after = encoded(text, result.after)
        different = {(each.finding.rule.id, each.edits) for each in chosen}  # a shared value is mended once
        result.fixed.update(rule for rule, _ in different)
        result.outcome = check(replace(candidate, data=result.after))
    left = _chosen(result.outcome, safeties)
    result.restless = tuple(dict.fromkeys(each.finding.rule.id for each in left))
    return result


def _chosen(outcome: Outcome, safeties: frozenset[str]) -> list[Mending]:
    """The mendings of one round: as many as go together."""
    findings = [each for each in outcome.findings if each.fix is not None and each.fix.safety in safeties]
    if not findings or outcome.source is None:
        return []
    mender = Mender(outcome.source, outcome.jobs)
    together = compatible(mender.mendings(findings))
    if len(together) > 1 and mender.broken(together) is not None:
        return together[:1]
    return together
