"""Bounds on the size of the interpreter's values, checked before a value grows.

A few lines can double a value forty times. A value beyond these bounds is unknown, with a reason. The bounds are far
beyond the values of any request.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import TYPE_CHECKING

from hpolint.syntax.numbers import is_in_double_range

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.values import Value

MAX_TEXT_CHARACTERS = 10_000
"""Characters of a computed string."""

MAX_ITEMS = 10_000
"""Items of one list, dict or call's arguments."""

MAX_NESTED_VALUES = 100_000
"""Values within a value; a shared value counts once per reference."""

MAX_NESTING = 150
"""Levels of nesting within a value."""

MAX_PIECES = 200
"""Pieces of a partly known string."""

MAX_BITS = 1024
"""Bits of an integer: the range of a double."""

TOO_LARGE = "exceeds hpolint's limits, such as 10,000 characters or items"


def is_text_within_bounds(length: int) -> bool:
    """Whether a string of ``length`` characters is within bounds."""
    return length <= MAX_TEXT_CHARACTERS


def has_room(*parts: Sized) -> bool:
    """Whether one list, dict or call may hold the items of all ``parts``."""
    return sum(len(part) for part in parts) <= MAX_ITEMS


def is_scalar_within_bounds(value: object) -> bool:
    """Whether a string's length and a number's range are within bounds; a boolean and None are."""
    if isinstance(value, str):
        return is_text_within_bounds(len(value))
    return not isinstance(value, int | float) or is_in_double_range(value)


def bits(value: object) -> int:
    """The bit length of an integer; 0 for other values."""
    return value.bit_length() if isinstance(value, int) else 0


def known_length(pieces: tuple[str | None, ...]) -> int:
    """The characters of the known pieces of a string."""
    return sum(len(piece) for piece in pieces if piece is not None)


def bounded_pieces(pieces: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """The pieces of a partly known string; ``(None,)`` if they are too many or too long."""
    if len(pieces) <= MAX_PIECES and known_length(pieces) <= MAX_TEXT_CHARACTERS:
        return pieces
    return (None,)


def is_within_bounds(value: Value) -> bool:
    """Whether a value with everything nested in it is within bounds; a value that contains itself is not.

    The work is linear in the number of distinct values.
    """
    from hpolint.readers.python.interpreter.values import items_of

    sizes: dict[int, tuple[int, int]] = {}
    open_: set[int] = set()
    waiting: list[tuple[Value, bool]] = [(value, False)]
    while waiting:
        value, is_below_done = waiting.pop()
        if is_below_done:
            open_.discard(id(value))
            count, levels = sizes[id(value)] = _size([sizes[id(item)] for item in items_of(value)])
            if count > MAX_NESTED_VALUES or levels > MAX_NESTING:
                return False
        elif id(value) in open_:
            return False
        elif id(value) not in sizes:
            open_.add(id(value))
            waiting.append((value, True))
            waiting += [(item, False) for item in items_of(value)]
            if len(waiting) > 2 * MAX_NESTED_VALUES:
                return False
    return True


def _size(below: list[tuple[int, int]]) -> tuple[int, int]:
    """The number of values and of levels of a value with parts of some sizes."""
    return 1 + sum(count for count, _ in below), 1 + max((levels for _, levels in below), default=0)
