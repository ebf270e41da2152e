"""Suppressions: ignore comments and their parser. Configuration entries share the type."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import Span
from hpolint.model.stored import Stored

MARK = "hpolint:"
FORM = lazy_regex(r"hpolint:[ \t]*(?P<verb>[\w-]*)[ \t]*(?:\[(?P<names>[^\]\n]*)\])?(?P<rest>[^\n]*)")
UNTIL = lazy_regex(r"\buntil(?:[ \t]*=[ \t]*(?P<date>[\w.:/-]*)|[ \t:]+(?P<plain>\d{4}-[\w.:/-]*))")
"""The last day. After an equals sign, any text counts as a date; without it, only text that begins like one."""
NAME = lazy_regex(r"[ \t]*[a-z]+[-/][a-z-]+")
EXAMPLE = "# hpolint: ignore[CATEGORY/RULE] the reason"


class Suppression(Stored, frozen=True):
    """A suppression of the findings of some rules, with its reason.

    ``names`` are rules as written, ``until`` is the last day on which it applies, ``span`` its place. ``problem`` is
    what is wrong with a malformed suppression, which has no effect.
    """

    names: tuple[str, ...]
    reason: str
    until: date | None
    span: Span
    problem: str | None = None


def read_suppression(text: str, span: Span) -> Suppression | None:
    """The suppression in a comment; None for a comment of another kind."""
    found = FORM.search(text.removesuffix("*/") if text.startswith("/*") else text)
    if found is None:
        return None
    names = tuple(name.strip() for name in (found["names"] or "").split(",") if name.strip())
    rest, until, problem = found["rest"], None, None
    last_day = UNTIL.search(rest)
    if last_day is not None:
        rest = rest[: last_day.start()] + rest[last_day.end() :]
        until, problem = read_date(last_day["date"] if last_day["plain"] is None else last_day["plain"])
    if found["verb"] != "ignore":
        problem = f"`{found['verb']}` is not a directive; write `{EXAMPLE}`"
    elif not names:
        is_unbracketed = found["names"] is None and NAME.match(rest)
        reason = "rule names must be in brackets" if is_unbracketed else "it names no rule"
        problem = f"{reason}; write `{EXAMPLE}`"
    elif any(" " in name for name in names):
        problem = f"rule names must be separated by commas; write `{EXAMPLE.replace('RULE', 'RULE, RULE')}`"
    return Suppression(names, " ".join(rest.split()).strip(" ,;:—–-"), until, span, problem)


def read_date(text: str) -> tuple[date | None, str | None]:
    """The date, or None and the problem."""
    try:
        return date.fromisoformat(text), None
    except ValueError:
        return None, f"`{text}` is not a date; write until=2027-01-31"


def today() -> date:
    """Today's date in UTC, so that suppressions and waivers expire at the same time everywhere."""
    return datetime.now(UTC).date()
