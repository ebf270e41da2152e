"""A mended file written: whole or not at all, and only where nobody has changed it since it was read."""

from __future__ import annotations

import os

from hpolint.io.files import TooLargeError, read_file, repository_root
from hpolint.io.streams import OutputError, reason, replace_file
from hpolint.model.source import BYTE_ORDER_MARKS

CHANGED = "it has changed since it was read"


def encoded(text: str, like: bytes) -> bytes:
    """A text in the encoding of some bytes, with their byte order mark."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if like.startswith(mark):
            return mark + text.encode(encoding, "surrogatepass")
    return text.encode("utf-8", "surrogatepass")


def write_fixed(name: str, before: bytes, after: bytes, roots: list[str]) -> None:
    """Put a file's new bytes in the place of its old ones. Raises OutputError.

    A link is followed to a file of the same repository or checked folder alone; the mode stays, the owner where that
    can be.
    """
    target = os.path.realpath(name)
    if os.path.islink(name) and not _is_inside(target, name, roots):
        raise OutputError("it is a link out of what is checked")
    if not os.access(target, os.W_OK):
        raise OutputError("it is read-only")
    try:
        if read_file(target, len(before)) != before:
            raise OutputError(CHANGED)
        replace_file(target, after)
    except TooLargeError:  # than it was
        raise OutputError(CHANGED) from None
    except OSError as error:
        raise OutputError(reason(error)) from None


def _is_inside(target: str, name: str, roots: list[str]) -> bool:
    own = os.path.dirname(os.path.abspath(name))
    around = [repository_root(own), *map(os.path.realpath, roots)]
    return any(target.startswith(os.path.realpath(each).rstrip(os.sep) + os.sep) for each in around)
