"""Rules × jobs → findings. CEL evaluates the conditions; an unknown value never decides one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from hpolint.engine.evaluation_context import EvaluationContext
from hpolint.engine.failures import add_failure, failure_reason
from hpolint.engine.finding_places import imported_places
from hpolint.engine.grouping import Raised, join_findings
from hpolint.engine.judge import Judge
from hpolint.engine.judgement import Judgement
from hpolint.engine.possibilities import Possibilities
from hpolint.engine.surroundings import Surroundings
from hpolint.engine.unchanged_inputs import UnchangedInputs
from hpolint.engine.undecided import demanded_findings
from hpolint.model.finding import Finding, Verdicts
from hpolint.model.fix import Fix, applied
from hpolint.model.job import Reading, ReadingProblem, TuningJob
from hpolint.model.level import LEVELS, Level
from hpolint.model.node import Path, path_text
from hpolint.model.rule import Rule
from hpolint.model.source import Source, Span
from hpolint.schema.request_errors import shape_errors

MAX_FIXES = 100
"""Fixes of a job that are tried on the whole job; further fixes are not offered."""

Marks = set[tuple[str, Path]]
"""The violated rules with the paths of their findings."""


NOT_JUDGED_ADVICE = "Simplify what makes it large, or split the file, so that locked rules can be checked"

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
                found.append(Finding(rule, _level_of(problem, rule), source.name, problem.span, sentences))
        return found

    def launches(self, source: Source, places: list[Span], advice: str) -> list[Finding]:
        """The findings about calls in a text that no reader reads; empty if the rule about such calls is off."""
        rule = self._reading_rules.get("launches")
        if rule is None:
            return []
        sentences = (
            ("This call starts a tuning job in a file that hpolint does not read: no rule checks it",),
            (advice,),
        )
        return [Finding(rule, rule.levels[0], source.name, place, sentences) for place in places]

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
        possibilities = Possibilities(job, self._context)
        judges = self._judges if unchanged is None else unchanged.judges
        for judge in judges:
            if job.is_disabled and judge.rule.category in OF_RUNS:
                continue
            judgement = Judgement(judge, job, verdicts, possibilities, unchanged is not None)
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


def _level_of(problem: ReadingProblem, rule: Rule) -> Level:
    """The level of a finding about a problem. Its author knows of a blank, which may hide no job from a locked rule."""
    is_known = problem.is_blank and rule.fails_from is None
    return LEVELS[-1] if is_known else rule.levels[0]


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
            tuple(imported_places(job, error.path)),
            fix=fix,
            fingerprint=path_text(error.path),
        )
        yield Raised(finding)
