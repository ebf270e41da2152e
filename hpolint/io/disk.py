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

Seen = tuple[int | str, ...]
"""What tells a file, folder or link from another, and from itself changed; empty for what is not there."""

Asked = tuple[str, bool]
"""A path, and whether its content was asked for, not only what kind of thing it is."""


class Watch:
    """What was asked about, with what was there then. ``is_whole``: nothing was asked that cannot be asked again."""

    def __init__(self) -> None:
        self.seen: dict[Asked, Seen] = {}
        self.is_whole = True

    def add(self, seen: dict[Asked, Seen]) -> None:
        """Take in what another process has asked about; what was noted first stays."""
        for asked, answered in seen.items():
            self.seen.setdefault(asked, answered)


WHOLE = 7
"""Of what is seen of a content so many parts are there, whatever it is."""

_watches: list[Watch] = []


@contextmanager
def watched() -> Iterator[Watch]:
    """All that is asked from now on."""
    watch = Watch()
    _watches.append(watch)
    try:
        yield watch
    finally:
        _watches.remove(watch)


def note(path: str, *, content: bool = True) -> None:
    """Somebody is about to ask for the content of a file or folder, or only for what kind of thing a path is."""
    unaware = [watch for watch in _watches if (path, content) not in watch.seen]
    if unaware:
        there = seen(path, content=content)
        for watch in unaware:
            watch.seen[path, content] = there


class Memory:
    """What is worked out once, asking the disk: whoever is given it again has asked the same.

    No more than the ``most`` latest are held.
    """

    def __init__(self, most: float = math.inf) -> None:
        self._most = most
        self._held: dict[Hashable, tuple[Any, dict[Asked, Seen] | None]] = {}

    def of(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What there is for a key; made where there is none, or where nobody watched when it was."""
        value, asked = self._held.get(key, (None, None))
        if key in self._held and (asked is not None or not _watches):
            take_in(asked or {})
            return value  # type: ignore[no-any-return]
        if _watches:
            with watched() as watch:
                made = make()
            self._held[key] = made, watch.seen
        else:
            made = make()
            self._held[key] = made, None
        if len(self._held) > self._most:
            del self._held[next(iter(self._held))]
        return made


def take_in(asked: dict[Asked, Seen]) -> None:
    """What another process has asked about, for whoever watches."""
    for watch in _watches:
        watch.add(asked)


def is_watched() -> bool:
    """Whether somebody watches."""
    return bool(_watches)


def unwatch() -> None:
    """A forked process is watched by nobody."""
    _watches.clear()


def note_elsewhere() -> None:
    """Somebody asks what is not a matter of the disk alone, such as which packages are installed."""
    for watch in _watches:
        watch.is_whole = False


def seen(path: str, *, content: bool) -> Seen:
    """What is at a path now; of a link where it leads, and what is there."""
    try:
        own = os.lstat(path)
        if not stat.S_ISLNK(own.st_mode):
            return _told(own, content)
        target = os.readlink(path)
    except (OSError, ValueError):
        return ()
    try:
        return (target, *_told(os.stat(path), content))
    except (OSError, ValueError):
        return (target,)


def _told(status: os.stat_result, content: bool) -> Seen:
    if not content:
        return (stat.S_IFMT(status.st_mode),)
    when = status.st_mtime_ns, status.st_ctime_ns
    return status.st_mode, status.st_uid, status.st_size, *when, status.st_ino, status.st_dev


def times(seen: Seen) -> list[int]:
    """When what was seen, with its content, was last changed, in nanoseconds since 1970: its content, and itself."""
    return [each for each in seen[-4:-2] if isinstance(each, int)] if len(seen) >= WHOLE else []


SETTLED = 2_000_000_000
"""Nanoseconds after which a file that changes again has another time, on whatever file system."""


def are_settled(seen: Iterable[Seen], began: int) -> bool:
    """Whether all that was seen had been left alone for a while then: else it may change and keep its time."""
    return all(when <= began - SETTLED for each in seen for when in times(each))


def is_there(path: str) -> bool:
    """Whether something is there that is no link into nothing."""
    note(path, content=False)
    return os.path.exists(path)


def is_named(path: str) -> bool:
    """Whether a folder has such a name, be it a link into nothing."""
    note(path, content=False)
    return os.path.lexists(path)


def is_file(path: str) -> bool:
    """Whether a regular file is there, or a link to one."""
    note(path, content=False)
    return os.path.isfile(path)


def is_link(path: str) -> bool:
    """Whether a path itself is a symbolic link."""
    note(path, content=False)
    return os.path.islink(path)


def is_folder(path: str) -> bool:
    """Whether a folder is there, or a link to one."""
    note(path, content=False)
    return os.path.isdir(path)


def mode(path: str) -> int:
    """What kind of thing is there. Raises OSError, and ValueError for what is no path."""
    note(path, content=False)
    return os.stat(path).st_mode


def size(path: str) -> int:
    """A file's bytes; 0 for what cannot be asked: whoever reads it tells."""
    note(path)
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def real(path: str) -> str:
    """The path without links. Each folder on the way, and on the way to where a link leads, may become one."""
    _note_way(path)
    try:
        found = os.path.realpath(path)
    except ValueError:  # a name that a program gives to a text, and no path has
        return os.path.abspath(path)
    if found != os.path.abspath(path):
        _note_way(found)
    return found


def _note_way(path: str) -> None:
    while _watches and path:
        note(path, content=False)
        above = os.path.dirname(path)
        path = above if above != path else ""


def names(folder: str) -> list[str]:
    """The names in a folder, in their order. Raises OSError."""
    note(folder)
    return sorted(os.listdir(folder))
