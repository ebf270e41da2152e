"""The way to the statement that is interpreted: passes of loops, calls, sides of branches, and what may keep it away.

A model of a library copies the way where something is launched, and tells launches apart by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

import msgspec

from hpolint.model.source import Span


class Turn(Enum):
    """What a step of the way is."""

    CALL = "call"
    """A call of a function of the source."""
    PASS = "pass"
    """One pass of a loop over known items."""
    PASSES = "passes"
    """Any number of passes of a loop."""
    SIDE = "side"
    """One of several ways of which at most one is taken: a side of a branch, an attempt that ends the loop."""
    PERHAPS = "perhaps"
    """A way that may not be taken: a handler, a callback, what follows a conditional `return`."""


class Step(msgspec.Struct, frozen=True):
    """One step.

    ``number`` is equal for the passes of one execution of a loop, and for the sides of one execution of a branch.
    ``index`` counts these from 1. ``place`` is the call, or what the loop iterates over. ``text`` is the name of the
    called function, or for ``PASSES`` what the loop iterates over as written; ``count`` is their number if it is known.
    ``is_pass``: it is a pass of a loop, also as an attempt that ends the loop.
    """

    turn: Turn
    number: int
    place: Span
    index: int = 1
    text: str = ""
    count: int | None = None
    is_pass: bool = False

    @property
    def is_attempt(self) -> bool:
        """Whether it is a pass that ends its loop unless it fails."""
        return self.turn is Turn.SIDE and self.is_pass

    @property
    def is_doubtful(self) -> bool:
        """Whether what follows it may not be reached."""
        return self.turn in (Turn.SIDE, Turn.PERHAPS)


UNTIL_LOOP_ENDS = 0
"""The index of the doubt after a `break` in an earlier pass."""


class Trail:
    """The steps to the current statement, outermost first."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._last_number = 0

    def next_number(self) -> int:
        """A number for another loop, branch or call."""
        self._last_number += 1
        return self._last_number

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps now."""
        return tuple(self._steps)

    def step(self, turn: Turn, place: Span, number: int | None = None, index: int = 1, text: str = "") -> Step:
        """A step with a number of its own, or of several that share one."""
        return Step(turn, self.next_number() if number is None else number, place, index, text)

    @contextmanager
    def within(self, step: Step) -> Iterator[None]:
        """A context on a step. What may have left a block in it, as a `return` in a call, is forgotten at its end."""
        depth = len(self._steps)
        self._steps.append(step)
        try:
            yield
        finally:
            del self._steps[depth:]

    @property
    def is_in_doubt(self) -> bool:
        """Whether something may have left the block of the last step."""
        return bool(self._steps) and self._steps[-1].turn is Turn.PERHAPS

    def may_have_left(self, place: Span, *, only_loop: bool = False) -> None:
        """Note that a `return`, `raise` or `continue` may have left the current block, or ``only_loop`` a `break`."""
        mark = self.step(Turn.PERHAPS, place, index=UNTIL_LOOP_ENDS if only_loop else 1)
        if not self.is_in_doubt:
            self._steps.append(mark)
        elif self._steps[-1].index == UNTIL_LOOP_ENDS:
            self._steps[-1] = mark

    def loop_ends(self) -> None:
        """Note that a loop has ended: what follows it is reached after a `break`, too."""
        if self.is_in_doubt and self._steps[-1].index == UNTIL_LOOP_ENDS:
            self._steps.pop()
