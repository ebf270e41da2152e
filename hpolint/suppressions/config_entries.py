"""``[[suppressions]]`` of a configuration: their places, and which of them are unused in a whole run."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator
from typing import Generic

from hpolint.config.named_files import read_named
from hpolint.io import disk
from hpolint.model.finding import Reported
from hpolint.model.settings import ConfigError, Exclude
from hpolint.model.source import FILE_START, Source, Span, UndecodableError
from hpolint.model.stored import Stored

WILDCARDS = frozenset("*?[!")
MAX_MEGABYTES = 1
"""Size of a configuration file."""


class UnusedEntry(Stored, Generic[Reported], frozen=True):
    """A rule of an entry that silences nothing in one file, and the finding to report if no other file uses it."""

    entry: Exclude
    name: str
    finding: Reported


def place_of(entry: Exclude, source: Source) -> tuple[str, Span]:
    """The file and span of an entry; the start of the source if the entry is not from a file."""
    file, _, line = entry.origin.rpartition(":")
    if not file or not line.isdecimal():
        return source.name, FILE_START
    return file, Span(int(line), 1, int(line), 2)


def unused_findings(
    candidates: Iterable[UnusedEntry[Reported]], used: Container[tuple[Exclude, str]], roots: list[str]
) -> Iterator[Reported]:
    """The findings about entries that silence nothing in a run. ``roots`` are the folders that were checked as a whole.

    An entry whose pattern may match several files counts only if the whole folder of its configuration was checked.
    """
    whole = [disk.real(root) for root in roots]
    for candidate in candidates:
        entry = candidate.entry
        if (entry, candidate.name) in used:
            continue
        if _is_one_file(entry) or _is_checked(entry.folder, whole):
            yield candidate.finding


def _is_one_file(entry: Exclude) -> bool:
    return not any(WILDCARDS & set(pattern) for pattern in entry.patterns) and all(
        disk.is_file(os.path.join(entry.folder, pattern)) for pattern in entry.patterns
    )


def _is_checked(folder: str, roots: list[str]) -> bool:
    own = disk.real(folder)
    return any(own == root or own.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def configuration_source(path: str) -> Source | None:
    """A configuration file as a source, for findings about its entries; None if it cannot be read."""
    try:
        return Source.decode(path, read_named(path, MAX_MEGABYTES, "configuration"))
    except (ConfigError, UndecodableError):
        return None
