"""The cache of outcomes: a file is not checked again if neither it nor anything that its check read has changed.

While a file is checked, every read of the disk is recorded (``disk.py``): of the file itself, its script and modules,
policies, and files that do not exist. The reads are stored with the outcome and the settings of the file. The next run
uses the outcome if it has the same settings and the same result for each recorded read.

An outcome is not stored if the file could not be read or judged, or if one of its reads is of a file that changed just
before. Cached outcomes are only printed: a run that fixes files or writes a baseline does not use them.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeAlias

import msgspec
from msgspec.structs import replace

from hpolint.cache import entries
from hpolint.cache.program_key import place, program
from hpolint.io import disk
from hpolint.io.files import repository_root
from hpolint.model.node import is_text

if TYPE_CHECKING:
    from hpolint.discovery.walk import Found, Search
    from hpolint.model.fix import WrittenFix
    from hpolint.model.settings import Settings
    from hpolint.report.outcome import Outcome
    from hpolint.run.file_check import FileChecks
    from hpolint.serialization.lazy_sources import StoredBytes

KIND = "files"

Index: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class StoredRead(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A recorded read of the disk: the path, whether its content was read, and the stamp of the file."""

    path: str
    content: bool
    stamp: tuple[int | str, ...]


class StoredFile(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A file: its settings as text, the indices of its reads, and the range of its outcome; size 0: not a candidate."""

    settings: str
    reads: list[Index]
    start: Index
    size: Index


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of an entry of the cache. The outcomes are the bytes after it."""

    reads: list[StoredRead] = []
    files: dict[str, StoredFile] = {}


class _File(NamedTuple):
    """A file of this or an earlier run: its settings, its reads, and its outcome as bytes; None if not a candidate."""

    settings: str
    reads: dict[disk.DiskQuery, disk.FileStamp]
    outcome: StoredBytes | None


class ResultCache:
    """The outcomes of earlier runs in the same folder, and of this run, whose reads ``recorder`` records."""

    def __init__(self, key: Any, recorder: disk.ReadRecorder, checking: FileChecks) -> None:
        self._key = key
        self._recorder = recorder
        self._checking = checking
        self._began = time.time_ns()
        self._entry = entries.read(KIND, key)
        self._stored = _content(self._entry)
        self._unchanged: dict[int, bool] = {}
        self._settings: dict[int, str] = {}
        self._files: dict[str, _File] = {}
        self._outcomes: dict[str, tuple[Found, Outcome]] = {}
        self._is_new = False
        self._size = 0
        """The bytes of this run's outcomes so far."""

    def cached(self, files: Iterable[Found]) -> dict[str, Outcome | None]:
        """The stored outcomes of the unchanged files, by name; None for a file that is not a candidate."""
        found: dict[str, Outcome | None] = {}
        for file in files:
            stored = self._stored.files.get(file.name)
            if stored is None:
                continue
            try:
                if stored.settings == self._settings_text(file.settings) and all(map(self._is_unchanged, stored.reads)):
                    outcome = self._decoded(file, stored) if stored.size else None
                    reads = self._reads(stored)
                    disk.add_recorded(reads)
                    self._files[file.name] = _File(stored.settings, reads, self._bytes(stored))
                    found[file.name] = outcome
            except Exception:  # noqa: BLE001 - after any error the file is checked again
                continue
        return found

    def _decoded(self, file: Found, stored: StoredFile) -> Outcome:
        """The outcome of a file from its bytes. Raises RecordError, ConfigError and OSError."""
        from hpolint.serialization.decoding import decoded
        from hpolint.serialization.records import RecordError

        rules, later = self._checking.rules(file.settings), partial(self._read, stored.start)
        outcome = decoded(later(0, stored.size), rules, file.settings, self._checking.sources, later)
        if outcome.name != file.name:
            raise RecordError("the outcome of another file")
        self._outcomes[file.name] = file, outcome
        return outcome

    def _read(self, start: int, within: int, size: int) -> bytes:
        return self._entry.read(start + within, size) if self._entry is not None else b""

    def _bytes(self, stored: StoredFile) -> StoredBytes | None:
        """The bytes of a stored outcome; None if the file is not a candidate."""
        from hpolint.serialization.lazy_sources import StoredBytes

        return StoredBytes(stored.size, partial(self._read, stored.start)) if stored.size else None

    def _reads(self, stored: StoredFile) -> dict[disk.DiskQuery, disk.FileStamp]:
        reads = (self._stored.reads[number] for number in stored.reads)
        return {(read.path, read.content): read.stamp for read in reads}

    def _is_unchanged(self, number: int) -> bool:
        """Whether a read has the same result now."""
        if number not in self._unchanged:
            read = self._stored.reads[number]
            recorded = self._recorder.stamps.get((read.path, read.content))
            now = disk.recordable_stamp(read.path, content=read.content) if recorded is None else recorded
            self._unchanged[number] = read.stamp == now
        return self._unchanged[number]

    def store(self, file: Found, outcome: Outcome | None, encoded: StoredBytes | None, search: Search) -> None:
        """Store the outcome of a file, as ``encoded`` if that is given, with the reads of it and of ``search``."""
        itself = (file.name, True)
        reads = search.queries | {itself: self._recorder.stamps.get(itself, ())}
        if search.unreadable or search.vanished or self._size > entries.MAX_ENTRY_BYTES:
            return
        if outcome is not None and (outcome.internal_error is not None or outcome.failures):
            return
        if not reads[itself] or not self._are_storable(reads):
            return
        if outcome is not None:
            encoded = encoded or self._encoded(file, outcome)
            if encoded is None:
                return
            self._size += encoded.size
            if self._size > entries.MAX_ENTRY_BYTES:  # they cannot be stored: free what belongs to them
                self._files, self._outcomes, self._is_new = {}, {}, False
                return
            self._outcomes[file.name] = file, outcome
        self._files[file.name] = _File(self._settings_text(file.settings), reads, encoded)
        self._is_new = True

    def _are_storable(self, reads: Mapping[disk.DiskQuery, disk.FileStamp]) -> bool:
        """Whether no file that was read has changed just before, and all paths are text."""
        return disk.are_settled(reads.values(), self._began) and _are_texts(reads)

    def _encoded(self, file: Found, outcome: Outcome) -> StoredBytes | None:
        """An outcome as bytes; None if it cannot be encoded."""
        from hpolint.serialization.encoding import encoded
        from hpolint.serialization.records import RecordError

        try:
            data = encoded(outcome, self._checking.rules(file.settings), file.settings)
            return self._checking.sources.keep(data)
        except RecordError:
            return None

    def store_fixes(
        self, name: str, written: Mapping[int, WrittenFix], fix_reads: dict[disk.DiskQuery, disk.FileStamp]
    ) -> None:
        """Store fixes of a file's findings, by the ``id()`` of the finding, with the reads that they depend on."""
        if name not in self._outcomes or not self._are_storable(fix_reads):
            return
        stored, (file, outcome) = self._files[name], self._outcomes[name]
        before = outcome.written
        outcome.written = [written.get(id(finding)) for finding in outcome.findings]
        encoded = self._encoded(file, outcome)
        if encoded is None:
            outcome.written = before
            return
        self._files[name] = stored._replace(reads=fix_reads | stored.reads, outcome=encoded)
        self._is_new = True

    def _settings_text(self, settings: Settings) -> str:
        """The settings on which the outcome of a file depends, as text."""
        if id(settings) not in self._settings:
            self._settings[id(settings)] = json.dumps(_plain(replace(settings, output=(), baseline=None)))
        return self._settings[id(settings)]

    def write(self) -> None:
        """Write the outcomes of this run, and those of other files from earlier runs, to the cache."""
        if not self._is_new:
            return
        for name, stored in self._stored.files.items():
            if name not in self._files and os.path.lexists(name):
                with suppress(IndexError):  # an entry that hpolint did not write
                    self._files[name] = _File(stored.settings, self._reads(stored), self._bytes(stored))
        numbers: dict[StoredRead, int] = {}
        pieces: list[StoredBytes] = []
        files, at = {}, 0
        for name, (settings, reads, outcome) in self._files.items():
            stored_reads = (StoredRead(*query, stamp) for query, stamp in reads.items())
            used = [numbers.setdefault(read, len(numbers)) for read in stored_reads]
            pieces += [outcome] if outcome is not None else ()
            size = outcome.size if outcome is not None else 0
            files[name] = StoredFile(settings, used, at, size)
            at += size
        entries.write(KIND, self._key, msgspec.json.encode(Content(list(numbers), files)), pieces)


def _are_texts(reads: Mapping[disk.DiskQuery, disk.FileStamp]) -> bool:
    """Whether all paths are valid Unicode, which JSON requires and file systems do not."""
    for (path, _), stamp in reads.items():
        target = stamp[0] if stamp else None  # of a link, a text
        if not is_text(path) or (isinstance(target, str) and not is_text(target)):
            return False
    return True


def _content(entry: entries.Entry | None) -> Content:
    """The content of an entry, without outcomes beyond its end; empty without a valid one."""
    if entry is not None:
        with suppress(msgspec.MsgspecError, ValueError, RecursionError):
            found = msgspec.json.decode(entry.content, type=Content)
            files = {name: each for name, each in found.files.items() if each.start + each.size <= entry.size}
            return Content(found.reads, files)
    return Content()


def result_cache(roots: list[str], checking: FileChecks, recorder: disk.ReadRecorder) -> ResultCache | None:
    """The result cache of a run; None if it is disabled.

    In a repository all runs share one entry, regardless of the files they check: a hook passes different files each
    time. On Windows it is disabled, because file times there do not show every change.
    """
    if os.name == "nt" or "HPOLINT_DEBUG" in os.environ or entries.folder() is None:
        return None
    baseline = checking.baseline
    baseline_key = (
        None if baseline is None else [baseline.path, baseline.folder, disk.stamp_of(baseline.path, content=True)]
    )
    bounds = [root for root in roots if not disk.exists(os.path.join(repository_root(root), ".git"))]
    today = time.strftime("%Y-%m-%d", time.gmtime())  # a suppression may end
    try:
        return ResultCache([*program(), *place(), bounds, baseline_key, today], recorder, checking)
    except OSError:
        return None


def _plain(value: Any) -> Any:
    """A value of the settings as a JSON value; different values differ."""
    if isinstance(value, msgspec.Struct):
        return [type(value).__name__, *map(_plain, msgspec.structs.astuple(value))]
    if isinstance(value, Mapping):
        return {"": [[_plain(key), _plain(each)] for key, each in value.items()]}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float) else [type(value).__name__, str(value)]
