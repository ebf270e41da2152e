"""Asking for the fixes of a file as text, also in another process. The module imports nothing that plans a fix."""

from __future__ import annotations

import msgspec

from hpolint.io import disk
from hpolint.model.fix import WrittenFix


class FixRequest(msgspec.Struct, frozen=True):
    """The findings of one file whose fixes are needed, by their numbers, and its other findings with a fix.

    ``shared_files`` are the files that several sources include.
    """

    file: str
    numbers: tuple[int, ...]
    others: tuple[int, ...]
    shared_files: frozenset[str]


class FixTexts(msgspec.Struct, frozen=True):
    """The fixes by the numbers of their findings, and the recorded reads on which they depend."""

    fixes: dict[int, WrittenFix]
    reads: dict[disk.DiskQuery, disk.FileStamp]
