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

    def write(self, path: Path) -> None:
        """Replace what a file holds by this entry, as its owner may."""
        rest = HEAD.pack(0, len(self.key), len(self.content))[CHECKSUM_BYTES:] + self.key + self.content + self.data
        path.write_bytes(MAGIC + zlib.crc32(rest).to_bytes(CHECKSUM_BYTES, "little") + rest)
