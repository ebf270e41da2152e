"""Opening files and folders of any depth, and never what is neither."""

from __future__ import annotations

import errno
import os
import stat

from hpolint import disk

READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)
NO_WAITING = getattr(os, "O_NONBLOCK", 0)
"""A pipe that has taken a file's place since it was looked at is opened without waiting for a writer."""

AT_ONCE = 200
"""Of a path longer than the system takes, so many characters are gone at once: less than it takes, beyond any name."""


class NoFileError(OSError):
    """Something that is neither a file nor a folder."""


def open_file(path: str) -> tuple[int, os.stat_result]:
    """A descriptor of a regular file, and what it is. Raises OSError, of the kind NoFileError for a pipe or device."""
    disk.note(path)
    if not stat.S_ISREG(_mode(path)):
        raise NoFileError(errno.EINVAL, "is no file")
    descriptor = open_path(path, READ | NO_WAITING)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise NoFileError(errno.EINVAL, "is no file")
    return descriptor, status


def read_file(path: str, most: int) -> bytes | None:
    """A regular file's bytes; None if they are more than so many. Raises OSError."""
    descriptor, status = open_file(path)
    try:
        size = status.st_size + 1  # Python sets aside what is asked for; 0 is said of files in /proc
        data = read_up_to(descriptor, min(max(size, PIECE), most + 1))
        if len(data) == size or size < PIECE <= len(data):  # it has grown, or does not tell its size
            data += read_up_to(descriptor, most + 1 - len(data))
    finally:
        os.close(descriptor)
    return data if len(data) <= most else None


PIECE = 64 * 1024
"""Bytes that are asked for at least."""


def read_up_to(descriptor: int, size: int) -> bytes:
    """What a file still has, up to so many bytes: one read may give less than there is. Raises OSError."""
    first = os.read(descriptor, size)
    if not first or len(first) == size:
        return first
    more = os.read(descriptor, size - len(first))
    if not more:
        return first
    pieces, left = [first, more], size - len(first) - len(more)
    while left and (more := os.read(descriptor, left)):
        pieces.append(more)
        left -= len(more)
    return b"".join(pieces)


def _mode(path: str) -> int:
    try:
        return os.stat(path).st_mode
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
    return stat.S_IFREG  # what is opened tells


def open_path(path: str, flags: int) -> int:
    """A descriptor of a path, also of one that is longer than the system takes. Raises OSError."""
    try:
        return os.open(path, flags)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG or os.open not in os.supports_dir_fd:
            raise
    *folders, last = path.split("/")
    held = os.open("/" if path.startswith("/") else ".", os.O_RDONLY)
    try:
        for part in _parts(folders):
            held, before = os.open(part, os.O_RDONLY, dir_fd=held), held
            os.close(before)
        return os.open(last or ".", flags, dir_fd=held)
    finally:
        os.close(held)


def _parts(folders: list[str]) -> list[str]:
    """The folders of a path, as many at once as are sure to be taken."""
    parts: list[str] = []
    for folder in filter(None, folders):
        if parts and len(parts[-1]) + len(folder) < AT_ONCE:
            parts[-1] += f"/{folder}"
        else:
            parts.append(folder)
    return parts


def repository_root(folder: str) -> str:
    """The folder above that holds ``.git``; the folder itself where there is none."""
    above = disk.real(folder)
    while not disk.is_there(os.path.join(above, ".git")):
        parent = os.path.dirname(above)
        if parent == above:
            return disk.real(folder)
        above = parent
    return above


def boundary(name: str, roots: list[str]) -> str:
    """The folder that holds all that may be read for a file: its repository, else the folder that was asked for."""
    own = folder = os.path.dirname(disk.real(name))
    while not disk.is_there(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            above = [root for root in map(disk.real, roots) if own == root or own.startswith(root + os.sep)]
            return min(above, key=len, default=own)
        folder = parent
    return folder
