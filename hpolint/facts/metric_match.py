"""Whether a training script prints a line that the objective's regular expression matches."""

from __future__ import annotations

import re

import msgspec

from hpolint.facts.hyperparameters import SDK_PREFIX
from hpolint.facts.objective import objective_expression
from hpolint.facts.regex import ExpressionTooCostlyError, Regex, UnsupportedRegexError
from hpolint.facts.space import RangeSet
from hpolint.facts.typed_values import unknown_from_doubt
from hpolint.model.node import Node, Path, Scalar, Struct, Unknown, follow, walk
from hpolint.model.reasons import Kind
from hpolint.model.source import Span
from hpolint.model.training_script import (
    BEFORE,
    BEHIND,
    FIGURES,
    GIVEN,
    TEXT,
    Doubt,
    Option,
    Print,
    Script,
    Template,
    Wildcard,
)

SAMPLE_NUMBERS = ("0.4321", "7", "12.5")
"""The texts that are tried for a printed number."""

STEM = 4
"""Letters by which words are compared, so that ``testing`` is like ``test``."""

SAMPLE_SCIENTIFIC = "4.321000e-01"
"""The text that is tried for a number that is printed with an exponent."""

SAMPLE_TEXTS = ("", "x", "tensor(0.5)", "3.25")
SAMPLE_FIGURES = SAMPLE_TEXTS[2:]
"""The texts that are tried for any other text, and for figures."""


def printing_facts(
    request: Struct, definition: Path, script: Script, sets: list[RangeSet], at: Span
) -> tuple[bool | Unknown | None, bool | Unknown | None, str | Unknown | None, bool]:
    """The facts ``prints_objective``, ``prints_in_loop``, ``expression`` and ``seen_once`` of a script."""
    text = objective_expression(request, definition)
    if text is None or isinstance(text, Unknown):
        return text, text, text, False
    given = argument_wildcard(request, definition, sets)
    try:
        expression = Regex(text)
        possible = [each for each in script.prints if may_find(expression, script.lines(each, given))]
        sure = [each for each in possible if each.is_sure and finds(expression, script.lines(each, given))]
    except UnsupportedRegexError as error:
        why = Unknown(f"depends on a regular expression that is not analysed: {error}", at)
        return why, why, text, False
    if sure:
        if any(each.in_loop for each in possible):
            return True, True, text, False
        if script.other_prints is not None:
            return True, unknown_from_doubt(script.other_prints, at), text, True
        if len({each.site for each in possible}) > 1:
            return True, unknown_from_doubt(Doubt("prints it in several places", sure[0].site), at), text, True
        return True, False, text, True
    if script.other_prints is not None:
        why = unknown_from_doubt(script.other_prints, at)
        return why, why, text, False
    if possible:
        most_similar = max(possible, key=lambda each: similarity(text, each))
        why = unknown_from_doubt(Doubt("may print a line that the expression matches", most_similar.site), at)
        return why, why, text, False
    return False, False, text, False


def objective_prints(request: Struct, definition: Path, script: Script, sets: list[RangeSet]) -> list[Print]:
    """The script's own lines that the objective's expression may match; empty if it is not sure to match one.

    A line that could match only by what an unknown text in it may hold, such as `print(args)`, is not taken for one: it
    neither has the last word before the expression's group, nor matches with a usual text in its place.
    """
    found = matching_prints(request, definition, script, sets)
    if found is None:
        return []
    words = _last_word(found.text)
    try:
        if not any(finds(found.expression, script.lines(each, found.given)) for each in found.prints):
            return []
        return [each for each in found.prints if _is_likely(each, found.expression, words)]
    except ExpressionTooCostlyError:
        return []


def _last_word(text: str) -> list[str]:
    """The last word before the first group of an expression, as a list; empty if there is none."""
    return re.findall(r"[A-Za-z]{3,}", text.partition("(")[0])[-1:]


def captured_options(
    request: Struct, definition: Path, script: Script, sets: list[RangeSet], at: Span
) -> list[str] | Unknown:
    """The flags of the options that the script only prints, where the objective's expression may take their value."""
    options: list[Option] = []
    for parser in script.parsers:
        options += (option for option in parser.options if option.shown)
    text = objective_expression(request, definition) if options else None
    if isinstance(text, Unknown):
        return text
    if text is None:
        return []
    matching = matching_prints(request, definition, script, sets)
    if matching is None:
        return Unknown("depends on a regular expression that is not analysed", at)
    words = _last_word(text)
    try:
        likely = [shown for shown in matching.prints if _is_likely(shown, matching.expression, words)]
    except ExpressionTooCostlyError as error:
        return Unknown(f"depends on a regular expression of which {error}", at)
    captured = {shown.site: captured_value(text, shown) for shown in likely}
    flags: list[str] = []
    for option in options:
        places = [(use.place, captured[use.site]) for use in option.shown if use.site in captured]
        if any(place is None or taken is None or place == taken for place, taken in places):
            flags += option.flags
    return flags


def captured_value(text: str, shown: Print) -> int | None:
    """Which of a printed line's values an expression's only group takes, from 0; None if that is not certain.

    It is the one before which all that stands before the group can match, if there is no other such value.
    """
    if shown.values == 1:
        return 0
    pieces = [piece for piece in shown.line if piece not in (BEFORE, BEHIND)]
    places = [at for at, piece in enumerate(pieces) if isinstance(piece, Wildcard)]
    before, group, rest = text.partition("(")
    if not group or rest.startswith("?") or "(" in rest or "|" in text or len(places) != shown.values:
        return None
    try:
        expression = Regex(f"(?s:.*){before}")
        found = [number for number, at in enumerate(places) if expression.may_match_whole(tuple(pieces[:at]))]
    except UnsupportedRegexError:
        return None
    return found[0] if len(found) == 1 else None


class MatchingPrints(msgspec.Struct, frozen=True):
    """The objective's expression, as ``text`` and compiled, and the prints that it may match.

    ``given`` stands for the values from the command line in the printed lines.
    """

    text: str
    expression: Regex
    prints: list[Print]
    given: Wildcard


def matching_prints(request: Struct, definition: Path, script: Script, sets: list[RangeSet]) -> MatchingPrints | None:
    """The prints that the objective's expression may match; None if it is unknown, not supported, or too much work."""
    text = objective_expression(request, definition)
    if not isinstance(text, str):
        return None
    given = argument_wildcard(request, definition, sets)
    try:
        expression = Regex(text)
        prints = [each for each in script.prints if may_find(expression, script.lines(each, given))]
    except UnsupportedRegexError:
        return None
    return MatchingPrints(text, expression, prints, given)


def _is_likely(shown: Print, expression: Regex, words: list[str]) -> bool:
    known = " ".join(piece for piece in shown.line if isinstance(piece, str)).lower()
    if any(word.lower() in known for word in words):
        return True
    filled = (_filled(shown.line, number, text) for number in SAMPLE_NUMBERS for text in SAMPLE_TEXTS)
    return any(expression.matches(each) for each in filled)


def argument_wildcard(request: Struct, definition: Path, sets: list[RangeSet]) -> Wildcard:
    """The wildcard for a printed command line argument: ``TEXT``, or ``GIVEN`` if no hyperparameter has a space."""
    static = follow(request, (*definition, "StaticHyperParameters"))
    if isinstance(static, Unknown) or any(each.open is not None for each in sets):
        return TEXT
    members = static.members if isinstance(static, Struct) else {}
    if isinstance(static, Struct) and static.open is not None and static.open.kind is not Kind.SDK_ADDS:
        return TEXT
    values = [value for name, value in members.items() if not str(name).startswith(SDK_PREFIX)]
    values += [each.node for own in sets for each in own.ranges if each.definition in (definition, None)]
    return GIVEN if all(_has_no_space(each) for value in values for _, each in walk(value)) else TEXT


def _has_no_space(node: Node) -> bool:
    if isinstance(node, Scalar):
        return not (isinstance(node.value, str) and re.search(r"\s", node.value))
    return not isinstance(node, Unknown) and node.open is None


def may_find(expression: Regex, lines: list[Template]) -> bool:
    """Whether an expression may match in one of the lines, as printed or with the tabs escaped as in the log."""
    return any(expression.may_match(each) for line in lines for each in _as_logged(line))


def finds(expression: Regex, lines: list[Template]) -> bool:
    """Whether an expression matches in each line for all sample numbers and texts in place of its wildcards."""
    return expression.is_exact and all(_finds(expression, line) for line in lines)


def _finds(expression: Regex, line: Template) -> bool:
    texts = SAMPLE_TEXTS if TEXT in line or GIVEN in line else SAMPLE_FIGURES if FIGURES in line else ("",)
    return all(
        any(expression.matches(_filled(each, number, text)) for each in _as_logged(line))
        for number in SAMPLE_NUMBERS
        for text in texts
    )


def _filled(line: Template, number: str, text: str) -> str:
    """A line with a text in place of each wildcard."""
    fillings = {"number": number, "scientific": SAMPLE_SCIENTIFIC, "word": "train"}
    return "".join(fillings.get(piece.kind, text) if isinstance(piece, Wildcard) else piece for piece in line)


def _as_logged(line: Template) -> list[Template]:
    """A line as printed, and with its tabs escaped as in the log.

    Source: the expressions of SageMaker's own XGBoost container.
    """
    tabs = any(isinstance(piece, str) and "\t" in piece for piece in line)
    logged = tuple(piece.replace("\t", "#011") if isinstance(piece, str) else piece for piece in line)
    return [line, logged] if tabs else [line]


def similarity(text: str, shown: Print) -> float:
    """The similarity of a line's known text and an expression, from 0 to 1: of their letters, and of their words."""
    from difflib import SequenceMatcher

    known = _words("".join(piece for piece in shown.line if isinstance(piece, str)))
    wanted = _words(text)
    starts, own = ({word[:STEM] for word in each.split() if len(word) >= STEM} for each in (wanted, known))
    shared = len(starts & own) / len(starts) if starts else 0.0
    return (SequenceMatcher(None, wanted, known).ratio() + shared) / 2


def _words(text: str) -> str:
    return re.sub(r"\\.|[^A-Za-z]+", " ", text).lower().strip()
