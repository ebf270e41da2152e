"""Work on one file, counted in steps, so that no file takes longer than its size explains.

What takes work that the bytes of a file can make grow counts it with ``spend``. One step is about what takes a
microsecond of Python. Steps are counted instead of time, because a result must not depend on how busy a machine is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

STEPS_PER_FILE = 2_000_000
"""Steps for a file of any size: about two seconds."""

STEPS_PER_BYTE = 20
"""Further steps for each byte."""

STEPS_PER_JOB = 100_000
"""Further steps for each job. Public repositories need less than one in fifty of all these steps."""

TOO_MUCH = "too much work for a file of its size"


class TooMuchWorkError(BaseException):
    """The steps for a file are used up.

    Not an ``Exception``: what handles the errors of a single rule or value must not handle this one.
    """


class _Budget:
    """The steps that are left for a file."""

    def __init__(self, steps: int) -> None:
        self.left = steps


_current: ContextVar[_Budget | None] = ContextVar("_current", default=None)


@contextmanager
def limited(size: int, jobs: int = 0) -> Iterator[None]:
    """Limit the work within the context by a file's size in bytes and the number of its jobs."""
    budget = _Budget(STEPS_PER_FILE + STEPS_PER_BYTE * size + STEPS_PER_JOB * jobs)
    token = _current.set(budget)
    try:
        yield
    finally:
        _current.reset(token)


def spend(steps: int) -> None:
    """Count some steps. Raises TooMuchWorkError once those of the file are used up; without a limit, never."""
    budget = _current.get()
    if budget is None:
        return
    budget.left -= steps
    if budget.left < 0:
        raise TooMuchWorkError
