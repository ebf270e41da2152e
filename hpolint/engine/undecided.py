"""Findings for rules that must be decided: which value is unknown, and how to make it known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from hpolint.lazy_regex import lazy_regex
from hpolint.model.finding import UNREAD_LAUNCH, Finding, Related, UndecidedJudgement
from hpolint.model.job import TuningJob
from hpolint.model.level import LEVELS
from hpolint.model.message_text import joined_words, path_of, reason_text, subject_text
from hpolint.model.node import Path, Unknown, path_text
from hpolint.model.reasons import Kind
from hpolint.model.rule import Rule
from hpolint.model.source import FILE_START, Source, Span

JOB_NAME = lazy_regex(r"\w*hyper_?parameter_?tun\w*", re.IGNORECASE)
MAX_NAMED_RULES = 3
"""Rules that the message about a file that is not read lists by name."""

MAX_RELATED = 10
"""Further places that the finding about launches that are not read lists."""

EXCLUDE = "If it defines no job, or its output is checked elsewhere, such as the CDK's `cdk.out`, `exclude` it"

REMEDIES = {
    Kind.TEMPLATE_PARAMETER: "or give the parameter `AllowedValues` that all satisfy the rule",
    Kind.TERRAFORM_VARIABLE: "or give it a validation, `contains([…], var.NAME)`, whose values all satisfy the rule",
    Kind.PIPELINE_PARAMETER: "or give the pipeline's parameter `EnumValues` that all satisfy the rule",
    Kind.COMMAND_LINE_OPTION: "or give the option choices that all satisfy the rule",
}
"""How each kind of parameter declares its allowed values, which decide a rule like a written value."""


def demanded_findings(judgements: Iterable[UndecidedJudgement]) -> tuple[list[Finding], list[UndecidedJudgement]]:
    """The findings for undecided judgements of rules that must be decided, each once, and the other judgements."""
    findings: dict[tuple[Any, ...], Finding] = {}
    left: list[UndecidedJudgement] = []
    for judgement in judgements:
        if judgement.rule.undecided == "off" or not judgement.causes:
            left.append(judgement)
            continue
        finding = _finding(judgement)
        findings.setdefault((finding.rule.id, finding.span, finding.message), finding)
    return list(findings.values()), left


def _finding(judgement: UndecidedJudgement) -> Finding:
    first, *others = judgement.causes
    job, rule = judgement.launched or judgement.job, judgement.rule
    path = path_of(job, first) or judgement.path
    sentences = [
        f"{subject_text(job, first)}{reason_text(first)}, so `{rule.id}` cannot be decided, but a decision is required",
        f"Write the value here{_remedy(first)}",
    ]
    return Finding(
        rule,
        _level(rule),
        job.source.name,
        first.span,
        tuple((sentence,) for sentence in sentences),
        path,
        judgement.job,
        tuple(Related(each.span, subject_text(job, each).strip() or "also unknown") for each in others),
        fingerprint=f"undecided {path_text(path)}",
        undecided=first,
        launches=judgement.launches,
    )


def unread_launches_of_job(rules: Iterable[Rule], job: TuningJob) -> list[Finding]:
    """The finding of all locked rules about a job, some of whose launches are not read; empty without a locked rule."""
    locked = [rule for rule in rules if rule.fails_from is not None and rule.condition is not None]
    if not job.has_more_launches or not locked:
        return []
    start = "This tuning job has more launches than hpolint judges"
    sentences = (
        (f"{start}, so {_names_of(locked)} cannot be checked for all of them",),
        ("Call the function that launches it less often, or not by itself",),
    )
    rule = min(locked, key=lambda rule: LEVELS.index(rule.levels[0]))
    return [
        Finding(rule, rule.levels[0], job.source.name, job.request.anchor, sentences, (), job, fingerprint="launches")
    ]


def too_many_launches(rule: Rule, job: TuningJob, path: Path, span: Span) -> Finding:
    """The finding about a job with more launches than a locked rule is judged for."""
    sentences = (
        (f"This tuning job has more launches than hpolint judges, so `{rule.id}` is not checked for all of them",),
        ("Write the values of the launches in a shorter list",),
    )
    return Finding(rule, rule.levels[0], job.source.name, span, sentences, path, job, fingerprint="launches")


def _remedy(cause: Unknown) -> str:
    """The alternative to writing the value, for the message; empty if there is none."""
    if cause.choices:
        return ", or leave only values that satisfy the rule"
    if cause.kind is Kind.CONFIG_FILE:
        return ", or set `sdk-config` (its path, or `none`) in the configuration that locks the rule"
    if cause.pieces:
        return ""  # no single parameter holds all of a partly known string
    return f", {REMEDIES[cause.kind]}" if cause.kind in REMEDIES else ""


def unread_findings(rules: Iterable[Rule], source: Source, reason: str, *, is_named: bool = True) -> list[Finding]:
    """The finding about a file that names a tuning job and yields none, for all rules that must be decided.

    It is that of the rule with the most severe level, a locked one first; empty if no rule must be decided.
    ``is_named`` is False if only a part of the file was searched, so that it may name one.
    """
    found = _demanding(rules)
    if found is None:
        return []
    rule, words = found
    start = f"This file {'names' if is_named else 'may name'} a tuning job, and {reason}"
    sentences = (
        (f"{start}: {words} cannot be decided, but a decision is required",),
        (EXCLUDE,),
    )
    return [Finding(rule, _level(rule), source.name, _name_span(source), sentences, fingerprint="undecided")]


def unread_launch_findings(
    rules: Iterable[Rule], source: Source, places: list[Span], *, has_jobs: bool
) -> list[Finding]:
    """The finding about places that may launch a job that was not read, for all rules that must be decided.

    It is at the first of ``places``, with the others as related places; empty if no rule must be decided.
    ``has_jobs``: other jobs of the source were read, so that it is not to be excluded.
    """
    start = "A tuning job may be launched here, in a form that hpolint does not read"
    advice = "Launch it in a form that hpolint reads, or move it to a file of its own and `exclude` that"
    return _place_findings(rules, source, places, start, advice if has_jobs else EXCLUDE)


def unread_text_findings(rules: Iterable[Rule], source: Source, places: list[Span], advice: str) -> list[Finding]:
    """The finding about launches in a text that no reader reads, for all rules that must be decided."""
    start = "A tuning job is launched here, in a file that hpolint does not read"
    return _place_findings(rules, source, places, start, advice)


def import_findings(
    rules: Iterable[Rule], source: Source, places: list[Span], module: str, *, has_tuners: bool = False
) -> list[Finding]:
    """The finding about imports of a ``module`` that launches a job, for all rules that must be decided.

    ``has_tuners``: the module launches none itself, but defines the class of a tuner that the source constructs.
    """
    if has_tuners:
        start = f"`{module}` defines a tuner, and this file may launch a job with it, which hpolint does not read"
        advice = "Import `HyperparameterTuner` here, too, so that hpolint reads this file, or `exclude` it"
    else:
        start = f"`{module}` launches a tuning job, and this file may launch it with other values"
        advice = "Have the module itself write all values, or `exclude` this file if it launches nothing"
    return _place_findings(rules, source, places, start, advice)


def _place_findings(
    rules: Iterable[Rule], source: Source, places: list[Span], start: str, advice: str
) -> list[Finding]:
    found = _demanding(rules)
    if found is None or not places:
        return []
    rule, words = found
    sentences = ((f"{start}: {words} cannot be decided, but a decision is required",), (advice,))
    others = tuple(Related(each, "here, too") for each in places[1 : MAX_RELATED + 1])
    return [Finding(rule, _level(rule), source.name, places[0], sentences, related=others, fingerprint=UNREAD_LAUNCH)]


def _demanding(rules: Iterable[Rule]) -> tuple[Rule, str] | None:
    """Of the rules that must be decided, that with the most severe level, a locked one first, and all in words."""
    demanding = [rule for rule in rules if rule.undecided != "off"]
    if not demanding:
        return None
    return min(demanding, key=lambda each: (LEVELS.index(_level(each)), each.fails_from is None)), _names_of(demanding)


def _names_of(rules: list[Rule]) -> str:
    """Some rules in words, by name as far as they are few."""
    names = [f"`{rule.id}`" for rule in rules[:MAX_NAMED_RULES]]
    more = len(rules) - len(names)
    return f"{', '.join(names)} and {more} more" if more else joined_words(names)


def _name_span(source: Source) -> Span:
    """The first word in a file that names a tuning job; the start of the file if there is none."""
    found = JOB_NAME.search(source.text)
    return source.span(*found.span()) if found is not None else FILE_START


def _level(rule: Rule) -> Any:
    return rule.undecided
