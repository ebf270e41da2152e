"""Checkouts: a state of a repository written to a temporary folder, with only the files that a check may read."""

from __future__ import annotations

import os
from collections.abc import Iterator

from hpolint.config.config_files import MAX_MEGABYTES, TABLE
from hpolint.config.toml_values import parse_toml
from hpolint.diff.git import Entry, Repository
from hpolint.diff.working_tree import present_files
from hpolint.io.files import read_file
from hpolint.io.git_remote import repository_name
from hpolint.model.forms import MEGABYTE, SEARCHED_SUFFIXES, language_of
from hpolint.model.settings import CONFIG_FILE, PYPROJECT
from hpolint.model.terraform_modules import TERRAFORM_VALUES

SETTINGS = (CONFIG_FILE, PYPROJECT)
RULES = (".md", ".toml", ".yml", ".yaml", ".csv")
"""Suffixes of files that a configuration may name: policies, extended files, the SDK's configuration, prices."""


def is_read(path: str) -> bool:
    """Whether a reader may need a file: a definition, a script, a module, a template, values of variables."""
    return path.lower().endswith(SEARCHED_SUFFIXES) or TERRAFORM_VALUES.match(os.path.basename(path)) is not None


def is_setting(path: str) -> bool:
    """Whether a file may be part of the configuration; both states use that of the later one."""
    return os.path.basename(path) in SETTINGS or path.lower().endswith(RULES)


def write_commit(repository: Repository, commit: str, folder: str) -> set[tuple[str, str]]:
    """Write the files of a commit to a folder. Raises ConfigError.

    It returns the paths and objects that a partial clone lacks.
    """
    missing = _write_entries(repository, list(repository.entries(commit)), folder)
    _mark_as_root(folder, repository)
    return missing


def _write_entries(repository: Repository, entries: list[Entry], folder: str) -> set[tuple[str, str]]:
    found = [each for each in entries if _is_wanted(each.path, each.size)]
    missing = {(each.path, each.object) for each in found}
    for batch in _batches(found):
        for entry, data in repository.contents(batch):
            _write(folder, entry.path, data)
            missing.discard((entry.path, entry.object))
    return missing


def write_working_tree(repository: Repository, folder: str) -> set[tuple[str, str]]:
    """Write the files of the working tree to a folder, with those that a sparse checkout leaves out.

    It returns the paths and objects that a partial clone lacks. Raises ConfigError.
    """
    for path in present_files(repository):
        whole = os.path.join(repository.root, path)
        try:
            is_file = os.path.isfile(whole) and not os.path.islink(whole)
            if is_file and _is_wanted(path, os.path.getsize(whole)):
                _write(folder, path, read_file(whole, language_of(path).max_bytes))
        except OSError:
            continue  # removed or not readable: `hpolint check` reports it
    missing = _write_entries(repository, list(repository.sparse()), folder)
    _mark_as_root(folder, repository)
    return missing


def copy_settings(source: str, target: str) -> None:
    """Replace the configuration of ``target`` with that of ``source``, so that changed rules make no finding new.

    A file that may also be a definition is copied only if a configuration names it.
    """
    for path in files_of(target):
        if is_setting(path) and not is_read(path):
            os.remove(os.path.join(target, path))
    named = _files_of_configurations(source)
    for path in files_of(source):
        if path in named or (is_setting(path) and not is_read(path)):
            _write(target, path, read_file(os.path.join(source, path), language_of(path).max_bytes))


def _files_of_configurations(folder: str) -> set[str]:
    """The files that the configurations in a folder name as parts of themselves."""
    found = set()
    for path in files_of(folder):
        if os.path.basename(path) in SETTINGS:
            for name in _named_files(os.path.join(folder, path)):
                found.add(os.path.normpath(os.path.join(os.path.dirname(path), name)).replace(os.sep, "/"))
    return found


def _named_files(path: str) -> Iterator[str]:
    """The files that a configuration file names; nothing for an invalid one, which the check reports."""
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


def files_of(folder: str) -> list[str]:
    """The files of a folder, by their paths from it, sorted."""
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
    """Whether a path stays in its folder: a crafted git tree may contain any path."""
    steps = path.replace("\\", "/").split("/")
    return not os.path.isabs(path) and not any(step in ("", "..") or step.lower() == ".git" for step in steps)


def _batches(entries: list[Entry], max_bytes: int = 64 * 1024 * 1024) -> Iterator[list[Entry]]:
    """The entries in batches that fit into memory."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        if batch and size + entry.size > max_bytes:
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        yield batch


def _write(folder: str, path: str, data: bytes) -> None:
    whole = os.path.join(folder, path)
    os.makedirs(os.path.dirname(whole), exist_ok=True)
    with open(whole, "wb") as file:
        file.write(data)


def _mark_as_root(folder: str, repository: Repository) -> None:
    """Mark a folder as a repository's root, so that nothing above it is read, with the repository's name."""
    os.makedirs(os.path.join(folder, ".git"), exist_ok=True)
    name = repository_name(repository.root)
    if name is not None:
        _write(folder, ".git/config", f'[remote "origin"]\nurl = {name}\n'.encode())
