"""Queries to the file system, recorded so that a later run can tell whether their results are unchanged.

All code lists and looks up files through this module, and opens them through ``files.py``. While a recorder is active,
the stamp of a path is recorded before the query is answered, so that a change after that is noticed. Texts of an
``Overlay`` take precedence over files.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager

from hpolint.io import overlay
from hpolint.io.overlay import Overlay

TYPE_CHECKING = False  # type checkers treat it as typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeVar

    Value = TypeVar("Value")

FileStamp = tuple[int | str, ...]
"""The identity and state of a file, folder or link: differs if it is replaced or changed. Empty if nothing exists."""

DiskQuery = tuple[str, bool]
"""A path, and whether its content was queried, not only its kind."""


class ReadRecorder:
    """The queries so far with the stamps at that time. ``is_whole``: no query was made that cannot be repeated."""

    def __init__(self) -> None:
        self.stamps: dict[DiskQuery, FileStamp] = {}
        self.is_whole = True

    def add(self, seen: dict[DiskQuery, FileStamp]) -> None:
        """Add the queries of another process. The first stamp of a query stays."""
        for query, stamp in seen.items():
            self.stamps.setdefault(query, stamp)


STAMP_LENGTH, SIZE = 7, 2
"""Parts of a stamp with content, not counting a link's target, and the index of the size in bytes."""

_recorders: list[ReadRecorder] = []

_earlier: dict[DiskQuery, FileStamp] = {}
"""Stamps that this process has taken before its check, see ``reuse_stamps``."""


@contextmanager
def recorded_reads() -> Iterator[ReadRecorder]:
    """Record all queries within the context."""
    recorder = ReadRecorder()
    _recorders.append(recorder)
    try:
        yield recorder
    finally:
        _recorders.remove(recorder)


def reuse_stamps(stamps: dict[DiskQuery, FileStamp]) -> None:
    """Record these stamps for their queries instead of new ones.

    For a process that compared them with an earlier run's just before its only check. A stamp that is too old is safe:
    the file has changed since then, so the next run finds another stamp and checks the file again.
    """
    _earlier.update(stamps)


def recordable_stamp(path: str, *, content: bool) -> FileStamp:
    """The stamp to record for a query: the one of ``reuse_stamps``, else that of the path now."""
    stamp = _earlier.get((path, content))
    return stamp_of(path, content=content) if stamp is None else stamp


def record(path: str, *, content: bool = True) -> None:
    """Record a query for the content of a file or folder, or only for the kind of a path, before it is made."""
    query = path, content
    missing = [recorder for recorder in _recorders if query not in recorder.stamps]
    if missing:
        stamp = recordable_stamp(path, content=content)
        for recorder in missing:
            recorder.stamps[query] = stamp


class RecordedMemo:
    """A memo of values that are computed from the disk. A cached value records the same queries again.

    Under a live overlay, a value whose queries have other answers by now is computed again.

    Holds at most ``most`` values and drops the oldest.
    """

    def __init__(self, most: float = math.inf) -> None:
        self._most = most
        self._values: dict[Hashable, tuple[Any, dict[DiskQuery, FileStamp] | None]] = {}

    def of(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key. Computed if it is missing, or if its queries are needed and were not recorded."""
        value, queries = self._values.get(key, (None, None))
        texts = overlay.active.get()
        if texts is not None and texts.is_live and queries is not None and not are_unchanged(queries):
            del self._values[key]
        if key in self._values and (queries is not None or not _recorders):
            add_recorded(queries or {})
            return value  # type: ignore[no-any-return]
        if _recorders:
            with recorded_reads() as recorder:
                made = make()
            self._values[key] = made, recorder.stamps
        else:
            made = make()
            self._values[key] = made, None
        if len(self._values) > self._most:
            del self._values[next(iter(self._values))]
        return made


def add_recorded(queries: dict[DiskQuery, FileStamp]) -> None:
    """Add queries that were made elsewhere to all recorders."""
    for recorder in _recorders:
        recorder.add(queries)


def is_recording() -> bool:
    """Whether a recorder is active."""
    return bool(_recorders)


def stop_recording() -> None:
    """Remove all recorders, in a forked process."""
    _recorders.clear()


def record_unrepeatable() -> None:
    """Record a query that stamps cannot cover, such as which packages are installed."""
    for recorder in _recorders:
        recorder.is_whole = False


@contextmanager
def overlaid(texts: Overlay) -> Iterator[None]:
    """Let these texts take precedence over the disk for the running code."""
    texts.look_up_names()
    token = overlay.active.set(texts)
    try:
        yield
    finally:
        overlay.active.reset(token)


@contextmanager
def trying(texts: Mapping[str, bytes]) -> Iterator[None]:
    """Let further texts take precedence for the running code, which only tries them: its queries are not recorded."""
    below = overlay.active.get()
    recorders = list(_recorders)
    _recorders.clear()
    try:
        with overlaid(overlay.Overlay(texts) if below is None else below.with_texts(texts)):
            yield
    finally:
        _recorders.extend(recorders)


def text_at(path: str) -> bytes | None:
    """The text that takes the place of a file; None if the file on the disk counts."""
    texts = overlay.active.get()
    return texts.text(path) if texts is not None else None


def has_texts_below(folder: str) -> bool:
    """Whether a text takes the place of a file in a folder, or below it."""
    texts = overlay.active.get()
    return texts is not None and bool(texts.names(folder))


def is_given(path: str) -> bool:
    """Whether a program has given a text for the path, or texts below it: such a text may be read wherever it lies."""
    texts = overlay.active.get()
    return texts is not None and texts.is_given and (texts.text(path) is not None or bool(texts.names(path)))


def stamp_of(path: str, *, content: bool) -> FileStamp:
    """The stamp of a path now; for a link, its target followed by the target's stamp."""
    texts = overlay.active.get()
    if texts is not None:
        version, names = texts.version(path), texts.names(path)
        if version is not None:
            return ("text", version) if content else ("text",)
        if names:
            on_disk = _stamp_on_disk(path, content=content)
            return ("folder", *sorted(names), *on_disk) if content else (on_disk or ("folder",))
    return _stamp_on_disk(path, content=content)


def _stamp_on_disk(path: str, *, content: bool) -> FileStamp:
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


def version_in(stamp: FileStamp) -> int | None:
    """The version of the text that a stamp is of; None if it is that of a file."""
    match stamp:
        case ("text", int(version)):
            return version
    return None


def are_unchanged(stamps: dict[DiskQuery, FileStamp]) -> bool:
    """Whether all queries have the same stamps now."""
    return all(stamp_of(path, content=content) == stamp for (path, content), stamp in stamps.items())


SETTLED_NANOSECONDS = 2_000_000_000
"""Nanoseconds after which another change gives a file another time, on every file system."""


def are_settled(stamps: Iterable[FileStamp], began: int) -> bool:
    """Whether no stamp changed shortly before ``began``, in nanoseconds: a file may change again and keep its time."""
    latest = began - SETTLED_NANOSECONDS
    for stamp in stamps:
        if len(stamp) < STAMP_LENGTH:  # without content
            continue
        modified, changed = stamp[-4:-2]
        if isinstance(modified, str) or isinstance(changed, str) or modified > latest or changed > latest:
            return False
    return True


TEXT_MODE = stat.S_IFREG | 0o644
"""The mode of a file that a text takes the place of."""


def _is_overlaid(path: str) -> bool:
    return text_at(path) is not None or has_texts_below(path)


def exists(path: str) -> bool:
    """Whether a path exists. A broken link does not."""
    record(path, content=False)
    return _is_overlaid(path) or os.path.exists(path)


def lexists(path: str) -> bool:
    """Whether a path exists, even as a broken link."""
    record(path, content=False)
    return _is_overlaid(path) or os.path.lexists(path)


def is_file(path: str) -> bool:
    """Whether a path is a regular file or a link to one."""
    record(path, content=False)
    return text_at(path) is not None or os.path.isfile(path)


def is_link(path: str) -> bool:
    """Whether a path is a symbolic link."""
    record(path, content=False)
    return os.path.islink(path)


def is_folder(path: str) -> bool:
    """Whether a path is a folder or a link to one."""
    record(path, content=False)
    return has_texts_below(path) or os.path.isdir(path)


def mode(path: str) -> int:
    """The mode of a path, following links. Raises OSError, and ValueError for an invalid path."""
    record(path, content=False)
    return TEXT_MODE if text_at(path) is not None else os.stat(path).st_mode


def size(path: str) -> int:
    """A file's size in bytes; 0 if it cannot be read, which the caller notices when it reads the file."""
    record(path)
    if (text := text_at(path)) is not None:
        return len(text)
    stamp = _recorders[-1].stamps[path, True] if _recorders else ()
    if len(stamp) == STAMP_LENGTH:  # a regular file, not a link
        return int(stamp[SIZE])
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return 0


def real(path: str) -> str:
    """The real path, without links. Records every parent folder, because each may become a link."""
    _record_parents(path)
    try:
        found = os.path.realpath(path)
    except ValueError:  # not a valid path: a program may give a text in memory any name
        return os.path.abspath(path)
    if found != os.path.abspath(path):
        _record_parents(found)
    return found


def _record_parents(path: str) -> None:
    while _recorders and path:
        record(path, content=False)
        parent = os.path.dirname(path)
        path = parent if parent != path else ""


def names(folder: str) -> list[str]:
    """The names in a folder, sorted. Raises OSError."""
    record(folder)
    texts = overlay.active.get()
    added = texts.names(folder) if texts is not None else frozenset()
    try:
        return sorted({*os.listdir(folder), *added})
    except FileNotFoundError:
        if not added:
            raise
        return sorted(added)


def entries(folder: str) -> tuple[list[str], list[str]]:
    """The names of the files and of the folders in a folder, sorted, without links. Raises OSError.

    If a program has given texts below the folder, only these.
    """
    record(folder)
    texts = overlay.active.get()
    added = texts.names(folder) if texts is not None else frozenset()
    folders = {name for name in added if has_texts_below(os.path.join(folder, name))}
    files = set(added - folders)
    for entry in () if added and is_given(folder) else _scanned(folder, is_needed=not added):
        if entry.is_dir(follow_symlinks=False):
            folders.add(entry.name)
        elif entry.is_file(follow_symlinks=False):
            files.add(entry.name)
    return sorted(files), sorted(folders)


def _scanned(folder: str, *, is_needed: bool) -> list[os.DirEntry[str]]:
    """The entries of a folder on the disk. Raises OSError; without need, a folder that is not there has none."""
    try:
        with os.scandir(folder) as scan:
            return list(scan)
    except FileNotFoundError:
        if is_needed:
            raise
        return []
