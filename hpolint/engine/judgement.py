"""The judgement of one job by one rule: decided, open, or by the launches, choices and defaults of unknown values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec
from msgspec.structs import replace

from hpolint.cel.runtime import EvaluationError, TooManySteps, Undecided
from hpolint.engine.evaluation_context import EvaluationContext, Subject
from hpolint.engine.failures import add_failure, failure_reason
from hpolint.engine.finding_places import cost_of, imported_places, place_of_finding, related_places, script_places
from hpolint.engine.grouping import Raised
from hpolint.engine.judge import Judge
from hpolint.engine.known_parts import completed
from hpolint.engine.launch_groups import TooManyGroupsError
from hpolint.engine.possibilities import JudgedGroup, Possibilities
from hpolint.engine.undecided import too_many_launches
from hpolint.io import work
from hpolint.model.finding import Finding, Related, UndecidedJudgement, Verdicts
from hpolint.model.job import TuningJob
from hpolint.model.launch import Launch
from hpolint.model.level import LEVELS
from hpolint.model.message_text import either_of, joined_words, path_of, shown_value, subject_text
from hpolint.model.node import Path, Scalar, Struct, Unknown, follow, path_text
from hpolint.model.reasons import Kind
from hpolint.model.source import Span

STEPS_PER_JUDGEMENT = 30
"""The steps of one rule on one subject, measured on the fixtures."""


class Judgement(msgspec.Struct, frozen=True):
    """The judgement of one job by one rule. Undecided subjects and failures go to ``verdicts``.

    ``is_bare``: the findings have a place and a level, but no message and no fix.
    """

    judge: Judge
    job: TuningJob
    verdicts: Verdicts
    possibilities: Possibilities
    is_bare: bool

    def fail(self, path: Path, reason: str) -> None:
        """Add a failure of the rule on the subject at a path."""
        add_failure(self.verdicts.failures, self.judge.rule, self.job, path, reason)

    def leave_open(self, path: Path, causes: tuple[Unknown, ...], *, is_met_by_default: bool = False) -> None:
        """Add that the rule is undecided about the subject at a path."""
        judgement = UndecidedJudgement(self.judge.rule, self.job, path, causes, is_met_by_default)
        self.verdicts.undecided.append(judgement)

    def violations(self, subject: Subject) -> list[Raised]:
        """The violation by one subject, or by its values in some of the job's launches; none if it violates nothing.

        A failing rule does not affect other rules.
        """
        work.spend(STEPS_PER_JUDGEMENT)
        try:
            return self._violations(subject)
        except Exception as error:  # noqa: BLE001 - only this rule's verdict on this subject is lost
            self.fail(subject.root, failure_reason(error))
            return []

    def unseen_violations(self, subjects: Iterable[Subject], causes: tuple[Unknown, ...]) -> list[Raised]:
        """The violations by subjects that only some launches are known to have; else they are undecided."""
        roots = {subject.root for subject in subjects}
        by_launch = self._by_launch(causes, lambda subject: subject.root not in roots)
        if by_launch is None:
            self.leave_open((), causes)
            return []
        self._leave_unseen_open(causes)
        return by_launch

    def _leave_unseen_open(self, causes: tuple[Unknown, ...]) -> None:
        """Add that the rule is undecided in the launches that may have further subjects."""
        try:
            groups = self.possibilities.launch_groups(causes)
        except TooManyGroupsError:
            return  # a finding says so
        for group in groups:
            unseen = group.context.unknown_subjects(self.judge.rule.scope)
            if unseen:
                judgement = UndecidedJudgement(self.judge.rule, self.job, (), unseen)
                self.verdicts.undecided.append(replace(judgement, launches=group.launches, launched=group.job))

    def _violations(self, subject: Subject) -> list[Raised]:
        """The violations by one subject. Raises whatever fails in the rule."""
        judge = self.judge
        try:
            parts = completed(judge, subject)
            if judge.violates(parts.example if parts is not None else subject):
                shown = parts.shown if parts is not None else subject
                return [Raised(self._finding(shown), judge, shown)]
        except TooManySteps as error:
            if not judge.rule.is_builtin:
                raise EvaluationError(str(error)) from None
            too_long = Unknown("has lists with more items than a condition can compare", self.job.request.anchor)
            self.leave_open(subject.root, (too_long,))
        except Undecided as error:
            causes = tuple(subject.causes(judge.reads))
            if not causes:
                raise EvaluationError(f"undecided without an unknown value: {error}") from None
            return self._with_filled_values(subject, causes)
        return []

    def _with_filled_values(self, subject: Subject, causes: tuple[Unknown, ...]) -> list[Raised]:
        """The violations in some of the job's launches, or for all or some possible values of unknown ones.

        Else the one with the parameters' defaults. Defaults that satisfy the rule prove nothing: whoever deploys the
        definition may set other values. So the judgement is undecided unless the defaults violate it, and also then if
        a rule must be decided for all values.
        """
        by_launch = self._by_launch(causes, lambda other: other.root == subject.root)
        if by_launch is not None:
            return by_launch
        decided = self._decide_by_possible_jobs(subject, causes)
        if decided is not None:
            violating, choices = decided
            in_all_cases = [self._finding_in_all_cases(violating, choices)] if violating else []
            return [Raised(finding, is_single=True) for finding in in_all_cases]
        if self.is_locked:
            may_happen = self._in_launches_that_may_happen(subject, causes)
            if may_happen:
                return may_happen
        by_default = self._decide_by_default(subject)
        if not by_default or self.judge.rule.undecided != "off":
            self.leave_open(subject.root, causes, is_met_by_default=by_default == [])
        return [self._raised_by_default(by_default[0], causes)] if by_default else []

    def _in_launches_that_may_happen(self, subject: Subject, causes: tuple[Unknown, ...]) -> list[Raised]:
        """The violations of a locked rule by values that the source's own code chooses, or by too many launches."""
        chosen = self._by_choice_of_the_source(subject, causes)
        if not chosen and any(cause.kind is Kind.TOO_MANY_LAUNCHES for cause in causes):
            return self._too_many_launches(subject.root, causes)
        return chosen

    def _too_many_launches(self, path: Path, causes: tuple[Unknown, ...]) -> list[Raised]:
        return [Raised(too_many_launches(self.judge.rule, self.job, path, causes[0].span))]

    def _by_launch(self, causes: tuple[Unknown, ...], is_judged: Callable[[Subject], bool]) -> list[Raised] | None:
        """The violations of some subjects in single launches; None if the unknown values are not theirs."""
        if self.is_bare:
            return None
        try:
            groups = self.possibilities.launch_groups(causes)
        except TooManyGroupsError:
            return self._too_many_launches((), causes) if self.is_locked else None
        if not groups:
            return None
        violations: list[Raised] = []
        open_: list[UndecidedJudgement] = []
        for group in groups:
            verdicts = Verdicts()
            violations += self._of_group(group, verdicts, is_judged)
            open_ += verdicts.undecided
            self.verdicts.failures += verdicts.failures
        reported = self._reported(violations)
        if len(reported) < len(violations) and not open_:
            self.leave_open(violations[0].finding.root, causes)
        self.verdicts.undecided += open_
        return reported

    def _reported(self, violations: list[Raised]) -> list[Raised]:
        """The violations without those of launches that only may happen, if no policy locks the rule.

        It is raised by them if all launches violate it; otherwise it stays undecided.
        """
        violating: set[str] = set()
        for violation in violations:
            violating |= {launch.label for launch in violation.finding.launches}
        every = self.job.launches.each if self.job.launches is not None else ()
        if self.is_locked or len(violating) == len(every):
            return violations
        return [violation for violation in violations if _has_sent(violation)]

    @property
    def is_locked(self) -> bool:
        """Whether a policy locks the rule."""
        return self.judge.rule.fails_from is not None

    def _of_group(self, group: JudgedGroup, verdicts: Verdicts, is_judged: Callable[[Subject], bool]) -> list[Raised]:
        """The violations in the launches of a group, as findings about the job."""
        judgement = replace(self, job=group.job, verdicts=verdicts, possibilities=group.possibilities)
        rule = self.judge.rule
        violations: list[Raised] = []
        for subject in group.context.subjects(rule.scope, rule.observes):
            if is_judged(subject):
                violations += judgement.violations(subject)
        verdicts.undecided = [
            replace(each, job=self.job, launches=each.launches or group.launches, launched=each.launched or group.job)
            for each in verdicts.undecided
        ]
        return [self._of_launches(each, group.launches) for each in violations]

    def _of_launches(self, raised: Raised, launches: tuple[Launch, ...]) -> Raised:
        """A violation in some launches as a finding about the job. Its fix is left out: it may not hold for others."""
        finding = raised.finding
        finding = replace(finding, job=self.job, launches=finding.launches or launches, fix=None)
        return replace(raised, finding=finding)

    def _decide_by_possible_jobs(
        self, subject: Subject, causes: tuple[Unknown, ...]
    ) -> tuple[list[Subject], tuple[Unknown, ...]] | None:
        """The violating subjects in all possible jobs, and the unknown values with known choices that were tried.

        The subjects are empty if no possible job violates the rule. None if the possible jobs differ, or if their
        number is too large or an unknown value has no known choices.
        """
        open_ = tuple(cause for cause in causes if cause.choices)
        while contexts := self.possibilities.contexts(open_):
            judged = self._judged(subject, contexts)
            if judged is None:
                return None
            violating, further = judged
            if not further:
                return (violating, open_) if len(violating) in (0, len(contexts)) else None
            if not all(cause.choices and cause not in open_ for cause in further):
                return None  # no known choices, or still open with a choice, for example one of a wrong type
            open_ = (*open_, *further)
        return None

    def _by_choice_of_the_source(self, subject: Subject, causes: tuple[Unknown, ...]) -> list[Raised]:
        """The violations by values between which the source's own code chooses: a launch with each of them may happen.

        There are none for a parameter, whose value is the choice of whoever deploys or runs the source.
        """
        open_ = tuple(cause for cause in causes if cause.kind is Kind.CHOSEN_BY_SOURCE)
        judged = self._judged(subject, self.possibilities.contexts(open_)) if open_ else None
        violations: dict[Span, Raised] = {}
        for other in judged[0] if judged is not None else ():
            finding = self._finding(other, other.request)
            values = self._words_of_choices(other, open_)
            last = (f"In a launch that may happen: {joined_words(values)}",)
            finding = replace(finding, message=(*finding.message, last), fix=None)
            violations.setdefault(finding.span, Raised(finding, self.judge, other, is_single=True))
        return list(violations.values())

    def _words_of_choices(self, subject: Subject, causes: tuple[Unknown, ...]) -> list[str]:
        """The values that a possible job has in place of unknown ones, as words."""
        words = []
        for cause in causes:
            path = path_of(self.job, cause)
            value = follow(subject.request, path) if path is not None else None
            if isinstance(value, Scalar):
                words.append(f"{subject_text(self.job, cause).strip()} is `{shown_value(value.value)}`")
        return words

    def _alike(self, subject: Subject, contexts: list[EvaluationContext]) -> Iterator[Subject]:
        """The subjects at the place of a subject in other jobs."""
        rule = self.judge.rule
        for context in contexts:
            for other in context.subjects(rule.scope, rule.observes):
                if other.root == subject.root:
                    yield other

    def _judged(
        self, subject: Subject, contexts: list[EvaluationContext]
    ) -> tuple[list[Subject], list[Unknown]] | None:
        """The violating subjects of other jobs, and the values that leave others open; None after too many steps."""
        violating: list[Subject] = []
        further: list[Unknown] = []
        for other in self._alike(subject, contexts):
            try:
                if self.judge.violates(other):
                    violating.append(other)
            except TooManySteps:
                return None
            except Undecided:
                further += [cause for cause in other.causes(self.judge.reads) if cause not in further]
        return violating, further

    def _decide_by_default(self, subject: Subject) -> list[Subject] | None:
        """The subject with the default of each parameter if it violates the rule, as a list, which is empty otherwise.

        None if the defaults do not decide the rule, or there are none.
        """
        context = self.possibilities.by_default
        same = list(self._alike(subject, [context])) if context is not None else []
        try:
            return [other for other in same if self.judge.violates(other)] if same else None
        except (Undecided, EvaluationError):
            return None

    def _finding_in_all_cases(self, violating: list[Subject], causes: tuple[Unknown, ...]) -> Finding:
        """The finding that holds for all choices of unknown values: the sentences that all share, and no fix."""
        judge = self.judge
        first = self._finding(violating[0])
        mistakes: list[str] = []
        messages = [judge.sentences(each, each.names, 1, mistakes) for each in violating]
        for mistake in mistakes[:1]:
            self.fail(violating[0].root, mistake)
        same = messages[0]
        for other in messages[1:]:
            same = tuple(sentence for sentence in same if sentence in other)
        values = [f"{subject_text(self.job, cause).strip()} is {either_of(cause.choices)}" for cause in causes]
        cases = f"whether {', and whether '.join(values)}"
        if same and same[0] == messages[0][0]:
            message = (*same, (f"This holds {cases}",))
        else:
            message = ((f"{judge.rule.summary}, {cases}",), *same)
        level = max((judge.level(each) for each in violating), key=LEVELS.index)
        return replace(first, level=level, message=message, fix=None)

    def _raised_by_default(self, subject: Subject, causes: tuple[Unknown, ...]) -> Raised:
        """The violation by a subject with the parameters' defaults: its last sentence says so, and it has no fix."""
        finding = self._finding(subject)
        values: list[str] = []
        places: list[Related] = []
        own_places: list[Span] = []
        deciding = self._deciding_defaults(subject, causes)
        for cause in deciding:
            if cause.default is None:
                continue
            name = subject_text(self.job, cause).strip()
            values.append(f"{name or 'a value'} is `{shown_value(cause.default.value)}`")
            if cause.span == finding.span:
                own_places.append(cause.default.span)
            if cause.default.span not in (cause.span, finding.span):
                places.append(Related(cause.default.span, f"default of {name or 'the value'}"))
        known = f"By default, {joined_words(values)}"
        last = (known if values else "This holds if all parameters have their defaults",)
        related = (*finding.related, *places)
        finding = replace(finding, message=(*finding.message, last), related=related, fix=None)
        default_place = own_places[0] if len(deciding) == len(own_places) == 1 else None
        return Raised(finding, self.judge, subject, closing=(last,), default_place=default_place)

    def _deciding_defaults(self, subject: Subject, causes: tuple[Unknown, ...]) -> list[Unknown]:
        """The unknown values whose defaults the subject needs to violate the rule, and no others.

        A fact that needs several values names only the first unknown one as its cause, so the others are found here.
        """
        with_default = [cause for cause in causes if cause.default is not None]
        filled: list[Unknown] = []
        further = list(causes)
        while further:
            new = [cause for cause in further if cause.default is not None and cause not in filled]
            if not new:
                return with_default
            filled += new
            judged = self._judged(subject, self.possibilities.with_defaults(filled))
            violating, further = judged if judged is not None else ([], [])
            if violating:
                return self._needed_defaults(subject, filled)
        return with_default

    def _needed_defaults(self, subject: Subject, filled: list[Unknown]) -> list[Unknown]:
        """Those of some unknown values without whose defaults the subject does not violate the rule."""
        needed = filled
        for cause in filled:
            fewer = [other for other in needed if other is not cause]
            judged = self._judged(subject, self.possibilities.with_defaults(fewer)) if fewer else None
            if judged is not None and judged[0]:
                needed = fewer
        return needed

    def _finding(self, subject: Subject, request: Struct | None = None) -> Finding:
        """The finding with its message and fix. What fails of these is left out, and is a failure of the rule.

        Its place is that of the value in ``request``; by default in the job's.
        """
        judge, job = self.judge, self.job
        rule = judge.rule
        path, span = place_of_finding(request or job.request, subject.root, rule.at)
        if self.is_bare:
            return Finding(rule, judge.level(subject), job.source.name, span, (), path, job)
        mistakes: list[str] = []
        sentences = judge.sentences(subject, subject.names, 1, mistakes)
        fix = judge.fix(subject, job, mistakes)
        for mistake in mistakes[:1]:
            self.fail(subject.root, mistake)
        if subject.span is not None and not rule.at:
            span = subject.span
        related = [*imported_places(job, path), *related_places(job, subject.root, rule.related)]
        related += script_places(job, subject, rule)
        return Finding(
            rule,
            judge.level(subject),
            job.source.name,
            span,
            sentences,
            path,
            job,
            related=tuple(related),
            fix=fix,
            fingerprint=path_text(path),
            root=subject.root,
            cost=cost_of(subject) if rule.has_hours else None,
        )


def _has_sent(raised: Raised) -> bool:
    """Whether a violation is in a launch that certainly happens."""
    return any(launch.is_sent for launch in raised.finding.launches)
