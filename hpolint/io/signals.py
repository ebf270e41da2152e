"""Signal handling: a signal ends the run at once, without a traceback, and removes unfinished files and workers."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE")
"""The signals that end a run. The exit code is 128 plus the signal's number, as in a shell."""

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)

_unfinished: set[str] = set()
_workers: set[int] = set()


def install_handlers() -> None:
    """Make signals end this process at once. A signal that the parent process ignores stays ignored."""
    for name in SIGNALS:
        number = getattr(signal, name, None)  # some are missing on some systems
        # Python itself ignores SIGPIPE, so that does not show what the parent does.
        if number is not None and (name == "SIGPIPE" or signal.getsignal(number) is not signal.SIG_IGN):
            signal.signal(number, _end)


def restore_defaults() -> None:
    """Restore the system's default handlers, in a worker process."""
    _unfinished.clear()
    _workers.clear()
    for name in SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (_end, signal.default_int_handler):
            signal.signal(number, signal.SIG_DFL)


def ignore_sigpipe() -> None:
    """Make a write to a closed pipe raise an error instead of a signal, before the first output."""
    number = getattr(signal, "SIGPIPE", None)
    if number is not None and signal.getsignal(number) is _end:
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def unfinished_file(name: str) -> Iterator[None]:
    """Have a signal remove a file while it is being written."""
    _unfinished.add(name)
    try:
        yield
    finally:
        _unfinished.discard(name)


def add_worker(pid: int) -> None:
    """Register a worker process, which a signal kills."""
    _workers.add(pid)


def remove_worker(pid: int) -> None:
    """Unregister a worker process that has ended, because its id may be reused."""
    _workers.discard(pid)


def _end(number: int, _frame: FrameType | None) -> None:
    for name in _unfinished:
        with contextlib.suppress(OSError):
            os.unlink(name)
    for pid in _workers:
        with contextlib.suppress(OSError):
            os.kill(pid, KILL)
    os._exit(128 + number)
