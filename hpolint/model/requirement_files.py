"""Files of requirements that include others."""

from __future__ import annotations

import posixpath

from hpolint.lazy_regex import lazy_regex

SUFFIXES = (".txt", ".in")
INCLUDE = lazy_regex(rb"(?m)^[ \t]*+(?:-[rc]|--requirement|--constraint)[ \t=]*+([^\s#]+)")
"""A line that includes another file, with its path or address."""


def included_requirements(path: str, data: bytes) -> list[str]:
    """The paths of the files that a file of requirements includes. An address is none of a file, and has one too."""
    if not path.lower().endswith(SUFFIXES):
        return []
    folder = posixpath.dirname(path)
    names = (match[1].decode("utf-8", "replace").strip("\"'") for match in INCLUDE.finditer(data))
    return [posixpath.normpath(posixpath.join(folder, name)) for name in names]
