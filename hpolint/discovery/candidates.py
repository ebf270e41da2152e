"""Files whose bytes name a definition, with the files beside them that they name; no parser is imported for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from hpolint.discovery.byte_patterns import OVERLAP, names_beside, names_definition_bytes
from hpolint.io import disk
from hpolint.io.escaping import brief
from hpolint.io.files import BoundedFile, NoFileError, boundary, is_within, read_file
from hpolint.model.forms import language_of
from hpolint.model.source import Beside

if TYPE_CHECKING:
    from hpolint.discovery.walk import Search

CHUNK = 8 * 1024 * 1024

SEARCHED = 128 * 1024 * 1024
"""Bytes of a file that are searched for a definition's name, which is more than is parsed of any."""

LARGEST_DEFINITION = 1024 * 1024
"""Bytes of a definition beside a template: the service takes 1 MB."""


class Candidate(msgspec.Struct, frozen=True):
    """A file whose bytes name a definition. ``data`` is None where it is too large to be parsed.

    ``told`` are lines about the files that it names and that are not read. ``searched`` are the bytes that were
    searched of one that is too large for more, where those name none.
    """

    name: str
    data: bytes | None
    beside: Beside = msgspec.field(default_factory=dict)
    searched: int | None = None
    notices: tuple[str, ...] = ()


def read_candidate(name: str, search: Search) -> Candidate | None:
    """The file, if its bytes name a definition."""
    try:
        limit = language_of(name).most_bytes
        with BoundedFile(name, SEARCHED) as file:
            # A buffer of the file's own size, and a byte to see that it has not grown.
            data = file.read(min(file.size, limit) + 1)
            is_small = len(data) <= limit
            if not is_small:
                return _large(name, data, file)
        return candidate(name, data, search.roots)
    except NoFileError:
        return None  # it was one when the folder was listed
    except FileNotFoundError:
        search.vanished.append(f"{name}: gone before it could be read")
    except OSError as error:
        search.unreadable.append(f"{name}: cannot be read: {error.strerror or error}")
    return None


def candidate(name: str, data: bytes, roots: list[str]) -> Candidate | None:
    """A text of that name with the files beside it that it names, if one of them names a definition."""
    if len(data) > language_of(name).most_bytes:
        return Candidate(name, None) if names_definition_bytes(data) else None
    beside = _NamedFiles(name, roots)
    found = beside.files(names_beside(name, data))
    if names_definition_bytes(data) or any(
        map(names_definition_bytes, {id(each): each for _, each in found.values()}.values())
    ):
        return Candidate(name, data, found, notices=tuple(beside.told))
    return Candidate(name, None, notices=tuple(beside.told)) if beside.told else None


class _NamedFiles:
    """The local files that a template names, each read once, by however many names it is named."""

    def __init__(self, template: str, roots: list[str]) -> None:
        self._template = template
        self._roots = roots
        self._read: dict[str, bytes | None] = {}
        self.told: list[str] = []

    def files(self, named: list[str]) -> dict[str, tuple[str, bytes]]:
        """Of some names those whose files may be read, with their path and bytes."""
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
        """What a file holds; None if it lies outside of the repository or checked folder, or cannot be read."""
        whole = disk.real(path)
        if whole not in self._read:
            self._read[whole] = None
            try:
                if is_within(whole, bound):
                    self._read[whole] = read_file(path, LARGEST_DEFINITION)
                elif disk.is_file(whole):
                    self.told.append(f"{brief(uri)} is not read: it lies outside of the repository or checked folder")
            except (FileNotFoundError, NotADirectoryError, ValueError):
                pass  # what is not there may be made later
            except OSError as error:
                self.told.append(f"{brief(uri)} is not read: {error.strerror or error}")
        return self._read[whole]


def _large(name: str, data: bytes, file: BoundedFile) -> Candidate | None:
    """A file that is too large to be parsed, if it names a definition, or may do so behind what is searched."""
    while data:
        if names_definition_bytes(data):
            return Candidate(name, None)
        rest = file.read(CHUNK)
        data = data[-OVERLAP:] + rest if rest else b""
    return Candidate(name, None, searched=SEARCHED) if file.has_more else None
