"""One rule on one subject: the verdict, the level, the message and the fix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from hpolint.cel.conjuncts import Conjunct
from hpolint.cel.runtime import EvaluationError, Expression, Undecided
from hpolint.cel.type_checks import Key
from hpolint.engine.evaluation_context import Subject
from hpolint.engine.failures import failure_reason
from hpolint.facts.measurements import effect_of
from hpolint.lazy_regex import lazy_regex
from hpolint.model.fix import Correction, Fix
from hpolint.model.job import TuningJob
from hpolint.model.level import Level
from hpolint.model.message_parts import Advice, Sentence
from hpolint.model.node import Node, Path, Scalar, ScalarValue, Unknown, follow, parse_path
from hpolint.model.rule import FixTemplate, Rule, RuleSentence
from hpolint.registry.compiled_expressions import Expressions, conjuncts_of, environment
from hpolint.registry.message_templates import Segment, parse_template, render
from hpolint.registry.vocabulary import types

WORD = lazy_regex(r"[a-z_]+")
JOB, NAME = "job", "name"
"""Where a condition finds the job's name."""


class Judge:
    """A compiled rule with its configured options."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._own = {"options": {name: option.default for name, option in rule.options.items()}, "data": rule.data}
        self._expressions = Expressions(rule)
        self._templates: dict[str, list[Segment]] = {}

    @cached_property
    def condition(self) -> str:
        """The condition with the names of ``let`` expanded."""
        return self._expressions.expanded(self.rule.condition or "").text

    @cached_property
    def names(self) -> frozenset[str]:
        """All lower-case words of the condition, which include the names that it may read."""
        return frozenset(WORD.findall(self.condition))

    @cached_property
    def _conjuncts(self) -> tuple[Conjunct, ...]:
        return tuple(each.with_rule_values(self._own) for each in conjuncts_of(self.condition))

    def violates(self, subject: Subject) -> bool:
        """Whether the subject violates the rule. Raises Undecided or EvaluationError."""
        if any(each.fails(subject.values) for each in self._conjuncts):
            return False
        needed = {name: value for name, value in subject.values.items() if name in self.names}
        return bool(self._when.evaluate(environment().bind({**needed, **self._own})))

    @cached_property
    def _when(self) -> Expression:
        """The compiled condition; compiled for the first subject that the conjuncts do not decide."""
        return self._expressions.compiled(self.rule.condition or "false")

    @cached_property
    def name_patterns(self) -> set[str] | None:
        """The patterns by which the condition judges the job's name; None if it uses the name in another way."""
        return self._when.text_patterns((JOB, NAME), self._own)

    @cached_property
    def reads(self) -> frozenset[Key]:
        """The paths that the condition reads."""
        return self._when.check(types(self.rule)).reads

    def level(self, subject: Subject) -> Level:
        """The level of a violation; the rule's lowest level if it depends on an unknown value."""
        if not self.rule.level.startswith("{"):
            return self.rule.levels[0]
        try:
            found = self._value(self.rule.level[1:-1], self._bind(subject))
        except Undecided:
            found = None
        return next((level for level in self.rule.levels if level == found), self.rule.levels[-1])

    def sentences(
        self, subject: Subject, names: Sequence[str], count: int, mistakes: list[str]
    ) -> tuple[Sentence, ...]:
        """The message without sentences that need an unknown or null value; the rule's summary if none is left.

        ``names`` are the names of all ``count`` subjects of the finding. A sentence that fails is left out, and the
        reason is added to ``mistakes``.
        """
        bound = self._bind(subject, names, count)
        found = [self._sentence(index, subject, bound, mistakes) for index in range(len(self.rule.message))]
        return tuple(sentence for sentence in found if sentence) or ((self.rule.summary,),)

    def sentence(
        self, index: int, subject: Subject, names: Sequence[str], count: int, mistakes: list[str]
    ) -> Sentence | None:
        """One sentence of the message; None if it is left out, or fails: then ``mistakes`` get the reason."""
        return self._sentence(index, subject, self._bind(subject, names, count), mistakes)

    def shared_sentences(
        self, index: int, subjects: Sequence[Subject], names: Sequence[str], count: int, mistakes: list[str]
    ) -> list[Sentence]:
        """A sentence as it reads for several subjects: once for those for which only the format ``each`` differs.

        A sentence that fails is left out, and the reason is added to ``mistakes``.
        """
        alike: dict[Sentence, list[Subject]] = {}
        for subject in subjects:
            bound = self._bind(subject, names, count)
            form = self._sentence(index, subject, bound, mistakes, lambda _: [""])
            if form:
                alike.setdefault(form, []).append(subject)
        template = self.rule.message[index]
        if ":each}" not in f"{template.say}{template.otherwise}":
            return list(alike)
        found = []
        for form, members in alike.items():
            shared = self._shared(index, members, names, count, mistakes)
            found.append(shared or form)
        return found

    def _shared(
        self, index: int, subjects: Sequence[Subject], names: Sequence[str], count: int, mistakes: list[str]
    ) -> Sentence | None:
        bounds = [self._bind(subject, names, count) for subject in subjects]

        def values(text: str) -> list[Any]:
            return list(dict.fromkeys(self._sentence_value(text, bound) for bound in bounds))

        return self._sentence(index, subjects[0], bounds[0], mistakes, values)

    def fix(self, subject: Subject, job: TuningJob, mistakes: list[str]) -> Fix | None:
        """The fix; None if it needs an unknown or null value, or if the job is already launched.

        None as well if it fails: then ``mistakes`` get the reason.
        """
        if self.rule.fix is None or job.is_launched:
            return None
        try:
            return self._fix(self.rule.fix, subject, job)
        except Exception as error:  # noqa: BLE001 - the finding holds without its fix
            mistakes.append(failure_reason(error))
            return None

    def _fix(self, template: FixTemplate, subject: Subject, job: TuningJob) -> Fix | None:
        request = job.request
        bound = self._bind(subject)
        try:
            set_ = self._set(subject, bound)
            safety = self._filled(template.safety, bound)
        except Undecided:
            return None
        if set_ is None or safety is None:
            return None
        if any(isinstance(follow(request, path), Unknown) for path in set_):
            return None  # an unknown value is never overwritten
        set_ = {path: value for path, value in set_.items() if not _is_set(request, path, value)}
        correction = subject.correction(template.script) if template.script is not None else Correction()
        return _some_fix(Fix(str(safety), {**set_, **correction.set}, self._remove(subject), script=correction.script))

    def _remove(self, subject: Subject) -> tuple[Path, ...]:
        """The paths that the fix removes, of those that are in the request."""
        template = self.rule.fix
        paths = ((*subject.root, *parse_path(path)) for path in (template.remove if template is not None else ()))
        return tuple(path for path in paths if follow(subject.request, path) is not None)

    def _set(self, subject: Subject, bound: Any) -> dict[Path, ScalarValue] | None:
        """The values that the fix sets, by path in the request; None if it needs a null value or does not apply."""
        template = self.rule.fix
        if template is None or (template.when is not None and not self._value(template.when, bound)):
            return None
        values = {path: self._filled(value, bound) for path, value in template.set.items()}
        if any(value is None for value in values.values()):
            return None
        return {(*subject.root, *parse_path(path)): value for path, value in values.items()}

    def _bind(self, subject: Subject, names: Sequence[str] = (), count: int = 1) -> Any:
        own = {**self._own, "names": list(names), "count": count}
        return environment().bind({**subject.values, **own})

    def _sentence(
        self,
        index: int,
        subject: Subject,
        bound: Any,
        mistakes: list[str],
        collect: Callable[[str], list[Any]] | None = None,
    ) -> Sentence | None:
        try:
            return self._rendered(index, subject, bound, collect)
        except Undecided:
            return None
        except Exception as error:  # noqa: BLE001 - the finding holds without this sentence
            is_format = isinstance(error, ValueError | TypeError)  # one for another type of value
            mistakes.append(failure_reason(EvaluationError(str(error)) if is_format else error))
            return None

    def _rendered(
        self, index: int, subject: Subject, bound: Any, collect: Callable[[str], list[Any]] | None
    ) -> Sentence | None:
        sentence = self.rule.message[index]
        holds = self._is_true(sentence.when, bound)
        if holds is None and index > 0:  # undecided; only the first sentence is always printed
            return None
        text = sentence.say if holds else sentence.otherwise
        if text is None:
            return None
        if text not in self._templates:
            self._templates[text] = parse_template(text)
        return render(
            self._templates[text],
            lambda each: self._sentence_value(each, bound),
            lambda: self._advice(subject, bound),
            lambda: self._measured(sentence, bound),
            collect,
        )

    def _measured(self, sentence: RuleSentence, bound: Any) -> str | None:
        """What the sentence's experiment found for the values of the job; None outside of what was measured."""
        values = [self._value(each, bound) for each in sentence.where]
        return effect_of(sentence.measured or "", values)

    def _is_true(self, when: str | None, bound: Any) -> bool | None:
        """Whether a sentence's condition holds; None if it is undecided."""
        try:
            return when is None or bool(self._value(when, bound))
        except Undecided:
            return None

    def _advice(self, subject: Subject, bound: Any) -> Advice | None:
        """What the fix would set and remove, without values that are already set; None if nothing is left."""
        set_ = self._set(subject, bound)
        if set_ is None:
            return None
        missing = [(path, value) for path, value in set_.items() if not _is_set(subject.request, path, value)]
        removed = self._remove(subject)
        return Advice(tuple(missing), removed) if missing or removed else None

    def _filled(self, value: ScalarValue, bound: Any) -> ScalarValue:
        """A value of the form ``{CEL}`` evaluated, with the expression's type; any other value unchanged."""
        if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
            filled: ScalarValue = self._value(value[1:-1], bound)
            return filled
        return value

    def _sentence_value(self, text: str, bound: Any) -> Any:
        """A value for a sentence, with long strings cut."""
        return self._expressions.compiled(text).evaluate(bound, cut=True)

    def _value(self, text: str, bound: Any) -> Any:
        return self._expressions.compiled(text).evaluate(bound)


def _some_fix(fix: Fix) -> Fix | None:
    """A fix; None if it changes nothing."""
    return fix if fix.set or fix.remove or fix.script else None


def _is_set(request: Node, path: Path, value: ScalarValue) -> bool:
    """Whether the request already has this value at a path."""
    node = follow(request, path)
    return isinstance(node, Scalar) and type(node.value) is type(value) and node.value == value
