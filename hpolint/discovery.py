"""Paths to candidate sources: which files may hold a job, told from their bytes alone.

No parser is imported here, and of 2,000 files that hold no job none is opened twice.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpolint.config import ConfigError, Settings

SUFFIXES = (".json", ".yaml", ".yml", ".py", ".ipynb", ".tf", ".template", ".asl")
"""The endings of the files that a reader is there for."""

SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__", "site-packages"}
    | {".mypy_cache", ".ruff_cache", ".pytest_cache", ".ipynb_checkpoints", ".aws-sam", ".terraform"}
)

MAX_BYTES = 10 * 1024 * 1024
"""A larger file is searched but not parsed; the largest request that the service takes is far below 1 MB."""

MAX_NOTEBOOK_BYTES = 64 * 1024 * 1024
"""The same for a notebook, which holds its outputs too."""

CHUNK = 8 * 1024 * 1024
OVERLAP = 256

DEFINITION_NEEDLES = (
    b"hyperparametertuningjobconfig",
    b"maxparalleltrainingjobs",
    b"statichyperparameters",
    b"hyperparameterranges",
    b"hyperparametertuner",
    b"createhyperparametertuningjob(",
    b"hyperparametertuningjob.create(",
    b"awssagemakerhyperparametertuningjob",
    b":::sagemaker:createhyperparametertuningjob",
    b"aws-sdk:sagemaker:createhyperparametertuningjob",
)
"""Members that only a definition has, lower-cased and without ``_``."""

IN_EACH_NEEDLE = (b"hyperparameter", b"maxparalleltrainingjobs")
"""Of these each needle has one: nearly all files are done with after two searches."""

REFERENCE = b"DefinitionUri"
"""Where a SAM template names the file that holds its state machine's definition."""

REFERENCED = re.compile(rb"DefinitionUri\b[\"']?\s*:\s*[\"']?([^\s\"',}#]+)")
LARGEST_DEFINITION = 1024 * 1024
"""Bytes of a definition beside a template: the service takes 1 MB."""

LOWER = bytes(range(256)).lower()

WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # UTF-32's little-endian mark begins with UTF-16's


PLAIN_PATH = re.compile(r"(?!\.{0,2}/)(?!.*(?://|/\.{1,2}(?:/|\Z)))", re.DOTALL)
"""A path from here that is written in the only way there is."""


class PathError(Exception):
    """A path that was asked for and is not there: exit code 2."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file whose bytes name a definition. ``data`` is None where it is too large to be parsed."""

    name: str
    data: bytes | None


@dataclass
class Search:
    """What a search met on the way: files looked at, and a line for each that could not be read.

    ``passed_over`` are lines about files that were named and that no reader is there for.
    """

    files: int = 0
    passed_over: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
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
        self.files += other.files
        self.unreadable += other.unreadable
        self.vanished += other.vanished


def holds_needle(data: bytes) -> bool:
    """Whether the bytes name a definition, ignoring case and ``_``."""
    if data.startswith(WIDE_MARKS) or data.startswith(codecs.BOM_UTF32_BE):
        data = data.replace(b"\0", b"")  # ASCII in UTF-16 or UTF-32, whichever end comes first
    squeezed = data.translate(LOWER, b"_")
    return any(part in squeezed for part in IN_EACH_NEEDLE) and any(needle in squeezed for needle in DEFINITION_NEEDLES)


def names_definition(name: str, data: bytes) -> bool:
    """Whether a template names a file beside it that defines a job: it tells some of that file's values."""
    if name.lower().endswith((".py", ".ipynb")) or REFERENCE not in data:
        return False
    for uri in REFERENCED.findall(data):
        definition = definition_beside(name, uri.decode("utf-8", "replace"))
        if definition is not None and holds_needle(definition[1]):
            return True
    return False


def definition_beside(template: str, uri: str) -> tuple[str, bytes] | None:
    """The name and bytes of the local file that a template's DefinitionUri names, if it can be read."""
    path = os.path.normpath(os.path.join(os.path.dirname(template), uri))
    try:
        if "://" in uri or not os.path.isfile(path) or os.path.getsize(path) > LARGEST_DEFINITION:
            return None
        return path.replace(os.sep, "/"), Path(path).read_bytes()
    except (OSError, ValueError):
        return None


def find_files(paths: list[str], settings: Settings, search: Search) -> list[str]:
    """The files below some paths that a reader is there for, each once. Raises PathError or ConfigError."""
    excluded = exclusion(settings.exclude)
    return list(dict.fromkeys(file for path in paths for file in _files(path, settings, excluded, search)))


def most_bytes(name: str) -> int:
    """The size up to which a file of that name is parsed."""
    return MAX_NOTEBOOK_BYTES if name.lower().endswith(".ipynb") else MAX_BYTES


def read_candidate(name: str, search: Search) -> Candidate | None:
    """The file, if its bytes name a definition."""
    search.files += 1
    try:
        with open(name, "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return None
            # A buffer of the file's own size, and a byte to see that it has not grown.
            limit = most_bytes(name)
            data = file.read(min(status.st_size, limit) + 1)
            if len(data) <= limit:
                return Candidate(name, data) if holds_needle(data) or names_definition(name, data) else None
            return Candidate(name, None) if _large_holds_needle(data, file) else None
    except FileNotFoundError:
        search.vanished.append(f"{name}: gone before it could be read")
    except OSError as error:
        search.unreadable.append(f"{name}: cannot be read: {error.strerror}")
    return None


def _large_holds_needle(data: bytes, file: Any) -> bool:
    while data:
        if holds_needle(data):
            return True
        rest = file.read(CHUNK)
        data = data[-OVERLAP:] + rest if rest else b""
    return False


def _files(path: str, settings: Settings, excluded: _Patterns | None, search: Search) -> Iterator[str]:
    """The files below a path; a file that is named itself is taken whatever ignores it."""
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        raise PathError(f"{path}: {error.strerror or error}") from None
    if stat.S_ISDIR(mode):
        ignores = _above(path)
        # A folder that is named is searched although it is ignored itself: cdk.out, say.
        yield from _walk(path, [] if _ignored(f"{path}/", ignores, None) else ignores, excluded, search)
    elif not stat.S_ISREG(mode):
        raise PathError(f"{path}: neither a file nor a folder")
    elif path.lower().endswith(SUFFIXES):
        skipped = settings.force_exclude and (
            (excluded is not None and excluded.match(path)) or SKIPPED_FOLDERS & set(Path(path).parts)
        )
        if not skipped:
            yield Path(path).as_posix()
    elif not settings.force_exclude:  # a hook passes whatever was changed
        search.passed_over.append(f"{path}: not looked at: its ending is none of {', '.join(SUFFIXES)}")


class _Patterns:
    """Patterns as in .gitignore, relative to the folder that they stand in."""

    def __init__(self, lines: Iterable[str], folder: str) -> None:
        from pathspec import GitIgnoreSpec, PathSpec

        lines = list(lines)
        self._files = GitIgnoreSpec.from_lines(lines)
        # Folders are asked about one by one, so the last word counts, and not a pattern for what lies within.
        self._folders = PathSpec.from_lines("gitignore", lines)
        self._folder = os.path.abspath(folder)
        here = os.path.abspath(".")
        below = os.path.relpath(self._folder, here).replace(os.sep, "/") if self._folder.startswith(here) else ".."
        self._prefix = None if below.startswith("..") else "" if below == "." else f"{below}/"

    def match(self, path: str) -> bool | None:
        """True to ignore, False to keep what another ignores, None if nothing is said. Folders end in ``/``.

        What lies outside of the patterns' folder is asked about from where it parts from it.
        """
        relative = self._relative(path)
        if relative == ".":
            return None  # the patterns' own folder
        if path.endswith("/"):
            return self._folders.check_file(f"{relative}/").include
        return self._files.check_file(relative).include

    def _relative(self, path: str) -> str:
        """A path as seen from the folder, without a slash at its end."""
        if self._prefix is not None and PLAIN_PATH.match(path) and path.startswith(self._prefix):
            return path[len(self._prefix) :].rstrip("/") or "."  # as below, in a tenth of the time
        relative = os.path.relpath(path, self._folder).replace(os.sep, "/")
        while relative.startswith("../"):
            relative = relative[3:]
        return relative


def exclusion(patterns: tuple[str, ...]) -> _Patterns | None:
    """The patterns of ``--exclude``, relative to here. Raises ConfigError for one that is none."""
    for pattern in patterns:
        if _sound([pattern]) != [pattern]:
            raise ConfigError(f"--exclude {pattern}: no pattern as in .gitignore")
    return _Patterns(patterns, ".") if patterns else None


def _sound(lines: list[str]) -> list[str]:
    """The lines that are patterns or nothing; git passes over the others."""
    from pathspec import GitIgnoreSpec

    kept = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            continue
        kept.append(line)
    return kept


def _read_patterns(folder: str, name: str = ".gitignore") -> _Patterns | None:
    path = os.path.join(folder, name)
    try:
        if not os.path.isfile(path):
            return None
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            lines = file.read().split("\n")
    except OSError:
        return None
    if all(not line.strip() or line.startswith("#") for line in lines):
        return None
    try:
        return _Patterns(lines, folder)
    except ValueError:
        return _Patterns(_sound(lines), folder)


def _above(path: str) -> list[_Patterns]:
    """The ignore files that hold for a folder from outside: those up to the repository's root."""
    found: list[_Patterns] = []
    folder = os.path.abspath(path)
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return []  # no repository: a .gitignore further up is nobody's
        folder = parent
        patterns = _read_patterns(folder)
        if patterns:
            found.insert(0, patterns)
    exclude = _read_patterns(folder, os.path.join(".git", "info", "exclude"))
    if exclude:
        found.insert(0, exclude)
    return found


def _walk(folder: str, ignores: list[_Patterns], excluded: _Patterns | None, search: Search) -> Iterator[str]:
    """Files in the order of their names. Links to folders are not followed, so there are no circles."""
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except FileNotFoundError:
        search.vanished.append(f"{folder}: gone before it could be read")
        return
    except OSError as error:
        search.unreadable.append(f"{folder}: cannot be read: {error.strerror}")
        return
    if any(entry.name == ".gitignore" for entry in entries):
        own = _read_patterns(folder)
        ignores = [*ignores, own] if own else ignores
    for entry in entries:
        path = entry.name if folder == "." else f"{folder.rstrip('/')}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in SKIPPED_FOLDERS and not _ignored(f"{path}/", ignores, excluded):
                yield from _walk(path, ignores, excluded, search)
        elif _is_read(entry) and not _ignored(path, ignores, excluded):
            yield path


def _is_read(entry: os.DirEntry[str]) -> bool:
    return entry.name.lower().endswith(SUFFIXES) and entry.is_file()


def _ignored(path: str, ignores: list[_Patterns], excluded: _Patterns | None) -> bool:
    """The last word counts: a deeper .gitignore may keep what a higher one ignores."""
    if excluded is not None and excluded.match(path):
        return True
    for patterns in reversed(ignores):
        said = patterns.match(path)
        if said is not None:
            return said
    return False
