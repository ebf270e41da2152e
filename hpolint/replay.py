"""What a check printed, printed again where nothing that it asked has changed.

A check is a function of its command line, of hpolint itself, of the disk and of the day. What it asked of the disk is
noted (``disk.py``); its output is kept with that, in the user's own cache. The next check with the same key asks the
same questions: if each answer is the same, so is the output, and neither a parser nor a rule is loaded.

Nothing is kept of a run that failed, that wrote a file, or that read one which had changed just before: it may change
again within what its file system takes for the same moment. A cache that cannot be read or written is no cache, and no
trouble.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from hpolint import cache, disk, streams
from hpolint.circumstances import place, program

TYPE_CHECKING = False  # type checkers take it for typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from typing import Any


KIND, OPTION = "check", "--no-cache"
VARIABLES = (
    *("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS"),
    *("PYTHONPATH", "PYTHONHOME"),
)
"""What of the environment a check looks at, or what says of which packages it is made."""


class Run:
    """A run that may be printed again: its exit code, and whether it is a check that only reads and prints."""

    def __init__(self) -> None:
        self.code: int | None = None
        self.is_check = False


_runs: list[Run] = []


def only_prints() -> None:
    """The command that runs is a check that writes no file."""
    for run in _runs:
        run.is_check = True


def answer(arguments: list[str]) -> int | None:
    """Print what the same check printed before, if nothing has changed since; its exit code. None: it is to be done.

    Raises OutputError.
    """
    key = _key(arguments)
    found = cache.read(KIND, key) if key is not None else None
    if found is None or not _holds(found):
        return None
    streams.take_over()
    if found["text"]:
        streams.write(found["text"])
    for line in found["told"]:
        streams.tell(line)
    return int(found["code"])


@contextmanager
def kept(arguments: list[str]) -> Iterator[Run]:
    """While a command runs: what it prints is kept, if it turns out to be one that can be printed again."""
    run = Run()
    key = _key(arguments)
    if key is None:
        yield run
        return
    began = time.time_ns()
    _runs.append(run)
    try:
        with disk.watched() as watch, streams.copied() as copy:
            yield run
    finally:
        _runs.remove(run)
    if run.is_check and run.code in (0, 1) and watch.is_whole and disk.are_settled(watch.seen.values(), began):
        asked = [[*question, *answered] for question, answered in watch.seen.items()]
        cache.write(KIND, key, {"code": run.code, "text": "".join(copy.text), "told": copy.told, "asked": asked})


def _key(arguments: list[str]) -> list[Any] | None:
    """All that the output of a command depends on but for the disk; None where nothing is kept.

    On Windows a file does not tell when it was changed last, so nothing is.
    """
    if os.name == "nt" or arguments[:1] != ["check"] or OPTION in arguments or "HPOLINT_DEBUG" in os.environ:
        return None
    try:
        return [arguments, *_circumstances()]
    except OSError:
        return None


def _circumstances() -> Iterator[Any]:
    """hpolint, Python, the place, the terminal and the day."""
    yield program()
    yield place()
    yield [os.environ.get(name) for name in VARIABLES]
    yield list(os.get_terminal_size(1)) if _is_terminal() else None
    yield time.strftime("%Y-%m-%d", time.gmtime())  # a suppression may end


def _is_terminal() -> bool:
    try:
        return os.isatty(1)
    except OSError:
        return False


def _holds(found: Any) -> bool:
    """Whether an output is whole, and each question of its run has the answer that it had."""
    try:
        is_whole = isinstance(found["text"], str) and isinstance(found["told"], list) and isinstance(found["code"], int)
        return is_whole and all(
            disk.seen(name, content=content) == tuple(seen) for name, content, *seen in found["asked"]
        )
    except (TypeError, ValueError, KeyError):
        return False
