"""Comments inside calls, which may document a decision against a rule's advice."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

from hpolint.lazy_regex import lazy_regex
from hpolint.model.ignore_comment import MARK
from hpolint.model.job import Observation
from hpolint.model.node import Struct
from hpolint.model.observations import SpotTurnedDown
from hpolint.model.source import Source, Span

SPOT = lazy_regex(r"(?<![a-z])spot(?![a-z])", re.IGNORECASE)
"""The word, also as part of a name such as ``use_spot_instances``."""

MAX_LINES = 60
"""Limit of a call's lines that are searched."""


def spot_comments(source: Source, request: Struct) -> list[Observation]:
    """One observation if the call or dict of the only definition contains a comment about spot capacity."""
    definition = request.members.get("TrainingJobDefinition")
    if not isinstance(definition, Struct):
        return []
    place = definition.span if definition.name is not None else definition.anchor
    if not _has_spot_comment(source, place):
        return []
    return [Observation(("TrainingJobDefinition",), place, SpotTurnedDown())]


def _has_spot_comment(source: Source, place: Span) -> bool:
    """Whether the brackets that open after a place, or their last line, contain a comment about spot capacity."""
    cell = source.in_cell(place) if source.cells else None
    text, span = (source, place) if cell is None else (cell[0].text, cell[1])
    lines = text.text.split("\n")[span.line - 1 : span.line - 1 + MAX_LINES]
    if not any(SPOT.search(line) and "#" in line for line in lines):
        return False
    lines[0] = lines[0][span.column - 1 :]
    try:
        return any(SPOT.search(comment) and MARK not in comment for comment in _comments("\n".join(lines)))
    except (tokenize.TokenError, SyntaxError):  # the call exceeds the line limit, or is not valid Python
        return False


def _comments(text: str) -> Iterator[str]:
    """The comments up to the end of the first statement, or of its brackets if it begins within some."""
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
        elif token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
        elif token.type in (tokenize.NEWLINE, tokenize.ENDMARKER) and depth <= 0:
            return
