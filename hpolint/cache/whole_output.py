"""The cache of whole outputs: a check of unchanged inputs prints its output again without running.

A check is a function of its command line, of hpolint itself, of the disk and of the day. Its reads of the disk are
recorded (``disk.py``) and stored with its output in the user's own cache. If the next check with the same key finds the
same result for each recorded read, the output is the same, and neither a parser nor a rule is loaded.

Nothing is stored of a run that failed, that wrote a file, or that read one which had changed just before: such a file
may change again without another time of change. A cache that cannot be read or written is no error.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from hpolint.cache import entries
from hpolint.cache.environment import place, program
from hpolint.io import disk, streams

TYPE_CHECKING = False  # type checkers take it for typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from typing import Any


KIND, OPTION = "check", "--no-cache"
CODES = (0, 1)
"""Exit codes of checks whose output is stored."""

UNSTYLED = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x00-\x1f]*;[^\x00-\x1f]*\x1b\\")
"""Colours and links, which hpolint prints itself."""
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What no report has: an entry that has it is not hpolint's, and would move a terminal's cursor or hide text."""
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


def print_stored(arguments: list[str]) -> int | None:
    """Print the stored output of the same check, if no recorded read has another result now, and return its exit code.

    None where there is none: the check has to run. Raises OutputError.
    """
    stored = _stored(_key(arguments))
    if stored is None:
        return None
    text, lines, code = stored
    streams.install_streams()
    if text:
        streams.write(text)
    for line in lines:
        streams.write_line(line)
    return code


@contextmanager
def stores_output(arguments: list[str]) -> Iterator[Run]:
    """While a command runs: store what it prints, if it turns out to be a check that only reads and prints."""
    run = Run()
    key = _key(arguments)
    if key is None:
        yield run
        return
    began = time.time_ns()
    _runs.append(run)
    try:
        with disk.recorded_reads() as watch, streams.copied_output() as copy:
            yield run
    finally:
        _runs.remove(run)
    if run.is_check and run.code in CODES and watch.is_whole and disk.are_settled(watch.stamps.values(), began):
        asked = [[*question, *answered] for question, answered in watch.stamps.items()]
        content = json.dumps({"code": run.code, "lines": copy.lines, "reads": asked}).encode()
        entries.write(KIND, key, content, ["".join(copy.text).encode("utf-8", "surrogatepass")])


def _stored(key: list[Any] | None) -> tuple[str, list[str], int] | None:
    """The output for a key, its lines on standard error and its exit code; None where it is not to be printed."""
    entry = entries.read(KIND, key) if key is not None else None
    if entry is None:
        return None
    try:
        found = json.loads(entry.content)
        code, lines, reads = found["code"], found["lines"], found["reads"]
        text = entry.read(0, entry.size).decode("utf-8", "surrogatepass")
        is_ours = code in CODES and all(isinstance(line, str) for line in lines)
        if not is_ours or UNPRINTABLE.search(UNSTYLED.sub("", "\n".join([text, *lines]))):
            return None
        if not all(disk.stamp_of(name, content=content) == tuple(seen) for name, content, *seen in reads):
            return None
    except (OSError, RecursionError, TypeError, ValueError, LookupError):
        return None
    return text, lines, int(code)


def _key(arguments: list[str]) -> list[Any] | None:
    """All that the output of a command depends on but for the disk; None where nothing is kept.

    On Windows a file does not tell when it was changed last, so nothing is.
    """
    if os.name == "nt" or arguments[:1] != ["check"] or OPTION in arguments or "HPOLINT_DEBUG" in os.environ:
        return None
    try:
        return [arguments, *_environment_key()]
    except OSError:
        return None


def _environment_key() -> Iterator[Any]:
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
