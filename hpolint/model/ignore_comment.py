"""What a source, or a configuration, asks not to be told."""

from __future__ import annotations

import re
from datetime import date

from hpolint.model.source import Span
from hpolint.model.stored import Stored

MARK = "hpolint:"
FORM = re.compile(r"hpolint:[ \t]*(?P<verb>[\w-]*)[ \t]*(?:\[(?P<names>[^\]\n]*)\])?(?P<rest>[^\n]*)")
UNTIL = re.compile(r"\buntil(?:[ \t]*=[ \t]*(?P<date>[\w.:/-]*)|[ \t:]+(?P<plain>\d{4}-[\w.:/-]*))")
"""The last day: with an equals sign whatever stands there is meant for one, without it what begins like one."""
NAME = re.compile(r"[ \t]*[a-z]+[-/][a-z-]+")
EXAMPLE = "# hpolint: ignore[CATEGORY/RULE] the reason"


class Suppression(Stored, frozen=True):
    """The findings of some rules that are not to be told, and why.

    ``names`` are rules, as they were written; ``until`` is the last day on which it holds. ``span`` is its place.
    ``problem`` says why it does nothing, where it is not written as one.
    """

    names: tuple[str, ...]
    reason: str
    until: date | None
    span: Span
    problem: str | None = None


def read_suppression(text: str, span: Span) -> Suppression | None:
    """The suppression that a comment holds; None for a comment of another kind."""
    found = FORM.search(text.removesuffix("*/") if text.startswith("/*") else text)
    if found is None:
        return None
    names = tuple(name.strip() for name in (found["names"] or "").split(",") if name.strip())
    rest, until, problem = found["rest"], None, None
    said = UNTIL.search(rest)
    if said is not None:
        rest = rest[: said.start()] + rest[said.end() :]
        until, problem = read_date(said["date"] if said["plain"] is None else said["plain"])
    if found["verb"] != "ignore":
        problem = f"`{found['verb']}` is not known here: `{EXAMPLE}`"
    elif not names:
        unbracketed = found["names"] is None and NAME.match(rest)
        problem = (
            f"the rules' names stand in brackets: `{EXAMPLE}`" if unbracketed else f"it names no rule: `{EXAMPLE}`"
        )
    elif any(" " in name for name in names):
        problem = f"between the rules' names stand commas: `{EXAMPLE.replace('RULE', 'RULE, RULE')}`"
    return Suppression(names, " ".join(rest.split()).strip(" ,;:—–-"), until, span, problem)


def read_date(text: str) -> tuple[date | None, str | None]:
    """A day, or what is wrong with it."""
    try:
        return date.fromisoformat(text), None
    except ValueError:
        return None, f"`{text}` is no date: until=2027-01-31"
