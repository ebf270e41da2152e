"""Text of one syntax into the node tree, with a span for every value and key."""

from __future__ import annotations

from dataclasses import dataclass

from hpolint.model.source import Span

MAX_DEPTH = 200
"""Levels of nesting that are read. The deepest request that the service takes has 9."""

MAX_VALUES = 500_000
"""Values of one file, those behind YAML's aliases counted each time. A YAML bomb ends here."""


@dataclass
class SyntaxProblem(Exception):
    """A document that does not parse: the parser's reason and the place."""

    reason: str
    span: Span

    def __str__(self) -> str:
        return f"{self.reason} (line {self.span.line}, column {self.span.column})"
