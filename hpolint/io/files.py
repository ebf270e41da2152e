"""Opening and reading files, up to a size limit. Only regular files are read, and paths may be of any length."""

from __future__ import annotations

import errno
import os
import stat

from hpolint.io import disk

READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)
NONBLOCKING = getattr(os, "O_NONBLOCK", 0)
"""Keeps ``open`` from blocking on a pipe that replaced the file after the check."""

MAX_STEP_CHARACTERS = 200
"""Characters of a path that are opened in one step if the whole path is too long for the system."""


class NoFileError(OSError):
    """A path that is not a regular file: a folder, pipe or device."""


class TooLargeError(OSError):
    """A file that is larger than its limit in bytes."""

    def __init__(self, most: int) -> None:
        super().__init__(errno.EFBIG, f"larger than {size_text(most)}")


def size_text(size: int) -> str:
    """A size in bytes for a message: `10 MB`."""
    for unit, name in ((1024 * 1024, "MB"), (1024, "KB")):
        if size >= unit:
            return f"{size / unit:,.4g} {name}"
    return f"{size:,} bytes"


class BoundedFile:
    """A regular file, or a text in its place, of which at most ``most`` bytes are read.

    ``size`` is the size that the system reports. The only way by which hpolint reads files. Raises OSError, and
    NoFileError for a folder, pipe or device.
    """

    def __init__(self, path: str, most: int, *, is_recorded: bool = True) -> None:
        if is_recorded:
            disk.record(path)
        self._left = most
        self._text = disk.text_at(path)
        if self._text is not None:
            self.size = len(self._text)
            return
        if "\0" in path:  # the system's functions raise a ValueError
            raise NoFileError(errno.EINVAL, "a path with a NUL character")
        if not stat.S_ISREG(_mode(path)):
            raise NoFileError(errno.EINVAL, "not a regular file")
        self._descriptor = open_path(path, READ | NONBLOCKING)
        status = os.fstat(self._descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(self._descriptor)
            raise NoFileError(errno.EINVAL, "not a regular file")
        self.size = status.st_size

    def __enter__(self) -> BoundedFile:
        """The file itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        if self._text is None:
            os.close(self._descriptor)

    @property
    def has_more(self) -> bool:
        """Whether the limit was reached before the end of the file. Raises OSError."""
        return not self._left and bool(self._text if self._text is not None else os.read(self._descriptor, 1))

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes; fewer at the limit or the end of the file. Raises OSError."""
        size = min(size, self._left)
        if self._text is not None:
            data, self._text = self._text[:size], self._text[size:]
            self._left -= len(data)
            return data
        pieces: list[bytes] = []
        while size and (piece := os.read(self._descriptor, size)):
            pieces.append(piece)
            size -= len(piece)
            self._left -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def read_file(path: str, most: int, *, is_recorded: bool = True) -> bytes:
    """The bytes of a regular file. Raises OSError, and TooLargeError above ``most`` bytes."""
    with BoundedFile(path, most + 1, is_recorded=is_recorded) as file:
        if file.size > most:
            raise TooLargeError(most)
        size = max(file.size + 1, MIN_READ_BYTES)  # bounds the buffer; files in /proc report size 0
        data = file.read(size)
        if len(data) == size:  # the file has grown or reports a wrong size
            data += file.read(most + 1)
    if len(data) > most:
        raise TooLargeError(most)
    return data


def read_start(path: str, size: int) -> bytes:
    """The first bytes of a regular file, at most ``size``. Raises OSError."""
    with BoundedFile(path, size) as file:
        return file.read(size)


def read_own(path: str) -> bytes:
    """The bytes of one of hpolint's own files. Not recorded, because it changes only with hpolint's version."""
    return read_file(path, MAX_OWN_BYTES, is_recorded=False)


MIN_READ_BYTES = 64 * 1024
"""Smallest buffer for reading a file, in bytes."""

MAX_OWN_BYTES = 64 * 1024 * 1024
"""Largest file of hpolint's own, in bytes."""


def _mode(path: str) -> int:
    try:
        return os.stat(path).st_mode
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
    return stat.S_IFREG  # checked again after opening


def open_path(path: str, flags: int) -> int:
    """Open a path, even one that is too long for the system, and return its descriptor. Raises OSError."""
    try:
        return os.open(path, flags)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG or os.open not in os.supports_dir_fd:
            raise
    *folders, last = path.split("/")
    current = os.open("/" if path.startswith("/") else ".", os.O_RDONLY)
    try:
        for part in _path_steps(folders):
            current, before = os.open(part, os.O_RDONLY, dir_fd=current), current
            os.close(before)
        return os.open(last or ".", flags, dir_fd=current)
    finally:
        os.close(current)


def _path_steps(folders: list[str]) -> list[str]:
    """The folders of a path, joined into steps that are short enough for the system."""
    parts: list[str] = []
    for folder in filter(None, folders):
        if parts and len(parts[-1]) + len(folder) < MAX_STEP_CHARACTERS:
            parts[-1] += f"/{folder}"
        else:
            parts.append(folder)
    return parts


def repository_root(folder: str) -> str:
    """The root of the repository that holds a folder; outside of a repository, the folder itself. A real path."""
    real_folder = disk.real(folder)
    return enclosing_repository(real_folder) or real_folder


def enclosing_repository(real_folder: str) -> str | None:
    """The root of the repository that holds a real folder; None outside of a repository."""
    root = real_folder
    while not disk.exists(os.path.join(root, ".git")):
        parent = os.path.dirname(root)
        if parent == root:
            return None
        root = parent
    return root


def is_elsewhere(path: str) -> bool:
    """Whether a path leads out of the repository of the working folder; outside of a repository, out of that folder.

    What is wrong in a file elsewhere that a configuration names is said by its place alone: its text may be secret.
    """
    return not is_within(disk.real(path), repository_root("."))


def boundary(name: str, roots: list[str]) -> str:
    """The folder that holds all files that may be read for a file: its repository, else the checked folder."""
    return _boundary_of(os.path.dirname(disk.real(name)), roots)


def _boundary_of(own: str, roots: list[str]) -> str:
    """The same as ``boundary``, for a folder's real path."""
    repository = enclosing_repository(own)
    if repository is not None:
        return repository
    enclosing = [root for root in map(disk.real, roots) if is_within(own, root)]
    return min(enclosing, key=len, default=own)


def is_within(path: str, folder: str) -> bool:
    """Whether a real path is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


LEADS_OUT = "a link to outside of the repository or checked folder"


def leads_out(path: str, roots: list[str]) -> bool:
    """Whether a file is a link to outside of both its repository and the checked folders that hold it."""
    if not disk.is_link(path):
        return False
    own, target = disk.real(os.path.dirname(path) or "."), disk.real(path)
    enclosing = (_boundary_of(own, roots), *(root for root in map(disk.real, roots) if is_within(own, root)))
    return not any(is_within(target, folder) for folder in enclosing)
