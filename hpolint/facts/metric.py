"""One metric definition: what is wrong with its regular expression."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from hpolint.facts.metric_expression import EXPONENT, Expression, analysed, of_second_group
from hpolint.facts.metric_match import argument_wildcard, may_find
from hpolint.facts.objective import objective_facts
from hpolint.facts.regex import Regex, UnsupportedRegexError
from hpolint.facts.space import RangeSet
from hpolint.facts.typed_values import first_unknown, required, unseen
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Array, Path, Struct, Unknown, follow, place
from hpolint.model.training_script import SCIENTIFIC, Print, Script, ScriptOutput, Template, Wildcard

WORD, ESCAPED = lazy_regex(r"[A-Za-z_]\w+"), lazy_regex(r"\\.")
MANTISSA, SAMPLE_EXPONENT = "4.3210", "e-05"


class MetricFacts(msgspec.Struct, frozen=True):
    """``metric``: one metric definition of a training job definition."""

    Name: str | Unknown
    """Its name."""
    Regex: str | Unknown
    """Its regular expression."""
    objective: bool | Unknown
    """Whether it is the objective."""
    fault: str | Unknown | None = None
    """What is wrong with the expression in every common dialect; null if nothing is. ``syntax``: it does not
    compile. ``no-group``: it has no group. ``empty``: the first group always captures an empty text. ``short``: the
    first group always captures one character. ``digit``: it captures one digit, and nothing follows. ``truncated``:
    it captures as little as it can, since it ends with a lazy repetition and nothing follows. ``text``: no group can
    capture a number. ``first``: the first group cannot capture a number, but another can. ``second``: the last word
    of the metric's name is before the second group, and not before the first. ``exponent``: the script prints the
    number with an exponent, and the group ends before it."""
    reason: str | None = None
    """Why it does not compile; null if it does."""
    fixed: str | None = None
    """The corrected expression; null if nothing is wrong, the correction is not clear, or the script trains with
    transformers' Trainer, whose lines it does not match either."""
    trainer_line: str | None = None
    """Such a line: ``{'eval_loss': 0.4321}``; null if the corrected expression matches it, or there is no such line."""


def metric_facts(
    request: Struct, definition: Path, path: Path, script: Script | Unknown | None, sets: list[RangeSet]
) -> MetricFacts:
    """The facts of the metric definition at a path."""
    name, text = required(request, (*path, "Name"), str), required(request, (*path, "Regex"), str)
    objective = objective_facts(request, definition).metric
    facts = MetricFacts(name, text, first_unknown(name, objective) or name == objective)
    if isinstance(text, Unknown):
        return replace(facts, fault=text)
    expression = analysed(text)
    if expression.unknown is not None:
        at = place(request, (*path, "Regex"))[0]
        why = Unknown(f"is a regular expression that is not analysed: {expression.unknown}", at)
        return replace(facts, fault=why)
    if expression.fault is not None:
        facts = replace(facts, fault=expression.fault, reason=expression.reason, fixed=expression.fixed)
        given = argument_wildcard(request, definition, sets)
        return facts if not isinstance(script, Script) else _for_trainer(facts, script.output, given)
    if isinstance(script, Script) and exponent_prints(request, definition, path, script.output, sets):
        return replace(facts, fault="exponent", fixed=_with_exponent(text, expression))
    fixed = of_second_group(text, name) if isinstance(name, str) else None
    return facts if fixed is None else replace(facts, fault="second", fixed=fixed)


def _for_trainer(facts: MetricFacts, output: ScriptOutput, given: Wildcard) -> MetricFacts:
    """The facts without a corrected expression that matches no line of transformers' Trainer, nor one of the script."""
    if facts.fixed is None or not output.has_trainer or not isinstance(facts.Name, str):
        return facts
    keys = WORD.findall(ESCAPED.sub(" ", facts.fixed)) + WORD.findall(facts.Name)
    try:
        expression = Regex(facts.fixed)
        if any(expression.matches(line) for line in [*map(_trainer_line, keys), *_own_lines(output, given)]):
            return facts
    except UnsupportedRegexError:
        return facts
    return replace(facts, fixed=None, trainer_line=_trainer_line(keys[0]) if keys else None)


def _own_lines(output: ScriptOutput, given: Wildcard) -> Iterator[str]:
    """The lines that a script prints itself, with a number in the place of each value."""
    for shown in output.prints:
        for line in output.lines(shown, given):
            yield "".join(piece if isinstance(piece, str) else MANTISSA for piece in line)


def _trainer_line(key: str) -> str:
    """A metric as transformers' Trainer prints it."""
    return f"{{'{key}': 0.4321}}"


def metric_paths(request: Struct, definition: Path) -> tuple[list[Path], Unknown | None]:
    """The paths of the metric definitions of a training job definition, and why there may be others."""
    path = (*definition, "AlgorithmSpecification", "MetricDefinitions")
    metrics = follow(request, path)
    items = metrics.items if isinstance(metrics, Array) else []
    return [(*path, index) for index, item in enumerate(items) if isinstance(item, Struct)], unseen(metrics)


def exponent_prints(
    request: Struct, definition: Path, path: Path, output: ScriptOutput, sets: list[RangeSet]
) -> list[Print]:
    """The prints of a number with an exponent that the expression at a path does not capture."""
    text = required(request, (*path, "Regex"), str)
    group = analysed(text).group if isinstance(text, str) else None
    if isinstance(text, Unknown) or group is None or not any(SCIENTIFIC in shown.line for shown in output.prints):
        return []
    start, end = group
    given = argument_wildcard(request, definition, sets)
    try:
        whole, content, before = Regex(text), Regex(text[start:end]), Regex(f"(?:{text[: start - 1]})$")
        return _prints_without_exponent(whole, content, before, output, given)
    except UnsupportedRegexError:
        return []


def _prints_without_exponent(
    whole: Regex, group: Regex, before: Regex, output: ScriptOutput, given: Wildcard
) -> list[Print]:
    """The same for an expression, its group, and what is before the group. Raises ExpressionTooCostlyError."""
    is_exact = whole.is_exact and group.is_exact and before.is_exact
    if not is_exact or not group.matches_whole(MANTISSA) or group.may_match_whole((MANTISSA, SAMPLE_EXPONENT)):
        return []
    losing = []
    for shown in output.prints:
        lines = output.lines(shown, given) if SCIENTIFIC in shown.line else []
        if lines and all(_loses_exponent(before, whole, line) for line in lines):
            losing.append(shown)
    others = [shown for shown in output.prints if shown not in losing] if losing else []
    return [] if any(may_find(whole, output.lines(shown, given)) for shown in others) else losing


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


def _with_exponent(text: str, expression: Expression) -> str | None:
    """The expression with an exponent at the end of its first group; None if it is not clear where that belongs."""
    if expression.group is None:
        return None
    start, end = expression.group
    if "|" in text[start:end]:
        return None
    try:
        takes_exponent = Regex(f"{text[start:end]}{EXPONENT}").matches_whole(MANTISSA + SAMPLE_EXPONENT)
    except UnsupportedRegexError:
        return None
    return f"{text[:end]}{EXPONENT}{text[end:]}" if takes_exponent else None
