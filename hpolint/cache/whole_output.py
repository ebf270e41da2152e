"""The cache of whole outputs: a check of unchanged inputs prints its stored output without running.

A check depends only on its command line, hpolint itself, the disk and the date. Its reads of the disk are recorded
(``disk.py``) and stored with its output in the user's cache. If the next check with the same key has the same result
for each recorded read, its output is the same, and neither a parser nor a rule is loaded.

The output is not stored if the run failed, wrote a file, or read a file that changed just before: such a file may
change again without a new timestamp. Errors of the cache are ignored.
"""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from hpolint.cache import entries
from hpolint.cache.program_key import place, program
from hpolint.io import disk, streams
from hpolint.lazy_regex import lazy_regex

TYPE_CHECKING = False  # type checkers treat it as typing.TYPE_CHECKING; importing typing takes 6 ms
if TYPE_CHECKING:
    from typing import Any


KIND, OPTION = "check", "--no-cache"
CODES = (0, 1)
"""Exit codes of checks whose output is stored."""

READS_AT_ONCE = 1000
"""Recorded reads that are encoded at once: all of a large tree's would take much memory."""

UNSTYLED = lazy_regex(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x00-\x1f]*;[^\x00-\x1f]*\x1b\\")
"""Terminal codes of colours and links, which hpolint prints."""
UNPRINTABLE = lazy_regex(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Characters that no report contains, and that could move the cursor or hide text: an entry with one is invalid."""
VARIABLES = (
    *("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS"),
    *("PYTHONPATH", "PYTHONHOME"),
)
"""Environment variables on which a check's output or its packages depend."""


class Run:
    """A run whose output may be stored: its exit code, and whether it only reads and prints."""

    def __init__(self) -> None:
        self.code: int | None = None
        self.is_storable = False


_runs: list[Run] = []


def mark_storable() -> None:
    """Declare that the running command writes no file, so that its output may be stored."""
    for run in _runs:
        run.is_storable = True


def print_stored(arguments: list[str]) -> int | None:
    """Print the stored output of the same check, if each recorded read has the same result, and return its exit code.

    It returns None without a valid output, so that the check has to run. Raises OutputError.
    """
    stored = _stored(_key(arguments))
    if stored is None:
        return None
    text, lines, code = stored
    streams.install_streams()
    if text:
        streams.write(text, "commands")  # free of commands that are not hpolint's own, since it was printed before
    for line in lines:
        streams.write_line(line)
    return code


@contextmanager
def storing_output(arguments: list[str]) -> Iterator[Run]:
    """Store the output of the command that runs in this context, if ``mark_storable`` is called."""
    run = Run()
    key = _key(arguments)
    if key is None:
        yield run
        return
    began = time.time_ns()
    _runs.append(run)
    try:
        with disk.recorded_reads() as recorder, streams.copied_output() as copy:
            yield run
    finally:
        _runs.remove(run)
    if (
        run.is_storable
        and run.code in CODES
        and recorder.is_whole
        and disk.are_settled(recorder.stamps.values(), began)
    ):
        content = _content(run.code, copy.lines, recorder)
        if content is not None:
            entries.write(KIND, key, content, ["".join(copy.text).encode("utf-8", "surrogatepass")])


def _content(code: int, lines: list[str], recorder: disk.ReadRecorder) -> bytes | None:
    """The content of an entry as JSON; None if it is larger than an entry's may be."""
    size, reads = 0, []
    stamps = iter(recorder.stamps.items())
    while part := [[*query, *stamp] for query, stamp in itertools.islice(stamps, READS_AT_ONCE)]:
        reads.append(json.dumps(part)[1:-1])
        size += len(reads[-1])
        if size > entries.MAX_CONTENT_BYTES:
            return None
    return f'{{"code": {code}, "lines": {json.dumps(lines)}, "reads": [{", ".join(reads)}]}}'.encode()


def _stored(key: list[Any] | None) -> tuple[str, list[str], int] | None:
    """The output for a key, its lines on standard error and its exit code; None without a valid one."""
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
        if not _are_unchanged(reads):
            return None
    except (OSError, RecursionError, TypeError, ValueError, LookupError):
        return None
    return text, lines, int(code)


def _are_unchanged(reads: list[list[Any]]) -> bool:
    """Whether recorded reads have the same stamps now. If not, the check that follows uses the stamps taken so far."""
    stamps: dict[disk.DiskQuery, disk.FileStamp] = {}
    for path, content, *stamp in reads:
        now = stamps[path, content] = disk.stamp_of(path, content=content)
        if now != tuple(stamp):
            disk.reuse_stamps(stamps)
            return False
    return True


def _key(arguments: list[str]) -> list[Any] | None:
    """The key of a command's output: all it depends on except the disk; None if it is not to be stored.

    On Windows nothing is stored, because file times there do not show every change.
    """
    if os.name == "nt" or arguments[:1] != ["check"] or OPTION in arguments or "HPOLINT_DEBUG" in os.environ:
        return None
    try:
        return [arguments, *_environment_key()]
    except OSError:
        return None


def _environment_key() -> Iterator[Any]:
    """The parts of the key: program, folder, environment variables, size of the terminal and date."""
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
