"""``let``: names for expressions. In an expression each stands for its own, in brackets.

What is written out is what is compiled, checked and evaluated, so that a name can do nothing that its expression could
not. Every character of it knows where it was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

LONGEST = 4000
"""Characters of an expression with its names written out."""

TOKEN = re.compile(
    r'[rRbB]{0,2}(?:"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')'
    r"|\.\s*[A-Za-z_]\w*|[A-Za-z_]\w*|\d[\w.]*"
)


class LetError(ValueError):
    """A ``let`` that cannot be written out. ``name`` is the one that is to blame, None for the expression itself."""

    def __init__(self, reason: str, name: str | None = None) -> None:
        super().__init__(reason)
        self.name = name


class Piece(msgspec.Struct, frozen=True):
    """A run of characters: where it begins in the text that is written out, and where it was written.

    ``let`` is the name in whose expression it stands, None for the expression's own characters.
    """

    start: int
    let: str | None
    offset: int


class WrittenOut(msgspec.Struct):
    """An expression without names of ``let``."""

    text: str = ""
    pieces: list[Piece] = msgspec.field(default_factory=list)

    def origin(self, offset: int) -> tuple[str | None, int]:
        """Where a character was written: the ``let`` in whose expression, and its offset there."""
        piece = next((each for each in reversed(self.pieces) if each.start <= offset), Piece(0, None, 0))
        return piece.let, piece.offset + offset - piece.start

    def add(self, text: str, let: str | None, offset: int) -> None:
        """Go on with characters of one origin."""
        self.pieces.append(Piece(len(self.text), let, offset))
        self.text += text


class Lets:
    """The names of a rule, each written out once."""

    def __init__(self, lets: Mapping[str, str]) -> None:
        self._lets = lets
        self._done: dict[str, WrittenOut] = {}
        self._open: list[str] = []

    def written_out(self, text: str) -> WrittenOut:
        """An expression with its names written out. Raises LetError for a circle, or one that grows too long."""
        return self._expanded(text, None) if self._lets else WrittenOut(text, [Piece(0, None, 0)])

    def _expanded(self, text: str, let: str | None) -> WrittenOut:
        found = WrittenOut()
        at = 0
        for match in TOKEN.finditer(text):
            name = match[0]
            if name not in self._lets:
                continue
            found.add(text[at : match.start()], let, at)
            self._put(found, name, let, match.start())
            at = match.end()
            if len(found.text) > LONGEST:
                break
        found.add(text[at:], let, at)
        if len(found.text) > LONGEST:
            raise LetError(f"with its names written out it is longer than {LONGEST} characters", let)
        return found

    def _put(self, found: WrittenOut, name: str, let: str | None, offset: int) -> None:
        inner = self._let(name)
        found.add("(", let, offset)
        base = len(found.text)
        found.text += inner.text
        found.pieces += [Piece(base + piece.start, piece.let, piece.offset) for piece in inner.pieces]
        found.add(")", let, offset)

    def _let(self, name: str) -> WrittenOut:
        if name in self._open:
            circle = " → ".join([*self._open[self._open.index(name) :], name])
            raise LetError(f"`{name}` is defined by itself: {circle}", name)
        if name not in self._done:
            self._open.append(name)
            try:
                self._done[name] = self._expanded(self._lets[name], name)
            finally:
                self._open.pop()
        return self._done[name]
