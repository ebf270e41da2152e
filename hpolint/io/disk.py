"""Every question that a run asks of the disk, so that it can be told later whether all answers are still the same.

Whoever lists or looks for files does so through this module, and opens them through ``paths.py``. What is asked about
while somebody watches is noted before it is answered: a change that comes afterwards is one from what was noted.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager

TYPE_CHECKING = False  # type checkers take it for typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from typing import Any, TypeVar

    Value = TypeVar("Value")

FileStamp = tuple[int | str, ...]
"""What tells a file, folder or link from another, and from itself changed; empty for what is not there."""

DiskQuery = tuple[str, bool]
"""A path, and whether its content was asked for, not only what kind of thing it is."""


class ReadRecorder:
    """What was asked about, with what was there then. ``is_whole``: nothing was asked that cannot be asked again."""

    def __init__(self) -> None:
        self.stamps: dict[DiskQuery, FileStamp] = {}
        self.is_whole = True

    def add(self, seen: dict[DiskQuery, FileStamp]) -> None:
        """Take in what another process has asked about; what was noted first stays."""
        for asked, answered in seen.items():
            self.stamps.setdefault(asked, answered)


STAMP_LENGTH = 7
"""Of what is seen of a content so many parts are there, whatever it is."""

_recorders: list[ReadRecorder] = []


@contextmanager
def recorded_reads() -> Iterator[ReadRecorder]:
    """All that is asked from now on."""
    recorder = ReadRecorder()
    _recorders.append(recorder)
    try:
        yield recorder
    finally:
        _recorders.remove(recorder)


def record(path: str, *, content: bool = True) -> None:
    """Somebody is about to ask for the content of a file or folder, or only for what kind of thing a path is."""
    unaware = [watch for watch in _recorders if (path, content) not in watch.stamps]
    if unaware:
        there = stamp_of(path, content=content)
        for watch in unaware:
            watch.stamps[path, content] = there


class RecordedMemo:
    """What is worked out once, asking the disk: whoever is given it again has asked the same.

    No more than the ``most`` latest are held.
    """

    def __init__(self, most: float = math.inf) -> None:
        self._most = most
        self._held: dict[Hashable, tuple[Any, dict[DiskQuery, FileStamp] | None]] = {}

    def of(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What there is for a key; made where there is none, or where nobody watched when it was."""
        value, asked = self._held.get(key, (None, None))
        if key in self._held and (asked is not None or not _recorders):
            add_recorded(asked or {})
            return value  # type: ignore[no-any-return]
        if _recorders:
            with recorded_reads() as watch:
                made = make()
            self._held[key] = made, watch.stamps
        else:
            made = make()
            self._held[key] = made, None
        if len(self._held) > self._most:
            del self._held[next(iter(self._held))]
        return made


def add_recorded(asked: dict[DiskQuery, FileStamp]) -> None:
    """What another process has asked about, for whoever watches."""
    for watch in _recorders:
        watch.add(asked)


def is_recording() -> bool:
    """Whether somebody watches."""
    return bool(_recorders)


def stop_recording() -> None:
    """A forked process is watched by nobody."""
    _recorders.clear()


def record_unrepeatable() -> None:
    """Somebody asks what is not a matter of the disk alone, such as which packages are installed."""
    for watch in _recorders:
        watch.is_whole = False


def stamp_of(path: str, *, content: bool) -> FileStamp:
    """What is at a path now; of a link where it leads, and what is there."""
    try:
        own = os.lstat(path)
        if not stat.S_ISLNK(own.st_mode):
            return _stamp(own, content)
        target = os.readlink(path)
    except (OSError, ValueError):
        return ()
    try:
        return (target, *_stamp(os.stat(path), content))
    except (OSError, ValueError):
        return (target,)


def _stamp(status: os.stat_result, content: bool) -> FileStamp:
    if not content:
        return (stat.S_IFMT(status.st_mode),)
    when = status.st_mtime_ns, status.st_ctime_ns
    return status.st_mode, status.st_uid, status.st_size, *when, status.st_ino, status.st_dev


def change_times(seen: FileStamp) -> list[int]:
    """When what was seen, with its content, was last changed, in nanoseconds since 1970: its content, and itself."""
    return [each for each in seen[-4:-2] if isinstance(each, int)] if len(seen) >= STAMP_LENGTH else []


SETTLED_NANOSECONDS = 2_000_000_000
"""Nanoseconds after which a file that changes again has another time, on whatever file system."""


def are_settled(seen: Iterable[FileStamp], began: int) -> bool:
    """Whether all that was seen had been left alone for a while then: else it may change and keep its time."""
    return all(when <= began - SETTLED_NANOSECONDS for each in seen for when in change_times(each))


def exists(path: str) -> bool:
    """Whether something is there that is no link into nothing."""
    record(path, content=False)
    return os.path.exists(path)


def lexists(path: str) -> bool:
    """Whether a folder has such a name, be it a link into nothing."""
    record(path, content=False)
    return os.path.lexists(path)


def is_file(path: str) -> bool:
    """Whether a regular file is there, or a link to one."""
    record(path, content=False)
    return os.path.isfile(path)


def is_link(path: str) -> bool:
    """Whether a path itself is a symbolic link."""
    record(path, content=False)
    return os.path.islink(path)


def is_folder(path: str) -> bool:
    """Whether a folder is there, or a link to one."""
    record(path, content=False)
    return os.path.isdir(path)


def mode(path: str) -> int:
    """What kind of thing is there. Raises OSError, and ValueError for what is no path."""
    record(path, content=False)
    return os.stat(path).st_mode


def size(path: str) -> int:
    """A file's bytes; 0 for what cannot be asked: whoever reads it tells."""
    record(path)
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def real(path: str) -> str:
    """The path without links. Each folder on the way, and on the way to where a link leads, may become one."""
    _record_parents(path)
    try:
        found = os.path.realpath(path)
    except ValueError:  # a name that a program gives to a text, and no path has
        return os.path.abspath(path)
    if found != os.path.abspath(path):
        _record_parents(found)
    return found


def _record_parents(path: str) -> None:
    while _recorders and path:
        record(path, content=False)
        above = os.path.dirname(path)
        path = above if above != path else ""


def names(folder: str) -> list[str]:
    """The names in a folder, in their order. Raises OSError."""
    record(folder)
    return sorted(os.listdir(folder))
