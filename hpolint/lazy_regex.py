"""Regular expressions that are compiled when they are first used.

hpolint has more than two hundred. A run uses a few of them, and compiling one takes 0.1 to 0.3 ms: the check of one
request would spend a tenth of its time on it.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False  # type checkers treat it as typing.TYPE_CHECKING; importing typing takes 6 ms
if TYPE_CHECKING:
    from typing import AnyStr

ATTRIBUTES = (
    *("match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split", "scanner"),
    *("flags", "groups", "groupindex"),
)


class _LazyRegex:
    """A stand-in for a compiled expression: the first access to an attribute compiles it and stores its attributes."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        """An attribute that is not stored yet."""
        if name not in ATTRIBUTES:  # such as those that `copy` and `pickle` ask for
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self._flags)
        self.__dict__.update({each: getattr(compiled, each) for each in ATTRIBUTES})
        return self.__dict__[name]


def lazy_regex(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """The regular expression, not compiled yet. It has the methods of a compiled one, but is not accepted by ``re``."""
    return _LazyRegex(pattern, flags)  # type: ignore[return-value]
