"""``let``: names for expressions. An expression that uses a name is expanded: the name becomes ``(EXPRESSION)``.

The expanded expression is compiled, checked and evaluated, so a name can do nothing that its expression cannot do. The
origin of every character is kept for error messages.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hpolint.lazy_regex import lazy_regex

MAX_CHARACTERS = 4000
"""Length of an expanded expression."""

TOKEN = lazy_regex(
    r'[rRbB]{0,2}(?:"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')'
    r"|\.\s*[A-Za-z_]\w*|[A-Za-z_]\w*|\d[\w.]*"
)


class LetError(ValueError):
    """An expression that cannot be expanded. ``name`` is the ``let`` with the error, None for the expression itself."""

    def __init__(self, reason: str, name: str | None = None) -> None:
        super().__init__(reason)
        self.name = name


class Piece(msgspec.Struct, frozen=True):
    """A run of characters of one origin: its start in the expanded text, and its offset where it was written.

    ``let`` is the name in whose expression it was written, None for the expression itself.
    """

    start: int
    let: str | None
    offset: int


class ExpandedExpression(msgspec.Struct):
    """An expression with the names of ``let`` replaced by their expressions."""

    text: str = ""
    pieces: list[Piece] = msgspec.field(default_factory=list)

    def origin(self, offset: int) -> tuple[str | None, int]:
        """Where a character was written: the ``let`` (None: the expression itself), and the offset in it."""
        piece = next((piece for piece in reversed(self.pieces) if piece.start <= offset), Piece(0, None, 0))
        return piece.let, piece.offset + offset - piece.start

    def add(self, text: str, let: str | None, offset: int) -> None:
        """Append characters of one origin."""
        self.pieces.append(Piece(len(self.text), let, offset))
        self.text += text


class Lets:
    """The ``let`` of a rule; each name is expanded once."""

    def __init__(self, lets: Mapping[str, str]) -> None:
        self._lets = lets
        self._expanded: dict[str, ExpandedExpression] = {}
        self._in_progress: list[str] = []

    def expanded(self, text: str) -> ExpandedExpression:
        """An expression with its names expanded. Raises LetError for a cycle, or if the result is too long."""
        if not self._lets:
            return ExpandedExpression(text, [Piece(0, None, 0)])
        return self._expand(text, None)

    def _expand(self, text: str, let: str | None) -> ExpandedExpression:
        expanded = ExpandedExpression()
        at = 0
        for match in TOKEN.finditer(text):
            name = match[0]
            if name not in self._lets:
                continue
            expanded.add(text[at : match.start()], let, at)
            self._insert(expanded, name, let, match.start())
            at = match.end()
            if len(expanded.text) > MAX_CHARACTERS:
                break
        expanded.add(text[at:], let, at)
        if len(expanded.text) > MAX_CHARACTERS:
            raise LetError(f"with its names expanded, it is longer than {MAX_CHARACTERS} characters", let)
        return expanded

    def _insert(self, expanded: ExpandedExpression, name: str, let: str | None, offset: int) -> None:
        inner = self._expanded_let(name)
        expanded.add("(", let, offset)
        base = len(expanded.text)
        expanded.text += inner.text
        expanded.pieces += [Piece(base + piece.start, piece.let, piece.offset) for piece in inner.pieces]
        expanded.add(")", let, offset)

    def _expanded_let(self, name: str) -> ExpandedExpression:
        if name in self._in_progress:
            cycle = " → ".join([*self._in_progress[self._in_progress.index(name) :], name])
            raise LetError(f"`{name}` is defined in terms of itself: {cycle}", name)
        if name not in self._expanded:
            self._in_progress.append(name)
            try:
                self._expanded[name] = self._expand(self._lets[name], name)
            finally:
                self._in_progress.pop()
        return self._expanded[name]
