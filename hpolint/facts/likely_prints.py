"""The print that a finding about the objective shows, and how far the expression fits it."""

from __future__ import annotations

import re

from hpolint.facts.metric_match import argument_wildcard, finds, likeness, may_find, objective_expression
from hpolint.facts.regex import NoRegexError, Regex
from hpolint.facts.space import RangeSet
from hpolint.model.node import Path, Struct
from hpolint.model.training_script import Print, Script, Template, Wildcard

LIKE_PRINT = 0.5
"""From which likeness on a print is shown that the expression does not find."""

FEWEST = 3
"""Of fewer letters that fit nothing is said."""

NEXT = {"number": "the number", "figures": "the number", "\t": "the tab", " ": "the space", "`": "the backtick"}
SHORT = 40
ANYTHING = re.compile(r"\.[*+{]|\\[SWD][*+{]|\[\^")
"""What of an expression goes on to the end of nearly every line, and tells nothing by it."""


def likely_prints(request: Struct, definition: Path, script: Script, sets: list[RangeSet]) -> list[tuple[Print, str]]:
    """The print that a finding shows, with what is said of it: one that the expression finds, else the likest."""
    text = objective_expression(request, definition)
    if not isinstance(text, str):
        return []
    try:
        expression = Regex(text)
    except NoRegexError:
        return []
    given = argument_wildcard(request, definition, sets)
    found = [each for each in script.prints if may_find(expression, script.lines(each, given))]
    sure = [each for each in found if each.is_sure and finds(expression, script.lines(each, given))]
    if found:
        return [((sure or found)[0], "this is printed")]
    likest = _likest(text, script)
    return [] if likest is None else [(likest, f"this is printed{_fit(text, expression, script.lines(likest)[0])}")]


def _likest(text: str, script: Script) -> Print | None:
    best = max(script.prints, key=lambda each: likeness(text, each), default=None)
    return best if best is not None and likeness(text, best) >= LIKE_PRINT else None


def _fit(text: str, expression: Regex, line: Template) -> str:
    """How far an expression fits a line that it does not find; nothing where it takes all that comes."""
    units, behind = expression.fit(line)
    letters = sum(isinstance(each, str) and each.isalpha() for each in units)
    if letters < FEWEST or (behind is None and ANYTHING.search(text)):
        return ""
    known = "".join(each if isinstance(each, str) else "…" for each in units)
    shown = known if len(known) <= SHORT else f"…{known[-SHORT:]}"
    fits = f": the expression fits `{shown}`"
    return f"{fits}, but not {_next(behind)} behind it" if behind is not None else f"{fits}, where the line ends"


def _next(unit: str | Wildcard) -> str:
    """What comes next in a line, in words."""
    kind = unit.kind if isinstance(unit, Wildcard) else unit
    return NEXT.get(kind, f"the `{unit}`" if isinstance(unit, str) else "what is printed")
