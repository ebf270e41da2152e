"""Making the record of a live outcome: its sentences are rendered, and the lines around its places are cut out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hpolint.fixes.phrase import fix_phrase
from hpolint.fixes.refusals import SHARED_SCRIPT, refusal
from hpolint.model.finding import Finding, Related, RuleFailure, Suppressed, UndecidedJudgement
from hpolint.model.job import Origin, TuningJob, parts_of
from hpolint.model.message_parts import Advice
from hpolint.model.message_text import line_of, path_of, reason_text, shown_value, subject_at
from hpolint.model.node import Path, Unknown, path_text, walk
from hpolint.model.reasons import Kind
from hpolint.model.rule import Rule
from hpolint.model.source import Source, Span
from hpolint.model.training_script import Script
from hpolint.report.outcome import Outcome
from hpolint.report.records import (
    Cause,
    Diagnostic,
    ExcerptLine,
    FileRecord,
    JobSummary,
    OriginPlace,
    Place,
    RelatedPlace,
    RuleFault,
    RuleSummary,
    Undecided,
    UnknownValue,
    launch_summaries,
)
from hpolint.suppressions.config_entries import UnusedEntry

MAX_EXCERPT_LINES = 3
"""Lines of a value that reports show."""

MAX_EXCERPT_COLUMNS = 400
"""Characters before a value, of it, and after it that a record keeps of a line: more than any terminal shows."""

JOINED_CHARACTERS = 40
"""Further characters, so that a report can cut a line where no joined characters are split."""

SourceOf = Callable[[str], Source | None]
"""A configuration file as a source, by its name; None if it cannot be read."""


OriginOf = Callable[[TuningJob, str], Origin | None]
"""The origin of a job of a template, by the template's name."""


def no_origin(_job: TuningJob, _template: str) -> Origin | None:
    """No origin is looked for: the report is about jobs in memory."""
    return None


def file_record(outcome: Outcome, configuration_source: SourceOf, origin_of: OriginOf = no_origin) -> FileRecord:
    """The record of a file's outcome."""
    return _Recording(outcome, configuration_source, origin_of).record()


class _Recording:
    """Makes one record. ``_count`` is the number of diagnostics so far, also of silenced ones."""

    def __init__(self, outcome: Outcome, configuration_source: SourceOf, origin_of: OriginOf) -> None:
        self._outcome = outcome
        self._configuration_source = configuration_source
        self._origin_of = origin_of
        self._reported = _reported_jobs(outcome)
        self._sources = outcome.sources
        self._count = 0
        self._rules: dict[str, RuleSummary] = {}
        self._jobs: dict[TuningJob, JobSummary] = {}
        self._values: list[UnknownValue] = []
        self._value_numbers: dict[tuple[str, Unknown, str], int] = {}
        self._paths: dict[TuningJob, dict[int, Path]] = {}
        self._paths_of_equal: dict[tuple[TuningJob, Unknown], Path | None] = {}

    def record(self) -> FileRecord:
        outcome, silencing = self._outcome, self._outcome.silencing
        jobs = tuple(self._job(job) for job in outcome.jobs)
        diagnostics = [self._diagnostic(finding) for finding in outcome.findings]
        suppressed = [
            Suppressed(self._diagnostic(suppressed.finding), suppressed.suppression)
            for suppressed in silencing.suppressed
        ]
        unused_entries = [
            UnusedEntry(unused.entry, unused.name, self._diagnostic(unused.finding))
            for unused in silencing.unused_entries
        ]
        undecided = tuple(self._undecided(judgement) for judgement in outcome.undecided)
        return FileRecord(
            name=outcome.name,
            sources=tuple(self._sources),
            included=tuple(source.name for source in outcome.included_sources),
            taken=tuple(outcome.taken),
            scripts=_scripts(outcome),
            jobs=jobs,
            diagnostics=tuple(diagnostics),
            suppressed=tuple(suppressed),
            values=tuple(self._values),
            undecided=undecided,
            failures=tuple(_fault(failure) for failure in outcome.failures),
            skipped=outcome.skipped,
            internal_error=outcome.internal_error,
            notices=tuple(outcome.notices),
            is_whole=outcome.is_whole,
            is_without_definition=_is_without_definition(outcome),
            mocked_calls=outcome.mocked_calls,
            baseline_entries=tuple(silencing.baseline_entries),
            unused_entries=tuple(unused_entries),
            used_entries=tuple(silencing.used_entries),
        )

    def _rule(self, rule: Rule) -> RuleSummary:
        if rule.id not in self._rules:
            self._rules[rule.id] = RuleSummary(rule)
        return self._rules[rule.id]

    def _job(self, job: TuningJob) -> JobSummary:
        if job not in self._jobs:
            self._jobs[job] = JobSummary(
                number=len(self._jobs),
                source=job.source.name,
                form=job.form,
                line=line_of(job.source, job.request.anchor),
                name=job.name,
                variable=job.variable,
                label=job.label,
                carrier=job.carrier,
                construct=job.construct.path if job.construct is not None else None,
                state=job.construct.state if job.construct is not None else None,
                origin=self._origin(job),
                cell=job.cell,
                parts=() if job.form == "python-sdk" else tuple(parts_of(job.request)),
            )
        return self._jobs[job]

    def _origin(self, job: TuningJob) -> OriginPlace | None:
        """The origin of a job with findings."""
        origin = self._origin_of(job, self._outcome.name) if job in self._reported else None
        if origin is None:
            return None
        return OriginPlace(source=origin.source, span=origin.span, name=origin.name, is_whole=origin.is_whole)

    def _diagnostic(self, finding: Finding) -> Diagnostic:
        job = finding.job
        number = self._count
        self._count += 1
        fix_sentence = _fix_sentence(finding)
        has_phrase = finding.fix is not None and fix_sentence is None
        return Diagnostic(
            rule=self._rule(finding.rule),
            level=finding.level,
            place=self._place(finding.source, finding.span),
            text=finding.text,
            file=self._outcome.name,
            number=number,
            path=finding.path,
            job=self._job(job) if job is not None else None,
            related=tuple(self._related(related, finding) for related in finding.related),
            fix=finding.fix,
            fix_sentence=fix_sentence,
            fix_phrase=fix_phrase(finding.fix, job) if finding.fix is not None and has_phrase else "",
            refusals=self._refusals(finding),
            fingerprint=finding.fingerprint,
            count=finding.count,
            undecided=self._open_value(finding),
            launches=launch_summaries(finding.launches, finding.source),
        )

    def _refusals(self, finding: Finding) -> tuple[str | None, str | None]:
        """Why the fix of a finding is not written: as far as this file tells, and if others include the job's file."""
        source, job, fix = self._outcome.source, finding.job, finding.fix
        if source is None or job is None or fix is None:
            return None, None
        if fix.script:
            return None, SHARED_SCRIPT
        return refusal(source, job, fix, ()), refusal(source, job, fix, (job.source.name,))

    def _open_value(self, finding: Finding) -> int | None:
        """The number of the unknown value that a finding is about."""
        if finding.undecided is None:
            return None
        return self._value_number(finding.source, finding.undecided, member="")

    def _related(self, related: Related, finding: Finding) -> RelatedPlace:
        name = related.source or finding.source
        is_known = related.source is None or self._source(name) is not None
        return RelatedPlace(
            span=related.span,
            name=related.name,
            source=related.source,
            place=self._place(name, related.span, has_excerpt=related.is_shown) if is_known else None,
            is_shown=related.is_shown,
        )

    def _undecided(self, judgement: UndecidedJudgement) -> Undecided:
        return Undecided(
            rule=self._rule(judgement.rule),
            source=judgement.job.source.name,
            job=judgement.job.name,
            path=judgement.path,
            causes=tuple(self._cause(cause, judgement) for cause in judgement.causes),
            is_met_by_default=judgement.is_met_by_default,
            launches=launch_summaries(judgement.launches, judgement.job.source.name),
        )

    def _cause(self, cause: Unknown, judgement: UndecidedJudgement) -> Cause:
        job = judgement.launched or judgement.job
        path = self._path(job, cause)
        # Members that the SDK's configuration may set all have the place of one constructor: each is its own value.
        member = path_text(path or ()) if cause.kind is Kind.CONFIG_FILE else ""
        return Cause(
            value=self._value_number(job.source.name, cause, member),
            subject=subject_at(job, cause, path),
            settler=judgement.settler(cause),
            default=shown_value(cause.default.value) if cause.default is not None else None,
        )

    def _path(self, job: TuningJob, cause: Unknown) -> Path | None:
        """The path of an unknown value in a request, which is walked once for each job."""
        if job not in self._paths:
            paths: dict[int, Path] = {}
            for path, node in walk(job.request):
                if isinstance(node, Unknown) and path:
                    paths.setdefault(id(node), path)
            self._paths[job] = paths
        path_of_part = self._paths[job].get(id(cause))
        if path_of_part is not None:
            return path_of_part
        key = job, cause  # a value that a fact has made: many judgements depend on an equal one
        if key not in self._paths_of_equal:
            self._paths_of_equal[key] = path_of(job, cause)
        return self._paths_of_equal[key]

    def _value_number(self, source: str, value: Unknown, member: str) -> int:
        key = source, value, member
        if key not in self._value_numbers:
            place = self._place(source, value.span)
            sorted_by = str(value.reason), member
            alike = [other for other in self._values if other.place == place and other.sorted_by == sorted_by]
            self._value_numbers[key] = len(self._values)
            self._values.append(
                UnknownValue(place=place, reason=str(reason_text(value)), sorted_by=sorted_by, variant=len(alike))
            )
        return self._value_numbers[key]

    def _source(self, name: str) -> Source | None:
        """A source in which the outcome has places, or a configuration file."""
        if name not in self._sources:
            source = self._configuration_source(name)
            if source is None:
                return None
            self._sources[name] = source
        return self._sources[name]

    def _place(self, name: str, span: Span, *, has_excerpt: bool = True) -> Place:
        source = self._source(name)
        if source is None:
            return Place(source=name, span=span, local=span)
        in_cell = source.in_cell(span) if source.cells else None
        cell, local = (in_cell[0], in_cell[1]) if in_cell is not None else (None, span)
        text = cell.text if cell is not None else source
        return Place(
            source=name,
            span=span,
            local=local,
            cell=cell.number if cell is not None else None,
            excerpt=tuple(_excerpt(text, local)) if has_excerpt else (),
        )


def _reported_jobs(outcome: Outcome) -> set[TuningJob]:
    """The jobs that have findings, also silenced ones."""
    findings = [*outcome.findings, *(suppressed.finding for suppressed in outcome.silencing.suppressed)]
    return {finding.job for finding in findings if finding.job is not None}


def _scripts(outcome: Outcome) -> tuple[str, ...]:
    """The training scripts, and their modules, that the jobs of an outcome run."""
    names: dict[str, None] = {}
    for job in outcome.jobs:
        for script in job.scripts.values():
            if isinstance(script, Script):
                names |= dict.fromkeys(source.name for source in script.sources if source.name != outcome.name)
    return tuple(names)


def _excerpt(source: Source, span: Span) -> Iterable[ExcerptLine]:
    """The first lines of a span, of a long line the part around the value."""
    if not source.text:
        return
    last = min(span.end_line, span.line + MAX_EXCERPT_LINES - 1)
    for number in range(span.line, last + 1):
        text = source.line(number)
        start = span.column - 1 if number == span.line else len(text) - len(text.lstrip())
        end = span.end_column - 1 if number == span.end_line else len(text)
        yield excerpt_line(number, text, start, max(end, start + 1))


def excerpt_line(number: int, text: str, start: int, end: int) -> ExcerptLine:
    """A line for an excerpt, with at most ``MAX_EXCERPT_COLUMNS`` characters before, of and after its value."""
    margin = MAX_EXCERPT_COLUMNS + JOINED_CHARACTERS
    first = max(start - margin, 0)
    end = min(end, start + margin)
    return ExcerptLine(number=number, text=text[first : end + margin], start=start - first, end=end - first)


def _fault(failure: RuleFailure) -> RuleFault:
    return RuleFault(
        rule=failure.rule.id,
        reason=failure.reason,
        source=failure.source,
        line=failure.line,
        place=failure.place,
        text=failure.text,
    )


def _is_without_definition(outcome: Outcome) -> bool:
    """Whether the bytes name a definition, but the file gave no job, finding, error or notice."""
    if outcome.jobs or outcome.findings or outcome.notices or outcome.mocked_calls or outcome.is_own_output:
        return False
    if outcome.skipped or outcome.internal_error:
        return False
    from hpolint.report.mentions import mentions_a_job

    return outcome.source is None or mentions_a_job(outcome.source)


def _fix_sentence(finding: Finding) -> int | None:
    """The index of the sentence that states the whole fix; None if no sentence does."""
    fix = finding.fix
    if fix is None or fix.remove or fix.rename:
        return None
    for index, sentence in enumerate(finding.message):
        if any(isinstance(part, Advice) and dict(part.set) == fix.set for part in sentence):
            return index
    return None
