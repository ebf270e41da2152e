"""The numbers that hpolint evaluates: those in the range of a double. A text may contain larger and longer ones."""

from __future__ import annotations

from hpolint.lazy_regex import lazy_regex

DOUBLE_LIMIT = 2**1024
"""Larger than every double. Arithmetic on larger integers takes unbounded time and memory, and no API accepts one."""

MAX_NUMERAL_CHARACTERS = 400
"""Longest numeral that is parsed, in characters. The shortest decimal of any double has fewer."""

INDEX_DIGITS_LIMIT = 10
"""Digits from which a numeral is beyond any list's index. Python refuses integers of more than 4,300 digits."""


def is_in_double_range(value: int | float) -> bool:
    """Whether a number is in the range of a double, exactly or rounded. Infinities and NaN are not."""
    return -DOUBLE_LIMIT < value < DOUBLE_LIMIT


def index_of(digits: str) -> int | None:
    """The index in a string of digits; None for another string, and for more digits than any index has."""
    return int(digits) if digits.isdecimal() and len(digits) < INDEX_DIGITS_LIMIT else None


NUMBER = lazy_regex(r"[+-]?(\d++(?:\.\d*+)?|\.\d++)([eE][+-]?\d++)?\Z")
"""A number in a string, as the API accepts it for a range's bounds."""
