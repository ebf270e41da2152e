"""The modules of the package ``sagemaker`` and their names, in versions 1 to 3 of the SDK.

``scripts/generate_sdk_imports.py`` reads them in the source of the versions, and writes ``sdk_imports.json``. A version
is given by its place among them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from hpolint.data import generated

MAX_PARTS = 3
"""The most parts of the name of a module that is recorded."""


def _data() -> dict[str, Any]:
    return generated("sdk_imports")


@cache
def versions() -> tuple[str, ...]:
    """The versions, from the oldest to the newest."""
    return tuple(_data()["versions"])


def oldest_python(version: int) -> tuple[int, ...]:
    """The oldest Python that a version supports; empty if it supports any."""
    return version_number(_data()["versions"][versions()[version]])


def version_number(text: str) -> tuple[int, ...]:
    """The numbers of a version such as ``2.161.0``."""
    return tuple(int(part) for part in text.split(".") if part.isdigit())


@cache
def modules() -> dict[str, frozenset[int]]:
    """The modules with the versions that have them. Those deep in the package are missing."""
    return _by_name(_data()["modules"])


@cache
def names(module: str) -> dict[str, frozenset[int]]:
    """The names of a module with the versions that have them; empty for a module whose names are not known."""
    return _by_name(_data()["names"].get(module, {}))


def _by_name(groups: dict[str, str]) -> dict[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    for ranges, members in groups.items():
        places = _places(ranges)
        for member in members.split():
            found[member] = places
    return found


def _places(ranges: str) -> frozenset[int]:
    """The numbers of ``0-3,5``."""
    places: set[int] = set()
    for text in ranges.split(","):
        first, _, last = text.partition("-")
        places |= set(range(int(first), int(last or first) + 1))
    return frozenset(places)


@cache
def packages() -> frozenset[str]:
    """The modules that are packages: all names that they have are known."""
    return frozenset(_data()["packages"].split())


@cache
def modules_with() -> dict[str, list[str]]:
    """The modules that have a name, by the name."""
    found: dict[str, list[str]] = {}
    for module in _data()["names"]:
        for name in names(module):
            found.setdefault(name, []).append(module)
    return found


@cache
def imported_names() -> frozenset[str]:
    """Names that modules only import from elsewhere, and that can be imported from them."""
    return frozenset(_data()["imported"].split())


@cache
def newest(generation: int) -> int:
    """The newest version 2 or 3."""
    return max(place for place, text in enumerate(versions()) if version_number(text)[0] == generation)
