"""What a check depends on beside its command line and what it reads: the program itself, and where it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache

from hpolint.io import disk
from hpolint.version import __version__

TYPE_CHECKING = False  # type checkers take it for typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from typing import Any

PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
ROOT = os.path.dirname(PACKAGE)
RULES = os.path.join(ROOT, "rules")


@cache
def program() -> list[Any]:
    """hpolint, Python and the packages that are there, as far as JSON says it. Raises OSError.

    Of a checkout of hpolint its own files count, not what else comes and goes beside them.
    """
    checkout = ROOT if os.path.isdir(RULES) else None  # else the packages lie there, too
    packages = [list(disk.stamp_of(place, content=True)) for place in sys.path if os.path.realpath(place) != checkout]
    return [__version__, sys.version, packages, list(_own_files())]


def place() -> list[str]:
    """The folder that names are relative to. Raises OSError."""
    return [os.getcwd(), os.path.realpath(".")]


def _own_files() -> Iterator[list[Any]]:
    """hpolint's own files: in a checkout they change without its version."""
    for where in (PACKAGE, RULES):
        for within, folders, names in os.walk(where):
            folders[:] = sorted(each for each in folders if each != "__pycache__")
            for name in sorted(names):
                status = os.stat(os.path.join(within, name))
                yield [within, name, status.st_size, status.st_mtime_ns]
