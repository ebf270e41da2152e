"""Which values an algorithm accepts for a hyperparameter, by the keys ``takes`` and ``needs`` of its data file."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec

from hpolint.facts.algorithm_data import Algorithm, version_order
from hpolint.facts.space import TunedParameter
from hpolint.facts.typed_values import bound, first_unknown
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown

INTERVAL = lazy_regex(r"(?P<open>[\[(])(?P<low>[^,]*), ?(?P<high>[^\])]*)(?P<close>[\])])\Z")

MAX_TRIED_INTEGERS = 200
"""Largest number of integers in a range of which each is tried; of a longer range, only the ends are."""

MAX_NAMED_CHOICES = 6
"""Largest number of choices that a message names; more are counted."""

MIN_SIMILARITY = 0.8
"""Similarity from which a choice is suggested for a refused value."""


class Interval(msgspec.Struct, frozen=True):
    """Numbers between two ends; None where there is no end."""

    low: float | None
    high: float | None
    excludes_low: bool
    """Whether the low end itself is outside of it."""
    excludes_high: bool
    """Whether the high end itself is outside of it."""

    @staticmethod
    def read(text: str) -> Interval:
        """``(0, 1]``, or ``[0, )`` without a high end."""
        found = INTERVAL.match(text)
        assert found is not None
        low, high = (float(found[end]) if found[end].strip() else None for end in ("low", "high"))
        return Interval(low, high, found["open"] == "(", found["close"] == ")")

    def has(self, value: float) -> bool:
        """Whether a number is inside. NaN is, because the container compares it in the same way."""
        if self.low is not None and (value < self.low or (self.excludes_low and value == self.low)):
            return False
        return self.high is None or not (value > self.high or (self.excludes_high and value == self.high))

    def words(self, what: str) -> str:
        """``a number above 0 and up to 1``."""
        low, high = (f"{end:.12g}" if end is not None else None for end in (self.low, self.high))
        if low is None or high is None:
            if high is not None:
                return f"{what} {'below' if self.excludes_high else 'of at most'} {high}"
            return what if low is None else f"{what} {'above' if self.excludes_low else 'of at least'} {low}"
        if not self.excludes_low and not self.excludes_high:
            return f"{what} from {low} to {high}"
        start, end = "above" if self.excludes_low else "from", "below" if self.excludes_high else "up to"
        return f"{what} {start} {low} and {end} {high}"


class AcceptedValues(msgspec.Struct, frozen=True):
    """The values that an algorithm accepts for one hyperparameter, and how it reads the text that is sent."""

    kind: str
    """``number``, ``integer``, ``one_of`` or ``list_of``."""
    interval: Interval
    choices: tuple[str, ...]
    """The values of ``one_of``, the items of ``list_of``, or the words that are accepted instead of a number."""
    at: tuple[str, ...]
    """Items of a list that may be followed by a threshold: ``error@0.7``."""
    exact: bool
    """Whether it is known how the container converts the text. If not, only what no conversion accepts is refused."""

    def refuses(self, text: str) -> bool:
        """Whether a text is not accepted."""
        if self.kind in ("one_of", "list_of"):
            items = text.split(",") if self.kind == "list_of" else [text]
            return not all(self._has(item) for item in items)
        if self._has(text):
            return False
        try:
            value = float(text)
            if self.kind == "integer" and (int(text) if self.exact else int(value)) != value:
                return True
        except (ValueError, OverflowError):
            return True
        return not self.interval.has(value)

    def _has(self, text: str) -> bool:
        name, at, threshold = text.partition("@")
        if at and self.at:
            return name.strip() in self.at and is_number(threshold)
        return text in self.choices or (not self.exact and text.strip().lower() in map(str.lower, self.choices))

    @property
    def words(self) -> str:
        """The accepted values, in words."""
        if self.kind in ("number", "integer"):
            interval = self.interval.words("a number" if self.kind == "number" else "a whole number")
            return _any_of([f"`{choice}`" for choice in self.choices] + [interval])
        if self.kind == "list_of":
            return f"one or more of {len(self.choices)} values, separated by commas"
        if self.is_counted:
            return f"one of {len(self.choices)} values"
        return _any_of([f"`{choice}`" for choice in self.choices])

    @property
    def is_counted(self) -> bool:
        """Whether ``words`` only counts the choices."""
        is_long = self.kind == "one_of" and len(self.choices) > MAX_NAMED_CHOICES
        return is_long or self.kind == "list_of"

    def nearest(self, refused: str) -> str | None:
        """The choice that is closest to a refused value, or to the refused item of a list."""
        from difflib import get_close_matches

        items = refused.split(",") if self.kind == "list_of" else [refused]
        text = next((item for item in items if not self._has(item)), refused).strip().lower()
        found = get_close_matches(text, self.choices, n=1, cutoff=MIN_SIMILARITY)
        return found[0] if found and self.kind in ("one_of", "list_of") else None


def is_number(text: str) -> bool:
    """Whether Python reads a text as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _any_of(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def accepted_values(algorithm: Algorithm, name: str, version: str | None) -> AcceptedValues | None:
    """The values that a version accepts for a name; None if they are not known."""
    entry: dict[str, Any] | None = algorithm.takes.get(name)
    if entry is None:
        return None
    kind = next(each for each in ("number", "integer", "one_of", "list_of") if each in entry)
    choices = list(entry.get("or", ())) if kind in ("number", "integer") else list(entry[kind])
    for since, more in entry.get("since", {}).items():
        if version is not None and version_order(version) >= version_order(since):
            choices += more
    interval = Interval.read(entry[kind] if kind in ("number", "integer") else "(, )")
    return AcceptedValues(kind, interval, tuple(choices), tuple(entry.get("at", ())), version is not None)


class Refusal(msgspec.Struct, frozen=True):
    """A value that is not accepted."""

    text: str
    always: bool
    """Whether none of the values that are sent is accepted."""


def static_refusal(accepted: AcceptedValues, node: Node | None) -> Refusal | Unknown | None:
    """The refusal of a static value; None if it is accepted."""
    if isinstance(node, Unknown):
        return node
    if not isinstance(node, Scalar) or not isinstance(node.value, str) or not accepted.refuses(node.value):
        return None
    return Refusal(node.value, always=True)


def range_refusal(accepted: AcceptedValues, range_: TunedParameter) -> Refusal | Unknown | None:
    """The refusal of a value in a range. A continuous range may end at an excluded number: it is hardly drawn."""
    node = range_.node
    if not isinstance(node, Struct):
        return node if isinstance(node, Unknown) else None
    if range_.kind == "categorical":
        return _of_categories(accepted, node.members.get("Values", node.open))
    low, high = (node.members.get(each, node.open) for each in ("MinValue", "MaxValue"))
    first, last = bound(low), bound(high)
    if isinstance(first, float) and isinstance(last, float):
        if last < first:
            return None
        refusal = _of_continuous if range_.kind == "continuous" else _of_integers
        return refusal(accepted, first, last)
    ends = [(end, end is first) for end in (first, last) if isinstance(end, float)]
    outside = [end for end, is_low in ends if _is_outside(accepted, end, is_low)]
    return Refusal(_text(outside[0]), always=False) if outside else first_unknown(first, last)


def _of_categories(accepted: AcceptedValues, values: Node | None) -> Refusal | Unknown | None:
    if not isinstance(values, Array):
        return values if isinstance(values, Unknown) else None
    texts = [item.value for item in values.items if isinstance(item, Scalar) and isinstance(item.value, str)]
    unknown = values.open or next((item for item in values.items if isinstance(item, Unknown)), None)
    found = _of_values(accepted, texts)
    if found is None or unknown is None:
        return found or unknown
    return Refusal(found.text, always=False)


def _of_values(accepted: AcceptedValues, texts: list[str]) -> Refusal | None:
    refused = [text for text in texts if accepted.refuses(text)]
    return Refusal(refused[0], always=len(refused) == len(texts)) if refused else None


def _of_integers(accepted: AcceptedValues, low: float, high: float) -> Refusal | None:
    first, last = math.ceil(low), math.floor(high)
    numbers = range(first, last + 1) if last - first < MAX_TRIED_INTEGERS else (first, last)
    return _of_values(accepted, [str(number) for number in numbers])


def _of_continuous(accepted: AcceptedValues, low: float, high: float) -> Refusal | None:
    if low == high:
        return _of_values(accepted, [_text(low)])
    between = _between(low, high)
    if accepted.kind != "number":
        return Refusal(between, always=True) if accepted.refuses(between) else None
    end, start = accepted.interval.high, accepted.interval.low
    if start is not None and low < start:
        return Refusal(_text(low), always=high < start or (high == start and accepted.interval.excludes_low))
    if end is not None and high > end:
        return Refusal(_text(high), always=low > end or (low == end and accepted.interval.excludes_high))
    return None


def _is_outside(accepted: AcceptedValues, number: float, is_low: bool) -> bool:
    """Whether an end of a range whose other end is unknown lies outside of the accepted numbers."""
    end = accepted.interval.low if is_low else accepted.interval.high
    return end is not None and (number < end if is_low else number > end)


def _between(low: float, high: float) -> str:
    """A value in a continuous range that is not an integer."""
    value = low + (high - low) * 0.37
    fractions = (round(value, 2), value, math.floor(value) + 0.5, math.floor(value) - 0.5)
    return _text(next((each for each in fractions if low < each < high and not each.is_integer()), value))


def _text(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


class Need(msgspec.Struct, frozen=True):
    """What a static value needs beside it and the definition does not send: the need and its remedy, in words."""

    text: str
    remedy: str


def unmet_need(
    algorithm: Algorithm, name: str, version: str | None, value: Node | None, other: Callable[[str], Node | str | None]
) -> Need | Unknown | None:
    """The first need of a static value that is not met.

    ``other`` gives another static hyperparameter, None for one that is not sent, and a text for one that is tuned.
    """
    unknown: Unknown | None = None
    for need in algorithm.needs:
        if need["name"] != name or not _applies(need, version):
            continue
        found = _unmet(need, value, other(need["other"]))
        if isinstance(found, Need):
            return found
        unknown = unknown or found
    return unknown


def _applies(need: dict[str, Any], version: str | None) -> bool:
    since = need.get("since")
    return since is None or (version is not None and version_order(version) >= version_order(since))


def _unmet(need: dict[str, Any], value: Node | None, other: Node | str | None) -> Need | Unknown | None:
    name, wanted, values = f"`{need['name']}`", f"`{need['other']}`", need.get("values")
    subject, removal = name, name
    if values is not None:
        if not isinstance(value, Scalar) or not isinstance(value.value, str):
            return value if isinstance(value, Unknown) else None
        given = next((each for each in value.value.split(",") if each in values), None)
        if given is None:
            return None
        subject, removal = f"`{given}` as {name}", f"`{given}` from {name}"
    choices = need.get("one_of") or need.get("starts")
    listed = _any_of([f"`{choice}`" for choice in choices or ("",)])
    wording = listed if "one_of" in need else f"a value that begins with {listed}"
    if other is None:
        remedy = f"Add the static hyperparameter {wanted}"
        return Need(f"{subject} needs {wanted}", f"{remedy}: {wording}" if choices else remedy)
    if choices is None or isinstance(other, str):
        return None
    if not isinstance(other, Scalar) or not isinstance(other.value, str):
        return other if isinstance(other, Unknown) else None
    if other.value in choices if "one_of" in need else other.value.startswith(tuple(choices)):
        return None
    how = "to be" if "one_of" in need else "to begin with"
    return Need(f"{subject} needs {wanted} {how} {listed}", f"Set {wanted} to {wording}, or remove {removal}")
