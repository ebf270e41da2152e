"""The print that a finding about the objective shows, and how much of it the expression matches."""

from __future__ import annotations

from hpolint.facts.metric_match import MatchingPrints, finds, matching_prints, similarity
from hpolint.facts.regex import ExpressionTooCostlyError, Regex
from hpolint.facts.space import RangeSet
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Path, Struct
from hpolint.model.training_script import Print, Script, Template, Wildcard

MIN_SIMILARITY = 0.5
"""Similarity (0 to 1) from which a print that the expression does not match is shown."""

MIN_LETTERS = 3
"""Matching letters from which the match is described."""

NUMBERS = dict.fromkeys(("number", "scientific", "figures"), "the number")
UNIT_NAMES = {**NUMBERS, "\t": "the tab", " ": "the space", "`": "the backtick"}
MAX_SHOWN_CHARACTERS = 40
ANYTHING = lazy_regex(r"\.[*+{]|\\[SWD][*+{]|\[\^")
"""Parts of an expression that match to the end of nearly every line, so that such a match says nothing."""


def likely_prints(request: Struct, definition: Path, script: Script, sets: list[RangeSet]) -> list[tuple[Print, str]]:
    """The print that a finding shows, with a description: one that the expression matches, or else the most similar."""
    found = matching_prints(request, definition, script, sets)
    if found is None:
        return []
    try:
        return _likely_prints(found, script)
    except ExpressionTooCostlyError:
        return []


def _likely_prints(found: MatchingPrints, script: Script) -> list[tuple[Print, str]]:
    sure = [each for each in found.prints if each.is_sure and finds(found.expression, script.lines(each, found.given))]
    if found.prints:
        return [((sure or found.prints)[0], "this is printed")]
    most_similar = _most_similar(found.text, script)
    if most_similar is None:
        return []
    return [(most_similar, f"this is printed{_fit(found.text, found.expression, script.lines(most_similar)[0])}")]


def _most_similar(text: str, script: Script) -> Print | None:
    best = max(script.prints, key=lambda each: similarity(text, each), default=None)
    return best if best is not None and similarity(text, best) >= MIN_SIMILARITY else None


def _fit(text: str, expression: Regex, line: Template) -> str:
    """The end of a description: how much of a line the expression matches; empty if the match says nothing."""
    units, next_ = expression.fit(line)
    letters = sum(isinstance(each, str) and each.isalpha() for each in units)
    if letters < MIN_LETTERS or (next_ is None and ANYTHING.search(text)):
        return ""
    known = "".join(each if isinstance(each, str) else "…" for each in units)
    shown = known if len(known) <= MAX_SHOWN_CHARACTERS else f"…{known[-MAX_SHOWN_CHARACTERS:]}"
    matches = f": the expression matches `{shown}`"
    return (
        f"{matches}, but not {_unit_name(next_)} after it" if next_ is not None else f"{matches}, where the line ends"
    )


def _unit_name(unit: str | Wildcard) -> str:
    """The next character or wildcard of a line, in words."""
    kind = unit.kind if isinstance(unit, Wildcard) else unit
    return UNIT_NAMES.get(kind, f"the `{unit}`" if isinstance(unit, str) else "what is printed")
