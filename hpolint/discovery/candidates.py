"""Candidates: files whose bytes name a definition, with the local files that they reference. Imports no parser."""

from __future__ import annotations

import io
import os
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from hpolint.discovery.byte_patterns import (
    OVERLAP_BYTES,
    has_definition_pattern,
    may_hold_events,
    names_operation,
    referenced_files,
)
from hpolint.io import disk
from hpolint.io.escaping import brief
from hpolint.io.files import BoundedFile, NoFileError, TooLargeError, boundary, is_within, read_file
from hpolint.io.packed import GZIP_START, UnpackedFile
from hpolint.model.forms import LOGS, PYTHON_SUFFIXES, TERRAFORM_OVERRIDE, language_of
from hpolint.model.source import PACKED_SUFFIX, Beside
from hpolint.model.terraform_modules import TERRAFORM_VALUES

if TYPE_CHECKING:
    from hpolint.discovery.walk import Search

CHUNK_BYTES = 8 * 1024 * 1024

MAX_SEARCHED_BYTES = 128 * 1024 * 1024
"""Bytes of a file that are searched for a definition's name. Files of any kind have a lower limit for parsing."""

LOG_START_BYTES = 64 * 1024
"""Bytes at the start of a log or table that show whether it has events. Of other files no more is unpacked."""

TERRAFORM_SUFFIX = ".tf"

MAX_MODULE_FILES, MAX_MODULE_FILE_BYTES = 20, 256 * 1024
"""Other files of a Terraform module that are read for its variables, and the bytes of each."""

MAX_DEFINITION_BYTES = 1024 * 1024
"""Largest referenced definition that is read, in bytes: the service accepts 1 MB."""


class Candidate(msgspec.Struct, frozen=True):
    """A file whose bytes name a definition, or may. ``data`` is None if the file is too large to parse.

    ``beside`` are the local files that it references or imports, ``notices`` lines about those that are not read.
    ``searched`` is the number of bytes searched without a match in a file that is too large to search whole.
    ``is_other``: no reader reads such a file, and a call in it launches a job.
    """

    name: str
    data: bytes | None
    beside: Beside = msgspec.field(default_factory=dict)
    searched: int | None = None
    notices: tuple[str, ...] = ()
    is_other: bool = False


def read_candidate(
    name: str, search: Search, repositories: disk.RecordedMemo | None = None, *, is_other: bool = False
) -> Candidate | None:
    """The candidate for a file; None if its bytes name no definition or it cannot be read, which ``search`` records.

    ``repositories`` keeps what several files of a run look up in their repository. ``is_other``: no reader reads the
    file; it is a candidate if a call in it launches a job.
    """
    try:
        if is_other:
            return _other(name)
        limit = language_of(name).max_bytes
        if language_of(name).name == LOGS:
            return _log(name, limit)
        with BoundedFile(name, MAX_SEARCHED_BYTES) as file:
            # One byte more than the file's size, to notice that it has grown.
            data = file.read(min(file.size, limit) + 1)
            is_small = len(data) <= limit
            if not is_small:
                return _large(name, data, file)
        return candidate(name, data, search.roots, repositories)
    except NoFileError:
        return None  # no longer a regular file
    except FileNotFoundError:
        search.vanished.append(f"{name}: gone before it could be read")
    except OSError as error:
        search.unreadable.append(f"{name}: cannot be read: {error.strerror or error}")
    return None


def _other(name: str) -> Candidate | None:
    """The candidate for a file that no reader reads; None if it launches nothing. Raises OSError."""
    from hpolint.model import other_texts

    try:
        data = read_file(name, other_texts.MAX_BYTES)
    except TooLargeError:
        return None
    if not other_texts.may_call(data):
        return None
    is_launching = bool(other_texts.launches_of_other(name, other_texts.text_of(data)))
    return Candidate(name, data, is_other=True) if is_launching else None


def _log(name: str, max_bytes: int) -> Candidate | None:
    """The candidate for a log of events or a table; None if its start shows no events. Raises OSError."""
    with BoundedFile(name, MAX_SEARCHED_BYTES) as file:
        log: BoundedFile | UnpackedFile = file
        start = b""
        if name.lower().endswith(PACKED_SUFFIX):
            start = file.read(len(GZIP_START))
            if start != GZIP_START:
                return None  # such as a pointer of Git LFS
            log = UnpackedFile(file, MAX_SEARCHED_BYTES, start)
        return _log_candidate(name, log, max_bytes)


def _log_candidate(name: str, log: BoundedFile | UnpackedFile, max_bytes: int) -> Candidate | None:
    start = log.read(LOG_START_BYTES)
    if not may_hold_events(start):
        return None
    data = start + log.read(max_bytes + 1 - len(start))
    if len(data) > max_bytes:
        return _large(name, data, log)
    return Candidate(name, data) if names_operation(data) else None


def candidate(
    name: str, data: bytes, roots: list[str], repositories: disk.RecordedMemo | None = None
) -> Candidate | None:
    """The candidate for a file's bytes with the files that it references; None if none of them names a definition."""
    if language_of(name).name == LOGS:
        return _log_in_memory(name, data)
    if len(data) > language_of(name).max_bytes:
        return Candidate(name, None) if has_definition_pattern(data) else None
    if name.lower().endswith(PYTHON_SUFFIXES):
        if not has_definition_pattern(data):
            return None
        from hpolint.discovery.python_imports import imported_modules, loaded_files, requirement_files

        files = imported_modules(name, data, roots) | loaded_files(name, data, roots)
        files |= requirement_files(name, data, roots, repositories or disk.RecordedMemo())
        return Candidate(name, data, files)
    if language_of(name).name == "shell scripts":
        return _shell_script(name, data, roots)
    return _document(name, data, roots, repositories or disk.RecordedMemo())


def _document(name: str, data: bytes, roots: list[str], repositories: disk.RecordedMemo) -> Candidate | None:
    """The candidate for a template, a request or a pipeline; None if neither it nor what it references is one."""
    beside = _NamedFiles(name, roots)
    files = beside.files(referenced_files(data))
    if has_definition_pattern(data):
        files |= _completing_files(name, data, roots, repositories)
        return Candidate(name, data, files, notices=tuple(beside.notices))
    contents = {content for _, content in files.values()}
    if any(has_definition_pattern(content) for content in contents):
        return Candidate(name, data, files, notices=tuple(beside.notices))
    return Candidate(name, None, notices=tuple(beside.notices)) if beside.notices else None


def _completing_files(
    name: str, data: bytes, roots: list[str], repositories: disk.RecordedMemo
) -> dict[str, tuple[str, bytes]]:
    """The files that say more about a definition, though it does not reference them."""
    from hpolint.discovery.parent_requests import parent_files

    if not name.lower().endswith(TERRAFORM_SUFFIX):
        return parent_files(name, data, roots)
    from hpolint.discovery.terraform_callers import caller_files

    return _module_files(name, roots) | caller_files(name, data, roots, repositories)


def _shell_script(name: str, data: bytes, roots: list[str]) -> Candidate | None:
    """The candidate for a shell script with the files of its commands; None if it launches nothing."""
    from hpolint.discovery.python_imports import files_at
    from hpolint.model.launch_texts import commands_of_files, may_launch
    from hpolint.model.other_texts import unread_launches_of_script

    text = data.decode("utf-8", "replace")
    commands = list(commands_of_files(text))
    if not commands and not may_launch(text) and not any(unread_launches_of_script(name, text)):
        return None
    files: list[str] = []
    for command in commands:
        files += [option.file for option in command.options.values() if option.file is not None]
    return Candidate(name, data, files_at(name, data, roots, files))


def _log_in_memory(name: str, data: bytes) -> Candidate | None:
    """The candidate for the bytes of a log, which may be packed. Raises OSError for damaged ones."""
    max_bytes = language_of(name).max_bytes
    if data.startswith(GZIP_START):
        return _log_candidate(name, UnpackedFile(io.BytesIO(data), MAX_SEARCHED_BYTES), max_bytes)
    if not may_hold_events(data[:LOG_START_BYTES]) or not names_operation(data):
        return None
    return Candidate(name, data if len(data) <= max_bytes else None)


def _module_files(name: str, roots: list[str]) -> dict[str, tuple[str, bytes]]:
    """The other files of a Terraform module that may declare or set its variables, or override its blocks.

    By their names in its folder.
    """
    folder, own = os.path.split(name)
    bound = boundary(name, roots)
    found: dict[str, tuple[str, bytes]] = {}
    for other in disk.names(folder or "."):
        is_module = other.lower().endswith(TERRAFORM_SUFFIX) and other != own
        is_override = TERRAFORM_OVERRIDE.search(other) is not None and other != own
        if not (is_module or is_override or TERRAFORM_VALUES.match(other)):
            continue
        path = os.path.join(folder, other).replace(os.sep, "/")
        is_allowed = disk.is_given(path) or is_within(disk.real(path), bound)
        if (is_module and len(found) >= MAX_MODULE_FILES) or not is_allowed:
            continue
        with suppress(OSError, ValueError):
            data = read_file(path, MAX_MODULE_FILE_BYTES)
            if not is_module or is_override or b"variable" in data:
                found[other] = path, data
    return found


class _NamedFiles:
    """The local files that a template references. Each is read once, even under several names."""

    def __init__(self, template: str, roots: list[str]) -> None:
        self._template = template
        self._roots = roots
        self._read: dict[str, bytes | None] = {}
        self.notices: list[str] = []

    def files(self, named: list[str]) -> dict[str, tuple[str, bytes]]:
        """The path and bytes of each referenced file that may be read, by its name in the template."""
        if not named:
            return {}
        bound = boundary(self._template, self._roots)
        found = {}
        for uri in named:
            path = os.path.normpath(os.path.join(os.path.dirname(self._template), uri)).replace(os.sep, "/")
            data = self._bytes(path, uri, bound)
            if data is not None:
                found[uri] = path, data
        return found

    def _bytes(self, path: str, uri: str, bound: str) -> bytes | None:
        """A file's bytes; None if it is outside of the repository or checked folder, or cannot be read."""
        real_path = disk.real(path)
        if real_path not in self._read:
            self._read[real_path] = None
            try:
                if disk.is_given(path) or is_within(real_path, bound):
                    self._read[real_path] = read_file(path, MAX_DEFINITION_BYTES)
                elif disk.is_file(real_path):
                    self.notices.append(f"{brief(uri)} is not read: it is outside of the repository or checked folder")
            except (FileNotFoundError, NotADirectoryError, ValueError):
                pass  # a build step may create a missing file later
            except OSError as error:
                self.notices.append(f"{brief(uri)} is not read: {error.strerror or error}")
        return self._read[real_path]


def _large(name: str, data: bytes, file: BoundedFile | UnpackedFile) -> Candidate | None:
    """The candidate for a file that is too large to parse; None if it was searched whole and names no definition."""
    while data:
        if has_definition_pattern(data):
            return Candidate(name, None)
        rest = file.read(CHUNK_BYTES)
        data = data[-OVERLAP_BYTES:] + rest if rest else b""
    return Candidate(name, None, searched=MAX_SEARCHED_BYTES) if file.has_more else None
