"""A job before a fix: which rules need not be asked again, since all that they read is as it was."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from hpolint.engine.evaluation_context import EvaluationContext, Subject
from hpolint.engine.judge import Judge


class UnchangedInputs:
    """What rules have read of a job, and the names of those that have ``fired``.

    What two subjects have in common is compared once, whichever rules ask: most of it is the whole job's.
    """

    def __init__(self, context: EvaluationContext, fired: Collection[str]) -> None:
        self._binding = context
        self._fired = fired
        self._changed: dict[int, tuple[Subject, frozenset[str] | None]] = {}
        self._same: dict[tuple[int, int], tuple[Any, Any, bool]] = {}

    def lets_pass(self, judge: Judge, subject: Subject) -> bool:
        """Whether a rule that did not fire reads of a subject what it read before."""
        if judge.rule.name in self._fired:
            return False
        if id(subject) not in self._changed:
            before = self._binding.by_root(judge.rule.scope, judge.rule.observes).get(subject.root)
            self._changed[id(subject)] = subject, None if before is None else self._between(before, subject)
        changed = self._changed[id(subject)][1]
        return changed is not None and changed.isdisjoint(judge.names)

    def _between(self, one: Subject, other: Subject) -> frozenset[str]:
        """The names whose value, or what is open of it, is another."""
        names = {*one.values, *other.values, *map(str, one.unknowns), *map(str, other.unknowns)}
        return frozenset(name for name in names if not self._agree(one, other, name))

    def _agree(self, one: Subject, other: Subject, name: str) -> bool:
        return self._equal(one.values.get(name), other.values.get(name)) and self._equal(
            one.unknowns.get(name), other.unknowns.get(name)
        )

    def _equal(self, one: Any, other: Any) -> bool:
        if one is other:
            return True
        key = id(one), id(other)
        if key not in self._same:
            self._same[key] = one, other, one == other  # held, so that their identities stay theirs
        return self._same[key][2]
