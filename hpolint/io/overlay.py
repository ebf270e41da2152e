"""Texts that take the place of files: unsaved documents of an editor, or texts that a program has in memory."""

from __future__ import annotations

import itertools
import os
from contextvars import ContextVar

TYPE_CHECKING = False  # type checkers treat it as typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    VersionedText: TypeAlias = tuple[bytes, int]


_versions = itertools.count(1)
"""Version numbers of texts: no two texts of this process have the same one."""


class Overlay:
    """Texts by their paths, and by the paths without links that these have.

    ``is_given``: a program gives the texts together, so that each may name each other, wherever they lie. Otherwise
    they are documents of a file system, with the same bounds as files. ``is_live``: texts and files may change while
    they are looked at again and again, so that whatever is kept of them is compared with them before it is used.
    """

    def __init__(
        self, texts: Mapping[str, bytes] | None = None, *, is_given: bool = False, is_live: bool = False
    ) -> None:
        self.is_given = is_given
        self.is_live = is_live
        self._texts: dict[str, VersionedText] = {}
        self._by_name: dict[str, VersionedText] = {}
        self._folders: dict[str, set[str]] = {}
        self._names: dict[str, str] = {}
        self._are_names_known = False
        for path, data in (texts or {}).items():
            self.set(path, data)

    def set(self, path: str, data: bytes) -> None:
        """Put a text in the place of a file. The same text keeps its version."""
        path = os.path.abspath(path)
        if path not in self._texts or self._texts[path][0] != data:
            self._texts[path] = data, next(_versions)
            self._are_names_known = False

    def with_texts(self, texts: Mapping[str, bytes]) -> Overlay:
        """A new overlay with further texts."""
        return self.with_versions({os.path.abspath(path): versioned(data) for path, data in texts.items()})

    def with_versions(self, texts: Mapping[str, VersionedText]) -> Overlay:
        """A new overlay with further texts, which have versions already. The paths are absolute."""
        further = Overlay(is_given=self.is_given, is_live=self.is_live)
        further._texts = {**self._texts, **texts}
        return further

    def remove(self, path: str) -> None:
        """Remove a text: from now on the file on the disk counts."""
        self._texts.pop(os.path.abspath(path), None)
        self._are_names_known = False

    @property
    def paths(self) -> list[str]:
        """The absolute paths of all texts."""
        return list(self._texts)

    def holds(self, path: str) -> bool:
        """Whether a text was put in the place of the file with this very path."""
        return os.path.abspath(path) in self._texts

    def look_up_names(self) -> None:
        """Find the names of all texts: their own paths, and those without links, which may have changed."""
        names = _real_names(self._texts)
        if self._are_names_known and names == self._names:
            return
        self._names, self._are_names_known = names, True
        self._by_name, self._folders = {}, {}
        for path, text in self._texts.items():
            for name in {path, names[path]}:
                self._by_name[name] = text
                self._add_to_folders(name)

    def _add_to_folders(self, path: str) -> None:
        while (parent := os.path.dirname(path)) != path:
            names = self._folders.setdefault(parent, set())
            if os.path.basename(path) in names:
                return
            names.add(os.path.basename(path))
            path = parent

    def text(self, path: str) -> bytes | None:
        """The text at a path; None if there is none."""
        found = self._by_name.get(os.path.abspath(path))
        return found[0] if found is not None else None

    def version(self, path: str) -> int | None:
        """A number that is another one for another text at the path; None without a text."""
        found = self._by_name.get(os.path.abspath(path)) if self._by_name else None
        return found[1] if found is not None else None

    def names(self, folder: str) -> frozenset[str]:
        """The names of the texts, and of folders with texts, in a folder."""
        return frozenset(self._folders.get(os.path.abspath(folder), ()))


def versioned(data: bytes, version: int | None = None) -> VersionedText:
    """A text with a version, else with one of its own."""
    return data, version if version is not None else next(_versions)


def _real_names(paths: Iterable[str]) -> dict[str, str]:
    """The paths without links, by their absolute paths. Each folder is looked at once."""
    folders: dict[str, str] = {}
    names = {}
    for path in paths:
        folder, name = os.path.split(path)
        try:
            if folder not in folders:
                folders[folder] = os.path.realpath(folder)
            real = os.path.join(folders[folder], name)
            names[path] = os.path.realpath(path) if os.path.islink(real) else real
        except ValueError:  # a program may give a text any name
            names[path] = path
    return names


active: ContextVar[Overlay | None] = ContextVar("hpolint_overlay", default=None)
"""The texts that the running code sees: see ``disk.overlaid``."""
