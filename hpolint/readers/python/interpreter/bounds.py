"""How large a value may become while source is followed. Whatever makes one larger asks here first.

A few lines can double a value forty times. Beyond these bounds a value is unknown, with a reason; they are far beyond
what any request holds.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import TYPE_CHECKING

from hpolint.syntax.numbers import is_in_double_range

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.values import Value

MAX_TEXT = 10_000
"""Characters of a computed string."""

MAX_ITEMS = 10_000
"""What one list, dict or call's arguments hold."""

MAX_HELD = 100_000
"""Values within a value, those that stand in several places counted for each."""

MAX_NESTED = 150
"""How deep values are nested within a value."""

MAX_PIECES = 200
"""Pieces of a partly known string."""

MAX_BITS = 1024
"""Of an integer: a double reaches no further."""

TOO_LARGE = "is larger than hpolint follows, which is 10,000 characters or items"


def is_text_followed(length: int) -> bool:
    """Whether a string of so many characters is."""
    return length <= MAX_TEXT


def has_room(*parts: Sized | int) -> bool:
    """Whether one list, dict or call holds what these do together; a number stands for so many more items."""
    return sum(part if isinstance(part, int) else len(part) for part in parts) <= MAX_ITEMS


def is_number_followed(value: object) -> bool:
    """Whether a number is within what a double holds."""
    return not isinstance(value, int | float) or is_in_double_range(value)


def bits(value: object) -> int:
    """How large an integer is; 0 for what is none."""
    return value.bit_length() if isinstance(value, int) else 0


def pieces(given: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """The pieces of a partly known string; nothing is kept of too many or too long ones."""
    if len(given) <= MAX_PIECES and sum(len(piece) for piece in given if piece is not None) <= MAX_TEXT:
        return given
    return (None,)


def is_held(value: Value) -> bool:
    """Whether all that a value holds is within bounds; one that holds itself is not.

    The work is as much as there are different values in it, however often each stands there.
    """
    weights: dict[int, tuple[int, int]] = {}
    open_: set[int] = set()
    waiting: list[tuple[Value, bool]] = [(value, False)]
    while waiting:
        each, done_below = waiting.pop()
        if done_below:
            open_.discard(id(each))
            below = [weights[id(part)] for part in _parts(each)]
            weights[id(each)] = 1 + sum(held for held, _ in below), 1 + max((deep for _, deep in below), default=0)
            if weights[id(each)][0] > MAX_HELD or weights[id(each)][1] > MAX_NESTED:
                return False
        elif id(each) in open_:
            return False
        elif id(each) not in weights:
            open_.add(id(each))
            waiting.append((each, True))
            waiting += [(part, False) for part in _parts(each)]
            if len(waiting) > 2 * MAX_HELD:
                return False
    return True


def _parts(value: Value) -> list[Value]:
    from hpolint.readers.python.interpreter.values import Mapping, Sequence

    if isinstance(value, Mapping):
        return list(value.entries.values())
    return value.items if isinstance(value, Sequence) else []
