"""Skip rules that say nothing against a fix: those whose inputs it does not change, and those of a lower level."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from hpolint.engine.evaluation_context import EvaluationContext, Subject
from hpolint.engine.judge import Judge


class UnchangedInputs:
    """The evaluation context of the job before a fix, and the names of the rules that have ``fired`` there.

    ``judges`` are the rules whose finding would speak against the fix. Values of two subjects are compared once for all
    rules, since most values belong to the whole job.
    """

    def __init__(self, context: EvaluationContext, fired: Collection[str], judges: list[Judge]) -> None:
        self.judges = judges
        self._context = context
        self._fired = fired
        self._changed: dict[Subject, frozenset[str] | None] = {}
        self._same: dict[tuple[int, int], tuple[Any, Any, bool]] = {}

    def is_unchanged(self, judge: Judge, subject: Subject) -> bool:
        """Whether a rule did not fire before and reads the same values from a subject as before."""
        if judge.rule.name in self._fired:
            return False
        if subject not in self._changed:
            before = self._context.by_root(judge.rule.scope, judge.rule.observes).get(subject.root)
            self._changed[subject] = None if before is None else self._changed_names(before, subject)
        changed = self._changed[subject]
        return changed is not None and changed.isdisjoint(judge.names)

    def _changed_names(self, before: Subject, after: Subject) -> frozenset[str]:
        """The names whose values or unknown values differ."""
        names = {*before.values, *after.values, *map(str, before.unknowns), *map(str, after.unknowns)}
        return frozenset(name for name in names if not self._is_same(before, after, name))

    def _is_same(self, before: Subject, after: Subject, name: str) -> bool:
        return self._equal(before.values.get(name), after.values.get(name)) and self._equal(
            before.unknowns.get(name), after.unknowns.get(name)
        )

    def _equal(self, before: Any, after: Any) -> bool:
        if before is after:
            return True
        key = id(before), id(after)
        if key not in self._same:
            self._same[key] = before, after, before == after  # the references keep both ids valid
        return self._same[key][2]
