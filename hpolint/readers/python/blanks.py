"""Lines of an exercise that its reader is to complete: ``name = # TODO``. They do not parse, as their author knows.

A line has nothing after its last ``=``, and a comment stands there, or one right above says what to write.
"""

from __future__ import annotations

from hpolint.lazy_regex import lazy_regex

BLANK = lazy_regex(
    r"[ \t]*+(?P<name>[A-Za-z_][\w.]*+(?:[ \t]*+,[ \t]*+[\w.]++)*+)[ \t]*+=[ \t]*+,?[ \t]*+(?P<comment>#|\Z)"
)
"""An assignment, or an argument on a line of its own, without a value."""

COMMENT = lazy_regex(r"[ \t]*+#")
ASKS = lazy_regex(r"(?i)\bto-?do\b|\bfix-?me\b|\byour[ \t]++\w++|\bfill[ \t]++in\b|\bcomplete\b")
"""What a comment says that asks for a value."""

MAX_LINE_CHARACTERS = 2_000


def blank_at(lines: list[str], index: int) -> str | None:
    """The name whose value is left to the reader at a line that does not parse; None if the line is no such blank."""
    blank = BLANK.match(lines[index][:MAX_LINE_CHARACTERS].rstrip())
    if blank is None:
        return None
    if blank["comment"]:
        return blank["name"]
    above = index - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    if above < 0 or COMMENT.match(lines[above]) is None:
        return None
    return blank["name"] if ASKS.search(lines[above][:MAX_LINE_CHARACTERS]) else None


def blank_reason(name: str) -> str:
    """Why a line that lacks the value of a name does not parse."""
    return f"`{name}` has no value yet"
