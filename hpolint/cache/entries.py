"""The user's own cache: files that can be made again, and so may be missing or damaged at any time.

An entry is a file of one key: a line that says what it is, a checksum of all that follows, the key, the content, and
further bytes that can be read in parts. A file that is not a regular file of this user, that others may write, or whose
checksum does not fit is no entry. The checksum finds damage, not forgery: whoever may write the cache can make an
entry, so what is read may decide what is printed, and nothing else (see SECURITY.md).
"""

from __future__ import annotations

import json
import os
import re
import stat
import struct
import sys
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress

from hpolint.io import signals

TYPE_CHECKING = False  # type checkers take it for typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from typing import Any

FOLDER_VARIABLE = "HPOLINT_CACHE_DIR"

MAX_ENTRIES = 50
"""Entries of one kind. The oldest are removed first."""
MAX_AGE_SECONDS = 2_592_000  # 30 days
"""Age of an entry that nobody has read since."""
MAX_ENTRY_BYTES = 64_000_000
MAX_KIND_BYTES = 256_000_000
"""Bytes of all entries of one kind."""
MAX_CONTENT_BYTES = 8_000_000
"""Bytes of an entry's key, and of its content: both are read as a whole."""

FILE_NAME = re.compile(r"[a-z]+-[0-9a-f]{8}\.kept")
"""No ending of a file that hpolint checks: the cache may lie in what is checked."""

MAGIC = b"hpolint cache 1\n"
HEAD = struct.Struct("<IQQ")
"""The checksum of all that follows it, the bytes of the key, the bytes of the content."""
CHECKSUM_BYTES = 4
CHUNK_BYTES = 1_000_000


def folder() -> str | None:
    """The folder that ``HPOLINT_CACHE_DIR`` names, else one among the user's other caches; None without a home."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return named
    if sys.platform == "darwin":
        found = os.path.expanduser("~/Library/Caches")
    elif os.name == "nt":
        found = os.environ.get("LOCALAPPDATA", "")
    else:
        found = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(found, "hpolint") if os.path.isabs(found) else None


class Entry:
    """What is stored under a key. The file stays open: whoever replaces it does not change this entry."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._start = 0
        self.content = b""
        self.size = 0
        """Bytes behind the content."""

    def __del__(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def read(self, start: int, size: int) -> bytes:
        """A range of the bytes behind the content, or fewer where the entry ends. Raises OSError."""
        return self._read(self._start + start, min(size, self.size - start))

    def _read(self, start: int, size: int) -> bytes:
        """Some bytes of the file; fewer only at its end: one read may return less than there is."""
        found = b""
        while len(found) < size and (more := os.pread(self._descriptor, size - len(found), start + len(found))):
            found += more
        return found

    def load(self, key: bytes) -> bool:
        """Read the content, if the file is a whole entry of this key. Raises OSError and struct.error."""
        status = os.fstat(self._descriptor)
        is_foreign = os.name != "nt" and (status.st_uid != os.getuid() or status.st_mode & 0o022)
        if not stat.S_ISREG(status.st_mode) or is_foreign or status.st_size > MAX_ENTRY_BYTES:
            return False
        head = self._read(0, len(MAGIC) + HEAD.size)
        if not head.startswith(MAGIC):
            return False
        checksum, key_size, content_size = HEAD.unpack(head[len(MAGIC) :])
        self._start = len(head) + key_size + content_size
        self.size = status.st_size - self._start
        if max(key_size, content_size) > MAX_CONTENT_BYTES or self.size < 0:
            return False
        if self._read(len(head), key_size) != key or self._checksum() != checksum:
            return False
        self.content = self._read(len(head) + key_size, content_size)
        return True

    def _checksum(self) -> int:
        checksum, at = 0, len(MAGIC) + CHECKSUM_BYTES
        while more := self._read(at, CHUNK_BYTES):
            checksum = zlib.crc32(more, checksum)
            at += len(more)
        return checksum


def read(kind: str, key: Any) -> Entry | None:
    """The entry of a kind for a key, a value that JSON can say; None where there is no whole one of this user."""
    file, said = _file(kind, key), _key(key)
    if file is None:
        return None
    try:
        entry = Entry(os.open(file, os.O_RDONLY | _FLAGS))
        if not entry.load(said):
            return None
        os.utime(file, follow_symlinks=False) if os.utime in os.supports_follow_symlinks else os.utime(file)
    except (OSError, struct.error):
        return None
    return entry


_FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))
"""No link is followed, no pipe waited for."""


def write(kind: str, key: Any, content: bytes, pieces: Sequence[bytes] = ()) -> None:
    """Store content for a key with bytes behind it, whole or not at all; nothing above the limits is stored.

    A cache that cannot be written is no error.
    """
    file, said = _file(kind, key), _key(key)
    total = len(MAGIC) + HEAD.size + len(said) + len(content) + sum(map(len, pieces))
    if file is None or max(len(said), len(content)) > MAX_CONTENT_BYTES or total > MAX_ENTRY_BYTES:
        return
    parts = [HEAD.pack(0, len(said), len(content))[CHECKSUM_BYTES:], said, content, *pieces]
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    within = os.path.dirname(file)
    unfinished = f"{file}.{os.getpid()}.part"
    with suppress(OSError), signals.unfinished_file(unfinished):
        os.makedirs(within, mode=0o700, exist_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
        try:
            with open(descriptor, "wb") as opened:
                opened.writelines([MAGIC, checksum.to_bytes(CHECKSUM_BYTES, "little"), *parts])
            os.replace(unfinished, file)
        finally:
            with suppress(OSError):
                os.unlink(unfinished)
        _prune(within, kind)


def _key(key: Any) -> bytes:
    return json.dumps(key).encode()


def _file(kind: str, key: Any) -> str | None:
    """The file of a key. Two keys may have the same one: the later entry replaces the earlier."""
    within = folder()
    return os.path.join(within, f"{kind}-{zlib.crc32(_key(key)):08x}.kept") if within else None


def clean() -> int:
    """Remove all entries and return how many there were. Raises OSError."""
    within = folder()
    names = _names(within) if within is not None and os.path.isdir(within) else []
    for name in names:
        os.unlink(name)
    return len(names)


def _prune(within: str, kind: str) -> None:
    """Remove the entries of a kind that are too old, and the oldest of too many or too large ones."""
    names = [name for name in _names(within) if os.path.basename(name).startswith(f"{kind}-")]
    stats = ((os.lstat(name), name) for name in names)
    found = sorted((time.time() - status.st_mtime, name, status.st_size) for status, name in stats)
    total = 0
    for number, (age, name, size) in enumerate(found):
        total += size
        if number >= MAX_ENTRIES or age > MAX_AGE_SECONDS or total > MAX_KIND_BYTES:
            os.unlink(name)


def _names(within: str) -> list[str]:
    """The paths of the entries."""
    return [os.path.join(within, name) for name in os.listdir(within) if FILE_NAME.fullmatch(name)]
