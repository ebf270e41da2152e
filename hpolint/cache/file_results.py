"""The cache of records: a file is not checked again if neither it nor anything that its check read has changed.

While a file is checked, every read of the disk is recorded (``disk.py``): of the file itself, its script and modules,
policies, and files that do not exist. The reads are stored with the record and the settings of the file. The next run
uses the record if it has the same settings and the same result for each recorded read.

A record is not stored if the file could not be read or judged, or if one of its reads is of a file that changed just
before. Stored records are only printed: a run that fixes files or writes a baseline does not use them.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec
from msgspec.structs import replace

from hpolint.cache import entries
from hpolint.cache.program_key import place, program
from hpolint.io import disk
from hpolint.io.files import repository_root
from hpolint.model.node import is_text
from hpolint.model.settings import RunSettings, Settings
from hpolint.report.records import FileRecord, RuleSummary

if TYPE_CHECKING:
    from hpolint.discovery.walk import Found, Search
    from hpolint.fixes.requests import FixTexts
    from hpolint.model.rule import Rule
    from hpolint.suppressions.baseline import Baseline

KIND = "files"

Index: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class StoredRead(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A recorded read of the disk: the path, whether its content was read, and the stamp of the file."""

    path: str
    content: bool
    stamp: tuple[int | str, ...]


class StoredFile(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A file: the indices of its settings and of its reads, and its encoded record; empty: not a candidate."""

    settings: Index
    reads: tuple[Index, ...]
    record: bytes


class Content(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """All that is stored: the settings as text, the reads, and the files by name."""

    settings: list[str] = []
    reads: list[StoredRead] = []
    files: dict[str, StoredFile] = {}


RulesOf = Callable[["Settings"], "Mapping[str, Rule]"]


class _File(msgspec.Struct, frozen=True):
    """A file of this or an earlier run: its settings as text, its reads, and its encoded record."""

    settings: str
    reads: dict[disk.DiskQuery, disk.FileStamp]
    record: bytes


class ResultCache:
    """The records of earlier runs in the same folder, and of this run, whose reads ``recorder`` records.

    ``rules_of`` returns the rules for some settings, by their ids.
    """

    def __init__(self, key: Any, recorder: disk.ReadRecorder, rules_of: RulesOf) -> None:
        self._key = key
        self._recorder = recorder
        self._rules_of = rules_of
        self._began = time.time_ns()
        self._stored = _content(key)
        self._unchanged: dict[int, bool] = {}
        self._settings: dict[Settings, str] = {}
        self._files: dict[str, _File] = {}
        self._records: dict[str, FileRecord] = {}
        self._is_new = False

    def cached(self, files: Iterable[Found]) -> dict[str, FileRecord | None]:
        """The stored records of the unchanged files, by name; None for a file that is not a candidate."""
        found: dict[str, FileRecord | None] = {}
        for file in files:
            stored = self._stored.files.get(file.name)
            if stored is None:
                continue
            with suppress(Exception):  # after any error the file is checked again
                if self._is_current(file, stored):
                    record = self._decoded(file, stored) if stored.record else None
                    kept = self._kept(stored)
                    disk.add_recorded(kept.reads)
                    self._files[file.name] = kept
                    found[file.name] = record
        return found

    def _is_current(self, file: Found, stored: StoredFile) -> bool:
        if self._stored.settings[stored.settings] != self._settings_text(file.settings):
            return False
        return all(self._is_unchanged(number) for number in stored.reads)

    def _is_unchanged(self, number: int) -> bool:
        """Whether a read has the same result now."""
        if number not in self._unchanged:
            read = self._stored.reads[number]
            recorded = self._recorder.stamps.get((read.path, read.content))
            now = disk.recordable_stamp(read.path, content=read.content) if recorded is None else recorded
            self._unchanged[number] = read.stamp == now
        return self._unchanged[number]

    def _decoded(self, file: Found, stored: StoredFile) -> FileRecord:
        """The record of a file from its bytes. Raises ValueError, LookupError, ConfigError and MsgspecError."""
        record = decoded(stored.record, self._rules_of(file.settings))
        if record.name != file.name:
            raise ValueError("the record of another file")
        self._records[file.name] = record
        return record

    def _kept(self, stored: StoredFile) -> _File:
        """A stored file for the next entry. Raises IndexError for an entry that hpolint did not write."""
        reads = [self._stored.reads[number] for number in stored.reads]
        stamps = {(read.path, read.content): read.stamp for read in reads}
        return _File(self._stored.settings[stored.settings], stamps, stored.record)

    def store(self, file: Found, record: FileRecord | None, search: Search) -> None:
        """Store the record of a file with the reads of it and of ``search``; None if the file is not a candidate."""
        itself = (file.name, True)
        reads = search.queries | {itself: self._recorder.stamps.get(itself, ())}
        if search.unreadable or search.vanished or not reads[itself] or not self._are_storable(reads):
            return
        encoded_record = b""
        if record is not None:
            encoded_record = encoded(record) or b""
            if not encoded_record or record.internal_error is not None or record.failures:
                return
            self._records[file.name] = record
        self._files[file.name] = _File(self._settings_text(file.settings), reads, encoded_record)
        self._is_new = True

    def _are_storable(self, reads: Mapping[disk.DiskQuery, disk.FileStamp]) -> bool:
        """Whether no file that was read has changed just before, and all paths are text."""
        return disk.are_settled(reads.values(), self._began) and _are_texts(reads)

    def store_fixes(self, name: str, texts: FixTexts) -> None:
        """Store the fixes of a file as text, with the reads that they depend on."""
        record = self._records.get(name)
        if record is None or record.included or not self._are_storable(texts.reads):
            return  # with included files, the fixes depend on the other files that include them, too
        with_fixes = replace(record, fixes=record.fixes | texts.fixes)
        encoded_record = encoded(with_fixes)
        if encoded_record is not None:
            file = self._files[name]
            self._records[name] = with_fixes
            self._files[name] = replace(file, reads=texts.reads | file.reads, record=encoded_record)
            self._is_new = True

    def _settings_text(self, settings: Settings) -> str:
        """The settings on which the record of a file depends, as text."""
        if settings not in self._settings:
            self._settings[settings] = json.dumps(_plain(replace(settings, run=RunSettings())))
        return self._settings[settings]

    def write(self) -> None:
        """Write the records of this run, and those of other files from earlier runs, to the cache."""
        if not self._is_new:
            return
        for name, stored in self._stored.files.items():
            if name not in self._files and os.path.lexists(name):
                with suppress(IndexError):  # an entry that hpolint did not write
                    self._files[name] = self._kept(stored)
        entries.write(KIND, self._key, b"", [msgspec.msgpack.encode(self._content())])

    def _content(self) -> Content:
        """The files that fit into an entry, this run's first."""
        settings: dict[str, int] = {}
        reads: dict[StoredRead, int] = {}
        files: dict[str, StoredFile] = {}
        size = 0
        for name, file in self._files.items():
            size += len(file.record)
            if size > MAX_RECORD_BYTES:
                break
            own = [StoredRead(path, content, stamp) for (path, content), stamp in file.reads.items()]
            numbers = tuple(reads.setdefault(read, len(reads)) for read in own)
            files[name] = StoredFile(settings.setdefault(file.settings, len(settings)), numbers, file.record)
        return Content(list(settings), list(reads), files)


MAX_RECORD_BYTES = entries.MAX_ENTRY_BYTES // 2
"""Bytes of the records of one entry; the rest is for their reads. The records of further files are not stored."""


def _as_id(value: object) -> str:
    """The id of a rule, as which it is stored. Raises NotImplementedError for other types."""
    if isinstance(value, RuleSummary):
        return value.id
    raise NotImplementedError(f"{type(value).__name__} is not stored")


_encoder = msgspec.msgpack.Encoder(enc_hook=_as_id)


def encoded(record: FileRecord) -> bytes | None:
    """A record as bytes; None if it has a value that msgpack cannot encode.

    Such values are integers beyond 64 bits and halves of surrogate pairs.
    """
    try:
        return _encoder.encode(record)
    except (OverflowError, UnicodeEncodeError):
        return None


def decoded(data: bytes, rules: Mapping[str, Rule]) -> FileRecord:
    """A record from its bytes, with some rules by their ids. Raises MsgspecError and LookupError."""
    summaries: dict[str, RuleSummary] = {}

    def rule_of(_type: type, name: Any) -> RuleSummary:
        if name not in summaries:
            summaries[name] = RuleSummary(rules[name])
        return summaries[name]

    return msgspec.msgpack.decode(data, type=FileRecord, dec_hook=rule_of)


def _are_texts(reads: Mapping[disk.DiskQuery, disk.FileStamp]) -> bool:
    """Whether all paths are valid Unicode, which msgpack requires and file systems do not."""
    for (path, _), stamp in reads.items():
        target = stamp[0] if stamp else None  # of a link, a text
        if not is_text(path) or (isinstance(target, str) and not is_text(target)):
            return False
    return True


def _content(key: Any) -> Content:
    """What is stored for a key; nothing without a valid entry."""
    entry = entries.read(KIND, key)
    if entry is not None:
        with suppress(msgspec.MsgspecError, ValueError, RecursionError, OSError):
            return msgspec.msgpack.decode(entry.read(0, entry.size), type=Content)
    return Content()


def result_cache(
    roots: list[str], baseline: Baseline | None, rules_of: RulesOf, recorder: disk.ReadRecorder
) -> ResultCache | None:
    """The result cache of a run; None if it is disabled.

    In a repository all runs share one entry, regardless of the files they check: a hook passes different files each
    time. On Windows it is disabled, because file times there do not show every change.
    """
    if os.name == "nt" or "HPOLINT_DEBUG" in os.environ or entries.folder() is None:
        return None
    baseline_key = (
        None if baseline is None else [baseline.path, baseline.folder, disk.stamp_of(baseline.path, content=True)]
    )
    bounds = [root for root in roots if not disk.exists(os.path.join(repository_root(root), ".git"))]
    today = time.strftime("%Y-%m-%d", time.gmtime())  # a suppression may end
    try:
        return ResultCache([*program(), *place(), bounds, baseline_key, today], recorder, rules_of)
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
