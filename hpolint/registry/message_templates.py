"""Templates of messages: sentences with placeholders ``{CEL}`` or ``{CEL:format}`` and API members in backticks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from hpolint import schema
from hpolint.io.escaping import LONG, brief
from hpolint.lazy_regex import lazy_regex
from hpolint.model.message_parts import Advice, Member, Part, Sentence
from hpolint.model.message_text import joined_words
from hpolint.model.node import ScalarValue

FORMAT = lazy_regex(r"about\Z|each\Z|member\Z|[<>=^]?[+-]?#?0?\d*,?(\.\d+)?[bcdeEfFgGnosxX%]?\Z")
MEMBER = lazy_regex(r"`(?P<name>[A-Z]\w*(?:\.[A-Z]\w*)*)(?:: (?P<value>[^`]+))?`")
OPEN_MEMBER = lazy_regex(r"`(?P<name>[A-Z]\w*(?:\.[A-Z]\w*)*): \Z")

MAX_SHOWN_ITEMS = 3
MIN_ROUNDED_TO_INTEGER = 10


class TemplateError(ValueError):
    """A sentence with unbalanced braces or an invalid format."""


class Placeholder(msgspec.Struct, frozen=True):
    """An expression in a sentence, its offset, and the format of its value."""

    expression: str
    offset: int
    format: str


class Filled(msgspec.Struct, frozen=True):
    """A member of the API with the value of an expression: `` `Member: {CEL}` ``."""

    member: str
    placeholder: Placeholder


class FixPlace(msgspec.Struct, frozen=True):
    """``{fix}``: what the rule's fix would write, and where."""


class MeasuredPlace(msgspec.Struct, frozen=True):
    """``{measured}``: what an experiment found for the job's values."""


FIX, MEASURED = FixPlace(), MeasuredPlace()
OWN: dict[str, FixPlace | MeasuredPlace] = {"fix": FIX, "measured": MEASURED}
Segment = str | Member | Placeholder | Filled | FixPlace | MeasuredPlace


def parse_template(text: str) -> list[Segment]:
    """A sentence's literal text, members and placeholders; ``{{`` and ``}}`` are braces. Raises TemplateError."""
    segments: list[Segment] = []
    pieces = _pieces(text)
    while pieces:
        piece = pieces.pop(0)
        if not isinstance(piece, str):
            segments.append(OWN.get(piece.expression, piece))
            continue
        opened = OPEN_MEMBER.search(piece)
        closes = len(pieces) > 1 and isinstance(pieces[0], Placeholder) and str(pieces[1]).startswith("`")
        if opened and closes and is_member(opened["name"]):
            placeholder, rest = pieces.pop(0), str(pieces.pop(0))[1:]
            segments += [*_with_members(piece[: opened.start()]), Filled(opened["name"], placeholder)]  # type: ignore[arg-type]
            if rest:
                pieces.insert(0, rest)
        else:
            segments += _with_members(piece)
    return segments


def placeholders(segments: list[Segment]) -> list[Placeholder]:
    """The placeholders of a sentence, including those that fill a member."""
    bare = [segment.placeholder if isinstance(segment, Filled) else segment for segment in segments]
    return [segment for segment in bare if isinstance(segment, Placeholder)]


def is_member(name: str) -> bool:
    """Whether a name, or ``Parent.Member``, is a member of the API."""
    *parents, last = name.split(".")
    if not parents:
        return last in schema.member_names()
    return any(last in schema.members(shape) for shape in schema.shapes_of(parents[-1]))


def _with_members(text: str) -> list[Segment]:
    """Text split at the API members in backticks."""
    segments: list[Segment] = []
    at = 0
    for match in MEMBER.finditer(text):
        if not is_member(match["name"]):
            continue
        if at < match.start():
            segments.append(text[at : match.start()])
        value = match["value"]
        segments.append(Member(match["name"], None if value is None else _value(value), value is not None))
        at = match.end()
    if at < len(text):
        segments.append(text[at:])
    return segments


def _value(text: str) -> ScalarValue:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str | int | float | bool) else text


def _pieces(text: str) -> list[str | Placeholder]:
    """A sentence's literal text and placeholders."""
    segments: list[str | Placeholder] = []
    literal = ""
    at = 0
    while at < len(text):
        if text.startswith(("{{", "}}"), at):
            literal += text[at]
            at += 2
        elif text[at] == "}":
            raise TemplateError("`}` without a matching `{`")
        elif text[at] == "{":
            end = _closing_brace(text, at + 1)
            if literal:
                segments.append(literal)
                literal = ""
            segments.append(_placeholder(text[at + 1 : end], at + 1))
            at = end + 1
        else:
            literal += text[at]
            at += 1
    if literal:
        segments.append(literal)
    return segments


def _unquoted(text: str, at: int = 0) -> Iterator[tuple[int, str]]:
    """The characters from an offset on that are outside of CEL's strings, with their offsets."""
    quote = ""
    for index in range(at, len(text)):
        character = text[index]
        if character == quote:
            quote = ""
        elif not quote and character in "\"'":
            quote = character
        elif not quote:
            yield index, character


def _closing_brace(text: str, at: int) -> int:
    """The offset of the brace that closes the placeholder; braces in CEL's strings do not count."""
    for index, character in _unquoted(text, at):
        if character == "}":
            return index
    raise TemplateError("`{` is not closed")


def _placeholder(inside: str, offset: int) -> Placeholder:
    """Split at the last colon outside of brackets and quotes, unless the expression contains ``?``."""
    depth, colon = 0, -1
    for index, character in _unquoted(inside):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif depth == 0 and character == "?":
            return Placeholder(inside, offset, "")
        elif depth == 0 and character == ":":
            colon = index
    if colon < 0:
        return Placeholder(inside, offset, "")
    format_ = inside[colon + 1 :]
    if not FORMAT.match(format_):
        raise TemplateError(f"`{format_}` is not a valid format")
    return Placeholder(inside[:colon], offset, format_)


def render(
    segments: list[Segment],
    evaluate: Callable[[str], Any],
    advise: Callable[[], Advice | None] = lambda: None,
    measured: Callable[[], str | None] = lambda: None,
    collect: Callable[[str], list[Any]] | None = None,
) -> Sentence | None:
    """The sentence with its values; None if a value is null, or if the sentence is empty.

    ``evaluate`` returns the value of an expression and may raise; ``advise`` returns what the fix would write, or None;
    ``measured`` returns what an experiment found, or None. ``collect`` returns the values with the format ``each`` of
    all subjects that share the sentence; without it, there is one subject.
    """
    parts: list[Part] = []
    for segment in segments:
        part: Part | None
        if isinstance(segment, FixPlace):
            part = advise()
        elif isinstance(segment, MeasuredPlace):
            part = measured()
        elif isinstance(segment, Placeholder | Filled):
            part = _evaluated(segment, evaluate, collect)
        else:
            part = segment
            if isinstance(part, str) and not parts:
                part = part[:1].upper() + part[1:]  # values are never capitalised, only literal text
        if part is None:
            return None
        parts.append(part)
    return _joined(parts) or None


def _evaluated(
    segment: Placeholder | Filled, evaluate: Callable[[str], Any], collect: Callable[[str], list[Any]] | None
) -> Part | None:
    """The value of an expression as a part of a sentence; None for null."""
    placeholder = segment.placeholder if isinstance(segment, Filled) else segment
    value = evaluate(placeholder.expression)
    if value is None:
        return None
    if placeholder.format == "each" and collect is not None:
        return show(collect(placeholder.expression))
    if isinstance(segment, Filled):
        return Member(segment.member, value, is_given=True)
    if placeholder.format == "member":
        return Member(str(value))
    return show(value, placeholder.format)


def _joined(parts: list[Part]) -> Sentence:
    """The parts with adjacent texts merged and empty texts removed."""
    joined: list[Part] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return tuple(joined)


def show(value: Any, format_: str = "") -> str:
    """A value as messages print it: doubles as ``%.6g``, a list with its first items.

    In addition to Python's formats there are ``about``, which rounds to an integer from 10 and to two significant
    digits below, ``each``, for the values of all subjects that share a sentence, and ``member``, for ``render``: the
    value is the name of a member of the API.
    """
    if format_ == "each":
        return show([value])
    if isinstance(value, list):
        items = [f"`{brief(show(item))}`" for item in value[:MAX_SHOWN_ITEMS]]
        more = len(value) - len(items)
        if more:
            return f"{', '.join(items)} and {more} more"
        return joined_words(items) if items else "none"
    if format_ == "member":
        return brief(str(value), LONG)
    if format_ == "about":
        format_ = ",.0f" if abs(value) >= MIN_ROUNDED_TO_INTEGER else ".2g"
    if format_:
        return brief(format(value, format_), LONG)
    return format(value, ".6g") if isinstance(value, float) else brief(str(value), LONG)
