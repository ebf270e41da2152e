"""Comments inside calls, which may document a decision against a rule's advice."""

from __future__ import annotations

import io
import re
import tokenize

from hpolint.lazy_regex import lazy_regex
from hpolint.model.ignore_comment import MARK
from hpolint.model.job import Observation
from hpolint.model.node import Path, Struct
from hpolint.model.observations import SpotTurnedDown
from hpolint.model.source import Source, Span

SPOT = lazy_regex(r"(?<![a-z])spot(?![a-z])", re.IGNORECASE)
"""The word, also as part of a name such as ``use_spot_instances``."""

MAX_LINES = 60
"""Limit of a call's lines that are searched."""


def spot_comments(source: Source, request: Struct) -> list[Observation]:
    """One observation for each definition whose call or dict contains a comment about spot capacity."""
    found = []
    for path, definition in _definitions(request):
        place = definition.span if definition.name is not None else definition.anchor
        if _has_spot_comment(source, place):
            found.append(Observation(path, place, SpotTurnedDown()))
    return found


def _definitions(request: Struct) -> list[tuple[Path, Struct]]:
    sole = request.members.get("TrainingJobDefinition")
    return [(("TrainingJobDefinition",), sole)] if isinstance(sole, Struct) else []


def _has_spot_comment(source: Source, place: Span) -> bool:
    """Whether the brackets that open after a place, or their last line, contain a comment about spot capacity."""
    cell = source.in_cell(place) if source.cells else None
    text, span = (source, place) if cell is None else (cell[0].text, cell[1])
    lines = text.text.split("\n")[span.line - 1 : span.line - 1 + MAX_LINES]
    if not lines or not any(SPOT.search(line) and "#" in line for line in lines):
        return False
    lines[0] = lines[0][span.column - 1 :]
    depth = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
            if token.type == tokenize.COMMENT and SPOT.search(token.string) and MARK not in token.string:
                return True
            if token.type == tokenize.OP:
                depth += (token.string in "([{") - (token.string in ")]}")
            if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER) and depth <= 0:
                return False
    except (tokenize.TokenError, SyntaxError):  # the call exceeds the line limit, or is not valid Python
        pass
    return False
