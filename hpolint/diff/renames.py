"""Renamed files between two folders, found by their contents. git is not asked: it would run a repository's filters."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable

from hpolint.io.files import read_file
from hpolint.model.forms import language_of

MIN_SIMILARITY = 0.5
"""The part of the larger file that two files have in common, from which on one is the other. The same as git's."""

MAX_PAIRS = 10_000
"""Pairs of files whose lines are compared. With more, only files with the same name or the same bytes are."""


def renamed_files(before: str, after: str, earlier: Iterable[str], later: Iterable[str]) -> dict[str, str]:
    """The earlier names of renamed files by their later ones.

    ``earlier`` are the files of the folder ``before``, and ``later`` those of ``after``.
    """
    earlier, later = set(earlier), set(later)
    removed = {name: _lines(os.path.join(before, name)) for name in sorted(earlier - later)}
    added = {name: _lines(os.path.join(after, name)) for name in sorted(later - earlier)}
    is_short = len(removed) * len(added) <= MAX_PAIRS
    pairs = []
    for old, old_lines in removed.items():
        for new, new_lines in added.items():
            has_same_name = os.path.basename(old) == os.path.basename(new)
            if not is_short and not has_same_name and old_lines != new_lines:
                continue
            similarity = _similarity(old_lines, new_lines)
            if similarity >= MIN_SIMILARITY:
                pairs.append((-similarity, not has_same_name, old, new))
    found: dict[str, str] = {}
    taken: set[str] = set()
    for _, _, old, new in sorted(pairs):
        if old not in taken and new not in found:
            found[new] = old
            taken.add(old)
    return found


def _lines(path: str) -> Counter[bytes]:
    """The digests of a file's lines, each counted by its bytes. Line ends do not count: git may have converted them."""
    lines = read_file(path, language_of(path).max_bytes).splitlines()
    found: Counter[bytes] = Counter()
    for line in lines:
        found[hashlib.blake2b(line, digest_size=12).digest()] += len(line) + 1
    return found


def _similarity(one: Counter[bytes], other: Counter[bytes]) -> float:
    """The part of the larger file that both have in common, from 0 to 1."""
    size = max(one.total(), other.total())
    return (one & other).total() / size if size else 0.0
