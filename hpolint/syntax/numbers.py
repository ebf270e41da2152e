"""Which numbers are reckoned with: those that a double holds. A text may spell one of any length."""

from __future__ import annotations

import re

DOUBLE_LIMIT = 2**1024
"""Beyond every double. Reckoning with larger integers takes time and memory without end, and no API takes one."""

MAX_NUMERAL_CHARACTERS = 400
"""Characters of a numeral that is looked at: a double's shortest decimals have fewer, whatever their size."""

INDEX_DIGITS_LIMIT = 10
"""Digits of an index that no list has. Python makes no integer of some thousand digits."""

TOO_LARGE = "is a number that is too large to reckon with"


def is_in_double_range(value: int | float) -> bool:
    """Whether a double can hold a number, if not exactly; infinities and what is no number cannot be reckoned with."""
    return -DOUBLE_LIMIT < value < DOUBLE_LIMIT


def index_of(digits: str) -> int | None:
    """The index that some digits spell; None for anything else, and for more digits than any list has items."""
    return int(digits) if digits.isdecimal() and len(digits) < INDEX_DIGITS_LIMIT else None


NUMBER = re.compile(r"[+-]?(\d++(?:\.\d*+)?|\.\d++)([eE][+-]?\d++)?\Z")
"""A number in words, as the API takes a range's bounds."""
