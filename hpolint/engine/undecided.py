"""Findings of rules that demand to be decided: what cannot be told stands there, with what would make it known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from hpolint.model.finding import Finding, Related, UndecidedJudgement
from hpolint.model.message_text import path_of, reason_text, subject_text
from hpolint.model.node import Unknown, path_text
from hpolint.model.reasons import ParameterKind, Reason
from hpolint.model.rule import Rule
from hpolint.model.source import Source, Span

NAMES = re.compile(r"\w*hyper_?parameter_?tun\w*", re.IGNORECASE)
START = Span(1, 1, 1, 2)

REMEDIES: dict[ParameterKind, str] = {
    "template": "or give the parameter `AllowedValues` that all satisfy the rule",
    "terraform": "or give it a validation, `contains([…], var.NAME)`, whose values all satisfy the rule",
    "pipeline": "or give the pipeline's parameter `EnumValues` that all satisfy the rule",
}
"""How each kind of parameter declares its allowed values, which decides the rule as writing the value does."""


def demanded_findings(judgements: Iterable[UndecidedJudgement]) -> tuple[list[Finding], list[UndecidedJudgement]]:
    """The findings of rules for which undecided is one, a cause once for each rule, and the other judgements."""
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
    job, rule = judgement.job, judgement.rule
    path = path_of(job, first) or judgement.path
    sentences = [
        f"{subject_text(job, first)}{reason_text(first)}, so `{rule.id}` cannot be decided, and it must be",
        f"Write the value here{_remedy(first)}",
    ]
    return Finding(
        rule,
        _level(rule),
        job.source.name,
        first.span,
        tuple((sentence,) for sentence in sentences),
        path,
        job,
        tuple(Related(each.span, subject_text(job, each).strip() or "unknown too") for each in others),
        fingerprint=f"undecided {path_text(path)}",
        undecided=first,
    )


def _remedy(cause: Unknown) -> str:
    """What else makes a value known; of one that is one of several, those that the rule would take are needed."""
    if cause.choices:
        return ", or leave only values that satisfy the rule"
    if cause.pieces:
        return ""  # of a text that is partly known no one parameter is all
    kind = cause.reason.parameter if isinstance(cause.reason, Reason) else None
    return f", {REMEDIES[kind]}" if kind is not None else ""


def unread(rules: Iterable[Rule], source: Source, reason: str, *, is_named: bool = True) -> list[Finding]:
    """The findings about a file that names a tuning job and gave none, of the rules that demand to be decided.

    ``is_named`` is False where the file may name one in a part that was not searched.
    """
    named = "names" if is_named else "may name"
    return [
        Finding(
            rule,
            _level(rule),
            source.name,
            _named_at(source),
            (
                (f"This file {named} a tuning job, and {reason}: `{rule.id}` cannot be decided, and it must be",),
                ("If what it makes is checked elsewhere, as the CDK's `cdk.out` is, let `exclude` name it",),
            ),
            fingerprint="undecided",
        )
        for rule in rules
        if rule.undecided != "off"
    ]


def _named_at(source: Source) -> Span:
    """Where a file names a tuning job, as far as that stands in one word."""
    found = NAMES.search(source.text)
    return source.span(*found.span()) if found is not None else START


def _level(rule: Rule) -> Any:
    return rule.undecided
