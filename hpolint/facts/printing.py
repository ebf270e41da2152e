"""Whether a training script prints what the objective's expression finds."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from hpolint.facts.objective import objective_facts
from hpolint.facts.reading import doubted
from hpolint.node import Array, Path, Scalar, Struct, Unknown, follow
from hpolint.regex import NoRegexError, Regex
from hpolint.script import Doubt, Hole, Print, Script, Template
from hpolint.source import Span

NUMBERS = ("0.4321", "7", "12.5")
"""What is tried for a number that is printed."""

TEXTS = ("", "x", "tensor(0.5)", "3.25")
"""What is tried for any other text."""

LIKE_PRINT = 0.5
"""From which likeness on a print is shown that the expression does not find."""


def printing_facts(
    request: Struct, definition: Path, script: Script, at: Span
) -> tuple[bool | Unknown | None, bool | Unknown | None, str | Unknown | None, bool]:
    """Whether the script prints what the objective's expression finds, whether in a loop, and the expression.

    The last is whether it prints it itself, outside of every loop alone, whatever a library may print.
    """
    text = objective_expression(request, definition)
    if text is None or isinstance(text, Unknown):
        return text, text, text, False
    try:
        expression = Regex(text)
    except NoRegexError as error:
        why = Unknown(f"depends on an expression that is not followed: {error}", at)
        return why, why, text, False
    possible = [each for each in script.prints if may_find(expression, each.line)]
    sure = [each for each in possible if each.is_sure and finds(expression, each.line)]
    if sure:
        if any(each.in_loop for each in possible):
            return True, True, text, False
        if script.other_prints is not None:
            return True, doubted(script.other_prints, at), text, True
        if len({each.site for each in possible}) > 1:
            return True, doubted(Doubt("prints it in several places", sure[0].site), at), text, True
        return True, False, text, True
    if script.other_prints is not None:
        why = doubted(script.other_prints, at)
        return why, why, text, False
    if possible:
        likest = max(possible, key=lambda each: _likeness(text, each))
        why = doubted(Doubt("may print what the expression finds", likest.site), at)
        return why, why, text, False
    return False, False, text, False


def objective_expression(request: Struct, definition: Path) -> str | Unknown | None:
    """The regular expression of the objective's metric; None where it has none."""
    metric = objective_facts(request, definition).metric
    if metric is None or isinstance(metric, Unknown):
        return metric
    metrics = follow(request, (*definition, "AlgorithmSpecification", "MetricDefinitions"))
    if metrics is None or isinstance(metrics, Unknown):
        return metrics
    found: str | Unknown | None = metrics.open if isinstance(metrics, Array) else None
    for item in metrics.items if isinstance(metrics, Array) else ():
        name = item.members.get("Name", item.open) if isinstance(item, Struct) else item
        if isinstance(name, Unknown):
            found = found or name
        elif isinstance(name, Scalar) and name.value == metric and isinstance(item, Struct):
            regex = item.members.get("Regex", item.open)
            if isinstance(regex, Unknown):
                return regex
            return regex.value if isinstance(regex, Scalar) and isinstance(regex.value, str) else None
    return found


def may_find(expression: Regex, line: Template) -> bool:
    """Whether an expression can find something in a line, as it is printed or as the log has its tabs."""
    return any(expression.may_match(each) for each in _as_logged(line))


def finds(expression: Regex, line: Template) -> bool:
    """Whether an expression finds something in a line whatever its numbers are, and whatever else stands in it."""
    if not expression.is_exact:
        return False
    texts = TEXTS if any(isinstance(piece, Hole) and piece.kind == "text" for piece in line) else ("",)
    return all(
        any(expression.matches(_filled(each, number, text)) for each in _as_logged(line))
        for number in NUMBERS
        for text in texts
    )


def _filled(line: Template, number: str, text: str) -> str:
    """A line with one text for each kind of hole."""
    fillings = {"number": number, "text": text}
    return "".join(fillings[piece.kind] if isinstance(piece, Hole) else piece for piece in line)


def _as_logged(line: Template) -> list[Template]:
    """A line as it is printed, and with its tabs as they reach the log.

    Source: the expressions of SageMaker's own XGBoost container.
    """
    tabs = any(isinstance(piece, str) and "\t" in piece for piece in line)
    logged = tuple(piece.replace("\t", "#011") if isinstance(piece, str) else piece for piece in line)
    return [line, logged] if tabs else [line]


def shown_prints(request: Struct, definition: Path, script: Script) -> list[Print]:
    """The prints that a finding shows: those that the expression finds, else the one that is likest."""
    text = objective_expression(request, definition)
    if not isinstance(text, str):
        return []
    try:
        expression = Regex(text)
    except NoRegexError:
        return []
    found = [each for each in script.prints if may_find(expression, each.line)]
    sure = [each for each in found if each.is_sure and finds(expression, each.line)]
    return (sure or found)[:1] or _likest(text, script)


def _likest(text: str, script: Script) -> list[Print]:
    scored = [(_likeness(text, each), each) for each in script.prints]
    best = max(scored, key=lambda item: item[0], default=None)
    return [best[1]] if best is not None and best[0] >= LIKE_PRINT else []


def _likeness(text: str, shown: Print) -> float:
    """How like what is known of a line is to an expression, from 0 to 1."""
    return SequenceMatcher(None, _words(text), _words(_known(shown.line))).ratio()


def _known(line: Template) -> str:
    return "".join(piece for piece in line if isinstance(piece, str))


def _words(text: str) -> str:
    return re.sub(r"\\.|[^A-Za-z]+", " ", text).lower().strip()
