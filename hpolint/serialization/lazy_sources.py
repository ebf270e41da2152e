"""Loading the texts of decoded sources on first use.

A report on thousands of files shows few of them, one after another. At most ``MAX_LOADED_CHARACTERS`` of their texts,
or one text, are in memory at once. The bytes of many sources are kept in a temporary file.
"""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import IO

import msgspec

from hpolint.model.source import FIELDS, Source

FILE_MIN_BYTES = 8_000_000
"""Bytes of outcomes above which further ones are written to a temporary file."""

MAX_LOADED_CHARACTERS = 4_000_000
"""Characters of loaded texts that stay in memory, since a report uses some texts several times."""


class StoredBytes(msgspec.Struct, frozen=True):
    """Bytes in memory or in a temporary file. ``read`` returns a range of them, given its start and size."""

    size: int
    read: Callable[[int, int], bytes]

    def data(self) -> bytes:
        """All bytes. Raises OSError."""
        return self.read(0, self.size)


class LazySources:
    """The sources of decoded outcomes, and the bytes from which they are loaded."""

    def __init__(self) -> None:
        self._loaded: deque[tuple[Source, int]] = deque()
        self._characters = 0
        self._bytes = 0
        self._file: IO[bytes] | None = None

    def __del__(self) -> None:
        """Close the temporary file."""
        if self._file is not None:
            self._file.close()

    def source(self, name: str, load: Callable[[], Source]) -> Source:
        """A source with a name; its fields are loaded on first use from the source that ``load`` returns."""
        return Source.lazy(name, partial(self._load, load))

    def _load(self, load: Callable[[], Source], source: Source) -> None:
        loaded = load()
        vars(source).update({name: getattr(loaded, name) for name in FIELDS})
        self._loaded.append((source, len(source.text)))
        self._characters += len(source.text)
        while self._characters > MAX_LOADED_CHARACTERS and len(self._loaded) > 1:
            oldest, size = self._loaded.popleft()
            oldest.unload()
            self._characters -= size

    def keep(self, data: bytes) -> StoredBytes:
        """Store bytes: in memory, or in the temporary file if there are many."""
        self._bytes += len(data)
        start = self._written(data) if self._bytes >= FILE_MIN_BYTES else None
        if start is None or self._file is None:
            return StoredBytes(len(data), lambda at, size: data[at : at + size])
        return StoredBytes(len(data), partial(_read, self._file, start))

    def _written(self, data: bytes) -> int | None:
        """Write bytes to the file and return their offset in it; None if they cannot be written."""
        import tempfile

        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0, prefix="hpolint-")  # noqa: SIM115 - closed with this
            start = self._file.seek(0, io.SEEK_END)
            return start if self._file.write(data) == len(data) else None
        except OSError:
            return None


def _read(file: IO[bytes], start: int, at: int, size: int) -> bytes:
    """A range of the bytes from ``start`` on. ``pread`` is used because a fork shares the file's position."""
    if hasattr(os, "pread"):
        return os.pread(file.fileno(), size, start + at)
    file.seek(start + at)
    return file.read(size)
