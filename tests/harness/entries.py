"""Entries of the cache, taken apart and put together by tests, with a checksum that fits."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import msgspec

from hpolint.cache.entries import CHECKSUM_BYTES, HEAD, MAGIC


class Entry(msgspec.Struct):
    """What an entry holds: its key, its content, and the bytes behind it."""

    key: bytes
    content: bytes
    data: bytes

    @classmethod
    def read(cls, path: Path) -> Entry:
        """The entry in a file."""
        whole = path.read_bytes()
        at = len(MAGIC) + HEAD.size
        _, key, content = HEAD.unpack(whole[len(MAGIC) : at])
        return cls(whole[at : at + key], whole[at + key : at + key + content], whole[at + key + content :])

    @property
    def values(self) -> Any:
        """The content, which is JSON."""
        return json.loads(self.content)

    @property
    def files(self) -> dict[str, list[Any]]:
        """Of an entry of checked files: each as the index of its settings, those of its reads, and its record."""
        found: dict[str, list[Any]] = msgspec.msgpack.decode(self.data)[2]
        return found

    def with_file(self, name: str, stored: list[Any]) -> Entry:
        """An entry of checked files with something else stored for one of them."""
        settings, reads, files = msgspec.msgpack.decode(self.data)
        return Entry(self.key, self.content, msgspec.msgpack.encode([settings, reads, files | {name: stored}]))

    def write(self, path: Path) -> None:
        """Replace what a file holds by this entry, as its owner may."""
        rest = HEAD.pack(0, len(self.key), len(self.content))[CHECKSUM_BYTES:] + self.key + self.content + self.data
        path.write_bytes(MAGIC + zlib.crc32(rest).to_bytes(CHECKSUM_BYTES, "little") + rest)
