"""Which values an algorithm accepts for a hyperparameter, by the keys ``takes`` and ``needs`` of its data file."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec

from hpolint.facts.algorithm_data import Algorithm, version_order
from hpolint.facts.space import TunedParameter
from hpolint.facts.typed_values import first_unknown
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Array, Node, Scalar, Unknown, child, text_of

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
        parts = INTERVAL.match(text)
        assert parts is not None
        low, high = _end(parts["low"]), _end(parts["high"])
        return Interval(low, high, excludes_low=parts["open"] == "(", excludes_high=parts["close"] == ")")

    def has(self, value: float) -> bool:
        """Whether a number is inside. NaN is, because the container compares it in the same way."""
        if self.low is not None and (value < self.low or (self.excludes_low and value == self.low)):
            return False
        return self.high is None or not (value > self.high or (self.excludes_high and value == self.high))

    def words(self, what: str) -> str:
        """``a number above 0 and up to 1``."""
        low = None if self.low is None else f"{self.low:.12g}"
        high = None if self.high is None else f"{self.high:.12g}"
        if low is None and high is None:
            return what
        if low is None:
            return f"{what} {'below' if self.excludes_high else 'of at most'} {high}"
        if high is None:
            return f"{what} {'above' if self.excludes_low else 'of at least'} {low}"
        if not self.excludes_low and not self.excludes_high:
            return f"{what} from {low} to {high}"
        start = "above" if self.excludes_low else "from"
        end = "below" if self.excludes_high else "up to"
        return f"{what} {start} {low} and {end} {high}"


def _end(text: str) -> float | None:
    return float(text) if text.strip() else None


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
            return any(not self._has(item) for item in self._items(text))
        if self._has(text):
            return False
        try:
            value = float(text)
            if self.kind == "integer" and (int(text) if self.exact else int(value)) != value:
                return True
        except (ValueError, OverflowError):
            return True
        return not self.interval.has(value)

    def _items(self, text: str) -> list[str]:
        return text.split(",") if self.kind == "list_of" else [text]

    def _has(self, text: str) -> bool:
        name, at, threshold = text.partition("@")
        if at and self.at:
            return name.strip() in self.at and is_number(threshold)
        return text in self.choices or (not self.exact and text.strip().lower() in map(str.lower, self.choices))

    @property
    def words(self) -> str:
        """The accepted values, in words."""
        if self.kind == "list_of":
            return f"one or more of {len(self.choices)} values, separated by commas"
        if self.is_counted:
            return f"one of {len(self.choices)} values"
        words = [f"`{choice}`" for choice in self.choices]
        if self.kind == "number":
            words.append(self.interval.words("a number"))
        elif self.kind == "integer":
            words.append(self.interval.words("a whole number"))
        return any_of(words)

    @property
    def is_counted(self) -> bool:
        """Whether ``words`` only counts the choices."""
        is_long = self.kind == "one_of" and len(self.choices) > MAX_NAMED_CHOICES
        return is_long or self.kind == "list_of"

    def nearest(self, refused: str) -> str | None:
        """The choice that is closest to a refused value, or to the refused item of a list."""
        from difflib import get_close_matches

        if self.kind not in ("one_of", "list_of"):
            return None
        text = next((item for item in self._items(refused) if not self._has(item)), refused).strip().lower()
        return next(iter(get_close_matches(text, self.choices, n=1, cutoff=MIN_SIMILARITY)), None)


def is_number(text: str) -> bool:
    """Whether Python reads a text as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def any_of(words: list[str]) -> str:
    """``a, b or c``."""
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def accepted_values(algorithm: Algorithm, name: str, version: str | None) -> AcceptedValues | None:
    """The values that a version accepts for a name; None if they are not known."""
    entry: dict[str, Any] | None = algorithm.takes.get(name)
    if entry is None:
        return None
    kind = next(kind for kind in ("number", "integer", "one_of", "list_of") if kind in entry)
    if kind in ("number", "integer"):
        interval, choices = entry[kind], list(entry.get("or", ()))
    else:
        interval, choices = "(, )", list(entry[kind])
    for since, more in entry.get("since", {}).items():
        if version is not None and version_order(version) >= version_order(since):
            choices += more
    return AcceptedValues(
        kind=kind,
        interval=Interval.read(interval),
        choices=tuple(choices),
        at=tuple(entry.get("at", ())),
        exact=version is not None,
    )


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
    if range_.kind == "categorical":
        return _of_categories(accepted, child(range_.node, "Values"))
    low, high = range_.bounds
    if isinstance(low, float) and isinstance(high, float):
        if high < low:
            return None
        return _of_continuous(accepted, low, high) if range_.kind == "continuous" else _of_integers(accepted, low, high)
    for number, is_low in ((low, True), (high, False)):
        if isinstance(number, float) and _is_outside(accepted, number, is_low):
            return Refusal(_text(number), always=False)
    return first_unknown(low, high)


def _of_categories(accepted: AcceptedValues, values: Node | None) -> Refusal | Unknown | None:
    if not isinstance(values, Array):
        return first_unknown(values)
    texts = [text for text in map(text_of, values.items) if text is not None]
    unknown = first_unknown(values.open, *values.items)
    refusal = _of_values(accepted, texts)
    if refusal is None or unknown is None:
        return refusal or unknown
    return Refusal(refusal.text, always=False)


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
    if accepted.kind != "number":
        between = _between(low, high)
        return Refusal(between, always=True) if accepted.refuses(between) else None
    interval = accepted.interval
    if interval.low is not None and low < interval.low:
        is_below = high < interval.low or (high == interval.low and interval.excludes_low)
        return Refusal(_text(low), always=is_below)
    if interval.high is not None and high > interval.high:
        is_above = low > interval.high or (low == interval.high and interval.excludes_high)
        return Refusal(_text(high), always=is_above)
    return None


def _is_outside(accepted: AcceptedValues, number: float, is_low: bool) -> bool:
    """Whether an end of a range whose other end is unknown lies outside of the accepted numbers."""
    low, high = accepted.interval.low, accepted.interval.high
    if is_low:
        return low is not None and number < low
    return high is not None and number > high


def _between(low: float, high: float) -> str:
    """A value in a continuous range that is not an integer."""
    value = low + (high - low) * 0.37
    candidates = (round(value, 2), value, math.floor(value) + 0.5, math.floor(value) - 0.5)
    return _text(next((number for number in candidates if low < number < high and not number.is_integer()), value))


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
        unmet = _unmet(need, value, other(need["other"]))
        if isinstance(unmet, Need):
            return unmet
        unknown = unknown or unmet
    return unknown


def _applies(need: dict[str, Any], version: str | None) -> bool:
    since = need.get("since")
    return since is None or (version is not None and version_order(version) >= version_order(since))


def _unmet(need: dict[str, Any], value: Node | None, other: Node | str | None) -> Need | Unknown | None:
    name, wanted = f"`{need['name']}`", f"`{need['other']}`"
    subject, removal = name, name
    if "values" in need:
        if not isinstance(value, Scalar) or not isinstance(value.value, str):
            return first_unknown(value)
        needing = next((text for text in value.value.split(",") if text in need["values"]), None)
        if needing is None:
            return None
        subject, removal = f"`{needing}` as {name}", f"`{needing}` from {name}"
    add = f"Add the static hyperparameter {wanted}"
    choices = need.get("one_of") or need.get("starts")
    if choices is None:
        return Need(f"{subject} needs {wanted}", add) if other is None else None
    listed = any_of([f"`{choice}`" for choice in choices])
    how, wording = "to begin with", f"a value that begins with {listed}"
    if "one_of" in need:
        how, wording = "to be", listed
    if other is None:
        return Need(f"{subject} needs {wanted}", f"{add}: {wording}")
    if not isinstance(other, Scalar) or not isinstance(other.value, str):
        return first_unknown(other)
    if other.value in choices if "one_of" in need else other.value.startswith(tuple(choices)):
        return None
    return Need(f"{subject} needs {wanted} {how} {listed}", f"Set {wanted} to {wording}, or remove {removal}")
