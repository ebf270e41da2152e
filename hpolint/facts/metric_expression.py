"""Mistakes in a metric's regular expression: those that it has in Python, Java, PCRE and RE2 alike."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Literal

import msgspec

from hpolint.facts.regex import OTHER_DIALECT, Regex, UnsupportedRegexError
from hpolint.lazy_regex import lazy_regex
from hpolint.model.training_script import NUMBER

Fault = Literal["syntax", "no-group", "empty", "short", "digit", "truncated", "text", "first"]

NUMBER_EXPRESSION = r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?"
"""A number with or without an exponent, as in the service's own definitions of XGBoost's metrics.

Source: aws/sagemaker-xgboost-container, issue 121.
"""

EXPONENT = r"(?:[eE][-+]?[0-9]+)?"

NUMERIC_PART = r"(?:\[[-+0-9.eE\\d]*(?:0-9|\\d)[-+0-9.eE\\d]*\][*+?]*|\\d[*+?]*|\\\.\??|\\S[*+])"
NUMERIC_END = lazy_regex(rf"{NUMERIC_PART}+\Z")
"""Digits, points and signs at the end of an expression, as classes: ``[0-9.]+``, ``\\d+\\.\\d+``, ``\\S+``."""

LABELLED_NUMBER = lazy_regex(rf"(?P<label>[^()\[\]|*+?{{}}\\^$]+)(?P<number>{NUMERIC_PART}+)")
"""Plain text and then a number: the content of a group that captures its own label."""

LITERAL_RANGE = lazy_regex(r"bad character range (\w-\w)\Z")
DIGITS = "0123456789"
CACHED_EXPRESSIONS = 500

MIN_WORD = 3
"""Letters of a metric's last word that tell which of two numbers is meant."""


class Expression(msgspec.Struct, frozen=True):
    """What is known about a metric's expression.

    ``fault`` is what is wrong with it, ``reason`` why it does not compile, ``fixed`` the corrected expression if the
    correction is clear. ``unknown`` is why nothing is known. ``group`` is the place of the first group's content.
    """

    fault: Fault | None = None
    reason: str | None = None
    fixed: str | None = None
    unknown: str | None = None
    group: tuple[int, int] | None = None


@lru_cache(CACHED_EXPRESSIONS)
def analysed(text: str) -> Expression:
    """The mistakes of an expression."""
    if OTHER_DIALECT.search(text):
        return Expression(unknown="it uses another dialect")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = parser.parse(text)
    except (RecursionError, OverflowError) as error:
        return Expression(unknown=str(error))
    except re.error as error:
        reason = _syntax_reason(text, error)
        if reason is None:
            return Expression(unknown=str(error))
        return Expression("syntax", reason, _with_bracket(text))
    if tree.state.flags & re.VERBOSE:
        return Expression(unknown="it uses the verbose flag")
    if tree.state.groups == 1:
        return Expression("no-group", fixed=_with_group(text))
    groups = _groups(text)
    first = _first_group(list(tree))
    if first is not None and groups:
        return _of_group(text, groups, *first)
    if any(can_be_number(text[start:end]) for start, end in groups):
        return Expression()
    return Expression(unknown="its first group is optional, or repeated")


def _of_group(text: str, groups: list[tuple[int, int]], content: list[Any], rest: list[Any]) -> Expression:
    """What the first group captures; ``rest`` are the parts behind it."""
    group = start, end = groups[0]
    is_named = text[start - 1] != "("
    if _may_end_at_once(rest):
        if all(operation is constants.MIN_REPEAT and argument[0] == 0 for operation, argument in content):
            return Expression("empty", fixed=_greedy(text, start, end), group=group)
        operation, argument = content[-1]
        if operation is constants.MIN_REPEAT:
            fault: Fault = "short" if len(content) == 1 and argument[0] == 1 else "truncated"
            return Expression(fault, fixed=_greedy(text, start, end), group=group)
        if len(content) == 1 and _is_digit(operation, argument):
            fixed = _if_correct(f"{text[:start]}{NUMBER_EXPRESSION}{text[end:]}")
            return Expression("digit", fixed=fixed, group=group)
    if can_be_number(text[start:end]) is not False:
        return Expression(group=group)
    fixed = None
    if any(can_be_number(text[low:high]) for low, high in groups[1:] if low > end):
        if not is_named:
            fixed = f"{text[:start]}?:{text[start:]}"
        return Expression("first", fixed=fixed, group=group)
    labelled = LABELLED_NUMBER.fullmatch(text[start:end])
    if labelled is not None and not is_named:
        fixed = f"{text[: start - 1]}{labelled['label']}({labelled['number']}){text[end + 1 :]}"
    return Expression("text", fixed=fixed, group=group)


def _is_digit(operation: Any, argument: Any) -> bool:
    """Whether a part is one digit: ``[0-9]`` or ``\\d``."""
    digits = ((constants.RANGE, (ord("0"), ord("9"))), (constants.CATEGORY, constants.CATEGORY_DIGIT))
    return operation is constants.IN and all(part in digits for part in argument)


def of_second_group(text: str, name: str) -> str | None:
    """The expression with only its second group, if a metric's name stands before that group alone; None otherwise."""
    groups = _groups(text)
    words = re.split(r"[^A-Za-z0-9]+", name.lower())
    if len(groups) < 2 or groups[1][0] < groups[0][1] or text[groups[0][0] - 1] != "(" or len(words[-1]) < MIN_WORD:
        return None
    (start, end), (second, last) = groups[:2]
    before, between = text[:start].lower(), text[end:second].lower()
    if words[-1] in before or words[-1] not in between or can_be_number(text[second:last]) is not True:
        return None
    return f"{text[:start]}?:{text[start:]}"


def can_be_number(content: str, sign: str = "") -> bool | None:
    """Whether a group may capture a text with a digit and other characters of a number only; None if not known.

    ``sign`` is what such a text begins with.
    """
    try:
        expression = Regex(content)
        if any(expression.may_match_whole((*sign, NUMBER, digit, NUMBER)) for digit in DIGITS):
            return True
    except UnsupportedRegexError:
        return None
    return False if expression.is_exact else None


def _syntax_reason(text: str, error: re.error) -> str | None:
    """Why an expression does not compile; None if another dialect may compile it."""
    at = error.pos or 0
    before = text[at - 1 : at]
    match error.msg:
        case "missing ), unterminated subpattern":
            return f"the `(` at character {at + 1} has no `)`"
        case "unbalanced parenthesis":
            return f"the `)` at character {at + 1} has no `(`"
        case "unterminated character set":
            return f"the `[` at character {at + 1} has no `]`"
        case "bad escape (end of pattern)":
            return "it ends with a backslash"
        case "nothing to repeat" if text[at : at + 1] in ("*", "+", "?") and before in ("", "(", "|", ":"):
            return f"the `{text[at]}` at character {at + 1} repeats nothing"
        case "multiple repeat" if text[at] == "*" and before in ("*", "+", "?") and text[at - 2 : at - 1] != "\\":
            return f"the `*` at character {at + 1} repeats nothing"
    invalid = LITERAL_RANGE.match(error.msg)
    return None if invalid is None else f"`{invalid[1]}` is not a range of characters"


def _with_bracket(text: str) -> str | None:
    """The expression with the bracket that is missing around the number at its end; None if that is not clear."""
    number = NUMERIC_END.search(text)
    if number is not None and text[: number.start()].endswith("("):
        return _if_correct(f"{text})")
    number = NUMERIC_END.search(text[:-1])
    if number is None or not text.endswith(")"):
        return None
    return _if_correct(f"{text[: number.start()]}({text[number.start() :]}")


def _with_group(text: str) -> str | None:
    """The expression with a group around its only number, at its end; None if that is not clear."""
    number = NUMERIC_END.search(text)
    if number is None or re.search(r"\\[dS]|\[", text[: number.start()]):
        return None
    return _if_correct(f"{text[: number.start()]}({number[0]})")


def _greedy(text: str, start: int, end: int) -> str | None:
    """The expression with a first group that takes a whole number, instead of as little as possible."""
    content = text[start:end]
    if not content.endswith("?"):
        return None
    greedy = NUMBER_EXPRESSION if content in (".*?", ".+?") else content.removesuffix("?")
    return _if_correct(f"{text[:start]}{greedy}{text[end:]}")


def _if_correct(text: str) -> str | None:
    expression = analysed(text)
    return text if expression.fault is None and expression.unknown is None else None


def _first_group(parts: list[Any]) -> tuple[list[Any], list[Any]] | None:
    """The parts of the first group and the parts behind it; None if the group is optional or repeated."""
    for index, (operation, argument) in enumerate(parts):
        if operation is not constants.SUBPATTERN:
            if _has_group([(operation, argument)]):
                return None
            continue
        number, _, _, inner = argument
        if number is not None:
            return list(inner), parts[index + 1 :]
        inside = _first_group(list(inner))
        if inside is not None:
            content, rest = inside
            return content, [*rest, *parts[index + 1 :]]
        if _has_group(list(inner)):
            return None
    return None


def _has_group(parts: list[Any]) -> bool:
    """Whether a part contains a group that captures."""
    for operation, argument in parts:
        if operation is constants.SUBPATTERN and argument[0] is not None:
            return True
        if any(_has_group(below) for below in _below(argument)):
            return True
    return False


def _below(argument: Any) -> list[list[Any]]:
    """The sequences of parts in an operation's argument."""
    if isinstance(argument, parser.SubPattern):
        return [list(argument)]
    sequences: list[list[Any]] = []
    if isinstance(argument, tuple | list):
        for item in argument:
            sequences += _below(item)
    return sequences


def _may_end_at_once(rest: list[Any]) -> bool:
    """Whether the parts behind a group match at every place, so that a lazy group never has to take more."""
    has_end = rest[-1:] in ([(constants.AT, constants.AT_END)], [(constants.AT, constants.AT_END_STRING)])
    if len(rest) > 1 and has_end and _takes_all(*rest[-2]):
        rest = rest[:-1]
    return all(_may_be_empty(*part) for part in rest)


def _takes_all(operation: Any, argument: Any) -> bool:
    """Whether a part is ``.*`` or ``.*?``."""
    is_repeat = operation in (constants.MAX_REPEAT, constants.MIN_REPEAT)
    return is_repeat and argument[0] == 0 and list(argument[2]) == [(constants.ANY, None)]


def _may_be_empty(operation: Any, argument: Any) -> bool:
    if operation in (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT):
        return argument[0] == 0 or all(_may_be_empty(*part) for part in argument[2])
    if operation is constants.SUBPATTERN:
        return all(_may_be_empty(*part) for part in argument[3])
    if operation is constants.BRANCH:
        return any(all(_may_be_empty(*part) for part in branch) for branch in argument[1])
    return False


def _groups(text: str) -> list[tuple[int, int]]:
    """The places of the contents of the groups that capture, in the order in which they begin."""
    groups: dict[int, int] = {}
    opened: list[int | None] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char == "[":
            at = _class_end(text, at)
        elif char == "(":
            opened.append(_content_start(text, at + 1))
        elif char == ")" and opened:
            start = opened.pop()
            if start is not None:
                groups[start] = at
        at += 1
    return sorted(groups.items())


def _content_start(text: str, at: int) -> int | None:
    """Where the content of a group begins whose bracket ends at an index; None if the group does not capture."""
    named = re.compile(r"\?P?<(?![=!])[^>]*>").match(text, at)
    if named is not None:
        return named.end()
    return None if text[at : at + 1] == "?" else at


def _class_end(text: str, at: int) -> int:
    """The index of the ``]`` of a class of characters that begins at an index."""
    at += 2 if text[at + 1 : at + 2] == "^" else 1
    first = at
    while at < len(text) and (text[at] != "]" or at == first):
        at += 2 if text[at] == "\\" else 1
    return at
