"""Paths that are not written, because a link or a pipe of a repository would decide where the text goes."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from hpolint.io.files import enclosing_repository, is_within

MAX_LINKS = 100
"""Links that are followed, one after the other. The system itself follows 40."""


def reason_not_to_write(path: str) -> str | None:
    """The reason why a path is not written to; None if it may be.

    A link is followed only within the repository that holds it. Outside of a repository, a link of the working folder
    is followed only within that folder, because an unpacked archive has links, too. A pipe or device of a repository is
    not written to: its reader is not the user's.
    """
    target = os.path.realpath(path)
    for folder in _folders_of_links(path):
        boundary = _boundary(folder)
        if boundary is not None and not is_within(target, boundary):
            return "a link leads out of the repository or working folder"
    if _is_special(path) and _boundary(os.path.dirname(target)) is not None:
        return "it is a pipe or device in the repository or working folder"
    return None


def _boundary(folder: str) -> str | None:
    """The folder that nothing leads out of: the repository of a folder, else the working folder; None outside of both.

    The root of the file system is no boundary, since it also holds the devices of the system.
    """
    found = enclosing_repository(folder)
    if found is None:
        working_folder = os.path.realpath(".")
        found = working_folder if is_within(folder, working_folder) else None
    return None if found is None or os.path.dirname(found) == found else found


def _folders_of_links(path: str) -> Iterator[str]:
    """The real folder of each link that the system follows when it opens a path."""
    drive, below = os.path.splitdrive(os.path.join(os.getcwd(), path))
    folder = drive + os.sep
    steps = _steps(below)
    count = 0
    while steps and count < MAX_LINKS:
        step = steps.pop(0)
        if step == os.pardir:
            folder = os.path.dirname(folder)
            continue
        entry = os.path.join(folder, step)
        if not os.path.islink(entry):
            folder = entry
            continue
        yield folder
        count += 1
        target = os.readlink(entry)
        if os.path.isabs(target):
            drive, target = os.path.splitdrive(target)
            folder = drive + os.sep
        steps = _steps(target) + steps


def _steps(path: str) -> list[str]:
    return [step for step in path.replace(os.sep, "/").split("/") if step not in ("", os.curdir)]


def _is_special(path: str) -> bool:
    """Whether something other than a regular file is at a path."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False
