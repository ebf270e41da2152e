"""Whether a training script prints a line that the objective's regular expression matches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import chain, product

import msgspec

from hpolint.facts.hyperparameters import SDK_PREFIX
from hpolint.facts.objective import expression_path, objective_expression
from hpolint.facts.regex import ExpressionTooCostlyError, Regex, UnsupportedRegexError
from hpolint.facts.space import RangeSet
from hpolint.facts.typed_values import unknown_from_doubt, unseen
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Node, Path, ScalarValue, Struct, Unknown, follow, text_of, walk
from hpolint.model.reasons import Kind
from hpolint.model.source import Span
from hpolint.model.training_script import (
    BEFORE,
    BEHIND,
    FIGURES,
    GIVEN,
    TEXT,
    Doubt,
    Print,
    Script,
    ScriptOutput,
    Template,
    Wildcard,
)

PARENTHESIS = lazy_regex(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(", re.DOTALL)
"""A parenthesis that begins a group, after what holds none: an escaped character, or a class."""

NOT_SPLIT = lazy_regex(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{[^{}]*\}|\(\?\w*[^\w)]", re.DOTALL)
"""Parts of an expression in which a blank is no character: escapes, classes, counts and the beginnings of groups."""

MAX_SHORT_EXPRESSION = 100
"""Characters of an expression in which a blank may be missing."""

SAMPLE_NUMBERS = ("0.4321", "7", "12.5")
"""The texts that are tried for a printed number."""

STEM = 4
"""Letters by which words are compared, so that ``testing`` is like ``test``."""

SAMPLE_SCIENTIFIC = "4.321000e-01"
"""The text that is tried for a number that is printed with an exponent."""

MAX_CACHED_MATCHES = 16
"""Expressions whose prints are kept: several facts of a script need them, for the job and for each fix of it."""

SAMPLE_TEXTS = ("", "x", "tensor(0.5)", "3.25")
SAMPLE_FIGURES = SAMPLE_TEXTS[2:]
"""The texts that are tried for any other text, and for figures."""


def printing_facts(
    request: Struct, definition: Path, output: ScriptOutput, sets: list[RangeSet], at: Span
) -> tuple[bool | Unknown | None, bool | Unknown | None, str | Unknown | None, bool]:
    """The facts ``prints_objective``, ``prints_in_loop``, ``expression`` and ``seen_once`` of a script."""
    text = objective_expression(request, definition)
    if text is None or isinstance(text, Unknown):
        return text, text, text, False
    try:
        matching = _matching(text, output, argument_wildcard(request, definition, sets))
        sure = matching.sure(output)
        certain, likely = _in_loops(matching, output)
    except UnsupportedRegexError as error:
        why = Unknown(f"depends on a regular expression that is not analysed: {error}", at)
        return why, why, text, False
    others = unknown_from_doubt(output.others, at) if output.others is not None else None
    if sure:
        if certain:
            return True, True, text, False
        if others is None and len({shown.site for shown in matching.prints}) > 1:
            others = unknown_from_doubt(Doubt("prints it in several places", sure[0].site), at)
        return True, others or False, text, not likely
    if others is None and matching.prints:
        most_similar = max(matching.prints, key=lambda shown: similarity(text, shown))
        others = unknown_from_doubt(Doubt("may print a line that the expression matches", most_similar.site), at)
    return others or False, others or False, text, False


def _in_loops(matching: MatchingPrints, output: ScriptOutput) -> tuple[bool, bool]:
    """Whether the expression certainly matches a line that is printed in a loop, and whether it is likely to do so.

    Raises UnsupportedRegexError.
    """
    in_loops = [shown for shown in matching.prints if shown.in_loop]
    certain = any(finds(matching.expression, output.lines(shown, matching.given)) for shown in in_loops)
    return certain, any(shown in matching.likely for shown in in_loops)


def objective_prints(request: Struct, definition: Path, output: ScriptOutput, sets: list[RangeSet]) -> list[Print]:
    """The script's own lines that the objective's expression may match; empty if it is not sure to match one.

    A line that could match only by what an unknown text in it may hold, such as `print(args)`, is not taken for one: it
    neither has the last word before the expression's group, nor matches with a usual text in its place.
    """
    matching = matching_prints(request, definition, output, sets)
    if matching is None:
        return []
    try:
        if not any(finds(matching.expression, output.lines(shown, matching.given)) for shown in matching.prints):
            return []
        return matching.likely
    except ExpressionTooCostlyError:
        return []


def _last_word(text: str) -> list[str]:
    """The last word before the first group of an expression, as a list; empty if there is none."""
    return re.findall(r"[A-Za-z]{3,}", text.partition("(")[0])[-1:]


def captured_options(
    request: Struct, definition: Path, script: Script, sets: list[RangeSet], at: Span
) -> list[str] | Unknown:
    """The flags of the options that the script only prints, where the objective's expression may take their value."""
    options = [option for option in script.arguments.options if option.shown]
    text = objective_expression(request, definition) if options else None
    if isinstance(text, Unknown):
        return text
    if text is None:
        return []
    matching = matching_prints(request, definition, script.output, sets)
    if matching is None:
        return Unknown("depends on a regular expression that is not analysed", at)
    try:
        captured = {shown.site: captured_value(text, shown) for shown in matching.likely}
    except ExpressionTooCostlyError as error:
        return Unknown(f"depends on a regular expression of which {error}", at)
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
    before = _before_only_group(text)
    if before is None or "|" in text or len(places) != shown.values:
        return None
    try:
        expression = Regex(f"(?s:.*){before}")
        fitting = [number for number, at in enumerate(places) if expression.may_match_whole(tuple(pieces[:at]))]
    except UnsupportedRegexError:
        return None
    return fitting[0] if len(fitting) == 1 else None


def _before_only_group(text: str) -> str | None:
    """What stands before an expression's only group; None if it has several, or one that only groups."""
    groups = [match.start() for match in PARENTHESIS.finditer(text) if match[0] == "("]
    if len(groups) != 1 or text.startswith("?", groups[0] + 1):
        return None
    return text[: groups[0]]


class MatchingPrints(msgspec.Struct, frozen=True, dict=True):
    """The objective's expression, as ``text`` and compiled, and the prints that it may match.

    ``given`` stands for the values from the command line in the printed lines.
    """

    text: str
    expression: Regex
    prints: list[Print]
    given: Wildcard

    def sure(self, output: ScriptOutput) -> list[Print]:
        """The prints of the script that are sure to be printed and to match."""
        sure = [shown for shown in self.prints if shown.is_sure]
        return [shown for shown in sure if finds(self.expression, output.lines(shown, self.given))]

    @cached_property
    def likely(self) -> list[Print]:
        """The prints that the expression matches for certain or with usual values. Raises ExpressionTooCostlyError."""
        words = _last_word(self.text)
        return [shown for shown in self.prints if _is_likely(shown, self.expression, words)]


@lru_cache(MAX_CACHED_MATCHES)
def _matching(text: str, output: ScriptOutput, given: Wildcard) -> MatchingPrints:
    """The prints that an expression may match. Raises UnsupportedRegexError."""
    expression = Regex(text)
    prints = [shown for shown in output.prints if may_find(expression, output.lines(shown, given))]
    return MatchingPrints(text, expression, prints, given)


def matching_prints(
    request: Struct, definition: Path, output: ScriptOutput, sets: list[RangeSet]
) -> MatchingPrints | None:
    """The prints that the objective's expression may match; None if it is unknown, not supported, or too much work."""
    text = objective_expression(request, definition)
    if not isinstance(text, str):
        return None
    try:
        return _matching(text, output, argument_wildcard(request, definition, sets))
    except UnsupportedRegexError:
        return None


def expression_with_blank(
    request: Struct, definition: Path, output: ScriptOutput, sets: list[RangeSet]
) -> dict[Path, ScalarValue]:
    """The objective's expression with one more blank, by its path, if a line of the script then certainly matches.

    Empty if no blank, or another one, does the same.
    """
    text, path = objective_expression(request, definition), expression_path(request, definition)
    if not isinstance(text, str) or path is None:
        return {}
    given = argument_wildcard(request, definition, sets)
    fitting: dict[str, None] = {}
    for longer in _with_one_more_blank(text):
        try:
            expression = Regex(longer)
            if any(finds(expression, output.lines(shown, given)) for shown in output.prints):
                fitting[longer] = None
        except UnsupportedRegexError:
            continue
    return {path: next(iter(fitting))} if len(fitting) == 1 else {}


def _with_one_more_blank(text: str) -> Iterator[str]:
    """The expressions that are a short expression with a blank at one of the places where it is a character.

    At the beginning of a group it would be a part of the value.
    """
    if len(text) > MAX_SHORT_EXPRESSION:
        return
    inner = [(match.start() + 1, match.end()) for match in NOT_SPLIT.finditer(text)]
    for at in range(len(text) + 1):
        is_split = any(start <= at < end for start, end in inner) or text[at - 1 : at] == "("
        if not is_split and not text.startswith(("*", "+", "?", "{"), at):
            yield f"{text[:at]} {text[at:]}"


def _is_likely(shown: Print, expression: Regex, words: list[str]) -> bool:
    known = " ".join(piece for piece in shown.line if isinstance(piece, str)).lower()
    if any(word.lower() in known for word in words):
        return True
    samples = product(SAMPLE_NUMBERS, SAMPLE_TEXTS)
    lines = dict.fromkeys(_filled(shown.line, number, text) for number, text in samples)
    return any(map(expression.matches, lines))


def argument_wildcard(request: Struct, definition: Path, sets: list[RangeSet]) -> Wildcard:
    """The wildcard for a printed command line argument: ``TEXT``, or ``GIVEN`` if no hyperparameter has a space."""
    static = follow(request, (*definition, "StaticHyperParameters"))
    values: list[Node] = []
    if isinstance(static, Unknown) or unseen(static, Kind.SDK_ADDS) is not None:
        return TEXT
    if isinstance(static, Struct):
        values += [value for name, value in static.members.items() if not name.startswith(SDK_PREFIX)]
    for range_set in sets:
        if range_set.open is not None:
            return TEXT
        values += [range_.node for range_ in range_set.of(definition)]
    return TEXT if any(_may_have_space(value) for value in values) else GIVEN


def _may_have_space(value: Node) -> bool:
    for _, node in walk(value):
        if unseen(node) is not None:
            return True
        if re.search(r"\s", text_of(node) or ""):
            return True
    return False


def may_find(expression: Regex, lines: list[Template]) -> bool:
    """Whether an expression may match in one of the lines, as printed or with the tabs escaped as in the log."""
    logged = chain.from_iterable(_as_logged(line) for line in lines)
    return any(expression.may_match(line) for line in logged)


def finds(expression: Regex, lines: list[Template]) -> bool:
    """Whether an expression matches in each line for all sample numbers and texts in place of its wildcards."""
    return expression.is_exact and all(_finds(expression, line) for line in lines)


def _finds(expression: Regex, line: Template) -> bool:
    texts: tuple[str, ...] = ("",)
    if TEXT in line or GIVEN in line:
        texts = SAMPLE_TEXTS
    elif FIGURES in line:
        texts = SAMPLE_FIGURES
    tried: set[tuple[str, ...]] = set()
    for number, text in product(SAMPLE_NUMBERS, texts):
        filled = tuple(_filled(logged, number, text) for logged in _as_logged(line))
        if filled not in tried and not any(map(expression.matches, filled)):
            return False
        tried.add(filled)
    return True


def _filled(line: Template, number: str, text: str) -> str:
    """A line with a text in place of each wildcard."""
    whole = str(int(float(number)))
    fillings = {"number": number, "whole": whole, "scientific": SAMPLE_SCIENTIFIC, "word": "train"}
    return "".join(fillings.get(piece.kind, text) if isinstance(piece, Wildcard) else piece for piece in line)


def _as_logged(line: Template) -> list[Template]:
    """A line as printed, and with its tabs escaped as in the log.

    Source: the expressions of SageMaker's own XGBoost container.
    """
    logged = tuple(piece.replace("\t", "#011") if isinstance(piece, str) else piece for piece in line)
    return [line] if logged == line else [line, logged]


def similarity(text: str, shown: Print) -> float:
    """The similarity of a line's known text and an expression, from 0 to 1: of their letters, and of their words."""
    from difflib import SequenceMatcher

    known = _words("".join(piece for piece in shown.line if isinstance(piece, str)))
    wanted = _words(text)
    stems = _stems(wanted)
    shared = len(stems & _stems(known)) / len(stems) if stems else 0.0
    return (SequenceMatcher(None, wanted, known).ratio() + shared) / 2


def _stems(words: str) -> set[str]:
    return {word[:STEM] for word in words.split() if len(word) >= STEM}


def _words(text: str) -> str:
    return re.sub(r"\\.|[^A-Za-z]+", " ", text).lower().strip()
