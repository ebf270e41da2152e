"""Rules × jobs → findings. What decides is CEL's logic; what is unknown decides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

from hpolint import schema
from hpolint.binding import RANGE_MEMBERS, RANGE_SHAPES, Binding, Subject
from hpolint.cel.checking import ExpressionError, Key
from hpolint.cel.runtime import Environment, EvaluationError, Expression, Undecided
from hpolint.cel.types import ANY, STRING, FactShape, RecordShape, Type, schema_type, value_type
from hpolint.facts.algorithm import AlgorithmFacts
from hpolint.facts.budget import BudgetFacts
from hpolint.facts.compute import ComputeFacts
from hpolint.facts.objective import ObjectiveFacts
from hpolint.facts.range import RangeFacts
from hpolint.facts.space import SpaceFacts
from hpolint.fix import Fix, applied
from hpolint.job import Reading, TuningJob
from hpolint.level import LEVELS
from hpolint.message import Segment, parse_template, render
from hpolint.node import Node, Path, Scalar, ScalarValue, Unknown, follow, parse_path, place
from hpolint.rule import Rule
from hpolint.source import Source, Span
from hpolint.spelling import literal
from hpolint.trouble import PLEASE, debugging, described, shortened

NAMES = (
    *("options", "defaulted", "job", "request", "config", "limits", "space", "budget", "objective"),
    *("training", "compute", "algorithm", "parameter", "range", "role", "observation"),
)
WORD = re.compile(r"[a-z_]+")
MAX_FIXES = 100
"""So many fixes of a job are tried, each on the whole of it; further ones are not offered."""


@dataclass(frozen=True)
class Finding:
    """A violation. ``path`` is the value's path in the request.

    The sentences of ``message``, and the names of the ``related`` places, are in the source's own spelling.
    """

    rule: Rule
    source: str
    span: Span
    message: tuple[str, ...]
    path: Path = ()
    job: TuningJob | None = None
    related: tuple[tuple[Span, str], ...] = ()
    fix: Fix | None = None


@dataclass(frozen=True)
class OpenJudgement:
    """A rule that stays undecided about a subject, and the unknown values that it would have needed."""

    rule: Rule
    job: TuningJob
    path: Path
    causes: tuple[Unknown, ...]


@dataclass(frozen=True)
class RuleFailure:
    """A rule whose own expression failed: its mistake, not the job's. ``source`` is the file that it was asked of."""

    rule: Rule
    reason: str
    source: str = ""

    @property
    def told(self) -> str:
        """The failure in a line, with what to do."""
        where = f"{self.source}: " if self.source else ""
        return f"{where}internal error in the rule {self.rule.id}: {self.reason}; {PLEASE}"


@dataclass
class Verdicts:
    """What the rules say of one job."""

    findings: list[Finding] = field(default_factory=list)
    undecided: list[OpenJudgement] = field(default_factory=list)
    failures: list[RuleFailure] = field(default_factory=list)


@cache
def environment() -> Environment:
    """The environment of all rules."""
    return Environment(NAMES)


def scope_types(rule: Rule) -> dict[str, Type]:
    """The names that a rule of that scope can use, with their types."""
    scope = rule.scope
    options = tuple((name, value_type(option.default)) for name, option in rule.options.items())
    null = scope != "training"  # of several definitions none is the job's, or the shared range's
    job = RecordShape("job", (("name", Type("string", True)), ("form", STRING), ("path", STRING)))
    names = {
        "options": Type("struct", shape=RecordShape("options", options)),
        "defaulted": Type("list", item=STRING),
        "job": Type("struct", shape=job),
        "request": schema_type(schema.REQUEST),
        "config": schema_type(schema.CONFIG),
        "limits": schema_type("ResourceLimits"),
        "space": Type("struct", shape=FactShape(SpaceFacts)),
        "budget": Type("struct", shape=FactShape(BudgetFacts)),
        "objective": Type("struct", shape=FactShape(ObjectiveFacts)),
        "training": schema_type(schema.DEFINITION, nullable=null),
        "compute": Type("struct", null, shape=FactShape(ComputeFacts)),
        "algorithm": Type("struct", null, shape=FactShape(AlgorithmFacts)),
    }
    if scope == "parameter":
        names["parameter"] = Type("struct", shape=PARAMETER)
        names["range"] = Type("struct", shape=FactShape(RangeFacts))
        names["role"] = Type("string", True)
    if scope == "observation":
        record = (("kind", STRING), ("path", STRING), ("data", ANY))
        names["observation"] = Type("struct", shape=RecordShape("observation", record))
    return names


PARAMETER = RecordShape(
    "parameter",
    tuple(
        (name, {"Name": STRING, "Values": Type("list", True, item=STRING)}.get(name, Type("string", True)))
        for name in RANGE_MEMBERS
    ),
)


def scope_shape(scope: str) -> tuple[str, ...]:
    """The shapes that a scope's node can have; empty where its paths are free."""
    return {
        "job": (schema.REQUEST,),
        "training": (schema.DEFINITION,),
        "parameter": tuple(RANGE_SHAPES.values()),
    }.get(scope, ())


class Judge:
    """A rule, compiled, with its options."""

    def __init__(self, rule: Rule, options: Mapping[str, Any]) -> None:
        self.rule = rule
        self._options = {name: options.get(name, option.default) for name, option in rule.options.items()}
        self._when = environment().compile(rule.when or "false")
        self._names = set(WORD.findall(rule.when or ""))
        self._expressions: dict[str, Expression] = {}

    def violates(self, subject: Subject) -> bool:
        """The verdict. Raises Undecided or EvaluationError."""
        needed = {name: value for name, value in subject.values.items() if name in self._names}
        return bool(self._when.evaluate(environment().bind({**needed, "options": self._options})))

    @cached_property
    def reads(self) -> frozenset[Key]:
        """The paths that the condition reads."""
        return self._when.check(scope_types(self.rule)).reads

    def sentences(self, subject: Subject) -> tuple[str, ...]:
        """The message; a sentence that needs an unknown or null value is left out, the finding never."""
        bound = self._bind(subject)
        found = [self._sentence(segments, bound) for segments in self._templates]
        return tuple(sentence for sentence in found if sentence is not None) or (self.rule.summary,)

    def fix(self, subject: Subject, job: TuningJob) -> Fix | None:
        """What would mend it; None if that needs an unknown or null value, or for a job that has been launched."""
        template, request = self.rule.fix, job.request
        if template is None or job.form == "describe":
            return None
        bound = self._bind(subject)
        try:
            if template.when is not None and not self._value(template.when, bound):
                return None
            values = {path: self._filled(value, bound) for path, value in template.set.items()}
            safety = self._filled(template.safety, bound)
        except Undecided:
            return None
        if safety is None or any(value is None for value in values.values()):
            return None
        set_ = {(*subject.root, *parse_path(path)): value for path, value in values.items()}
        if any(isinstance(follow(request, path), Unknown) for path in set_):
            return None  # nobody writes over what only somebody else can tell
        set_ = {path: value for path, value in set_.items() if not _stands(request, path, value)}
        removed = tuple((*subject.root, *parse_path(path)) for path in template.remove)
        return Fix(str(safety), set_, removed) if set_ or removed else None

    def _bind(self, subject: Subject) -> Any:
        return environment().bind({**subject.values, "options": self._options})

    @cached_property
    def _templates(self) -> list[list[Segment]]:
        return [parse_template(text) for text in self.rule.message]

    def _sentence(self, segments: list[Segment], bound: Any) -> str | None:
        try:
            return render(segments, lambda text: self._value(text, bound), literal)
        except Undecided:
            return None
        except (ValueError, TypeError) as error:  # a format for another kind of value: the rule's mistake
            raise EvaluationError(str(error)) from None

    def _filled(self, value: ScalarValue, bound: Any) -> ScalarValue:
        """A value that is only ``{CEL}`` keeps the expression's type; anything else is itself."""
        if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
            filled: ScalarValue = self._value(value[1:-1], bound)
            return filled
        return value

    def _value(self, text: str, bound: Any) -> Any:
        if text not in self._expressions:
            self._expressions[text] = environment().compile(text)
        return self._expressions[text].evaluate(bound)


class Engine:
    """The enabled rules, ready to judge jobs. A rule that is off is not here at all."""

    def __init__(self, rules: tuple[Rule, ...], options: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        chosen = options or {}
        self._judges = [Judge(rule, chosen.get(rule.name, {})) for rule in rules if rule.when is not None]
        self._schema_rule = next((rule for rule in rules if rule.emitted_by == "schema"), None)
        self._reading_rule = next((rule for rule in rules if rule.emitted_by == "readers"), None)

    def problems(self, source: Source, reading: Reading) -> list[Finding]:
        """The findings about what a source's readers could not read."""
        if self._reading_rule is None:
            return []
        said = "A tuning job is defined here, but cannot be read"
        return [
            Finding(self._reading_rule, source.name, problem.span, (f"{said}: {problem.reason}",))
            for problem in reading.problems
        ]

    def judge(self, job: TuningJob) -> Verdicts:
        """Every enabled rule on one job, in the order of the rules; each fix tried on the whole job."""
        verdicts = self._verdicts(job)
        before = {(finding.rule.name, finding.path) for finding in verdicts.findings}
        tried = [(finding, finding.fix) for finding in verdicts.findings if finding.fix is not None][:MAX_FIXES]
        keeps = {id(finding) for finding, fix in tried if self._is_sound(job, finding, fix, before)}
        verdicts.findings = [
            finding if finding.fix is None or id(finding) in keeps else replace(finding, fix=None)
            for finding in verdicts.findings
        ]
        return verdicts

    def _is_sound(self, job: TuningJob, finding: Finding, fix: Fix, before: set[tuple[str, Path]]) -> bool:
        """Whether a finding's fix makes no other rule fire, as gravely or more."""
        seen = [observation for observation in job.observations if observation.path not in fix.set]
        mended = TuningJob(job.form, job.source, applied(job.request, fix), job.cell, seen)
        gravity = LEVELS.index(finding.rule.level)
        return not any(
            (after.rule.name, after.path) not in before and LEVELS.index(after.rule.level) <= gravity
            for after in self._verdicts(mended).findings
        )

    def _verdicts(self, job: TuningJob) -> Verdicts:
        verdicts = Verdicts()
        if self._schema_rule is not None and job.form != "describe":  # the service described it: it took it
            verdicts.findings += _shape_findings(self._schema_rule, job)
        binding = Binding(job)
        subjects = {
            "job": [binding.job_subject()],
            "training": binding.training_subjects(),
            "parameter": binding.parameter_subjects(),
            "observation": binding.observation_subjects(),
        }
        for judge in self._judges:
            for subject in subjects[judge.rule.scope]:
                self._ask(judge, job, subject, verdicts)
            if unseen := binding.unseen(judge.rule.scope):
                verdicts.undecided.append(OpenJudgement(judge.rule, job, (), unseen))
        return verdicts

    def _ask(self, judge: Judge, job: TuningJob, subject: Subject, verdicts: Verdicts) -> None:
        """One rule on one subject. A rule that fails loses its own verdict, and no other."""
        try:
            if judge.violates(subject):
                verdicts.findings.append(_finding(judge, job, subject))
        except Undecided as error:
            causes = tuple(subject.causes(judge.reads))
            if causes:
                verdicts.undecided.append(OpenJudgement(judge.rule, job, subject.root, causes))
            else:
                verdicts.failures.append(_failure(judge, job, f"undecided for no reason: {error}"))
        except (EvaluationError, ExpressionError) as error:
            verdicts.failures.append(_failure(judge, job, str(error)))
        except Exception as error:
            if debugging():
                raise
            verdicts.failures.append(_failure(judge, job, described(error)))


def _failure(judge: Judge, job: TuningJob, reason: str) -> RuleFailure:
    return RuleFailure(judge.rule, shortened(reason), job.source.name)


def _stands(request: Node, path: Path, value: ScalarValue) -> bool:
    """Whether a value is there already, so that a fix need not set it."""
    node = follow(request, path)
    return isinstance(node, Scalar) and type(node.value) is type(value) and node.value == value


def _finding(judge: Judge, job: TuningJob, subject: Subject) -> Finding:
    rule = judge.rule
    path, span = _place(job, subject.root, rule.at)
    if subject.span is not None and not rule.at:
        span = subject.span
    return Finding(
        rule,
        job.source.name,
        span,
        tuple(job.spelling.at(path).sentence(sentence) for sentence in judge.sentences(subject)),
        path,
        job,
        tuple(_related(job, subject.root, rule.related)),
        judge.fix(subject, job),
    )


def _place(job: TuningJob, root: Path, at: list[str]) -> tuple[Path, Span]:
    """The first of the rule's paths that was written; if none was, the nearest written parent's anchor."""
    paths: list[Path] = [(*root, *parse_path(text)) for text in at] or [root]
    for path in paths:
        span, written = place(job.request, path)
        if written:
            return path, span
    return paths[0], place(job.request, paths[0])[0]


def _related(job: TuningJob, root: Path, related: list[str]) -> Iterator[tuple[Span, str]]:
    for text in related:
        path = (*root, *parse_path(text))
        span, written = place(job.request, path)
        if written:
            yield span, job.spelling.at(path).name(text.rpartition(".")[2])


def _shape_findings(rule: Rule, job: TuningJob) -> list[Finding]:
    from hpolint.schema.check import shape_errors  # jsonschema: only where there is a job

    return [
        Finding(
            rule,
            job.source.name,
            error.span,
            tuple(error.message),
            error.path,
            job,
            fix=Fix("safe", dict(error.set), (), error.rename) if error.set or error.rename else None,
        )
        for error in shape_errors(job)
    ]
