"""Pieces of work shared out among this process and copies of it, for work that needs all that this process holds.

A copy is handed nothing, since it has everything; what its pieces gave comes back in one message. Only where processes
are forked, and for a program that has no threads, such as the command.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import msgspec

from hpolint.io import signals

Piece = TypeVar("Piece")
Result = TypeVar("Result")

FORKS = sys.platform.startswith("linux")
"""Whether a process can be copied; macOS has the call, and its own libraries do not bear it."""

MIN_PIECES_PER_FORK = 4
"""Pieces that are worth a copy, which takes a few milliseconds."""


class _Fork(msgspec.Struct, frozen=True):
    """A copy of this process: its number, and where it tells what its pieces gave."""

    pid: int
    messages: int


def run_in_forks(pieces: Sequence[Piece], work: Callable[[Piece], Result], processes: int) -> list[Result]:
    """What the work gives for each piece, in their order, in so many processes at most. Raises what the work raises.

    What the work does beyond its result is lost where a copy does it. A copy that fails loses nothing: its pieces are
    done here.
    """
    shares = max(min(processes, len(pieces) // MIN_PIECES_PER_FORK), 1) if FORKS else 1
    numbers = [range(share, len(pieces), shares) for share in range(shares)]
    copies = [_fork([pieces[number] for number in own], work) for own in numbers[1:]]
    found = {number: work(pieces[number]) for number in numbers[0]}
    for own, copy in zip(numbers[1:], copies, strict=True):
        found |= zip(own, _results_of(copy) if copy is not None else (), strict=False)
    return [found[number] if number in found else work(piece) for number, piece in enumerate(pieces)]


def _fork(pieces: Sequence[Piece], work: Callable[[Piece], Result]) -> _Fork | None:
    """A copy at work on some pieces; None where the system allows none."""
    reading, writing = os.pipe()
    try:
        pid = os.fork()
    except OSError:  # too many processes, too little memory
        os.close(reading)
        os.close(writing)
        return None
    if not pid:
        _run_and_exit(reading, writing, pieces, work)
    os.close(writing)
    signals.add_worker(pid)
    return _Fork(pid, reading)


def _run_and_exit(reading: int, writing: int, pieces: Sequence[Piece], work: Callable[[Piece], Result]) -> None:
    """In the copy: do the work, tell what it gave, end; whatever goes wrong, the other process will meet it, too."""
    try:
        signals.restore_defaults()
        os.close(reading)
        with open(writing, "wb") as told:
            told.write(pickle.dumps([work(piece) for piece in pieces], pickle.HIGHEST_PROTOCOL))
    finally:
        os._exit(0)


def _results_of(copy: _Fork) -> list[Result]:
    """What a copy's pieces gave; nothing where it has come to another end."""
    with open(copy.messages, "rb") as told:
        data = told.read()
    signals.remove_worker(copy.pid)
    os.waitpid(copy.pid, 0)
    with suppress(Exception):  # a message that is not whole
        results: list[Result] = pickle.loads(data)
        return results
    return []
