"""What a check printed, printed again where nothing that it asked has changed.

A check is a function of its command line, of hpolint itself, of the disk and of the day. What it asked of the disk is
noted (``disk.py``); its output is kept with that, in the user's own cache. The next check with the same key asks the
same questions: if each answer is the same, so is the output, and neither a parser nor a rule is loaded.

Nothing is kept of a run that failed, that wrote a file, or that read one which had changed just before: it may change
again within what its file system takes for the same moment. A cache that cannot be read or written is no cache, and no
trouble.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from hpolint import disk, ending, streams
from hpolint.version import __version__

OPTION, FOLDER = "--no-cache", "HPOLINT_CACHE_DIR"
VARIABLES = (
    *("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS"),
    *("PYTHONPATH", "PYTHONHOME"),
)
"""What of the environment a check looks at, or what says of which packages it is made."""

SETTLED = 2_000_000_000
"""Nanoseconds after which a file that changes again has another time, on whatever file system."""

MOST, OLDEST, LARGEST = 50, 30 * 24 * 3600, 64 * 1024 * 1024
"""So many outputs are kept, none that nobody has asked for in so many seconds, and none of more bytes."""


@dataclass
class Run:
    """A run that may be printed again: its exit code, and whether it is a check that only reads and prints."""

    code: int | None = None
    is_check: bool = False


_runs: list[Run] = []


def only_prints() -> None:
    """The command that runs is a check that writes no file."""
    for run in _runs:
        run.is_check = True


def answer(arguments: list[str]) -> int | None:
    """Print what the same check printed before, if nothing has changed since; its exit code. None: it is to be done.

    Raises OutputError.
    """
    path = _path(arguments)
    found = _read(path) if path is not None else None
    if path is None or found is None:
        return None
    with suppress(OSError):
        os.utime(path)
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
    path = _path(arguments)
    if path is None:
        yield run
        return
    began = time.time_ns()
    _runs.append(run)
    try:
        with disk.watched() as watch, streams.copied() as copy:
            yield run
    finally:
        _runs.remove(run)
    if run.is_check and run.code in (0, 1) and watch.is_whole and _is_settled(watch, began):
        asked = [[*question, *answered] for question, answered in watch.seen.items()]
        kept = {"code": run.code, "text": "".join(copy.text), "told": copy.told, "asked": asked}
        with suppress(OSError):
            _write(path, json.dumps(kept).encode())


def folder() -> str | None:
    """Where outputs are kept: where ``HPOLINT_CACHE_DIR`` says, else in the user's own cache; None without a home."""
    named = os.environ.get(FOLDER)
    if named:
        return named
    if sys.platform == "darwin":
        found = os.path.expanduser("~/Library/Caches")
    else:
        found = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(found, "hpolint") if os.path.isabs(found) else None


def clean() -> int:
    """Remove all outputs that are kept; how many there were. Raises OSError."""
    within = folder()
    names = _names(within) if within is not None and os.path.isdir(within) else []
    for name in names:
        os.unlink(name)
    return len(names)


def _path(arguments: list[str]) -> str | None:
    """The file of a command's output; None where nothing is kept.

    On Windows a file does not tell when it was changed last, so nothing is.
    """
    within = folder()
    if within is None or os.name == "nt" or arguments[:1] != ["check"] or OPTION in arguments:
        return None
    if "HPOLINT_DEBUG" in os.environ:
        return None
    try:
        key = json.dumps([arguments, *_circumstances()])
    except OSError:
        return None
    return os.path.join(within, f"{hashlib.sha256(key.encode()).hexdigest()}.json")


def _circumstances() -> Iterator[Any]:
    """All that the output depends on but for the disk: hpolint, Python, the place, the terminal and the day."""
    yield __version__
    yield sys.version
    yield os.getcwd()
    yield os.path.realpath(".")
    yield [os.environ.get(name) for name in VARIABLES]
    yield list(os.get_terminal_size(1)) if _is_terminal() else None
    yield time.strftime("%Y-%m-%d", time.gmtime())  # a suppression may end
    yield [list(disk.seen(place, content=True)) for place in sys.path]
    yield list(_own_files())


def _is_terminal() -> bool:
    try:
        return os.isatty(1)
    except OSError:
        return False


def _own_files() -> Iterator[list[Any]]:
    """hpolint's own files: in a checkout they change without its version."""
    package = os.path.dirname(os.path.realpath(__file__))
    for place in (package, os.path.join(os.path.dirname(package), "rules")):
        for within, folders, names in os.walk(place):
            folders[:] = sorted(each for each in folders if each != "__pycache__")
            for name in sorted(names):
                status = os.stat(os.path.join(within, name))
                yield [within, name, status.st_size, status.st_mtime_ns]


def _is_settled(watch: disk.Watch, began: int) -> bool:
    """Whether all that was read was left alone for a while before: else it may change without another time."""
    return all(time_ <= began - SETTLED for seen in watch.seen.values() for time_ in disk.times(seen))


def _read(path: str) -> dict[str, Any] | None:
    """What is kept in a file of the user's own, if each question has the answer that it had."""
    try:
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.getuid() or status.st_mode & 0o022 or status.st_size > LARGEST:
                return None
            found: dict[str, Any] = json.loads(file.read())
        for name, content, *seen in found["asked"]:
            if disk.seen(name, content=content) != tuple(seen):
                return None
        return found if isinstance(found["text"], str) and isinstance(found["code"], int) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(path: str, data: bytes) -> None:
    """Keep an output, whole or not at all. Raises OSError."""
    within = os.path.dirname(path)
    os.makedirs(within, mode=0o700, exist_ok=True)
    part = f"{path}.{os.getpid()}.part"
    with ending.unfinished(part):
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
            os.replace(part, path)
        finally:
            with suppress(OSError):
                os.unlink(part)
    _prune(within)


def _prune(within: str) -> None:
    """Remove what nobody has asked for in a long time, and the oldest of too many."""
    ages = sorted((time.time() - os.stat(name).st_mtime, name) for name in _names(within))
    for number, (age, name) in enumerate(ages):
        if number >= MOST or age > OLDEST:
            os.unlink(name)


def _names(within: str) -> list[str]:
    """The files that hold outputs."""
    return [
        os.path.join(within, name)
        for name in os.listdir(within)
        if name.endswith(".json") and len(name) == len(hashlib.sha256().hexdigest()) + len(".json")
    ]
