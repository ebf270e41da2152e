"""``[[suppressions]]`` of a configuration: where they stand, and which of them nothing is left of in a whole run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import msgspec

from hpolint.config.named_files import read_named
from hpolint.io import disk
from hpolint.model.finding import Finding
from hpolint.model.settings import ConfigError, Exclude
from hpolint.model.source import Source, Span, UndecodableError

WILD = frozenset("*?[!")
LARGEST = 1
"""Megabytes."""


class UnusedEntry(msgspec.Struct, frozen=True):
    """An entry's rule of which one file has nothing, and the finding that says so if no other file has."""

    entry: Exclude
    name: str
    finding: Finding


def place_of(entry: Exclude, source: Source) -> tuple[str, Span]:
    """The file and the place of an entry; of one that no file says, the beginning of the source."""
    file, _, line = entry.origin.rpartition(":")
    if not file or not line.isdecimal():
        return source.name, Span(1, 1, 1, 2)
    return file, Span(int(line), 1, int(line), 2)


def unused(idle: Iterable[UnusedEntry], used: set[tuple[Exclude, str]], roots: Iterable[str]) -> Iterator[Finding]:
    """The findings about entries that silence nothing in a run.

    One that a pattern holds for several files is told only where the folder of its file was checked as a whole.
    """
    whole = [disk.real(root) for root in roots]
    for each in idle:
        if (each.entry, each.name) not in used and (_is_one_file(each.entry) or _is_checked(each.entry.folder, whole)):
            yield each.finding


def _is_one_file(entry: Exclude) -> bool:
    return not any(WILD & set(pattern) for pattern in entry.patterns) and all(
        disk.is_file(os.path.join(entry.folder, pattern)) for pattern in entry.patterns
    )


def _is_checked(folder: str, roots: list[str]) -> bool:
    own = disk.real(folder)
    return any(own == root or own.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def configuration_source(path: str) -> Source | None:
    """A configuration file as a source, for findings about its entries."""
    try:
        return Source.decode(path, read_named(path, LARGEST, "configuration"))
    except (ConfigError, UndecodableError):
        return None
