"""From paths to the files that a reader exists for: walks folders, following ignore files and configurations.

Imports no parser.
"""

from __future__ import annotations

import bisect
import errno
import os
import stat
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import NamedTuple, TypeAlias, TypeVar

import msgspec
from msgspec.structs import replace

from hpolint.config.ignore_patterns import Patterns, is_ignored_by, read_patterns
from hpolint.config.lookup import MARKER_NAMES, Configurations
from hpolint.discovery.package_lists import list_sagemaker
from hpolint.io import disk
from hpolint.io.files import LEADS_OUT, leads_out, open_path, read_file, repository_root
from hpolint.io.git_index import IndexReadError, has_index, tracked_files
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import (
    NAMED_SUFFIXES,
    PROGRAMS,
    SEARCHED_SUFFIXES,
    SUFFIXES,
    is_manifest,
    language_of,
    may_be_program,
)
from hpolint.model.settings import ConfigError, Settings

BASELINE = "hpolint-baseline.json"
"""The name of the baseline, which defines no job; below a lock a file of that name is read like any other."""

SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".svn"}
    | {".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__", "site-packages"}
    | {".virtual_documents"}  # jupyterlab-lsp's copies of notebooks as Python
    | {".mypy_cache", ".ruff_cache", ".pytest_cache", ".ipynb_checkpoints", ".aws-sam", ".terraform"}
)

COPIES = {".aws-sam": "SAM's copy of the templates"}
"""Skipped folders that hold copies of definitions, with a description for the notice."""

BUILD_COPIES = "build/lib"
"""The end of the path of setuptools's copy of a package, which is skipped with the same notice."""

CDK_OUTPUT = "cdk.out"
"""The CDK's output folder. It is walked even if git ignores it, as the CDK's own .gitignore does."""

ASSETS = lazy_regex(rb'"path"\s*+:\s*+"(asset\.[^"/\\]+)"')
"""The files that a template references, in the ``*.assets.json`` beside it."""

EMPTY_PATH = "''"
"""The empty path in messages."""


class Found(NamedTuple):
    """A file that a reader exists for, with its settings; ``is_other``: one that is only searched for launches."""

    name: str
    settings: Settings
    is_other: bool = False


class Search(msgspec.Struct):
    """The side results of a search.

    ``unreadable`` and ``vanished`` are lines about files and folders that could not be read. ``notices`` are about
    other skipped files, ``skipped_folders`` about folders that may hold definitions but are ignored or hold copies.
    ``others`` are files that no reader exists for and that git tracks, below a lock. ``programs`` are those in other
    languages beside or below a list of packages that names SageMaker. ``roots`` are the folders that were passed.
    ``queries`` are the recorded reads of another process, if reads are recorded.
    """

    notices: list[str] = msgspec.field(default_factory=list)
    unreadable: list[str] = msgspec.field(default_factory=list)
    vanished: list[str] = msgspec.field(default_factory=list)
    skipped_folders: list[str] = msgspec.field(default_factory=list)
    others: list[Found] = msgspec.field(default_factory=list)
    programs: list[str] = msgspec.field(default_factory=list)
    roots: list[str] = msgspec.field(default_factory=list)
    queries: dict[disk.DiskQuery, disk.FileStamp] = msgspec.field(default_factory=dict)
    _seen: set[str] = msgspec.field(default_factory=set)

    def is_new(self, name: str) -> bool:
        """Whether this is the first call for a file, which may have several names or links."""
        real = disk.real(name)
        if real in self._seen:
            return False
        self._seen.add(real)
        return True

    def add(self, other: Search) -> None:
        """Add the side results of another process's search."""
        self.unreadable += other.unreadable
        self.vanished += other.vanished
        disk.add_recorded(other.queries)


def find_files(paths: list[str], configurations: Configurations, search: Search) -> list[Found]:
    """The files below some paths that a reader exists for, each once. Raises ConfigError."""
    for path in paths:
        configurations.add_root(path if disk.is_folder(path) else os.path.dirname(path) or ".")
    found: dict[str, Found] = {}
    for path in paths:
        for file in _guarded(_files(path, configurations, search), path, search):
            found.setdefault(file.name, file)
    return list(found.values())


Item = TypeVar("Item")


def _guarded(found: Iterator[Item], path: str, search: Search) -> Iterator[Item]:
    """The items of an iterator. An internal error ends it and is recorded as unreadable, so that the run goes on."""
    try:
        yield from found
    except ConfigError:
        raise
    except Exception as error:
        if debugging():
            raise
        search.unreadable.append(f"{path}: {internal_error('the search', error)}")


def _files(path: str, configurations: Configurations, search: Search) -> Iterator[Found]:
    """The files below a path. A file that is passed by name is checked even if it is ignored."""
    path = path.replace(os.sep, "/")
    try:
        mode = disk.mode(path)
    except (OSError, ValueError) as error:
        search.unreadable.append(f"{path or EMPTY_PATH}: {getattr(error, 'strerror', None) or error}")
        return
    if stat.S_ISDIR(mode):
        search.roots.append(path)
        ignores = _outer_ignores(path, search)
        # A folder that is passed by name is searched even if it is ignored itself, such as cdk.out.
        walk = _Walk(configurations, search)
        yield from walk.below(path, [] if is_ignored_by(f"{path}/", ignores) else ignores)
    elif not stat.S_ISREG(mode):
        search.unreadable.append(f"{path}: neither a file nor a folder")
    elif path.lower().endswith((*SEARCHED_SUFFIXES, *NAMED_SUFFIXES)):
        folder, path = os.path.dirname(path) or ".", _as_posix(path)
        forced = configurations.here.settings.files.force_exclude
        if forced and SKIPPED_FOLDERS & set(path.split("/")):
            return
        settings = configurations.of_file(path, is_excluded=forced and configurations.excludes(path, folder))
        if settings is not None:
            search.roots.append(folder)
            yield Found(path, settings)
    elif _Walk(configurations, search).add_named_other(_as_posix(path)):
        search.roots.append(os.path.dirname(path) or ".")
    elif not configurations.here.settings.files.force_exclude:  # a hook passes whatever was changed
        search.notices.append(f"{path}: skipped: hpolint reads files with these endings: {', '.join(SUFFIXES)}")


def _as_posix(path: str) -> str:
    """The path with forward slashes, and without empty and ``.`` components."""
    if os.sep == "/" and "//" not in path and "/./" not in path and not path.startswith("./"):
        return path
    from pathlib import Path  # takes 4 ms

    return Path(path).as_posix()


def _outer_ignores(path: str, search: Search) -> list[Patterns]:
    """The ignore files above a folder that apply to it, outermost first: those up to the repository's root."""
    found: list[Patterns] = []
    folder = os.path.abspath(path)
    while not disk.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return []  # outside of a repository, git reads no .gitignore
        folder = parent
        patterns = read_patterns(folder, search.unreadable, search.notices)
        if patterns:
            found.insert(0, patterns)
    exclude = read_patterns(folder, search.unreadable, search.notices, os.path.join(".git", "info", "exclude"))
    if exclude:
        found.insert(0, exclude)
    return found


class _Entry(msgspec.Struct, frozen=True):
    """An entry of a folder: a folder, a link to one, a file that a reader exists for, or a broken link.

    ``why`` describes the broken link. ``is_marker``: its name is one of ``MARKER_NAMES``. ``is_searched``: a reader
    exists for files of its name. ``is_other``: none does, and rules are locked or programs wanted here.
    """

    name: str
    is_marker: bool = False
    is_searched: bool = False
    is_other: bool = False
    is_folder: bool = False
    why: str | None = None
    is_link: bool = False
    is_linked_folder: bool = False


class _Folder(msgspec.Struct, frozen=True):
    """A folder to walk, with the ignore patterns that apply to it.

    ``in_assembly``: it is part of the CDK's output. In a folder that is excluded by a configuration, or ignored by an
    ignore file below a lock, only locked rules run. ``is_skipped``: without a lock it would be skipped whatever is in
    it, such as a virtual environment; only what git tracks is found. ``wants_programs``: a list of packages in it, or
    in a folder above, names SageMaker.
    """

    path: str
    ignores: list[Patterns]
    in_assembly: bool = False
    is_excluded: bool = False
    is_ignored: bool = False
    is_skipped: bool = False
    wants_programs: bool = False


_Within: TypeAlias = Found | _Folder


class _Walk:
    """A walk through folders of any depth. Links to folders are not followed, so there are no cycles."""

    def __init__(self, configurations: Configurations, search: Search) -> None:
        self._configurations = configurations
        self._search = search
        self._root = "."
        self._tracked: dict[str, list[str]] = {}
        """The files that git tracks, by the root of their repository."""
        self._indexed: dict[str, bool] = {}
        self._places: dict[str, tuple[str, str]] = {}
        """The repository's root of each folder, and the folder's path from there."""

    def below(self, path: str, ignores: list[Patterns]) -> Iterator[Found]:
        """The files below a folder, in the order of their names."""
        self._root = path
        waiting = [self._guarded(_Folder(path, ignores, _in_assembly(path)))]
        while waiting:
            found = next(waiting[-1], None)
            if found is None:
                waiting.pop()
            elif isinstance(found, Found):
                yield found
            else:
                waiting.append(self._guarded(found))

    def _guarded(self, folder: _Folder) -> Iterator[_Within]:
        return _guarded(self._entries(folder), folder.path, self._search)

    def _entries(self, folder: _Folder) -> Iterator[_Within]:
        """The files and folders in a folder."""
        try:
            entries = _listed(folder.path)
            self._configurations.record_names(folder.path, (entry.name for entry in entries if entry.is_marker))
            if not folder.wants_programs and list_sagemaker(folder.path, (entry.name for entry in entries)):
                folder = replace(folder, wants_programs=True)
            if folder.wants_programs or self._wants_others(folder):
                entries = _listed(folder.path, with_others=True)
        except FileNotFoundError:
            self._search.vanished.append(f"{folder.path}: gone before it could be read")
            return
        except OSError as error:
            self._search.unreadable.append(f"{folder.path}: cannot be read: {error.strerror or error}")
            return
        if any(entry.name == ".gitignore" for entry in entries) and not folder.in_assembly:
            own = read_patterns(folder.path, self._search.unreadable, self._search.notices)
            folder = replace(folder, ignores=[*folder.ignores, own]) if own else folder
        if folder.in_assembly:
            listed = _of_assembly(folder.path, entries)
            entries = [each for each in entries if each in listed or self._has_tracked_in(each, folder)]
        for entry in entries:
            path = entry.name if folder.path == "." else f"{folder.path.rstrip('/')}/{entry.name}"
            if entry.is_linked_folder:
                self._linked(path, folder)
                continue
            found = self._folder(entry, path, folder) if entry.is_folder else self._file(entry, path, folder)
            if found is not None:
                yield found

    def _file(self, entry: _Entry, path: str, folder: _Folder) -> Found | None:
        """A file with its settings; None if it is skipped."""
        if entry.is_other:
            self._add_found_other(path, folder)
        if not entry.is_searched:
            return None
        if entry.name == BASELINE and not self._configurations.is_locked(folder.path):
            return None
        settings = self._settings(path, folder)
        if settings is None:
            return None
        why = entry.why or (LEADS_OUT if entry.is_link and leads_out(path, [self._root]) else None)
        if why is None:
            return Found(path, settings)
        self._search.notices.append(f"{path}: skipped: {why}")
        return None

    def _wants_others(self, folder: _Folder) -> bool:
        """Whether files that no reader exists for are wanted: below a lock, in a repository that tracks files."""
        return self._configurations.is_locked(folder.path) and self._has_index(folder.path)

    def _add_found_other(self, path: str, folder: _Folder) -> None:
        """Note a file that no reader exists for, if it may launch a job."""
        if not may_be_program(path):
            return
        is_locked = self._wants_others(folder) and self._is_tracked(path)
        is_program = folder.wants_programs and path.lower().endswith(PROGRAMS)
        if not is_locked and not is_program:
            return
        settings = self._settings(path, folder)
        is_added = is_locked and self._add_other(path, settings)
        if is_program and not is_added and settings is not None:
            self._search.programs.append(path)

    def _settings(self, path: str, folder: _Folder) -> Settings | None:
        """The settings of a file; None if it is ignored or excluded."""
        is_ignored = folder.is_ignored or is_ignored_by(path, folder.ignores)
        if is_ignored and (not self._is_tracked(path) if folder.is_skipped else self._stays_ignored(path, folder)):
            return None
        is_excluded = folder.is_excluded or self._configurations.excludes(path, folder.path)
        return self._configurations.of_file(path, is_excluded=is_excluded, is_ignored=is_ignored)

    def add_named_other(self, path: str) -> bool:
        """Whether a file that is passed by name, and that no reader exists for, is searched for launches."""
        folder = os.path.dirname(path) or "."
        if not may_be_program(path) or not self._configurations.is_locked(folder):
            return False
        if not self._has_index(folder) or not self._is_tracked(path):
            return False
        return self._add_other(path, self._configurations.of_file(path))

    def _add_other(self, path: str, settings: Settings | None) -> bool:
        """Whether a file that no reader exists for is searched for launches: if rules are locked for it."""
        if settings is None or not self._configurations.is_locked_for(path, settings):
            return False
        self._search.others.append(Found(path, settings, is_other=True))
        return True

    def _stays_ignored(self, path: str, folder: _Folder) -> bool:
        """Whether a path that git ignores is skipped. An ignore file below a lock hides nothing from locked rules."""
        locked_from = self._configurations.locked_from(folder.path)
        if locked_from is None:
            return True
        if not is_ignored_by(path, [patterns for patterns in folder.ignores if patterns.is_around(locked_from)]):
            return False
        return not self._is_tracked(path)

    def _is_tracked(self, path: str) -> bool:
        """Whether git tracks a file, or a file in a folder: what it tracks is not hidden from locked rules."""
        root, folder = self._in_repository(os.path.dirname(path) or ".")
        if root not in self._tracked:
            try:
                self._tracked[root] = tracked_files(root)
            except IndexReadError as error:
                self._tracked[root] = []
                why = f"git's index cannot be read ({error}), so what it tracks is not known: rules are locked here"
                self._search.unreadable.append(f"{root}: {why}")
        tracked, own = self._tracked[root], os.path.join(folder, os.path.basename(path)).rstrip("/")
        if not own:
            return bool(tracked)  # a submodule, or another repository within this one
        at = bisect.bisect_left(tracked, own)
        return tracked[at : at + 1] == [own] or _has_below(tracked, own)

    def _in_repository(self, folder: str) -> tuple[str, str]:
        """The root of the repository that holds a folder, and the folder's path from there, empty for the root."""
        if folder not in self._places:
            root = repository_root(folder)
            path = os.path.relpath(disk.real(folder), root).replace(os.sep, "/")
            self._places[folder] = root, "" if path == "." else path
        return self._places[folder]

    def _has_index(self, folder: str) -> bool:
        """Whether the repository that holds a folder has an index."""
        root, _ = self._in_repository(folder)
        if root not in self._indexed:
            self._indexed[root] = has_index(root)
        return self._indexed[root]

    def _has_tracked(self, name: str, path: str, folder: _Folder) -> bool:
        """Whether a folder that is skipped otherwise has files that git tracks, below a lock."""
        if name == ".git" or not self._configurations.is_locked(folder.path):
            return False
        return self._has_index(path) and self._is_tracked(f"{path}/")

    def _has_tracked_in(self, entry: _Entry, folder: _Folder) -> bool:
        """Whether git tracks an entry of the CDK's output, or files in it, below a lock."""
        if not self._configurations.is_locked(folder.path) or entry.is_linked_folder:
            return False
        path = os.path.join(folder.path, entry.name).replace(os.sep, "/")
        return self._has_index(folder.path) and self._is_tracked(f"{path}/" if entry.is_folder else path)

    def _linked(self, path: str, folder: _Folder) -> None:
        """Name a link to a folder outside of what is checked, if rules are locked here."""
        if self._configurations.is_locked(folder.path) and leads_out(path, [self._root]):
            self._search.notices.append(f"{path}: skipped: {LEADS_OUT}; locked rules are not checked there")

    def _folder(self, entry: _Entry, path: str, folder: _Folder) -> _Folder | None:
        """A folder to walk; None if it is skipped."""
        copies = COPIES.get(entry.name)
        if f"/{path}".endswith(f"/{BUILD_COPIES}"):
            copies = "setuptools's copy of a package"
        is_skipped = folder.is_skipped or copies is not None or entry.name in SKIPPED_FOLDERS
        if is_skipped and not self._has_tracked(entry.name, path, folder):
            if copies is not None:
                self._search.skipped_folders.append(f"{path}: {copies}")
            return None
        is_excluded = folder.is_excluded or self._configurations.excludes(f"{path}/", folder.path)
        if is_excluded and not self._configurations.locks(f"{path}/", folder.path):
            return None
        if not is_skipped and (folder.in_assembly or entry.name == CDK_OUTPUT):
            return _Folder(path, [], in_assembly=True, is_excluded=is_excluded)
        within = replace(folder, path=path, is_excluded=is_excluded)
        if is_skipped:
            return replace(within, in_assembly=False, is_ignored=True, is_skipped=True)
        is_ignored = folder.is_ignored or is_ignored_by(f"{path}/", folder.ignores)
        if not is_ignored or not self._stays_ignored(f"{path}/", folder):
            return replace(within, is_ignored=is_ignored)
        self._search.skipped_folders.append(f"{path}: ignored by git")
        return None


def _has_below(paths: list[str], folder: str) -> bool:
    """Whether sorted paths have one below a folder."""
    at = bisect.bisect_left(paths, f"{folder}/")
    return at < len(paths) and paths[at].startswith(f"{folder}/")


def _listed(folder: str, *, with_others: bool = False) -> list[_Entry]:
    """A folder's entries in the order of their names. Raises OSError.

    Files that no reader exists for are listed only ``with_others``.
    """
    disk.record(folder)
    try:
        with os.scandir(folder) as scan:
            return _sorted_entries(scan, with_others=with_others)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG or os.scandir not in os.supports_fd:
            raise
    descriptor = open_path(folder, os.O_RDONLY)
    try:
        with os.scandir(descriptor) as scan:
            return _sorted_entries(scan, with_others=with_others)
    finally:
        os.close(descriptor)


def _sorted_entries(scan: Iterable[os.DirEntry[str]], *, with_others: bool) -> list[_Entry]:
    entries = [_entry(entry, with_others=with_others) for entry in scan]
    return sorted(filter(None, entries), key=BY_NAME)


def _entry(entry: os.DirEntry[str], *, with_others: bool) -> _Entry | None:
    name = entry.name
    lower = name.lower()
    is_marker, is_searched = lower in MARKER_NAMES, lower.endswith(SEARCHED_SUFFIXES)
    if entry.is_dir(follow_symlinks=False):
        return _Entry(name, is_marker, is_folder=True)
    if is_marker:
        return _Entry(name, is_marker, is_searched)
    is_wanted = is_searched or name == ".gitignore"
    is_link = entry.is_symlink()
    if not is_wanted and not is_link:
        is_other = (with_others or is_manifest(name)) and entry.is_file()
        return _Entry(name, is_other=True) if is_other else None
    try:
        if is_link:
            disk.record(entry.path, content=False)
            mode = entry.stat().st_mode
            if stat.S_ISDIR(mode):
                return _Entry(name, is_linked_folder=True)
            return _Entry(name, is_searched=is_searched, is_link=True) if is_wanted and stat.S_ISREG(mode) else None
        return _Entry(name, is_searched=is_searched) if entry.is_file() or not is_searched else None
    except OSError as error:
        why = "a circular link" if error.errno == errno.ELOOP else "a broken link"
        return _Entry(name, is_searched=is_searched, why=why) if is_wanted else None


BY_NAME = attrgetter("name")


def _in_assembly(folder: str) -> bool:
    return CDK_OUTPUT in os.path.abspath(folder).split(os.sep)


def _of_assembly(folder: str, entries: list[_Entry]) -> list[_Entry]:
    """The entries of the CDK's output to walk: templates, files that they reference, and nested assemblies.

    Copies of sources are left out.
    """
    manifests = [entry.name for entry in entries if entry.name.endswith(".assets.json")]
    named: set[str] = set()
    for manifest in manifests:
        try:
            data = read_file(os.path.join(folder, manifest), language_of(manifest).max_bytes)
        except OSError:
            continue  # the manifest itself has no definition, and its template is read anyway
        named |= {match.decode("utf-8", "replace") for match in ASSETS.findall(data)}
    if not manifests:  # without a manifest, stale assets cannot be told apart
        named = {entry.name for entry in entries if entry.name.startswith("asset.")}
    return [
        entry
        for entry in entries
        if (entry.name.startswith("assembly-") if entry.is_folder else _is_template(entry.name) or entry.name in named)
    ]


def _is_template(name: str) -> bool:
    return name.endswith((".template.json", ".template.yaml", ".template.yml"))
