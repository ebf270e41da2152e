"""Room for the frames of deep calls.

Python keeps the frames of calls in chunks of 16 KB, and returns a chunk to the system when the last call in it ends
(``push_chunk`` in ``Python/pystate.c`` since 3.11). Where calls go to and fro across the end of a chunk, each of them
asks the system for memory: whether a check meets such a place depends on how deep it is called itself. A frame that
needs much room gets a large chunk, and the calls below it have the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

Result = TypeVar("Result")

ROOM = 66_000
"""The room that the frame asks for, in pointers: a little more than half of a chunk of 1 MB. It is never touched."""


def _called(function: Callable[[], Any]) -> Any:
    return function()


_called_with_room = FunctionType(_called.__code__.replace(co_stacksize=ROOM), globals())


def with_room(function: Callable[[], Result]) -> Result:
    """Call a function that calls many others, deep below each other. Returns its result."""
    result: Result = _called_with_room(function)
    return result
