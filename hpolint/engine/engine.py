"""Rules × jobs → findings. What decides is CEL's logic; what is unknown decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from hpolint.cel.runtime import EvaluationError, Undecided
from hpolint.cel.type_checks import ExpressionError
from hpolint.engine.evaluation_context import EvaluationContext, Subject
from hpolint.engine.grouping import Raised, joined
from hpolint.engine.judge import Judge
from hpolint.engine.possible_values import possible_jobs
from hpolint.engine.unchanged_inputs import UnchangedInputs
from hpolint.engine.undecided import demanded_findings
from hpolint.io.internal_errors import debugging, described, shortened
from hpolint.model.finding import Cost, Finding, Related, RuleFailure, UndecidedJudgement, Verdicts
from hpolint.model.fix import Fix, applied
from hpolint.model.job import Reading, ReadingProblem, TuningJob
from hpolint.model.level import LEVELS
from hpolint.model.message_text import either_of, subject_text
from hpolint.model.node import Path, Unknown, parse_path, path_text, place
from hpolint.model.rule import Rule
from hpolint.model.source import Source, Span
from hpolint.schema.check import shape_errors

MAX_FIXES = 100
"""So many fixes of a job are tried, each on the whole of it; further ones are not offered."""

Marks = set[tuple[str, Path]]
"""Rules that fire, with the path."""


class Engine:
    """The rules that are on, as they are configured, ready to judge jobs.

    A rule that is off is not here at all, nor one that lacks options.
    """

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._judges = [Judge(rule) for rule in rules if rule.condition is not None and not rule.required_options]
        self._schema_rule = next((rule for rule in rules if rule.emitted_by == "schema"), None)
        self._reading_rule = next((rule for rule in rules if rule.emitted_by == "readers"), None)

    def problems(self, source: Source, reading: Reading) -> list[Finding]:
        """The findings about what a source's readers could not read."""
        rule = self._reading_rule
        if rule is None:
            return []
        return [
            Finding(rule, rule.levels[0], source.name, problem.span, ((_unread(source, problem),),))
            for problem in reading.problems
        ]

    def judge(self, job: TuningJob) -> Verdicts:
        """Every enabled rule on one job, in the order of the rules; each fix tried on the whole job."""
        verdicts = Verdicts()
        verdicts.findings = self.grouped(self.raised(job, verdicts))
        return verdicts

    def raised(self, job: TuningJob, verdicts: Verdicts) -> list[Raised]:
        """Every enabled rule on one job: what it violates. What stays open, and failures, go to ``verdicts``."""
        opened = Verdicts()
        context = EvaluationContext(job)
        raised = list(self._raised(job, context, opened))
        findings, left = demanded_findings(opened.undecided)
        raised += map(Raised, findings)
        verdicts.undecided += left
        verdicts.failures += opened.failures
        before = {(each.finding.rule.name, each.finding.path) for each in raised}
        tried = [each for each in raised if each.finding.fix is not None]
        single = [each for each in tried if each.finding.rule.group is None][:MAX_FIXES]
        sound = {id(each) for each in single if self._is_sound(job, [each], before, context)}
        for group in _groups(tried)[:MAX_FIXES]:
            if self._is_sound(job, group, before, context):
                sound |= {id(each) for each in group}
        return [each if id(each) in sound else each.without_fix() for each in raised]

    def grouped(self, raised: Iterable[Raised]) -> list[Finding]:
        """The findings of one file's jobs, one for each cause."""
        return joined(raised)

    def _is_sound(self, job: TuningJob, group: list[Raised], before: Marks, context: EvaluationContext) -> bool:
        """Whether the fixes of some findings make no other rule fire, as gravely or more; ``binding`` is the job's."""
        fixes = [each.finding.fix for each in group if each.finding.fix is not None]
        request = applied(job.request, *fixes)
        touched = {path for fix in fixes for path in fix.set}
        seen = [observation for observation in job.observations if observation.path not in touched]
        mended = job.with_request(request, seen)
        gravity = max(LEVELS.index(each.finding.level) for each in group)
        templates = [each.finding.rule.fix for each in group]
        known = {name for template in templates if template is not None for name in template.despite}
        was = UnchangedInputs(context, {name for name, _ in before})
        return not any(
            after.finding.rule.name not in known
            and (after.finding.rule.name, after.finding.path) not in before
            and LEVELS.index(after.finding.level) <= gravity
            for after in self._raised(mended, EvaluationContext(mended), Verdicts(), was)
        )

    def _raised(
        self, job: TuningJob, context: EvaluationContext, verdicts: Verdicts, was: UnchangedInputs | None = None
    ) -> Iterator[Raised]:
        """What is raised; of a job that ``was`` another before, where a rule reads other facts or has fired there.

        Of the latter nobody is told: its findings have a place and a level, and no message.
        """
        if self._schema_rule is not None and not job.is_launched:  # the service described it: it took it
            yield from _shape_findings(self._schema_rule, job)
        ways = _PossibleJobs(job)
        make = _finding if was is None else _mark
        for judge in self._judges:
            scope, observes = judge.rule.scope, judge.rule.observes
            for subject in context.subjects(scope, observes):
                if was is not None and was.lets_pass(judge, subject):
                    continue
                found = self._ask(judge, job, subject, verdicts, ways, make)
                if found is not None:
                    yield found
            if unseen := context.unseen(scope):
                verdicts.undecided.append(UndecidedJudgement(judge.rule, job, (), unseen))

    def _ask(
        self, judge: Judge, job: TuningJob, subject: Subject, verdicts: Verdicts, ways: _PossibleJobs, make: Make
    ) -> Raised | None:
        """One rule on one subject. A rule that fails loses its own verdict, and no other."""
        try:
            if judge.violates(subject):
                return Raised(make(judge, job, subject), judge, subject)
        except Undecided as error:
            causes = tuple(subject.causes(judge.reads))
            told = self._over_possible_jobs(judge, subject, causes, ways)
            if told is not None:
                found, open_ = told
                return Raised(_whichever(judge, job, found, open_)) if found else None
            if causes:
                verdicts.undecided.append(UndecidedJudgement(judge.rule, job, subject.root, causes))
            else:
                verdicts.failures.append(_failure(judge, job, f"undecided for no reason: {error}"))
        except (EvaluationError, ExpressionError) as error:
            verdicts.failures.append(_failure(judge, job, str(error)))
        except Exception as error:
            if debugging():
                raise
            verdicts.failures.append(_failure(judge, job, described(error)))
        return None

    def _over_possible_jobs(
        self, judge: Judge, subject: Subject, causes: tuple[Unknown, ...], ways: _PossibleJobs
    ) -> tuple[list[Subject], tuple[Unknown, ...]] | None:
        """The subject in each way that the job can be in which the rule is violated, if in all or none of them.

        With the unknown values that were gone through. None where the ways differ, or cannot be told.
        """
        open_ = tuple(cause for cause in causes if cause.choices)
        while bindings := ways.bindings(open_):
            found: list[Subject] = []
            more: list[Unknown] = []
            for binding in bindings:
                for same in binding.subjects(judge.rule.scope, judge.rule.observes):
                    if same.root != subject.root:
                        continue
                    try:
                        found += [same] if judge.violates(same) else []
                    except Undecided:
                        more += [cause for cause in same.causes(judge.reads) if cause not in more]
            if not more:
                return (found, open_) if len(found) in (0, len(bindings)) else None
            if not all(cause.choices and cause not in open_ for cause in more):
                return None  # it cannot be told, or is left open even where it is told: as of what is of a wrong type
            open_ = (*open_, *more)
        return None


def _whichever(judge: Judge, job: TuningJob, found: list[Subject], causes: tuple[Unknown, ...]) -> Finding:
    """The finding that holds whatever an open value is: it says what is the same in all ways, and offers no fix."""
    first = _finding(judge, job, found[0])
    messages = [judge.sentences(each, each.names, 1) for each in found]
    same = tuple(each for each in messages[0] if all(each in others for others in messages))
    values = [f"{subject_text(job, cause).strip()} is {either_of(cause.choices)}" for cause in causes]
    whichever = f"whether {', and whether '.join(values)}"
    if same and same[0] == messages[0][0]:
        message = (*same, (f"It is so {whichever}",))
    else:
        message = ((f"{judge.rule.summary}, {whichever}",), *same)
    level = max((judge.level(each) for each in found), key=LEVELS.index)
    return replace(first, level=level, message=message, fix=None)


class _PossibleJobs:
    """The ways that a job can be, bound when somebody asks for them."""

    def __init__(self, job: TuningJob) -> None:
        self._job = job
        self._found: dict[tuple[Unknown, ...], list[EvaluationContext]] = {}

    def bindings(self, causes: tuple[Unknown, ...]) -> list[EvaluationContext]:
        """A binding for each way, as far as some unknown values go; none where they are too many."""
        if causes not in self._found:
            self._found[causes] = [EvaluationContext(each) for each in possible_jobs(self._job, causes)]
        return self._found[causes]


def _unread(source: Source, problem: ReadingProblem) -> str:
    """What cannot be read: a bad cell never loses the others, so it is not the whole notebook."""
    found = source.in_cell(problem.span) if source.cells else None
    what = f"Cell {found[0].number} belongs to" if found is not None else "This file names"
    return f"{what} a tuning job and cannot be read: {problem.reason}"


def _groups(raised: list[Raised]) -> list[list[Raised]]:
    """What rules that group have raised about one job, by rule."""
    found: dict[str, list[Raised]] = {}
    for each in raised:
        if each.finding.rule.group is not None:
            found.setdefault(each.finding.rule.name, []).append(each)
    return list(found.values())


def _failure(judge: Judge, job: TuningJob, reason: str) -> RuleFailure:
    return RuleFailure(judge.rule, shortened(reason), job.source.name)


Make = Callable[[Judge, TuningJob, Subject], Finding]


def _mark(judge: Judge, job: TuningJob, subject: Subject) -> Finding:
    """A finding of which only the rule, the level and the place are asked."""
    path, span = _place(job, subject.root, judge.rule.at)
    return Finding(judge.rule, judge.level(subject), job.source.name, span, (), path, job)


def _finding(judge: Judge, job: TuningJob, subject: Subject) -> Finding:
    rule = judge.rule
    path, span = _place(job, subject.root, rule.at)
    if subject.span is not None and not rule.at:
        span = subject.span
    return Finding(
        rule,
        judge.level(subject),
        job.source.name,
        span,
        judge.sentences(subject, subject.names, 1),
        path,
        job,
        (*_related(job, subject.root, rule.related), *_beside(job, subject, rule)),
        judge.fix(subject, job),
        path_text(path),
        root=subject.root,
        cost=_cost(subject) if rule.has_hours else None,
    )


def _cost(subject: Subject) -> Cost:
    """The instance-hours that somebody has written, else those by default, too."""
    compute, budget = (subject.values.get(name) or {} for name in ("compute", "budget"))
    hours = next((each for each in (compute.get("written_hours"), budget.get("instance_hours")) if each), None)
    return Cost(hours, compute.get("instance_type"))


def _place(job: TuningJob, root: Path, at: list[str]) -> tuple[Path, Span]:
    """The first of the rule's paths that was written; if none was, the nearest written parent's anchor."""
    paths: list[Path] = [(*root, *parse_path(text)) for text in at] or [root]
    for path in paths:
        span, written = place(job.request, path)
        if written:
            return path, span
    return paths[0], place(job.request, paths[0])[0]


def _related(job: TuningJob, root: Path, related: list[str]) -> Iterator[Related]:
    for text in related:
        path = (*root, *parse_path(text))
        span, written = place(job.request, path)
        if written:
            yield Related(span, job.spelling.at(path).name(text.rpartition(".")[2]))


def _beside(job: TuningJob, subject: Subject, rule: Rule) -> Iterator[Related]:
    """The places of the training script that a rule shows."""
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
            fix=fix,
            fingerprint=path_text(error.path),
        )
        yield Raised(finding)
