"""One metric definition: what is wrong with its regular expression."""

from __future__ import annotations

import msgspec

from hpolint.facts.metric_expression import EXPONENT, Expression, analysed, of_second_group
from hpolint.facts.metric_match import argument_wildcard, may_find
from hpolint.facts.objective import objective_facts
from hpolint.facts.regex import Regex, UnsupportedRegexError
from hpolint.facts.space import RangeSet
from hpolint.facts.typed_values import required
from hpolint.model.node import Array, Path, Struct, Unknown, follow, place
from hpolint.model.training_script import SCIENTIFIC, Print, Script, Template, Wildcard

MANTISSA, SAMPLE_EXPONENT = "4.3210", "e-05"


class MetricFacts(msgspec.Struct, frozen=True):
    """``metric``: one metric definition of a training job definition."""

    Name: str | Unknown
    """Its name."""
    Regex: str | Unknown
    """Its regular expression."""
    objective: bool | Unknown
    """Whether it is the objective."""
    fault: str | Unknown | None
    """What is wrong with the expression in every common dialect; null if nothing is. ``syntax``: it does not
    compile. ``no-group``: it has no group. ``empty``: the first group always captures an empty text. ``short``: the
    first group always captures one character. ``digit``: it captures one digit, and nothing follows. ``truncated``:
    it captures as little as it can, since it ends with a lazy repetition and nothing follows. ``text``: no group can
    capture a number. ``first``: the first group cannot capture a number, but another can. ``second``: the last word
    of the metric's name is before the second group, and not before the first. ``exponent``: the script prints the
    number with an exponent, and the group ends before it."""
    reason: str | None
    """Why it does not compile; null if it does."""
    fixed: str | None
    """The corrected expression; null if nothing is wrong, or the correction is not clear."""


def metric_facts(
    request: Struct, definition: Path, path: Path, script: Script | Unknown | None, sets: list[RangeSet]
) -> MetricFacts:
    """The facts of the metric definition at a path."""
    name, text = required(request, (*path, "Name"), str), required(request, (*path, "Regex"), str)
    objective = objective_facts(request, definition).metric
    unknown = next((each for each in (name, objective) if isinstance(each, Unknown)), None)
    is_objective = unknown or name == objective
    if isinstance(text, Unknown):
        return MetricFacts(name, text, is_objective, text, None, None)
    found = analysed(text)
    if found.unknown is not None:
        at = place(request, (*path, "Regex"))[0]
        why = Unknown(f"is a regular expression that is not analysed: {found.unknown}", at)
        return MetricFacts(name, text, is_objective, why, None, None)
    if found.fault is None and isinstance(script, Script):
        given = argument_wildcard(request, definition, sets)
        if _exponent_prints(text, found, script, given):
            return MetricFacts(name, text, is_objective, "exponent", None, _with_exponent(text, found))
    if found.fault is None and isinstance(name, str) and (fixed := of_second_group(text, name)) is not None:
        return MetricFacts(name, text, is_objective, "second", None, fixed)
    return MetricFacts(name, text, is_objective, found.fault, found.reason, found.fixed)


def metric_paths(request: Struct, definition: Path) -> tuple[list[Path], Unknown | None]:
    """The paths of the metric definitions of a training job definition, and why there may be others."""
    path = (*definition, "AlgorithmSpecification", "MetricDefinitions")
    metrics = follow(request, path)
    if isinstance(metrics, Unknown):
        return [], metrics
    if not isinstance(metrics, Array):
        return [], None
    return [(*path, index) for index, each in enumerate(metrics.items) if isinstance(each, Struct)], metrics.open


def exponent_prints(request: Struct, definition: Path, path: Path, script: Script, sets: list[RangeSet]) -> list[Print]:
    """The prints of a number with an exponent that the expression at a path does not capture."""
    text = required(request, (*path, "Regex"), str)
    if isinstance(text, Unknown):
        return []
    return _exponent_prints(text, analysed(text), script, argument_wildcard(request, definition, sets))


def _exponent_prints(text: str, found: Expression, script: Script, given: Wildcard) -> list[Print]:
    """The prints that an expression may match, if in each it captures a number without the exponent."""
    if found.group is None or not any(SCIENTIFIC in each.line for each in script.prints):
        return []
    start, end = found.group
    try:
        whole, group, before = Regex(text), Regex(text[start:end]), Regex(f"(?:{text[: start - 1]})$")
        return _prints_without_exponent(whole, group, before, script, given)
    except UnsupportedRegexError:
        return []


def _prints_without_exponent(whole: Regex, group: Regex, before: Regex, script: Script, given: Wildcard) -> list[Print]:
    """The same for an expression, its group, and what is before the group. Raises ExpressionTooCostlyError."""
    is_exact = whole.is_exact and group.is_exact and before.is_exact
    if not is_exact or not group.matches_whole(MANTISSA) or group.may_match_whole((MANTISSA, SAMPLE_EXPONENT)):
        return []
    lost = [
        each
        for each in script.prints
        if SCIENTIFIC in each.line and all(_loses_exponent(before, whole, line) for line in script.lines(each, given))
    ]
    others = [each for each in script.prints if each not in lost] if lost else []
    return [] if any(may_find(whole, script.lines(each, given)) for each in others) else lost


def _loses_exponent(before: Regex, whole: Regex, line: Template) -> bool:
    """Whether the number behind the text before the group has an exponent, and the expression matches nevertheless."""
    numbers = [index for index, piece in enumerate(line) if isinstance(piece, Wildcard)]
    captured = [index for index in numbers if index and before.may_match(line[:index])]
    if len(captured) != 1 or line[captured[0]] != SCIENTIFIC:
        return False
    text = line[captured[0] - 1]
    if not isinstance(text, str) or not before.matches(text):
        return False
    filled = (*line[: captured[0]], MANTISSA, SAMPLE_EXPONENT, *line[captured[0] + 1 :])
    return whole.may_match(filled)


def _with_exponent(text: str, found: Expression) -> str | None:
    """The expression with an exponent at the end of its first group; None if it is not clear where that belongs."""
    if found.group is None:
        return None
    start, end = found.group
    try:
        takes_exponent = Regex(f"{text[start:end]}{EXPONENT}").matches_whole(MANTISSA + SAMPLE_EXPONENT)
    except UnsupportedRegexError:
        return None
    return f"{text[:end]}{EXPONENT}{text[end:]}" if takes_exponent and "|" not in text[start:end] else None
