"""The print that a finding about the objective shows, and how much of it the expression matches."""

from __future__ import annotations

from hpolint.facts.metric_match import MatchingPrints, matching_prints, similarity
from hpolint.facts.regex import ExpressionTooCostlyError, Regex
from hpolint.facts.space import RangeSet
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Path, Struct
from hpolint.model.training_script import Print, ScriptOutput, Template, Wildcard

MIN_SIMILARITY = 0.5
"""Similarity (0 to 1) from which a print that the expression does not match is shown."""

MIN_LETTERS = 3
"""Matching letters from which the match is described."""

NUMBERS = dict.fromkeys(("number", "whole", "scientific", "figures"), "the number")
UNIT_NAMES = {**NUMBERS, "\t": "the tab", " ": "the space", "`": "the backtick"}
MAX_SHOWN_CHARACTERS = 40
ANYTHING = lazy_regex(r"\.[*+{]|\\[SWD][*+{]|\[\^")
"""Parts of an expression that match to the end of nearly every line, so that such a match says nothing."""


def likely_prints(
    request: Struct, definition: Path, output: ScriptOutput, sets: list[RangeSet]
) -> list[tuple[Print, str]]:
    """The print that a finding shows, with a description: one that the expression matches, or else the most similar."""
    matching = matching_prints(request, definition, output, sets)
    if matching is None:
        return []
    try:
        return _likely_prints(matching, output)
    except ExpressionTooCostlyError:
        return []


def _likely_prints(matching: MatchingPrints, output: ScriptOutput) -> list[tuple[Print, str]]:
    shown = next(iter(matching.sure(output) or matching.prints), None)
    if shown is not None:
        return [(shown, "this is printed")]
    similar = max(output.prints, key=lambda shown: similarity(matching.text, shown), default=None)
    if similar is None or similarity(matching.text, similar) < MIN_SIMILARITY:
        return []
    return [(similar, f"this is printed{_fit(matching.text, matching.expression, output.lines(similar)[0])}")]


def _fit(text: str, expression: Regex, line: Template) -> str:
    """The end of a description: how much of a line the expression matches; empty if the match says nothing."""
    units, next_ = expression.fit(line)
    letters = sum(isinstance(unit, str) and unit.isalpha() for unit in units)
    if letters < MIN_LETTERS or (next_ is None and ANYTHING.search(text)):
        return ""
    known = "".join(unit if isinstance(unit, str) else "…" for unit in units)
    if len(known) > MAX_SHOWN_CHARACTERS:
        known = f"…{known[-MAX_SHOWN_CHARACTERS:]}"
    after = "where the line ends" if next_ is None else f"but not {_unit_name(next_)} after it"
    return f": the expression matches `{known}`, {after}"


def _unit_name(unit: str | Wildcard) -> str:
    """The next character or wildcard of a line, in words."""
    if isinstance(unit, Wildcard):
        return UNIT_NAMES.get(unit.kind, "what is printed")
    return UNIT_NAMES.get(unit, f"the `{unit}`")
