"""What is left of an input when all that its fault does not need is dropped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

Holds = Callable[[bytes], bool]
"""Whether some bytes still have the fault."""


class _SpentError(Exception):
    """No more tries."""


class _Search:
    """Asks about smaller inputs, so many times at most, and keeps the last one that still has the fault."""

    def __init__(self, data: bytes, holds: Holds, tries: int) -> None:
        self.best = data
        self._holds, self._left = holds, tries
        self._refused: set[bytes] = set()

    def takes(self, data: bytes) -> bool:
        """Whether a smaller input has the fault too, and so is the best one now."""
        if data in self._refused or data == self.best:
            return False
        if not self._left:
            raise _SpentError
        self._left -= 1
        if not self._holds(data):
            self._refused.add(data)
            return False
        self.best = data
        return True


def minimised(data: bytes, holds: Holds, tries: int = 600) -> bytes:
    """The smallest input with the same fault that so many tries find: without members, lines, then pieces of lines."""
    search = _Search(data, holds, tries)
    before = None
    try:
        while before != search.best:
            before = search.best
            _drop_members(search)
            _drop_parts(search, search.best.splitlines(keepends=True))
            _drop_parts(search, [search.best[at : at + 1] for at in range(len(search.best))])
    except _SpentError:
        pass
    return search.best


def _drop_parts(search: _Search, parts: list[bytes]) -> None:
    """Drop halves, quarters and so on, down to single parts."""
    size = (len(parts) + 1) // 2
    while size:
        at = 0
        while at < len(parts):
            rest = [*parts[:at], *parts[at + size :]]
            if search.takes(b"".join(rest)):
                parts = rest
            else:
                at += size
        size //= 2


def _drop_members(search: _Search) -> None:
    """Drop members and items of a JSON document, and put values in their parents' place."""
    try:
        document = json.loads(search.best)
    except (ValueError, RecursionError):
        return
    found: Any = document
    while found is not None:
        document = found
        written = (each for each in _smaller(document) if search.takes(json.dumps(each, indent=1).encode()))
        found = next(written, None)


def _smaller(value: Any) -> Iterator[Any]:
    """The same document with one thing less, for each thing in it, the outermost first."""
    if not isinstance(value, dict | list) or not value:
        return
    children = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, _ in children:
        yield _replaced(value, key, [])
    for _, child in children:
        if isinstance(child, dict | list):
            yield child
    for key, child in children:
        for smaller in _smaller(child):
            yield _replaced(value, key, [smaller])


def _replaced(value: Any, key: Any, by: list[Any]) -> Any:
    if isinstance(value, list):
        return [*value[:key], *by, *value[key + 1 :]]
    return {name: by[0] if name == key else member for name, member in value.items() if name != key or by}
