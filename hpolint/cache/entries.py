"""The files of the user's result cache, which may be missing or damaged at any time.

An entry is one file for one key: a first line that identifies the format, a checksum of all that follows, the key, the
content, and further bytes that can be read in parts. A file is ignored if it is not a regular file of this user, if
others may write it, or if its checksum is wrong. The checksum detects damage, not forgery: anyone who can write to the
cache can forge an entry, so an entry may decide what is printed, and nothing else (see SECURITY.md).
"""

from __future__ import annotations

import json
import os
import stat
import struct
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress

from hpolint.io import signals
from hpolint.lazy_regex import lazy_regex

TYPE_CHECKING = False  # type checkers treat it as typing.TYPE_CHECKING; importing typing takes 6 ms
if TYPE_CHECKING:
    from typing import Any, Protocol

    class Piece(Protocol):
        """Bytes that are read when they are written, so that not all of an entry is in memory at once."""

        @property
        def size(self) -> int:
            """The number of bytes."""

        def data(self) -> bytes:
            """The bytes. Raises OSError."""


FOLDER_VARIABLE = "HPOLINT_CACHE_DIR"

MAX_ENTRIES = 50
"""Entries of one kind. The oldest are removed first."""
MAX_AGE_SECONDS = 2_592_000  # 30 days
"""Seconds since an entry was last read."""
MAX_ENTRY_BYTES = 64_000_000
MAX_KIND_BYTES = 256_000_000
"""Bytes of all entries of one kind."""
MAX_CONTENT_BYTES = 8_000_000
"""Bytes of an entry's key, and of its content: both are read at once."""

FILE_NAME = lazy_regex(r"[a-z]+-[0-9a-f]{8}\.kept")
"""The suffix is not one that hpolint checks: the cache may lie in a checked folder."""
UNFINISHED_NAME = lazy_regex(r"[a-z]+-[0-9a-f]{8}\.kept\.\d+\.part")
"""An entry while it is written. One that stays is of a process that was killed."""
MAX_UNFINISHED_SECONDS = 3600
"""Seconds after which nobody still writes an entry."""

MAGIC = b"hpolint cache 1\n"
HEAD = struct.Struct("<IQQ")
"""The checksum of all that follows it, the size of the key and the size of the content in bytes."""
CHECKSUM_BYTES = 4
CHUNK_BYTES = 1_000_000


def folder() -> str | None:
    """The folder that ``HPOLINT_CACHE_DIR`` names, else one in the user's cache folder; None without a home folder."""
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
    """The entry of a key. Its file stays open, so that replacing the file does not change this entry."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._start = 0
        self.content = b""
        self.size = 0
        """The number of bytes after the content."""

    def __del__(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def read(self, start: int, size: int) -> bytes:
        """A range of the bytes after the content, shorter at the end of the entry. Raises OSError."""
        return self._read(self._start + start, min(size, self.size - start))

    def _read(self, start: int, size: int) -> bytes:
        """A range of the file, shorter at its end. It repeats reads, since one may return fewer bytes than asked."""
        found = b""
        while len(found) < size and (more := os.pread(self._descriptor, size - len(found), start + len(found))):
            found += more
        return found

    def load(self, key: bytes) -> bool:
        """Read the content and return whether the file is a valid entry of this key. Raises OSError, struct.error."""
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
    """The entry of a kind for a key, which must be a JSON value; None without a valid entry of this user."""
    file, encoded_key = _file(kind, key), _key(key)
    if file is None:
        return None
    try:
        entry = Entry(os.open(file, os.O_RDONLY | _FLAGS))
        if not entry.load(encoded_key):
            return None
        os.utime(file, follow_symlinks=False) if os.utime in os.supports_follow_symlinks else os.utime(file)
    except (OSError, struct.error):
        return None
    return entry


_FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))
"""Do not follow symbolic links, do not wait for pipes."""


def write(kind: str, key: Any, content: bytes, pieces: Sequence[bytes | Piece] = ()) -> None:
    """Store content and further bytes for a key, atomically. Entries above the limits are not stored.

    It ignores errors of the file system.
    """
    file, encoded_key = _file(kind, key), _key(key)
    following = sum(len(piece) if isinstance(piece, bytes) else piece.size for piece in pieces)
    total = len(MAGIC) + HEAD.size + len(encoded_key) + len(content) + following
    if file is None or max(len(encoded_key), len(content)) > MAX_CONTENT_BYTES or total > MAX_ENTRY_BYTES:
        return
    head = [HEAD.pack(0, len(encoded_key), len(content))[CHECKSUM_BYTES:], encoded_key, content]
    directory = os.path.dirname(file)
    unfinished = f"{file}.{os.getpid()}.part"
    with suppress(OSError), signals.unfinished_file(unfinished):
        checksum = 0
        for part in _parts(head, pieces):
            checksum = zlib.crc32(part, checksum)
        os.makedirs(directory, mode=0o700, exist_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
        try:
            with open(descriptor, "wb") as opened:
                opened.writelines([MAGIC, checksum.to_bytes(CHECKSUM_BYTES, "little")])
                opened.writelines(_parts(head, pieces))
            os.replace(unfinished, file)
        finally:
            with suppress(OSError):
                os.unlink(unfinished)
        _prune(directory, kind)


def _parts(head: Sequence[bytes], pieces: Sequence[bytes | Piece]) -> Iterator[bytes]:
    yield from head
    for piece in pieces:
        yield piece if isinstance(piece, bytes) else piece.data()


def _key(key: Any) -> bytes:
    return json.dumps(key).encode()


def _file(kind: str, key: Any) -> str | None:
    """The path of a key's file; None without a cache folder. Of two keys with one path, the last entry stays."""
    directory = folder()
    return os.path.join(directory, f"{kind}-{zlib.crc32(_key(key)):08x}.kept") if directory else None


def clean() -> int:
    """Remove all entries, also unfinished ones, and return their number. Raises OSError."""
    directory = folder()
    if directory is None or not os.path.isdir(directory):
        return 0
    names = [*_names(directory), *_unfinished(directory)]
    for name in names:
        os.unlink(name)
    return len(names)


def remove(kind: str) -> None:
    """Remove the entries of a kind. It ignores errors of the file system."""
    directory = folder()
    with suppress(OSError):
        for name in _names(directory) if directory is not None else []:
            if os.path.basename(name).startswith(f"{kind}-"):
                os.unlink(name)


def _prune(directory: str, kind: str) -> None:
    """Remove the entries of a kind above its limits of age, number and size, oldest first.

    Unfinished entries are removed as well, if no process still writes them.
    """
    now = time.time()
    for name in _unfinished(directory):
        if now - os.lstat(name).st_mtime > MAX_UNFINISHED_SECONDS:
            os.unlink(name)
    names = [name for name in _names(directory) if os.path.basename(name).startswith(f"{kind}-")]
    stats = ((os.lstat(name), name) for name in names)
    found = sorted((now - status.st_mtime, name, status.st_size) for status, name in stats)
    total = 0
    for number, (age, name, size) in enumerate(found):
        total += size
        if number >= MAX_ENTRIES or age > MAX_AGE_SECONDS or total > MAX_KIND_BYTES:
            os.unlink(name)


def _names(directory: str) -> list[str]:
    """The paths of the entries in a folder."""
    return [os.path.join(directory, name) for name in os.listdir(directory) if FILE_NAME.fullmatch(name)]


def _unfinished(directory: str) -> list[str]:
    """The paths of the unfinished entries in a folder."""
    return [os.path.join(directory, name) for name in os.listdir(directory) if UNFINISHED_NAME.fullmatch(name)]
