"""Reading the unpacked bytes of gzip files, up to a limit, so that a small file cannot fill the memory."""

from __future__ import annotations

import errno
import zlib
from typing import Protocol

GZIP_START = b"\x1f\x8b"
"""The first bytes of each member of a gzip file (RFC 1952)."""

GZIP_WINDOW_BITS = 31
PACKED_CHUNK_BYTES = 16 * 1024

MAX_MEMBERS = 10_000
"""Members of a gzip file, one after the other. Services append one for each delivery."""


class Readable(Protocol):
    """A file from which bytes are read one after the other."""

    def read(self, size: int, /) -> bytes:
        """The next ``size`` bytes; fewer at the end."""


class UnpackedFile:
    """The unpacked bytes of a gzip file, of which at most ``max_bytes`` are read.

    ``start`` are the bytes that were read from the file before.
    """

    def __init__(self, file: Readable, max_bytes: int, start: bytes = b"") -> None:
        self._file = file
        self._left = max_bytes
        self._members = 0
        self._member = zlib.decompressobj(GZIP_WINDOW_BITS)
        self._packed = start

    @property
    def has_more(self) -> bool:
        """Whether the limit was reached before the end of the file. Raises OSError."""
        return not self._left and bool(self._unpacked(1))

    def read(self, size: int) -> bytes:
        """The next ``size`` unpacked bytes; fewer at the limit, at the end, or before damaged data.

        Raises OSError, also where damaged data begins.
        """
        size = min(size, self._left)
        pieces: list[bytes] = []
        while size:
            try:
                piece = self._unpacked(size)
            except OSError:
                if not pieces:
                    raise
                break  # the next call meets the damage again
            if not piece:
                break
            pieces.append(piece)
            size -= len(piece)
            self._left -= len(piece)
        return b"".join(pieces)

    def _unpacked(self, size: int) -> bytes:
        """Some unpacked bytes, at most ``size``; empty at the end."""
        while True:
            if self._member.eof and not self._begins_next_member():
                return b""
            self._packed = self._packed or self._file.read(PACKED_CHUNK_BYTES)
            is_at_end = not self._packed
            try:
                piece = self._member.decompress(self._packed, size)
            except zlib.error:
                raise OSError(errno.EINVAL, "its gzip data is damaged") from None
            self._packed = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if piece:
                return piece
            if is_at_end and not self._member.eof:
                raise OSError(errno.EINVAL, "its gzip data ends too early")

    def _begins_next_member(self) -> bool:
        """Whether there is another member. What follows the last one and is no member is ignored, as by gzip."""
        missing = len(GZIP_START) - len(self._packed)
        if missing > 0:
            self._packed += self._file.read(PACKED_CHUNK_BYTES)
        if not self._packed.startswith(GZIP_START):
            return False
        self._members += 1
        if self._members >= MAX_MEMBERS:
            raise OSError(errno.EINVAL, f"more than {MAX_MEMBERS:,} gzip members")
        self._member = zlib.decompressobj(GZIP_WINDOW_BITS)
        return True
