"""Paths to candidate sources: walking folders, reading files, and keeping those whose bytes name a definition.

No parser is imported here, and of 2,000 files that hold no job none is opened twice.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from hpolint.config import Settings
from hpolint.forms import SUFFIXES, language_of
from hpolint.ignoring import Patterns, exclusion, read_patterns
from hpolint.needles import OVERLAP, holds_needle, names_beside
from hpolint.paths import NoFileError, open_file, open_path, read_file, read_up_to
from hpolint.source import Beside
from hpolint.trouble import debugging, internal_error

SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__", "site-packages"}
    | {".mypy_cache", ".ruff_cache", ".pytest_cache", ".ipynb_checkpoints", ".aws-sam", ".terraform"}
)

COPIES = {".aws-sam": "SAM's copy of the templates"}
"""Of those the ones that hold definitions."""

ASSEMBLY = "cdk.out"
"""Where the CDK writes its output. The CDK ignores the folder itself, though it is what a team may want to check."""

ASSETS = re.compile(rb'"path"\s*+:\s*+"(asset\.[^"/\\]+)"')
"""In an ``*.assets.json``: the files beside it that its template names."""

EMPTY = "''"
"""How a path is shown that is no path at all."""

CHUNK = 8 * 1024 * 1024

LARGEST_DEFINITION = 1024 * 1024
"""Bytes of a definition beside a template: the service takes 1 MB."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file whose bytes name a definition. ``data`` is None where it is too large to be parsed."""

    name: str
    data: bytes | None
    beside: Beside = field(default_factory=dict)


@dataclass
class Search:
    """What a search met on the way.

    ``unreadable`` and ``vanished`` are lines about what could not be read, ``told`` about what else was not looked at
    and that somebody may want to know of, ``left_out`` about folders that may hold definitions and that ignore files or
    their own nature leave out. ``roots`` are the folders that were asked for.
    """

    told: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def is_new(self, name: str) -> bool:
        """Whether a file has not been asked about yet: one may be named in several ways, or linked to."""
        real = os.path.realpath(name)
        if real in self._seen:
            return False
        self._seen.add(real)
        return True

    def add(self, other: Search) -> None:
        """Take in what another search has met."""
        self.unreadable += other.unreadable
        self.vanished += other.vanished


def find_files(paths: list[str], settings: Settings, search: Search) -> list[str]:
    """The files below some paths that a reader is there for, each once. Raises ConfigError."""
    excluded = exclusion(settings.exclude)
    return list(
        dict.fromkeys(
            file for path in paths for file in _guarded(_files(path, settings, excluded, search), path, search)
        )
    )


Found = TypeVar("Found")


def _guarded(found: Iterator[Found], path: str, search: Search) -> Iterator[Found]:
    """What is found in a place; a mistake of ours ends the search in it, and is told, and that is all."""
    try:
        yield from found
    except Exception as error:
        if debugging():
            raise
        search.unreadable.append(f"{path}: {internal_error('the search', error)}")


def read_candidate(name: str, search: Search) -> Candidate | None:
    """The file, if its bytes name a definition."""
    try:
        descriptor, status = open_file(name)
        with open(descriptor, "rb", buffering=0) as file:
            # A buffer of the file's own size, and a byte to see that it has not grown.
            limit = language_of(name).most_bytes
            data = read_up_to(file, min(status.st_size, limit) + 1)
            if len(data) <= limit:
                return candidate(name, data, search.roots)
            return Candidate(name, None) if _large_holds_needle(data, file) else None
    except NoFileError:
        return None  # it was one when the folder was listed
    except FileNotFoundError:
        search.vanished.append(f"{name}: gone before it could be read")
    except OSError as error:
        search.unreadable.append(f"{name}: cannot be read: {error.strerror or error}")
    return None


def candidate(name: str, data: bytes, roots: list[str]) -> Candidate | None:
    """A text of that name with the files beside it that it names, if one of them names a definition."""
    named = names_beside(name, data)
    found = {uri: file for uri in named if (file := _beside(name, uri, roots)) is not None} if named else {}
    if holds_needle(data) or any(holds_needle(content) for _, content in found.values()):
        return Candidate(name, data, found)
    return None


def _beside(template: str, uri: str, roots: list[str]) -> tuple[str, bytes] | None:
    """A local file that a template names, if it may be read: it lies in the same repository or checked folder."""
    path = os.path.normpath(os.path.join(os.path.dirname(template), uri))
    bound, real = _boundary(template, roots), os.path.realpath(path)
    try:
        if os.path.commonpath([bound, real]) != bound:
            return None
        data = read_file(path, LARGEST_DEFINITION)
    except (OSError, ValueError):
        return None
    return None if data is None else (path.replace(os.sep, "/"), data)


def _boundary(name: str, roots: list[str]) -> str:
    """The folder that holds all that may be read for a file: its repository, else the folder that was asked for."""
    own = folder = os.path.dirname(os.path.realpath(name))
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            above = [root for root in map(os.path.realpath, roots) if own == root or own.startswith(root + os.sep)]
            return min(above, key=len, default=own)
        folder = parent
    return folder


def _large_holds_needle(data: bytes, file: Any) -> bool:
    while data:
        if holds_needle(data):
            return True
        rest = file.read(CHUNK)
        data = data[-OVERLAP:] + rest if rest else b""
    return False


def _files(path: str, settings: Settings, excluded: Patterns | None, search: Search) -> Iterator[str]:
    """The files below a path; a file that is named itself is taken whatever ignores it."""
    path = path.replace(os.sep, "/")
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        search.unreadable.append(f"{path or EMPTY}: {getattr(error, 'strerror', None) or error}")
        return
    if stat.S_ISDIR(mode):
        search.roots.append(path)
        ignores = _above(path, search)
        # A folder that is named is searched although it is ignored itself: cdk.out, say.
        walk = _Walk(excluded, search)
        yield from walk.below(path, [] if _ignored(f"{path}/", ignores, None) else ignores)
    elif not stat.S_ISREG(mode):
        search.unreadable.append(f"{path}: neither a file nor a folder")
    elif path.lower().endswith(SUFFIXES):
        skipped = settings.force_exclude and (
            (excluded is not None and excluded.match(path)) or SKIPPED_FOLDERS & set(Path(path).parts)
        )
        if not skipped:
            search.roots.append(os.path.dirname(path) or ".")
            yield Path(path).as_posix()
    elif not settings.force_exclude:  # a hook passes whatever was changed
        search.told.append(f"{path}: not looked at: its ending is none of {', '.join(SUFFIXES)}")


def _above(path: str, search: Search) -> list[Patterns]:
    """The ignore files that hold for a folder from outside: those up to the repository's root."""
    found: list[Patterns] = []
    folder = os.path.abspath(path)
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return []  # no repository: a .gitignore further up is nobody's
        folder = parent
        patterns = read_patterns(folder, search.unreadable, search.told)
        if patterns:
            found.insert(0, patterns)
    exclude = read_patterns(folder, search.unreadable, search.told, os.path.join(".git", "info", "exclude"))
    if exclude:
        found.insert(0, exclude)
    return found


@dataclass(frozen=True, slots=True)
class _Entry:
    """What stands in a folder: a folder, a file that a reader is there for, or a link that leads nowhere (``why``)."""

    name: str
    is_folder: bool = False
    why: str | None = None


_Within: TypeAlias = str | tuple[str, list[Patterns], bool]
"""What is found in a folder: a file, or a folder with the patterns that hold there, and whether it is the CDK's."""


class _Walk:
    """Goes through folders, however deep they are. Links to folders are not followed, so there are no circles."""

    def __init__(self, excluded: Patterns | None, search: Search) -> None:
        self._excluded = excluded
        self._search = search

    def below(self, folder: str, ignores: list[Patterns]) -> Iterator[str]:
        """Files in the order of their names."""
        waiting = [self._guarded(folder, ignores, in_assembly=_in_assembly(folder))]
        while waiting:
            found = next(waiting[-1], None)
            if found is None:
                waiting.pop()
            elif isinstance(found, str):
                yield found
            else:
                waiting.append(self._guarded(*found[:2], in_assembly=found[2]))

    def _guarded(self, folder: str, ignores: list[Patterns], *, in_assembly: bool) -> Iterator[_Within]:
        return _guarded(self._entries(folder, ignores, in_assembly=in_assembly), folder, self._search)

    def _entries(self, folder: str, ignores: list[Patterns], *, in_assembly: bool) -> Iterator[_Within]:
        """A folder's files, and its folders with the patterns that hold there."""
        try:
            entries = _listed(folder)
        except FileNotFoundError:
            self._search.vanished.append(f"{folder}: gone before it could be read")
            return
        except OSError as error:
            self._search.unreadable.append(f"{folder}: cannot be read: {error.strerror or error}")
            return
        if any(entry.name == ".gitignore" for entry in entries) and not in_assembly:
            own = read_patterns(folder, self._search.unreadable, self._search.told)
            ignores = [*ignores, own] if own else ignores
        if in_assembly:
            entries = _of_assembly(folder, entries)
        for entry in entries:
            path = entry.name if folder == "." else f"{folder.rstrip('/')}/{entry.name}"
            if entry.is_folder:
                if (found := self._folder(entry, path, ignores, in_assembly=in_assembly)) is not None:
                    yield found
            elif entry.name.lower().endswith(SUFFIXES) and not self._ignored(path, ignores):
                if entry.why is None:
                    yield path
                else:
                    self._search.told.append(f"{path}: passed over: {entry.why}")

    def _folder(
        self, entry: _Entry, path: str, ignores: list[Patterns], *, in_assembly: bool
    ) -> tuple[str, list[Patterns], bool] | None:
        """A folder to go into, with what holds there."""
        if entry.name in COPIES:
            self._search.left_out.append(f"{path}: {COPIES[entry.name]}")
        if entry.name in SKIPPED_FOLDERS:
            return None
        if in_assembly or entry.name == ASSEMBLY:
            return None if self._ignored(f"{path}/", []) else (path, [], True)
        if not self._ignored(f"{path}/", ignores):
            return path, ignores, False
        if not self._ignored(f"{path}/", []):
            self._search.left_out.append(f"{path}: ignored by .gitignore")
        return None

    def _ignored(self, path: str, ignores: list[Patterns]) -> bool:
        return _ignored(path, ignores, self._excluded)


def _ignored(path: str, ignores: list[Patterns], excluded: Patterns | None) -> bool:
    """The last word counts: a deeper .gitignore may keep what a higher one ignores."""
    if excluded is not None and excluded.match(path):
        return True
    for patterns in reversed(ignores):
        said = patterns.match(path)
        if said is not None:
            return said
    return False


def _listed(folder: str) -> list[_Entry]:
    """A folder's entries, in the order of their names, but for files that nobody reads. Raises OSError."""
    try:
        with os.scandir(folder) as scan:
            return sorted(filter(None, map(_entry, scan)), key=lambda entry: entry.name)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG or os.scandir not in os.supports_fd:
            raise
    descriptor = open_path(folder, os.O_RDONLY)
    try:
        with os.scandir(descriptor) as scan:
            return sorted(filter(None, map(_entry, scan)), key=lambda entry: entry.name)
    finally:
        os.close(descriptor)


def _entry(entry: os.DirEntry[str]) -> _Entry | None:
    if entry.is_dir(follow_symlinks=False):
        return _Entry(entry.name, is_folder=True)
    if entry.name != ".gitignore" and not entry.name.lower().endswith(SUFFIXES):
        return None
    try:
        if entry.is_symlink():
            return _Entry(entry.name) if stat.S_ISREG(entry.stat().st_mode) else None
        return _Entry(entry.name) if entry.is_file() or entry.name == ".gitignore" else None
    except OSError as error:
        why = "a link that leads in a circle" if error.errno == errno.ELOOP else "a link that leads nowhere"
        return _Entry(entry.name, why=why)


def _in_assembly(folder: str) -> bool:
    return ASSEMBLY in os.path.abspath(folder).split(os.sep)


def _of_assembly(folder: str, entries: list[_Entry]) -> list[_Entry]:
    """Of the CDK's output the templates, the files that they name, and assemblies within; never copies of sources."""
    manifests = [entry.name for entry in entries if entry.name.endswith(".assets.json")]
    named: set[str] = set()
    for manifest in manifests:
        try:
            data = read_file(os.path.join(folder, manifest), language_of(manifest).most_bytes) or b""
        except OSError:
            continue  # it holds no definition itself, and the template is read all the same
        named |= {match.decode("utf-8", "replace") for match in ASSETS.findall(data)}
    if not manifests:  # nothing tells which are old
        named = {entry.name for entry in entries if entry.name.startswith("asset.")}
    return [
        entry
        for entry in entries
        if (entry.name.startswith("assembly-") if entry.is_folder else _is_template(entry.name) or entry.name in named)
    ]


def _is_template(name: str) -> bool:
    return name.endswith((".template.json", ".template.yaml", ".template.yml"))
