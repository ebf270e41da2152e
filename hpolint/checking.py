"""One file's way from its name to what the rules say of it; whatever goes wrong on it stays its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpolint.config import Settings
from hpolint.discovery import Candidate, Search, read_candidate
from hpolint.trouble import debugging, internal_error

if TYPE_CHECKING:
    from hpolint.outcome import Checker, Outcome


class Checking:
    """Reads and judges files. Rules and parsers are loaded with the first candidate: most runs have none."""

    def __init__(self, settings: Settings, roots: list[str]) -> None:
        self._settings = settings
        self._roots = roots
        self._checker: Checker | None = None

    def file(self, name: str) -> tuple[Outcome | None, Search]:
        """What a file gives if it is a candidate, and what was met on the way. Raises ConfigError."""
        search = Search(roots=self._roots)
        try:
            found = read_candidate(name, search)
        except Exception as error:
            if debugging():
                raise
            search.unreadable.append(f"{name}: {internal_error('the search', error)}")
            return None, search
        return (self.candidate(found) if found is not None else None), search

    def candidate(self, candidate: Candidate) -> Outcome:
        """What a candidate gives. Raises ConfigError."""
        if self._checker is None:
            from hpolint.outcome import Checker
            from hpolint.registry import chosen_rules

            self._checker = Checker(chosen_rules(self._settings), self._settings.options)
        return self._checker.outcome(candidate)
