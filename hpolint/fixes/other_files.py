"""The other files of a source's folder, which may use a value that a fix changes."""

from __future__ import annotations

import os

from hpolint.fixes.changes import NoEditError
from hpolint.io import disk
from hpolint.io.files import LEADS_OUT, TooLargeError, leads_out, read_file


def names_beside(source: str, suffixes: tuple[str, ...]) -> list[str]:
    """The names of the other files of a source's folder that end in one of the suffixes. Raises OSError."""
    folder, own = os.path.split(source)
    folder = folder or "."
    if not disk.is_folder(folder):
        return []
    return [name for name in disk.names(folder) if name.endswith(suffixes) and name != own]


def text_beside(source: str, name: str, max_bytes: int, verb: str) -> str:
    """The text of a file in a source's folder, which may ``verb`` the value. Raises NoEditError or OSError."""
    path = os.path.join(os.path.dirname(source), name)
    if leads_out(path, []):
        raise NoEditError(f"{name} is {LEADS_OUT}: it may {verb} the value")
    try:
        return read_file(path, max_bytes).decode("utf-8", "replace")
    except TooLargeError as error:
        raise NoEditError(f"{name} is {error.strerror}, so it is not searched for {verb}s of the value") from None
