"""A state of a repository as a folder of its own, which a check reads as any other: only what a reader may need."""

from __future__ import annotations

import os
from collections.abc import Iterator

from hpolint.config.config_files import MAX_MEGABYTES, TABLE
from hpolint.config.toml_values import parse_toml
from hpolint.diff.git import Entry, Repository
from hpolint.io.files import read_file
from hpolint.model.forms import MEGABYTE, SUFFIXES, language_of
from hpolint.model.settings import CONFIG_FILE, PYPROJECT

SETTINGS = (CONFIG_FILE, PYPROJECT)
RULES = (".md", ".toml", ".yml", ".yaml", ".csv")
"""What a configuration names: policies, files that it extends, the SDK's own, prices."""


def is_read(path: str) -> bool:
    """Whether a reader may need a file: a definition, a script, a module, a template."""
    return path.lower().endswith(SUFFIXES)


def is_setting(path: str) -> bool:
    """Whether a file may be part of the configuration, which is that of the later state for both."""
    return os.path.basename(path) in SETTINGS or path.lower().endswith(RULES)


def write_commit(repository: Repository, commit: str, folder: str) -> set[tuple[str, str]]:
    """The files of a commit, in a folder; those that a partial clone lacks, with their objects. Raises ConfigError."""
    lacking = _write_entries(repository, list(repository.entries(commit)), folder)
    _close(folder)
    return lacking


def _write_entries(repository: Repository, entries: list[Entry], folder: str) -> set[tuple[str, str]]:
    found = [each for each in entries if _is_wanted(each.path, each.size)]
    lacking = {(each.path, each.object) for each in found}
    for part in _parts(found):
        for entry, data in repository.contents(part):
            _write(folder, entry.path, data)
            lacking.discard((entry.path, entry.object))
    return lacking


def write_working_tree(repository: Repository, folder: str) -> set[tuple[str, str]]:
    """The files of the working tree, in a folder; of a sparse one those too that are in the index alone.

    Those that a partial clone lacks, as above. Raises ConfigError.
    """
    for path in repository.present():
        whole = os.path.join(repository.root, path)
        try:
            is_file = os.path.isfile(whole) and not os.path.islink(whole)
            if is_file and _is_wanted(path, os.path.getsize(whole)):
                _write(folder, path, read_file(whole, language_of(path).max_bytes))
        except OSError:
            continue  # it is gone, or nobody may read it: `hpolint check` tells
    lacking = _write_entries(repository, list(repository.sparse()), folder)
    _close(folder)
    return lacking


def take_settings(source: str, target: str) -> None:
    """Let one state be judged by the configuration of another: rules that changed make no finding of a job new.

    A file that may be a definition, too, is taken only where a configuration names it as a part of itself.
    """
    for path in _files(target):
        if is_setting(path) and not is_read(path):
            os.remove(os.path.join(target, path))
    named = _named(source)
    for path in _files(source):
        if path in named or (is_setting(path) and not is_read(path)):
            _write(target, path, read_file(os.path.join(source, path), language_of(path).max_bytes))


def _named(folder: str) -> set[str]:
    """The files that the configurations of a folder name as parts of themselves."""
    found = set()
    for path in _files(folder):
        if os.path.basename(path) in SETTINGS:
            for name in _parts_of(os.path.join(folder, path)):
                found.add(os.path.normpath(os.path.join(os.path.dirname(path), name)).replace(os.sep, "/"))
    return found


def _parts_of(path: str) -> Iterator[str]:
    """What one configuration file names; nothing of one that is none: whoever reads it tells."""
    try:
        table = parse_toml(read_file(path, MAX_MEGABYTES * MEGABYTE).decode())
    except (OSError, ValueError):
        return
    for step in TABLE if os.path.basename(path) == PYPROJECT else ():
        table = table.get(step, {}) if isinstance(table, dict) else {}
    cost = table.get("cost")
    values = [table.get("extend"), table.get("sdk-config"), cost.get("prices") if isinstance(cost, dict) else None]
    for value in values:
        yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))


def _files(folder: str) -> list[str]:
    found = []
    for above, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != ".git"]
        found += [os.path.relpath(os.path.join(above, name), folder).replace(os.sep, "/") for name in names]
    return sorted(found)


def _is_wanted(path: str, size: int) -> bool:
    if not (is_read(path) or is_setting(path)) or not _is_inside(path):
        return False
    return size <= language_of(path).max_bytes


def _is_inside(path: str) -> bool:
    """Whether a path stays in its folder: a tree that somebody has made by hand may name any."""
    steps = path.replace("\\", "/").split("/")
    return not os.path.isabs(path) and not any(step in ("", "..") or step.lower() == ".git" for step in steps)


def _parts(entries: list[Entry], most: int = 64 * 1024 * 1024) -> Iterator[list[Entry]]:
    """The entries in parts that fit into memory."""
    part: list[Entry] = []
    size = 0
    for entry in entries:
        if part and size + entry.size > most:
            yield part
            part, size = [], 0
        part.append(entry)
        size += entry.size
    if part:
        yield part


def _write(folder: str, path: str, data: bytes) -> None:
    whole = os.path.join(folder, path)
    os.makedirs(os.path.dirname(whole), exist_ok=True)
    with open(whole, "wb") as file:
        file.write(data)


def _close(folder: str) -> None:
    """Mark a folder as a repository's root: nothing above it counts."""
    os.makedirs(os.path.join(folder, ".git"), exist_ok=True)
