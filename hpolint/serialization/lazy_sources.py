"""The texts of decoded sources, loaded when a report shows them.

A run of thousands of files shows few of them, one after the other. At most ``MAX_LOADED_CHARACTERS`` of their texts are
in memory at once, or one text. The bytes of many sources wait in a temporary file.
"""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import IO, TypeAlias

from hpolint.model.source import FIELDS, Source

Read: TypeAlias = Callable[[], bytes]

FILE_MIN_BYTES = 8_000_000
"""Bytes of waiting pieces from which they are written to a temporary file."""

MAX_LOADED_CHARACTERS = 4_000_000
"""A report goes through some of the texts several times."""


class LazySources:
    """The sources of decoded outcomes, and the bytes that they are loaded from."""

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
        """A source with a name, whose fields are those of the source that ``load`` returns."""
        return Source.lazy(name, partial(self._load, load))

    def _load(self, load: Callable[[], Source], source: Source) -> None:
        loaded = load()
        vars(source).update({name: getattr(loaded, name) for name in FIELDS})
        self._loaded.append((source, len(source.text)))
        self._characters += len(source.text)
        while self._characters > MAX_LOADED_CHARACTERS and len(self._loaded) > 1:
            earlier, size = self._loaded.popleft()
            earlier.unload()
            self._characters -= size

    def keep(self, data: bytes) -> Read:
        """A function that returns these bytes later: from the temporary file if many wait, else from memory."""
        self._bytes += len(data)
        return self._written(data) if self._bytes >= FILE_MIN_BYTES else partial(bytes, data)

    def _written(self, data: bytes) -> Read:
        """Some bytes in the file; in memory where there is no folder for it, or no room."""
        import tempfile

        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0, prefix="hpolint-")  # noqa: SIM115 - closed with this
            start = self._file.seek(0, io.SEEK_END)
            if self._file.write(data) == len(data):
                return partial(_read, self._file, start, len(data))
        except OSError:
            pass
        return partial(bytes, data)


def _read(file: IO[bytes], start: int, size: int) -> bytes:
    """A part of a file. With ``pread``, since a fork shares the file's position."""
    if hasattr(os, "pread"):
        return os.pread(file.fileno(), size, start)
    file.seek(start)
    return file.read(size)
