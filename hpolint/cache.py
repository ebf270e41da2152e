"""The user's own cache: files of plain values that can be made again, and so may be missing at any time.

A cache that cannot be read or written is no cache, and no trouble. What is read is a line of JSON, and bytes for
whoever knows what they are, from a file that nobody but the user may have written: it decides what is printed, and runs
nothing.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress

from hpolint import ending
from hpolint.version import __version__

TYPE_CHECKING = False  # type checkers take it for typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from typing import IO, Any


FOLDER = "HPOLINT_CACHE_DIR"
MOST, OLDEST, LARGEST, ALL = 50, 30 * 24 * 3600, 64 * 1024 * 1024, 256 * 1024 * 1024
"""So many files of a kind are kept, none that nobody has asked for in so many seconds, none of more bytes, and no more
bytes of a kind in all."""

OURS = re.compile(r"[a-z]+-[0-9a-f]{8}\.kept")
"""No ending that a check looks at: the cache may lie in what is checked."""


def folder() -> str | None:
    """Where it is: where ``HPOLINT_CACHE_DIR`` says, else among the user's other caches; None without a home."""
    named = os.environ.get(FOLDER)
    if named:
        return named
    if sys.platform == "darwin":
        found = os.path.expanduser("~/Library/Caches")
    elif os.name == "nt":
        found = os.environ.get("LOCALAPPDATA", "")
    else:
        found = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(found, "hpolint") if os.path.isabs(found) else None


def read(kind: str, key: Any) -> Any:
    """What is kept of a kind for a key, which JSON can say; None if there is nothing that can be trusted."""
    return read_pieces(kind, key)[0]


class Pieces:
    """The bytes that are kept behind what was read; the file stays open, and is the same whoever writes it anew."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.start = 0

    def __del__(self) -> None:
        """The file goes with whoever reads it."""
        self._file.close()

    def read(self, start: int, size: int) -> bytes:
        """So many bytes from a place on, or fewer where there are no more. Raises OSError."""
        if hasattr(os, "pread"):  # a copy of this process has the same place in the file
            return os.pread(self._file.fileno(), size, self.start + start)
        self._file.seek(self.start + start)
        return self._file.read(size)


def read_pieces(kind: str, key: Any) -> tuple[Any, Pieces | None]:
    """The same, with the bytes that are kept behind it."""
    file = _file(kind, key)
    if file is None:
        return None, None
    try:
        opened = open(os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb")  # noqa: SIM115 - Pieces has it
        pieces = Pieces(opened)
        status = os.fstat(opened.fileno())
        is_foreign = os.name != "nt" and (status.st_uid != os.getuid() or status.st_mode & 0o022)
        if is_foreign or status.st_size > LARGEST:
            return None, None
        kept = json.loads(opened.readline())
        pieces.start = opened.tell()
        if not isinstance(kept, dict) or kept.get("key") != json.loads(json.dumps(key)):
            return None, None
        os.utime(file)
    except (OSError, ValueError, RecursionError):
        return None, None
    return kept.get("content"), pieces


def write(kind: str, key: Any, content: Any, pieces: Sequence[bytes] = ()) -> None:
    """Keep something for a key, whole or not at all, with bytes behind it, and no more than there is room for."""
    file = _file(kind, key)
    if file is None or sum(map(len, pieces)) > LARGEST:
        return
    within = os.path.dirname(file)
    data = json.dumps({"key": key, "content": content}).encode() + b"\n" + b"".join(pieces)
    if len(data) > LARGEST:
        return
    part = f"{file}.{os.getpid()}.part"
    with suppress(OSError), ending.unfinished(part):
        os.makedirs(within, mode=0o700, exist_ok=True)
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
                opened.write(data)
            os.replace(part, file)
        finally:
            with suppress(OSError):
                os.unlink(part)
        _prune(within, kind)


def _file(kind: str, key: Any) -> str | None:
    """Two keys may have one file: the later takes it, and what it holds says whose it is."""
    within = folder()
    return os.path.join(within, f"{kind}-{zlib.crc32(json.dumps(key).encode()):08x}.kept") if within else None


def compiled(kind: str, files: Sequence[str], make: Callable[[], Any]) -> Any:
    """What is made of some of hpolint's own files, plain values all, made again only where one of them is another."""
    stamps = [[file, status.st_size, status.st_mtime_ns] for file in files for status in (os.stat(file),)]
    key = [__version__, stamps]
    found = read(kind, key)
    if found is None:
        found = make()
        if json.loads(json.dumps(found)) == found:
            write(kind, key, found)
    return found


def clean() -> int:
    """Remove all that is kept; how many files there were. Raises OSError."""
    within = folder()
    names = _names(within) if within is not None and os.path.isdir(within) else []
    for name in names:
        os.unlink(name)
    return len(names)


def _prune(within: str, kind: str) -> None:
    """Remove of a kind what nobody has asked for in a long time, and the oldest of too many or too large ones."""
    names = [name for name in _names(within) if os.path.basename(name).startswith(f"{kind}-")]
    stats = ((os.stat(name), name) for name in names)
    found = sorted((time.time() - status.st_mtime, name, status.st_size) for status, name in stats)
    total = 0
    for number, (age, name, size) in enumerate(found):
        total += size
        if number >= MOST or age > OLDEST or total > ALL:
            os.unlink(name)


def _names(within: str) -> list[str]:
    """The files that are ours."""
    return [os.path.join(within, name) for name in os.listdir(within) if OURS.fullmatch(name)]
