"""Rules × jobs → findings. CEL evaluates the conditions; an unknown value never decides one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

import msgspec
from msgspec.structs import replace

from hpolint.cel.runtime import EvaluationError, TooManySteps, Undecided
from hpolint.engine.evaluation_context import EvaluationContext, Subject
from hpolint.engine.failures import add_failure, failure_reason
from hpolint.engine.grouping import Raised, join_findings
from hpolint.engine.judge import Judge
from hpolint.engine.known_parts import completed
from hpolint.engine.launch_groups import TooManyGroupsError, differing_paths, launch_groups
from hpolint.engine.possible_values import job_by_default, job_with_defaults, possible_jobs
from hpolint.engine.surroundings import Surroundings
from hpolint.engine.unchanged_inputs import UnchangedInputs
from hpolint.engine.undecided import demanded_findings, too_many_launches
from hpolint.io import work
from hpolint.model.finding import Cost, Finding, Related, UndecidedJudgement, Verdicts
from hpolint.model.fix import Fix, applied
from hpolint.model.job import Reading, ReadingProblem, TuningJob
from hpolint.model.launch import Launch
from hpolint.model.level import LEVELS
from hpolint.model.message_text import either_of, joined_words, path_of, shown_value, subject_text
from hpolint.model.node import Path, Scalar, Struct, Unknown, follow, parse_path, path_text, place, text_of
from hpolint.model.reasons import Kind
from hpolint.model.rule import Rule
from hpolint.model.source import Source, Span
from hpolint.schema.request_errors import shape_errors

MAX_FIXES = 100
"""Fixes of a job that are tried on the whole job; further fixes are not offered."""

Marks = set[tuple[str, Path]]
"""The violated rules with the paths of their findings."""


NOT_JUDGED_ADVICE = "Simplify what makes it large, or split the file, so that locked rules can be checked"

STEPS_PER_JUDGEMENT = 30
"""The steps of one rule on one subject, measured on the fixtures."""

OF_RUNS = ("compute", "strategy")
"""The categories of rules about the bill and the search of a job: none arises from a job whose launch is turned off."""


class Engine:
    """Judges jobs by the enabled rules, as they are configured. Rules that lack options are ignored."""

    def __init__(self, rules: tuple[Rule, ...], surroundings: Surroundings | None = None) -> None:
        self._surroundings = (surroundings or Surroundings()).limited_to(rules)
        self._judges = [Judge(rule) for rule in rules if rule.condition is not None and not rule.required_options]
        self._schema_rule = next((rule for rule in rules if rule.emitted_by == "schema"), None)
        self._reading_rules = {rule.emitted_by: rule for rule in rules if rule.emitted_by in ("readers", "launches")}

    def problems(self, source: Source, reading: Reading) -> list[Finding]:
        """The findings about parts of a source that its readers could not read."""
        found = []
        for problem in reading.problems:
            rule = self._reading_rules.get(problem.emitter)
            if rule is not None:
                sentences = _unread_sentences(source, problem)
                found.append(Finding(rule, rule.levels[0], source.name, problem.span, sentences))
        return found

    def not_judged(self, source: Source, span: Span, reason: str) -> list[Finding]:
        """The finding about a job, or a file, that was not judged; empty if the rule about unread ones is off."""
        rule = self._reading_rules.get("readers")
        if rule is None:
            return []
        sentences = ((f"This tuning job was not judged: {reason}",), (NOT_JUDGED_ADVICE,))
        return [Finding(rule, rule.levels[0], source.name, span, sentences, fingerprint="not judged")]

    def _context(self, job: TuningJob) -> EvaluationContext:
        return EvaluationContext(job, self._surroundings)

    def judge(self, job: TuningJob) -> Verdicts:
        """The verdicts of all enabled rules on one job; each fix is tried on the whole job."""
        verdicts = Verdicts()
        verdicts.findings = self.grouped(self.raised(job, verdicts), verdicts)
        return verdicts

    def raised(self, job: TuningJob, verdicts: Verdicts) -> list[Raised]:
        """The violations of all enabled rules in one job. Undecided judgements and failures go to ``verdicts``."""
        open_verdicts = Verdicts()
        context = self._context(job)
        raised = list(self._raised(job, context, open_verdicts))
        findings, left = demanded_findings(open_verdicts.undecided)
        raised += map(Raised, findings)
        verdicts.undecided += left
        verdicts.failures += open_verdicts.failures
        before = {(each.finding.rule.name, each.finding.path) for each in raised}
        fixable = [each for each in raised if each.finding.fix is not None]
        single = [each for each in fixable if each.finding.rule.group is None][:MAX_FIXES]
        sound: set[Raised] = set()
        groups = [[each] for each in single]
        groups += _by_rule(fixable)[:MAX_FIXES]
        for group in groups:
            try:
                is_sound = self._is_fix_sound(job, group, before, context)
            except Exception as error:  # noqa: BLE001 - a fix that cannot be tried is not offered
                first = group[0].finding
                add_failure(verdicts.failures, first.rule, job, first.path, failure_reason(error))
                continue
            if is_sound:
                sound.update(group)
        return [each if each in sound else each.without_fix() for each in raised]

    def grouped(self, raised: Iterable[Raised], verdicts: Verdicts) -> list[Finding]:
        """The findings of one file's jobs, joined by cause. Sentences that fail go to ``verdicts`` as failures."""
        return join_findings(raised, verdicts.failures)

    def _is_fix_sound(self, job: TuningJob, group: list[Raised], before: Marks, context: EvaluationContext) -> bool:
        """Whether the fixes cause no new finding of at least the same level; ``context`` is the unfixed job's."""
        fixes = [each.finding.fix for each in group if each.finding.fix is not None]
        request = applied(job.request, *fixes)
        touched = {path for fix in fixes for path in fix.set}
        seen = [observation for observation in job.observations if observation.path not in touched]
        fixed = replace(job, request=request, observations=seen)
        lowest_level = max(LEVELS.index(each.finding.level) for each in group)
        templates = [each.finding.rule.fix for each in group]
        known = {name for template in templates if template is not None for name in template.despite}
        judges = [
            judge
            for judge in self._judges
            if judge.rule.name not in known and LEVELS.index(judge.rule.levels[0]) <= lowest_level
        ]
        unchanged = UnchangedInputs(context, {name for name, _ in before}, judges)
        return not any(
            after.finding.rule.name not in known
            and (after.finding.rule.name, after.finding.path) not in before
            and LEVELS.index(after.finding.level) <= lowest_level
            for after in self._raised(fixed, self._context(fixed), Verdicts(), unchanged)
        )

    def _raised(
        self, job: TuningJob, context: EvaluationContext, verdicts: Verdicts, unchanged: UnchangedInputs | None = None
    ) -> Iterator[Raised]:
        """The violations in one job.

        ``unchanged`` is set for a job with fixes applied: rules that read unchanged values and did not fire before are
        skipped, and the findings have a place and a level, but no message.
        """
        if self._schema_rule is not None and not job.is_launched:  # the service has accepted its request
            try:
                yield from _shape_findings(self._schema_rule, job)
            except Exception as error:  # noqa: BLE001 - the other rules still judge the job
                add_failure(verdicts.failures, self._schema_rule, job, (), failure_reason(error))
        possibilities = _PossibleJobs(job, self._context)
        judges = self._judges if unchanged is None else unchanged.judges
        for judge in judges:
            if job.is_disabled and judge.rule.category in OF_RUNS:
                continue
            judgement = _Judgement(judge, job, verdicts, possibilities, unchanged is not None)
            try:
                subjects = context.subjects(judge.rule.scope, judge.rule.observes)
            except Exception as error:  # noqa: BLE001 - the other rules still judge the job
                judgement.fail((), failure_reason(error))
                continue
            for subject in subjects:
                if unchanged is not None and unchanged.is_unchanged(judge, subject):
                    continue
                yield from judgement.violations(subject)
            if unseen := context.unknown_subjects(judge.rule.scope):
                yield from judgement.unseen_violations(subjects, unseen)


class _Judgement(msgspec.Struct, frozen=True):
    """The judgement of one job by one rule. Undecided subjects and failures go to ``verdicts``.

    ``is_bare``: the findings have a place and a level, but no message and no fix.
    """

    judge: Judge
    job: TuningJob
    verdicts: Verdicts
    possibilities: _PossibleJobs
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
        if by_launch is not None:
            return by_launch
        self.leave_open((), causes)
        return []

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
        """The violations in some of the job's launches, or the violation that holds for all possible values of unknown
        ones, else the one with the parameters' defaults.

        Defaults that satisfy the rule prove nothing: whoever deploys the definition may set other values. So the
        judgement is undecided unless the defaults violate it, and also then if a rule must be decided for all values.
        """
        by_launch = self._by_launch(causes, lambda other: other.root == subject.root)
        if by_launch is not None:
            return by_launch
        decided = self._decide_by_possible_jobs(subject, causes)
        if decided is not None:
            violating, choices = decided
            if not violating:
                return []
            return [Raised(self._finding_in_all_cases(violating, choices), is_single=True)]
        if self.is_locked:
            chosen = self._by_choice_of_the_source(subject, causes)
            if chosen:
                return chosen
            if any(cause.kind is Kind.TOO_MANY_LAUNCHES for cause in causes):
                return [Raised(too_many_launches(self.judge.rule, self.job, subject.root, causes[0].span))]
        by_default = self._decide_by_default(subject)
        if not by_default or self.judge.rule.undecided != "off":
            self.leave_open(subject.root, causes, is_met_by_default=by_default == [])
        return [self._raised_by_default(by_default[0], causes)] if by_default else []

    def _by_launch(self, causes: tuple[Unknown, ...], is_judged: Callable[[Subject], bool]) -> list[Raised] | None:
        """The violations of some subjects in single launches; None if the unknown values are not theirs.

        A rule that no policy locks is not raised by launches that only may happen: it stays undecided then.
        """
        if self.is_bare:
            return None
        try:
            groups = self.possibilities.launch_groups(causes)
        except TooManyGroupsError:
            if self.is_locked:
                return [Raised(too_many_launches(self.judge.rule, self.job, (), causes[0].span))]
            return None
        if not groups:
            return None
        violations: list[Raised] = []
        open_: list[UndecidedJudgement] = []
        for group in groups:
            verdicts = Verdicts()
            violations += self._of_group(group, verdicts, is_judged)
            open_ += verdicts.undecided
            self.verdicts.failures += verdicts.failures
        has_all = len({launch.label for each in violations for launch in each.finding.launches}) == self._launch_count
        reported = [each for each in violations if has_all or self.is_locked or _has_sent(each)]
        if len(reported) < len(violations) and not open_:
            self.leave_open(violations[0].finding.root, causes)
        self.verdicts.undecided += open_
        return reported

    @property
    def is_locked(self) -> bool:
        """Whether a policy locks the rule."""
        return self.judge.rule.fails_from is not None

    @property
    def _launch_count(self) -> int:
        return len(self.job.launches.each) if self.job.launches is not None else 1

    def _of_group(self, group: _JudgedGroup, verdicts: Verdicts, is_judged: Callable[[Subject], bool]) -> list[Raised]:
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

        None for a parameter, whose value is the choice of whoever deploys or runs the source.
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
        same = tuple(each for each in messages[0] if all(each in others for others in messages))
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
        for cause in self._deciding_defaults(subject, causes):
            if cause.default is None:
                continue
            name = subject_text(self.job, cause).strip()
            values.append(f"{name or 'a value'} is `{shown_value(cause.default.value)}`")
            if cause.default.span not in (cause.span, finding.span):
                places.append(Related(cause.default.span, f"default of {name or 'the value'}"))
        known = f"By default, {joined_words(values)}"
        last = (known if values else "This holds if all parameters have their defaults",)
        related = (*finding.related, *places)
        finding = replace(finding, message=(*finding.message, last), related=related, fix=None)
        return Raised(finding, self.judge, subject, closing=(last,))

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
        path, span = _place(request or job.request, subject.root, rule.at)
        if self.is_bare:
            return Finding(rule, judge.level(subject), job.source.name, span, (), path, job)
        mistakes: list[str] = []
        sentences = judge.sentences(subject, subject.names, 1, mistakes)
        fix = judge.fix(subject, job, mistakes)
        for mistake in mistakes[:1]:
            self.fail(subject.root, mistake)
        if subject.span is not None and not rule.at:
            span = subject.span
        return Finding(
            rule,
            judge.level(subject),
            job.source.name,
            span,
            sentences,
            path,
            job,
            related=(*_imported(job, path), *_related(job, subject.root, rule.related), *_beside(job, subject, rule)),
            fix=fix,
            fingerprint=path_text(path),
            root=subject.root,
            cost=_cost(subject) if rule.has_hours else None,
        )


class _JudgedGroup(msgspec.Struct, frozen=True):
    """Launches with the same values, the job with these values, and what a rule is judged on."""

    launches: tuple[Launch, ...]
    job: TuningJob
    context: EvaluationContext
    possibilities: _PossibleJobs


def _has_sent(raised: Raised) -> bool:
    """Whether a violation is in a launch that certainly happens."""
    return any(launch.is_sent for launch in raised.finding.launches)


class _PossibleJobs:
    """The possible jobs for one job with unknown values, created on demand."""

    def __init__(self, job: TuningJob, context_of: Callable[[TuningJob], EvaluationContext]) -> None:
        self._job = job
        self._context_of = context_of
        self._found: dict[tuple[Unknown, ...], list[EvaluationContext]] = {}
        self._groups: dict[tuple[Path, ...], list[_JudgedGroup]] = {}
        self._with_defaults: dict[frozenset[Unknown], list[EvaluationContext]] = {}

    @cached_property
    def by_default(self) -> EvaluationContext | None:
        """The evaluation context of the job with the default of each parameter; None if no default is known."""
        found = job_by_default(self._job)
        return self._context_of(found) if found is not None else None

    def with_defaults(self, causes: list[Unknown]) -> list[EvaluationContext]:
        """The evaluation context of the job in which some unknown values have their defaults."""
        key = frozenset(causes)
        if key not in self._with_defaults:
            job = job_with_defaults(self._job, causes)
            self._with_defaults[key] = [self._context_of(job)] if job is not None else []
        return self._with_defaults[key]

    def launch_groups(self, causes: tuple[Unknown, ...]) -> list[_JudgedGroup]:
        """The job's launches by their values in place of unknown ones; none if the launches do not differ in these.

        Raises TooManyGroupsError.
        """
        paths = differing_paths(self._job, causes)
        if paths not in self._groups:
            groups = []
            for group in launch_groups(self._job, paths):
                possibilities = _PossibleJobs(group.job, self._context_of)
                groups.append(_JudgedGroup(group.launches, group.job, self._context_of(group.job), possibilities))
            self._groups[paths] = groups
        return self._groups[paths]

    def contexts(self, causes: tuple[Unknown, ...]) -> list[EvaluationContext]:
        """An evaluation context for each combination of choices of the unknown values; empty if there are too many."""
        if causes not in self._found:
            self._found[causes] = [self._context_of(each) for each in possible_jobs(self._job, causes)]
        return self._found[causes]


def _unread_sentences(source: Source, problem: ReadingProblem) -> tuple[tuple[str], ...]:
    """The message about a reading problem. In a notebook it names the cell, since other cells are still read."""
    if problem.is_launch:
        advice = "Write the definition to a file and pass `--cli-input-json file://FILE`: hpolint checks that file"
        return (f"This call {problem.reason}: no rule checks it",), (advice,)
    found = source.in_cell(problem.span) if source.cells else None
    what = f"Cell {found[0].number} belongs to" if found is not None else "This file names"
    return ((f"{what} a tuning job and cannot be read: {problem.reason}",),)


def _by_rule(raised: list[Raised]) -> list[list[Raised]]:
    """The violations of rules with ``group`` in one job, one list for each rule."""
    found: dict[str, list[Raised]] = {}
    for each in raised:
        if each.finding.rule.group is not None:
            found.setdefault(each.finding.rule.name, []).append(each)
    return list(found.values())


def _cost(subject: Subject) -> Cost:
    """The instance-hours from written values only, or otherwise with defaults, and the instance type."""
    compute, budget = (subject.values.get(name) or {} for name in ("compute", "budget"))
    hours = next((each for each in (compute.get("written_hours"), budget.get("instance_hours")) if each), None)
    return Cost(hours, compute.get("instance_type"))


def _place(request: Struct, root: Path, at: list[str]) -> tuple[Path, Span]:
    """The first of the rule's paths that is written, and its span; otherwise the nearest written parent's anchor."""
    paths: list[Path] = [(*root, *parse_path(text)) for text in at] or [root]
    for path in paths:
        span, written = place(request, path)
        if written:
            return path, span
    return paths[0], place(request, paths[0])[0]


def _related(job: TuningJob, root: Path, related: list[str]) -> Iterator[Related]:
    for text in related:
        path = (*root, *parse_path(text))
        span, written = place(job.request, path)
        if written:
            yield Related(span, job.spelling.at(path).name(text.rpartition(".")[2]))


def _imported(job: TuningJob, path: Path) -> Iterator[Related]:
    """The place of a value in the module that writes it."""
    site = job.imported_site(path)
    if site is not None:
        name = job.spelling.at(path).name(next((step for step in reversed(path) if isinstance(step, str)), ""))
        item = follow(job.request, path) if path[-1:] == ("Name",) else None
        yield Related(site.span, text_of(item) or name, site.source, is_shown=True)


def _beside(job: TuningJob, subject: Subject, rule: Rule) -> Iterator[Related]:
    """The places in the training script that a rule shows."""
    for site, name in subject.sites(rule.beside) if rule.beside is not None else ():
        yield Related(site.span, name, site.source if site.source != job.source.name else None, is_shown=True)


def _shape_findings(rule: Rule, job: TuningJob) -> Iterator[Raised]:
    for error in shape_errors(job):
        fix = Fix("safe", dict(error.set), (), error.rename) if error.set or error.rename else None
        finding = Finding(
            rule,
            rule.levels[0],
            job.source.name,
            error.span,
            tuple(error.message),
            error.path,
            job,
            tuple(_imported(job, error.path)),
            fix=fix,
            fingerprint=path_text(error.path),
        )
        yield Raised(finding)
