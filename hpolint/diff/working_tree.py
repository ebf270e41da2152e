"""The files of a working tree: those in git's index, and new ones that no ignore file excludes."""

from __future__ import annotations

import os
from collections.abc import Iterator

from hpolint.config.ignore_patterns import Patterns, is_ignored_by, read_patterns
from hpolint.diff.git import Repository


def present_files(repository: Repository) -> Iterator[str]:
    """The files of a working tree by their paths from its root, each once. Raises ConfigError."""
    found = dict.fromkeys(repository.tracked())
    found.update(dict.fromkeys(_new_files(repository.root)))
    yield from found


def _new_files(root: str) -> Iterator[str]:
    """The files that no ignore file excludes, without links, and without repositories within this one."""
    excluded = read_patterns(root, [], [], os.path.join(".git", "info", "exclude"))
    waiting = [("", [excluded] if excluded is not None else [])]
    while waiting:
        folder, ignores = waiting.pop()
        whole = os.path.join(root, folder)
        own = read_patterns(whole, [], [])
        if own is not None:
            ignores = [*ignores, own]
        try:
            with os.scandir(whole) as entries:
                listed = list(entries)
        except OSError:
            continue  # `hpolint check` reports it
        for entry in listed:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                if _is_walked(entry, ignores):
                    waiting.append((path, ignores))
            elif entry.is_file(follow_symlinks=False) and not is_ignored_by(entry.path, ignores):
                yield path


def _is_walked(entry: os.DirEntry[str], ignores: list[Patterns]) -> bool:
    is_repository = entry.name == ".git" or os.path.lexists(os.path.join(entry.path, ".git"))
    return not is_repository and not is_ignored_by(f"{entry.path}/", ignores)
