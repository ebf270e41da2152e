"""Texts that take the place of files: unsaved documents of an editor, or texts that a program has in memory."""

from __future__ import annotations

import os
from contextvars import ContextVar

TYPE_CHECKING = False  # type checkers treat it as typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from collections.abc import Mapping


class Overlay:
    """Texts by their paths. A path is looked up as it is written, without following links.

    ``is_given``: a program gives the texts together, so that each may name each other, wherever they lie. Otherwise
    they are documents of a file system, with the same bounds as files.
    """

    def __init__(self, texts: Mapping[str, bytes] | None = None, *, is_given: bool = False) -> None:
        self.is_given = is_given
        self._texts: dict[str, bytes] = {}
        self._versions: dict[str, int] = {}
        self._folders: dict[str, set[str]] = {}
        self._count = 0
        for path, data in (texts or {}).items():
            self.set(path, data)

    def set(self, path: str, data: bytes) -> None:
        """Put a text in the place of a file. The same text keeps its version."""
        for each in _names(path):
            if self._texts.get(each) != data:
                self._count += 1
                self._texts[each], self._versions[each] = data, self._count
                self._add_to_folders(each)

    def remove(self, path: str) -> None:
        """Remove a text: from now on the file on the disk counts."""
        for each in _names(path):
            self._texts.pop(each, None)
            self._versions.pop(each, None)
        self._folders = {}
        for each in self._texts:
            self._add_to_folders(each)

    def _add_to_folders(self, path: str) -> None:
        while (parent := os.path.dirname(path)) != path:
            names = self._folders.setdefault(parent, set())
            if os.path.basename(path) in names:
                return
            names.add(os.path.basename(path))
            path = parent

    def text(self, path: str) -> bytes | None:
        """The text at a path; None if there is none."""
        return self._texts.get(os.path.abspath(path))

    def version(self, path: str) -> int | None:
        """A number that is another one for another text at the path; None without a text."""
        return self._versions.get(os.path.abspath(path))

    def names(self, folder: str) -> frozenset[str]:
        """The names of the texts, and of folders with texts, in a folder."""
        return frozenset(self._folders.get(os.path.abspath(folder), ()))


def _names(path: str) -> set[str]:
    """The absolute path, also without links."""
    try:
        return {os.path.abspath(path), os.path.realpath(path)}
    except ValueError:  # a program may give a text any name
        return {os.path.abspath(path)}


active: ContextVar[Overlay | None] = ContextVar("hpolint_overlay", default=None)
"""The texts that the running code sees: see ``disk.overlaid``."""
