"""Searches with regular expressions in texts of which only parts are known."""

from __future__ import annotations

from collections.abc import Sequence

from hpolint.facts.regex import MAX_REPEATS, Regex, UnsupportedRegexError
from hpolint.lazy_regex import lazy_regex

NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
"""The characters of the names that the service accepts."""

OTHER_MEANING = lazy_regex(r"[^ -~]|\{,|\\[zZCQE]")
"""What RE2 and Python's parser read in different ways, or what a pattern of ASCII characters does not have."""

REPETITION = lazy_regex(r"\{(\d+)(?:,(\d*))?\}")
"""A number of repetitions; the automaton counts few."""

PLAIN = lazy_regex(r"[ -~]*\Z")

MAX_PATTERN_CHARACTERS, MAX_TEXT_CHARACTERS = 500, 500
"""Longer patterns and texts are left undecided. The service accepts names of 32 characters."""


def result_in_all_texts(pattern: str, pieces: Sequence[str | None], characters: str) -> bool | None:
    """Whether an RE2 pattern matches a part of each text with these known pieces (True), or of none (False).

    An unknown piece, which is None, is any number of ``characters``. The result is None if the texts differ, or if the
    pattern has a part that is not supported.
    """
    known = [piece for piece in pieces if piece is not None]
    if len(pattern) > MAX_PATTERN_CHARACTERS or sum(map(len, known)) > MAX_TEXT_CHARACTERS:
        return None
    if OTHER_MEANING.search(pattern) or _is_counted_far(pattern) or not all(map(PLAIN.match, known)):
        return None
    try:
        expression = Regex(pattern)
        if not expression.is_exact:
            return None
        results = expression.search_results(pieces, characters)
    except UnsupportedRegexError:
        return None
    return results.pop() if len(results) == 1 else None


def _is_counted_far(pattern: str) -> bool:
    """Whether a part of the pattern is repeated more often than the automaton counts."""
    for repetition in REPETITION.findall(pattern):
        if any(int(count[:9]) > MAX_REPEATS for count in repetition if count):
            return True
    return False
