"""Work divided between this process and forks of it, for work that needs this process's whole state.

A fork inherits its input and returns its results in one message. Only for platforms that fork safely, and for programs
without threads, such as the command.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import msgspec

from hpolint.io import signals

Piece = TypeVar("Piece")
Result = TypeVar("Result")

FORKS = sys.platform.startswith("linux")
"""Whether this platform forks safely. macOS has the call, but its own libraries fail after it."""

MIN_PIECES_PER_FORK = 4
"""Pieces of work that are worth a fork, which takes a few milliseconds."""


class _Fork(msgspec.Struct, frozen=True):
    """A fork of this process: its id, and the descriptor from which its results are read."""

    pid: int
    messages: int


def run_in_forks(pieces: Sequence[Piece], work: Callable[[Piece], Result], processes: int) -> list[Result]:
    """The results of the work for each piece, in order, with at most ``processes`` processes. Raises as the work does.

    Side effects of the work in a fork are lost. The pieces of a fork that fails are done in this process.
    """
    shares = max(min(processes, len(pieces) // MIN_PIECES_PER_FORK), 1) if FORKS else 1
    numbers = [range(share, len(pieces), shares) for share in range(shares)]
    forks = [_fork([pieces[number] for number in own], work) for own in numbers[1:]]
    results = {number: work(pieces[number]) for number in numbers[0]}
    for own, fork in zip(numbers[1:], forks, strict=True):
        results |= zip(own, _results_of(fork) if fork is not None else (), strict=False)
    return [results[number] if number in results else work(piece) for number, piece in enumerate(pieces)]


def _fork(pieces: Sequence[Piece], work: Callable[[Piece], Result]) -> _Fork | None:
    """Start a fork that works on some pieces; None if the system refuses one."""
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
    """In the fork: do the work, send the results, exit. After an error, the parent repeats the work itself."""
    try:
        signals.restore_defaults()
        os.close(reading)
        import pickle

        with open(writing, "wb") as stream:
            stream.write(pickle.dumps([work(piece) for piece in pieces], pickle.HIGHEST_PROTOCOL))
    finally:
        os._exit(0)


def _results_of(fork: _Fork) -> list[Result]:
    """The results of a fork's pieces; empty if it failed."""
    import pickle

    with open(fork.messages, "rb") as stream:
        data = stream.read()
    signals.remove_worker(fork.pid)
    os.waitpid(fork.pid, 0)
    with suppress(Exception):  # an incomplete message
        results: list[Result] = pickle.loads(data)
        return results
    return []
