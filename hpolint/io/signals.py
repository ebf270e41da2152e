"""How a run ends before its end: by a signal, at once, without a traceback and with nothing left behind."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE")
"""Those that end a run; the exit code is 128 and the signal's number, as a shell tells it."""

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)

_unfinished: set[str] = set()
_workers: set[int] = set()


def install_handlers() -> None:
    """From now on a signal ends this process at once. One that whoever started us ignores stays ignored."""
    for name in SIGNALS:
        number = getattr(signal, name, None)  # not every system has each
        # Python itself ignores SIGPIPE, so nothing can be told from that.
        if number is not None and (name == "SIGPIPE" or signal.getsignal(number) is not signal.SIG_IGN):
            signal.signal(number, _end)


def restore_defaults() -> None:
    """In a worker: signals do what the system does of itself."""
    _unfinished.clear()
    _workers.clear()
    for name in SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (_end, signal.default_int_handler):
            signal.signal(number, signal.SIG_DFL)


def ignore_sigpipe() -> None:
    """Before the first output: from now on a reader that has gone is an error of the write, which tells of it."""
    number = getattr(signal, "SIGPIPE", None)
    if number is not None and signal.getsignal(number) is _end:
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def unfinished_file(name: str) -> Iterator[None]:
    """While a file is written that is not to be left behind."""
    _unfinished.add(name)
    try:
        yield
    finally:
        _unfinished.discard(name)


def add_worker(pid: int) -> None:
    """A process works for this one from now on."""
    _workers.add(pid)


def remove_worker(pid: int) -> None:
    """It has ended, and its number may be another's."""
    _workers.discard(pid)


def _end(number: int, _frame: FrameType | None) -> None:
    for name in _unfinished:
        with contextlib.suppress(OSError):
            os.unlink(name)
    for pid in _workers:
        with contextlib.suppress(OSError):
            os.kill(pid, KILL)
    os._exit(128 + number)
