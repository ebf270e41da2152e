"""Bounds of what one input may take: the processor's time, never the clock's, and memory."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import FrameType
from typing import Generic, TypeVar

T = TypeVar("T")

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """``seconds`` are the processor's. An input of a few kilobytes takes some hundredths; machines differ."""

    seconds: float = 5.0
    megabytes: int = 700


class TooLong(BaseException):  # no handler of the code that is tried may take it for an error of its own
    """The processor's time is used up."""


@contextmanager
def processor_time(seconds: float) -> Iterator[None]:
    """Raise TooLong in this thread once so much of the processor's time has passed."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.05)  # again and again: what a destructor raises is lost
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def limit_memory(megabytes: int) -> None:
    """This process may take so much more than it has; past that there is a MemoryError."""
    if not sys.platform.startswith("linux"):
        return  # no other system shows the memory in use and enforces the limit
    with open("/proc/self/statm", encoding="ascii") as file:
        taken = int(file.read().split()[0]) * resource.getpagesize()
    limit = taken + megabytes * MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


def limit_processor(seconds: float) -> None:
    """The system ends this process after so much more time: native code listens to no exception."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    limit = int(spent.ru_utime + spent.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard < 0 else min(limit, hard), hard))


@dataclass(frozen=True)
class Ended(Generic[T]):
    """What a child process gave: its answer, or the signal or exit code that it died of."""

    answer: T | None
    died: str | None


def in_child(work: Callable[[], T]) -> Ended[T]:
    """Do some work in a forked process, which may die of it."""
    context = get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, work))
    process.start()
    theirs.close()
    try:
        return Ended(ours.recv(), None)
    except EOFError:
        process.join()
        return Ended(None, death(process.exitcode))
    finally:
        process.join()
        ours.close()


def death(code: int | None) -> str:
    """An exit code in words."""
    return signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"


def _answer(connection: Connection, work: Callable[[], T]) -> None:
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 2)  # the interpreter's last words are no answer
    connection.send(work())
    connection.close()
