"""What a check depends on beside its command line and what it reads: the program itself, and where it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache

from hpolint import disk
from hpolint.version import __version__

TYPE_CHECKING = False  # type checkers take it for typing's, which takes 6 ms to import
if TYPE_CHECKING:
    from typing import Any


@cache
def program() -> list[Any]:
    """hpolint, Python and the packages that are there, as far as JSON says it. Raises OSError."""
    packages = [list(disk.seen(place, content=True)) for place in sys.path]
    return [__version__, sys.version, packages, list(_own_files())]


def place() -> list[str]:
    """The folder that names are relative to. Raises OSError."""
    return [os.getcwd(), os.path.realpath(".")]


def _own_files() -> Iterator[list[Any]]:
    """hpolint's own files: in a checkout they change without its version."""
    package = os.path.dirname(os.path.realpath(__file__))
    for where in (package, os.path.join(os.path.dirname(package), "rules")):
        for within, folders, names in os.walk(where):
            folders[:] = sorted(each for each in folders if each != "__pycache__")
            for name in sorted(names):
                status = os.stat(os.path.join(within, name))
                yield [within, name, status.st_size, status.st_mtime_ns]
