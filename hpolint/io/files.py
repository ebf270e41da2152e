"""Files and folders of any depth, opened; a file is read to a bound, and what is no regular file is not read."""

from __future__ import annotations

import errno
import os
import stat

from hpolint.io import disk

READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)
NONBLOCKING = getattr(os, "O_NONBLOCK", 0)
"""A pipe that has taken a file's place since it was looked at is opened without waiting for a writer."""

MAX_STEP_CHARACTERS = 200
"""Of a path longer than the system takes, so many characters are gone at once: less than it takes, beyond any name."""


class NoFileError(OSError):
    """Something that is neither a file nor a folder."""


class TooLargeError(OSError):
    """A file of more bytes than are read of its kind."""

    def __init__(self, most: int) -> None:
        super().__init__(errno.EFBIG, f"larger than {size_text(most)}")


def size_text(size: int) -> str:
    """A number of bytes for a message: `10 MB`."""
    for unit, name in ((1024 * 1024, "MB"), (1024, "KB")):
        if size >= unit:
            return f"{size / unit:,.4g} {name}"
    return f"{size:,} bytes"


class BoundedFile:
    """A regular file of which at most ``most`` bytes are read; ``size`` is what the system says of it.

    Raises OSError, of the kind NoFileError for a folder, pipe or device. The only way in which hpolint reads files.
    """

    def __init__(self, path: str, most: int, *, is_recorded: bool = True) -> None:
        if is_recorded:
            disk.record(path)
        if not stat.S_ISREG(_mode(path)):
            raise NoFileError(errno.EINVAL, "not a regular file")
        self._descriptor = open_path(path, READ | NONBLOCKING)
        status = os.fstat(self._descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(self._descriptor)
            raise NoFileError(errno.EINVAL, "not a regular file")
        self.size = status.st_size
        self._left = most

    def __enter__(self) -> BoundedFile:
        """The file itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        os.close(self._descriptor)

    @property
    def has_more(self) -> bool:
        """Whether the bound was reached before the file's end. Raises OSError."""
        return not self._left and bool(os.read(self._descriptor, 1))

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many, and none beyond the bound: one read of the system may give fewer."""
        size = min(size, self._left)
        pieces: list[bytes] = []
        while size and (piece := os.read(self._descriptor, size)):
            pieces.append(piece)
            size -= len(piece)
            self._left -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def read_file(path: str, most: int, *, is_recorded: bool = True) -> bytes:
    """A regular file's bytes. Raises OSError, of the kind TooLargeError if they are more than so many."""
    with BoundedFile(path, most + 1, is_recorded=is_recorded) as file:
        if file.size > most:
            raise TooLargeError(most)
        size = max(file.size + 1, MIN_READ_BYTES)  # Python sets aside what is asked for; 0 is said of files in /proc
        data = file.read(size)
        if len(data) == size:  # it has grown, or does not tell its size
            data += file.read(most + 1)
    if len(data) > most:
        raise TooLargeError(most)
    return data


def read_start(path: str, size: int) -> bytes:
    """The first bytes of a regular file, at most so many. Raises OSError."""
    with BoundedFile(path, size) as file:
        return file.read(size)


def read_own(path: str) -> bytes:
    """One of hpolint's own files: it changes with hpolint's version alone, so nobody notes that it was read."""
    return read_file(path, MAX_OWN_BYTES, is_recorded=False)


MIN_READ_BYTES = 64 * 1024
"""Bytes that are asked for at least."""

MAX_OWN_BYTES = 64 * 1024 * 1024
"""Bytes of a file of hpolint's own."""


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
        for part in _path_steps(folders):
            held, before = os.open(part, os.O_RDONLY, dir_fd=held), held
            os.close(before)
        return os.open(last or ".", flags, dir_fd=held)
    finally:
        os.close(held)


def _path_steps(folders: list[str]) -> list[str]:
    """The folders of a path, as many at once as are sure to be taken."""
    parts: list[str] = []
    for folder in filter(None, folders):
        if parts and len(parts[-1]) + len(folder) < MAX_STEP_CHARACTERS:
            parts[-1] += f"/{folder}"
        else:
            parts.append(folder)
    return parts


def repository_root(folder: str) -> str:
    """The folder above that holds ``.git``; the folder itself where there is none."""
    above = disk.real(folder)
    while not disk.exists(os.path.join(above, ".git")):
        parent = os.path.dirname(above)
        if parent == above:
            return disk.real(folder)
        above = parent
    return above


def boundary(name: str, roots: list[str]) -> str:
    """The folder that holds all that may be read for a file: its repository, else the folder that was asked for."""
    return _boundary_of(os.path.dirname(disk.real(name)), roots)


def _boundary_of(own: str, roots: list[str]) -> str:
    """The same for a folder without links."""
    folder = own
    while not disk.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            above = [root for root in map(disk.real, roots) if own == root or own.startswith(root + os.sep)]
            return min(above, key=len, default=own)
        folder = parent
    return folder


def is_within(path: str, folder: str) -> bool:
    """Whether a path without links is a folder, or lies in it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


LEADS_OUT = "a link that leads out of what is checked"


def leads_out(path: str, roots: list[str]) -> bool:
    """Whether a file is a link out of the repository that it stands in, and out of the folders that are checked."""
    if not disk.is_link(path):
        return False
    own, target = disk.real(os.path.dirname(path) or "."), disk.real(path)
    around = (_boundary_of(own, roots), *(root for root in map(disk.real, roots) if is_within(own, root)))
    return not any(is_within(target, folder) for folder in around)
