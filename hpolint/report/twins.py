"""Findings of several jobs about one value: reports show one of them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Protocol, TypeVar

from hpolint.model.node import Path
from hpolint.model.source import Span


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


class Placed(Protocol):
    """What a finding and its record have in common."""

    @property
    def rule(self) -> _HasId: ...
    @property
    def source(self) -> str: ...
    @property
    def span(self) -> Span: ...
    @property
    def path(self) -> Path: ...
    @property
    def text(self) -> tuple[str, ...]: ...


Item = TypeVar("Item", bound=Placed)


def merged(findings: Iterable[Item]) -> list[list[Item]]:
    """The findings in the order of their places, those with one place, rule and text in one list."""
    groups: list[list[Item]] = []
    for _, group in groupby(sorted(findings, key=_order), key=_place):
        together = list(group)
        if len(together) == 1:  # texts are rendered only if needed
            groups.append(together)
            continue
        by_text: dict[tuple[str, ...], list[Item]] = {}
        for finding in together:
            by_text.setdefault(finding.text, []).append(finding)
        groups += by_text.values()
    return groups


def _place(finding: Placed) -> tuple[str, Span, str]:
    return finding.source, finding.span, finding.rule.id


def _order(finding: Placed) -> tuple[object, ...]:
    return *_place(finding), tuple(map(str, finding.path))
