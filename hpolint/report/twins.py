"""Findings of several jobs about one value: reports show one of them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TypeVar

from hpolint.model.finding import Finding
from hpolint.model.source import Span
from hpolint.report.records import Diagnostic

Item = TypeVar("Item", Finding, Diagnostic)


def merged(findings: Iterable[Item]) -> list[list[Item]]:
    """The findings in the order of their places, those with one place, rule and text in one list."""
    groups: list[list[Item]] = []
    for _, group in groupby(sorted(findings, key=_order), key=_place):
        by_text: dict[tuple[str, ...], list[Item]] = {}
        for finding in group:
            by_text.setdefault(finding.text, []).append(finding)
        groups += by_text.values()
    return groups


def _place(finding: Finding | Diagnostic) -> tuple[str, Span, str]:
    return finding.source, finding.span, finding.rule.id


def _order(finding: Finding | Diagnostic) -> tuple[object, ...]:
    return *_place(finding), tuple(map(str, finding.path))
