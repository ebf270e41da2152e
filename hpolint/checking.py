"""One file's way from its name to what the rules say of it; whatever goes wrong on it stays its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpolint.candidates import Candidate, read_candidate
from hpolint.discovery import Found, Search
from hpolint.settings import Settings
from hpolint.trouble import debugging, internal_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hpolint.baseline import Baseline
    from hpolint.outcome import Checker, Outcome
    from hpolint.scripts import Scripts


class Checking:
    """Reads and judges files. Rules and parsers are loaded with the first candidate: most runs have none.

    ``texts`` are files at hand, which outweigh those of the disk where a definition names them.
    """

    def __init__(
        self, roots: list[str], baseline: Baseline | None = None, texts: Mapping[str, bytes] | None = None
    ) -> None:
        self._roots = roots
        self._texts = texts
        self._scripts: Scripts | None = None
        self._baseline = baseline
        self._checkers: dict[int, Checker] = {}

    def file(self, file: Found) -> tuple[Outcome | None, Search]:
        """What a file gives if it is a candidate, and what was met on the way. Raises ConfigError."""
        search = Search(roots=self._roots)
        try:
            found = read_candidate(file.name, search)
        except Exception as error:
            if debugging():
                raise
            search.unreadable.append(f"{file.name}: {internal_error('the search', error)}")
            return None, search
        return (self.candidate(found, file.settings) if found is not None else None), search

    def candidate(self, candidate: Candidate, settings: Settings) -> Outcome:
        """What a candidate gives. Raises ConfigError."""
        checker = self._checkers.get(id(settings))
        if self._scripts is None:
            from hpolint.scripts import Scripts

            self._scripts = Scripts(self._roots, self._texts)
        if checker is None:
            from hpolint.outcome import Checker
            from hpolint.registry.choosing import chosen_rules

            checker = Checker(chosen_rules(settings), settings, self._baseline, self._scripts)
            self._checkers[id(settings)] = checker
        return checker.outcome(candidate)
