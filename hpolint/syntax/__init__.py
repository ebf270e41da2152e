"""Parsers from the text of one syntax to the node tree, with a span for every value and key."""

from __future__ import annotations

from hpolint.model.source import Span

MAX_DEPTH = 200
"""Largest depth of nesting that is read, in levels. The deepest request that the service accepts has 9."""

MAX_VALUES = 500_000
"""Limit of the values in one file, counting those of YAML's aliases each time. It stops YAML bombs."""


class SyntaxProblem(Exception):
    """A document that does not parse: the parser's reason and the place."""

    def __init__(self, reason: str, span: Span) -> None:
        super().__init__(reason, span)
        self.reason = reason
        self.span = span

    def __str__(self) -> str:
        return f"{self.reason} (line {self.span.line}, column {self.span.column})"
