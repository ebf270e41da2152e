"""The parts of a cache key that identify the program and the place where it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache

from hpolint.io import disk
from hpolint.version import __version__

TYPE_CHECKING = False  # type checkers treat it as typing.TYPE_CHECKING; importing typing takes 6 ms
if TYPE_CHECKING:
    from typing import Any

PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
ROOT = os.path.dirname(PACKAGE)
RULES = os.path.join(ROOT, "rules")


@cache
def program() -> list[Any]:
    """The versions and files of hpolint, Python and the installed packages, as a JSON value. Raises OSError.

    Of a checkout of hpolint only the package and the rules count, not other files in its root.
    """
    checkout = ROOT if os.path.isdir(RULES) else None  # an installed hpolint has the other packages in its root
    packages = [list(disk.stamp_of(place, content=True)) for place in sys.path if os.path.realpath(place) != checkout]
    return [__version__, sys.version, packages, list(_own_files())]


def place() -> list[str]:
    """The working folder, to which names are relative, as named and as a real path. Raises OSError."""
    return [os.getcwd(), os.path.realpath(".")]


def _own_files() -> Iterator[list[Any]]:
    """Size and time of hpolint's own files: in a checkout they change without the version."""
    for where in (PACKAGE, RULES):
        for within, folders, names in os.walk(where):
            folders[:] = sorted(each for each in folders if each != "__pycache__")
            for name in sorted(names):
                status = os.stat(os.path.join(within, name))
                yield [within, name, status.st_size, status.st_mtime_ns]
