"""A string that contains a definition, composed of pieces with their places in the source.

Such strings are ``Fn::Join`` and ``Fn::Sub``, heredocs, and plain strings with escapes. A part that only a deployment
fills in is a gap.
"""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from math import prod
from operator import attrgetter, itemgetter
from typing import Any

import msgspec

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import MAX_CHOICES, Scalar, ScalarValue, Unknown
from hpolint.model.source import Source, Span
from hpolint.syntax.places import OtherValueError, Placed, csv_places, json_places, places

PLACEHOLDER = "\ue000"
"""The character of a gap. A text may contain it otherwise too: gaps are identified by their offsets."""

REFERENCE = lazy_regex(r"\$\{([^{}]*)\}")


MARGIN_CHARACTERS = 1_000_000
"""Characters by which a composed text may be longer than its file."""

Gap = tuple[int, Unknown]
"""The offset of an unknown part in a text, and the unknown value."""

Lookup = Callable[[str, Span], "Text | None"]
"""A function from the name and place of a ``${name}`` to its text; None leaves it as written."""


class _Insert(msgspec.Struct, frozen=True):
    """A range of the text that is written elsewhere, and the offsets of the reference to it."""

    start: int
    end: int
    place: tuple[int, int]

    def moved(self, by: int) -> _Insert:
        return _Insert(self.start + by, self.end + by, self.place)


class Allowance:
    """The limit of characters that are composed for one file: nested references could double the text each time."""

    def __init__(self, source: Source) -> None:
        self._left = 8 * len(source.text) + MARGIN_CHARACTERS

    def spend(self, characters: int) -> None:
        """Count composed characters."""
        self._left -= characters

    @property
    def is_spent(self) -> bool:
        """Whether the limit is reached."""
        return self._left <= 0


class Text:
    """A string with the start and end offset of every character in its source.

    ``gaps`` are its unknown parts; they and ``inserts`` are in the text's order.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.value = ""
        self.gaps: list[Gap] = []
        self.starts = array("I")
        self.ends = array("I")
        self.inserts: list[_Insert] = []

    @classmethod
    def of(cls, source: Source, node: Scalar) -> Text:
        """The text of a string scalar."""
        text = cls(source)
        value = str(node.value)
        start, end = offsets(source, node.span)
        try:
            text._place(_places_of(source)(source.text, start, end, value))
        except OtherValueError:
            return cls(source).add([(value, start, end)])
        text.value = value
        return text

    @classmethod
    def file(cls, source: Source) -> Text:
        """The whole text of a file."""
        return cls(source).add([(source.text, 0, len(source.text))])

    @classmethod
    def written(cls, source: Source, value: str, span: Span) -> Text:
        """A text whose characters all have the same place."""
        return cls(source).add([(value, *offsets(source, span))])

    @classmethod
    def gap(cls, source: Source, unknown: Unknown) -> Text:
        """A text that is one gap."""
        text = cls.written(source, PLACEHOLDER, unknown.span)
        text.gaps.append((0, unknown))
        return text

    def add(self, placed: Iterable[tuple[str, int, int]]) -> Text:
        """Append characters with their start and end offsets, and return the text."""
        pieces = list(placed)
        self._place(pieces)
        self.value += "".join(chars for chars, _, _ in pieces)
        return self

    def _place(self, placed: Iterable[tuple[str, int, int]]) -> None:
        """Append the places of characters."""
        for chars, start, end in placed:
            if end - start == len(chars):
                self.starts.extend(range(start, end))
                self.ends.extend(range(start + 1, end + 1))
            elif len(chars) == 1:
                self.starts.append(start)
                self.ends.append(end)
            else:
                self.starts.extend([start] * len(chars))
                self.ends.extend([end] * len(chars))

    @classmethod
    def joined(cls, source: Source, parts: list[Text]) -> Text:
        """The concatenation of texts of one source; a gap if it is far longer than the source."""
        if sum(len(part.value) for part in parts) > len(source.text) + MARGIN_CHARACTERS:
            first, last = parts[0].whole, parts[-1].whole
            place = Span(first.line, first.column, last.end_line, last.end_column)
            return cls.gap(source, Unknown("is longer than hpolint evaluates", max(place, first)))
        text = cls(source)
        text.value = "".join(part.value for part in parts)
        at = 0
        for part in parts:
            text.starts.extend(part.starts)
            text.ends.extend(part.ends)
            text.gaps += [(at + offset, unknown) for offset, unknown in part.gaps]
            text.inserts += [insert.moved(at) for insert in part.inserts]
            at += len(part.value)
        return text

    def part(self, start: int, end: int) -> Text:
        """The part of the text between two offsets."""
        text = Text(self.source)
        text.value = self.value[start:end]
        text.starts, text.ends = self.starts[start:end], self.ends[start:end]
        text.gaps = [(offset - start, unknown) for offset, unknown in self._gaps_in(start, end)]
        first = bisect_right(self.inserts, start, key=attrgetter("end"))
        last = bisect_left(self.inserts, end, key=attrgetter("start"))
        for insert in self.inserts[first:last]:
            text.inserts.append(_Insert(max(insert.start - start, 0), min(insert.end, end) - start, insert.place))
        return text

    def has_gap(self, start: int, end: int) -> bool:
        """Whether there is a gap between two offsets."""
        index = bisect_left(self.gaps, start, key=itemgetter(0))
        return index < len(self.gaps) and self.gaps[index][0] < end

    def _gaps_in(self, start: int, end: int) -> list[Gap]:
        first, last = (bisect_left(self.gaps, offset, key=itemgetter(0)) for offset in (start, end))
        return self.gaps[first:last]

    def split(self, delimiter: str) -> list[Text]:
        """The parts between a delimiter."""
        parts, at = [], 0
        for piece in self.value.split(delimiter):
            parts.append(self.part(at, at + len(piece)))
            at += len(piece) + len(delimiter)
        return parts

    def filled(self, lookup: Lookup) -> Text:
        """The text with each ``${name}`` replaced by the text that ``lookup`` returns."""
        parts: list[Text] = []
        at = 0
        for match in REFERENCE.finditer(self.value):
            start, end = match.span()
            text = lookup(match[1], self.span(start, end)) if not self.has_gap(start, end) else None
            if text is not None:
                is_elsewhere = text.source is not self.source
                parts += [self.part(at, start), text.named(self.place(start, end), elsewhere=is_elsewhere)]
                at = end
        return self.continued(parts, at)

    def continued(self, parts: list[Text], at: int) -> Text:
        """The parts with the rest of this text behind them, from an offset on; this text if there are no parts."""
        if not parts:
            return self
        return Text.joined(self.source, [*parts, self.part(at, len(self.value))])

    def with_gaps_for(self, pattern: re.Pattern[str], reason: str) -> Text:
        """The text with a gap in place of each match of a pattern."""
        parts: list[Text] = []
        at = 0
        for match in pattern.finditer(self.value):
            gap = Text.gap(self.source, Unknown(reason, self.span(match.start(), match.end())))
            parts += [self.part(at, match.start()), gap]
            at = match.end()
        return self.continued(parts, at)

    def referenced_at(self, place: Span) -> Text:
        """The text as the value of a reference at another place of the same source."""
        return self.named(offsets(self.source, place), elsewhere=False)

    def named(self, place: tuple[int, int], *, elsewhere: bool) -> Text:
        """The text as the value of a reference at other offsets.

        ``elsewhere``: the text is from another file, so its characters get the place of the reference.
        """
        text = Text(self.source)
        text.value, text.gaps, text.starts, text.ends = self.value, self.gaps, self.starts, self.ends
        size = len(self.value)
        if elsewhere:
            start, end = place
            text.starts, text.ends = array("I", [start] * size), array("I", [end] * size)
        if size:
            text.inserts.append(_Insert(0, size, place))
        return text

    def span(self, start: int, end: int) -> Span:
        """The span of a range: exact within one piece, else from the start in the first to the end in the last."""
        return self.source.span(*self.place(start, end))

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The start and end offset of a range in the source."""
        if not self.value:
            return 0, 0
        first, last = min(start, len(self.value) - 1), max(min(end, len(self.value)), 1) - 1
        last = max(first, last)
        begin, finish = self.starts[first], self.ends[last]
        if start >= len(self.value):  # after the last character
            return finish, finish
        first_insert, last_insert = self._insert_at(first), self._insert_at(last)
        if first_insert is not last_insert:  # a part is written elsewhere: use the place of its reference
            if first_insert:
                begin = first_insert.place[0]
            if last_insert:
                finish = last_insert.place[1]
        if begin < finish:
            return begin, finish
        return begin, max(self.ends[first], begin)

    def _insert_at(self, at: int) -> _Insert | None:
        """The insert that contains an offset; None if there is none."""
        index = bisect_right(self.inserts, at, key=attrgetter("end"))
        if index < len(self.inserts) and self.inserts[index].start <= at:
            return self.inserts[index]
        return None

    @property
    def whole(self) -> Span:
        """The span of the whole text."""
        return self.span(0, len(self.value))

    def as_node(self, span: Span | None = None) -> Scalar | Unknown:
        """The text as a value; with gaps, an unknown value with its known pieces."""
        place = span or self.whole
        if not self.gaps:
            return Scalar(self.value, place)
        return text_with_gaps(self, place)


def _places_of(source: Source) -> Callable[[str, int, int, str], Iterator[Placed]]:
    """The function that finds the characters of a string in the syntax of a source."""
    if source.is_table:
        return csv_places
    return json_places if source.is_json else places


def placeholder(source: Source, name: str, place: Span) -> Text:
    """The gap of a ``${name}`` without a value."""
    return Text.gap(source, Unknown(f"is the placeholder ${{{name}}}", place))


def offsets(source: Source, span: Span) -> tuple[int, int]:
    """The start and end offset of a span in its source."""
    return source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)


def text_with_gaps(text: Text, span: Span, *, escaped: bool = False, bare: bool = False) -> Unknown:
    """A text with gaps as a value, with its known pieces, and its possible values and default if the gaps' are known.

    ``escaped``: the text has JSON's escapes; ``bare``: it is JSON of another value than a string, such as a number.
    """
    first = text.gaps[0][1]
    choices = _values(text, [unknown.choices for _, unknown in text.gaps], escaped=escaped, bare=bare)
    defaults = [(unknown.default,) if unknown.default is not None else () for _, unknown in text.gaps]
    default = next(iter(_values(text, defaults, escaped=escaped, bare=bare)), None)
    if text.value == PLACEHOLDER:
        return Unknown(first.reason, span, first.pieces, choices, default)
    pieces: list[str | None] = []
    at = 0
    for offset, _ in text.gaps:
        if offset > at:
            pieces.append(text.value[at:offset])
        pieces.append(None)
        at = offset + 1
    if at < len(text.value):
        pieces.append(text.value[at:])
    try:
        known = tuple(json.loads(f'"{piece}"', strict=False) if escaped and piece else piece for piece in pieces)
    except ValueError:  # a gap within an escape
        known = ()
    return Unknown(f"has a part that {first.reason}", span, known, choices, default)


def _values(
    text: Text, values: Sequence[tuple[Scalar | None, ...]], *, escaped: bool, bare: bool
) -> tuple[Scalar | None, ...]:
    """The texts with the gaps filled by their ``values`` in all ways, as values; empty if not known or too many."""
    ways = [[_choice_text(choice) for choice in choices] for choices in values]
    if not 0 < prod(map(len, ways)) <= MAX_CHOICES or any(None in way for way in ways):
        return ()
    scalars: dict[tuple[type, ScalarValue], Scalar] = {}  # with the type, because True == 1 in Python
    for words in product(*ways):
        written, at = "", 0
        for (offset, _), word in zip(text.gaps, words, strict=True):
            written += f"{text.value[at:offset]}{word}"
            at = offset + 1
        written += text.value[at:]
        value: Any = written
        try:
            if bare:
                value = json.loads(written, strict=False)
            elif escaped:
                value = json.loads(f'"{written}"', strict=False)
        except ValueError:
            return ()
        if isinstance(value, dict | list):
            return ()
        scalars.setdefault((type(value), value), Scalar(value, text.gaps[0][1].span))
    return tuple(scalars.values())


def _choice_text(choice: Scalar | None) -> str | None:
    """A value as text; None for an absent value, or one that has several spellings, such as a float."""
    value = choice.value if choice is not None else None
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int) else None
