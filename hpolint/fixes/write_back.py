"""Write a fixed file atomically, and only if it has not changed since it was read."""

from __future__ import annotations

import os

from hpolint.io.files import TooLargeError, read_file, repository_root
from hpolint.io.streams import OutputError, reason, replace_file
from hpolint.model.source import BYTE_ORDER_MARKS

CHANGED = "it has changed since it was read"


def encoded(text: str, like: bytes) -> bytes:
    """A text in the encoding of the bytes ``like``, with their byte order mark."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if like.startswith(mark):
            return mark + text.encode(encoding, "surrogatepass")
    return text.encode("utf-8", "surrogatepass")


def write_fixed(name: str, before: bytes, after: bytes, roots: list[str]) -> None:
    """Replace a file's bytes. Raises OutputError.

    A link is followed only to a file of the same repository or of a checked folder. The mode is kept, and the owner if
    possible.
    """
    target = os.path.realpath(name)
    if os.path.islink(name) and not _is_inside(target, name, roots):
        raise OutputError("it is a link to outside of the repository and the checked folders")
    if not os.access(target, os.W_OK):
        raise OutputError("it is read-only")
    try:
        if os.stat(target).st_nlink > 1:
            raise OutputError("it is a hard link, and its other names would keep the old text")
        _check_unchanged(target, before)
        # writing the new file takes time, in which an editor may save the old one
        replace_file(target, after, lambda: _check_unchanged(target, before))
    except OSError as error:
        raise OutputError(reason(error)) from None


def _check_unchanged(target: str, before: bytes) -> None:
    """Raise OutputError if a file's bytes differ from those that were read."""
    try:
        is_same = read_file(target, len(before)) == before
    except TooLargeError:  # larger than before
        is_same = False
    if not is_same:
        raise OutputError(CHANGED)


def _is_inside(target: str, name: str, roots: list[str]) -> bool:
    own = os.path.dirname(os.path.abspath(name))
    allowed = [repository_root(own), *map(os.path.realpath, roots)]
    return any(target.startswith(os.path.realpath(folder).rstrip(os.sep) + os.sep) for folder in allowed)
