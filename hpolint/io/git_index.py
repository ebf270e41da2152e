"""The files that git tracks, read from its index. Git is not started: a repository's configuration can run programs.

Source: git's documentation of the index format, ``gitformat-index``.
"""

from __future__ import annotations

import os
import struct

from hpolint.io import disk
from hpolint.io.files import read_file

MAX_INDEX_BYTES = 256 * 1024 * 1024
"""Largest index that is read, in bytes: some two million files."""

HEADER = struct.Struct(">4sLL")
SHA1, SHA256 = 20, 32
FIXED_BYTES = 42
"""Bytes of an entry before its object's name: times, device, mode, owner and size, and the flags."""

MODE_OFFSET, GITLINK = 24, 0o160000
EXTENDED = 0x4000
SPLIT_INDEX = b"link"
"""The extension of an index whose other entries are in another file."""


class IndexReadError(Exception):
    """An index that is missing, damaged, split or of an unknown version."""


def tracked_files(root: str) -> list[str]:
    """The files that git tracks in a repository, by their paths from its root, sorted. Raises IndexReadError.

    A submodule is the path of its folder, with a slash at the end: the files in it are in an index of its own. A new
    repository has no index before its first ``git add``: it tracks nothing.
    """
    try:
        folder = git_folder(root)
        if disk.is_folder(folder) and not disk.lexists(os.path.join(folder, "index")):
            return []
        data = read_file(os.path.join(folder, "index"), MAX_INDEX_BYTES)
    except OSError as error:
        raise IndexReadError(error.strerror or str(error)) from None
    try:
        return sorted(_paths(data))
    except (struct.error, IndexError, ValueError):
        raise IndexReadError("it is damaged") from None


def has_index(root: str) -> bool:
    """Whether a repository has an index: a new one has none, nor has a folder outside of git."""
    try:
        return disk.lexists(os.path.join(git_folder(root), "index"))
    except OSError:
        return False


def git_folder(root: str) -> str:
    """The folder with the index: ``.git``, or the folder that the file ``.git`` of a worktree names. Raises OSError."""
    own = os.path.join(root, ".git")
    if disk.is_folder(own):
        return own
    text = read_file(own, 4096).decode("utf-8", "replace").strip()
    return os.path.join(root, text.removeprefix("gitdir:").strip())


def _paths(data: bytes) -> list[str]:
    """The paths of an index's entries.

    Raises IndexReadError for a split index, and ValueError, IndexError or struct.error for a damaged one.
    """
    signature, version, count = HEADER.unpack_from(data)
    if signature != b"DIRC" or version not in (2, 3, 4):
        raise ValueError
    size = _hash_bytes(data)
    at, found, path = HEADER.size, [], b""
    for _ in range(count):
        start = at
        mode = struct.unpack_from(">L", data, at + MODE_OFFSET)[0]
        at += FIXED_BYTES - 2 + size
        flags = struct.unpack_from(">H", data, at)[0]
        at += 4 if version >= 3 and flags & EXTENDED else 2
        if version == 4:
            cut, at = _number(data, at)
            path = path[: len(path) - cut] if cut else path
        else:
            path = b""
        end = data.index(b"\0", at)
        path += data[at:end]
        at = end + 1 if version == 4 else start + (end - start + 8) // 8 * 8
        found.append(os.fsdecode(path) + ("/" if mode & 0o170000 == GITLINK else ""))
    if SPLIT_INDEX in _extensions(data[at : len(data) - size]):
        raise IndexReadError("it is split: `git update-index --no-split-index` joins it")
    return found


def _hash_bytes(data: bytes) -> int:
    """The length of the hashes in an index. Raises ValueError if its checksum is wrong."""
    import hashlib  # slow to import, because of OpenSSL

    if hashlib.sha1(data[:-SHA1], usedforsecurity=False).digest() == data[-SHA1:] or not any(data[-SHA1:]):
        return SHA1
    if hashlib.sha256(data[:-SHA256]).digest() == data[-SHA256:]:
        return SHA256
    raise ValueError


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, as git writes offsets, and the index behind it."""
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        value = (value + 1) << 7 | data[at] & 0x7F
    return value, at + 1


def _extensions(data: bytes) -> set[bytes]:
    """The signatures of the extensions behind the entries."""
    found, at = set(), 0
    while at + 8 <= len(data):
        found.add(data[at : at + 4])
        at += 8 + int(struct.unpack_from(">L", data, at + 4)[0])
    return found
