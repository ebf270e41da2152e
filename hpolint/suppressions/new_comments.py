"""A comment that suppresses a finding: where it can be written, so that it is a comment and covers the finding."""

from __future__ import annotations

import msgspec

from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import language_of
from hpolint.model.source import Source
from hpolint.suppressions.extents import Extents
from hpolint.suppressions.ignore_comments import comments, lines_for_comments

LONE_RETURN = lazy_regex(r"\r(?!\n)")
"""A line end for editors and for Python, but not for the lines of a ``Source``."""

CELL_MAGIC = lazy_regex(r"\s*%%")


class NewComment(msgspec.Struct, frozen=True):
    """A line to insert at an offset, above the line with a number."""

    start: int
    text: str
    line: int

    def applied(self, text: str) -> str:
        """A text with the comment."""
        return text[: self.start] + self.text + text[self.start :]


def new_comment(source: Source, line: int, rule: str) -> NewComment | None:
    """The comment that covers a line: above it, or above the text of several lines that the line is part of.

    None if there is no such place.
    """
    if LONE_RETURN.search(source.text):
        return None
    above = _line_below_comment(source, line)
    if above is None:
        return None
    content = source.line(above)
    indent = content[: len(content) - len(content.lstrip(" \t"))]
    start = source.offset(above, 1)
    ending = "\r\n" if source.text.startswith("\r\n", start + len(content)) else "\n"
    made = NewComment(start, f"{indent}# hpolint: ignore[{rule}]{ending}", above)
    return made if _covers(made, source, line) else None


def _line_below_comment(source: Source, line: int) -> int | None:
    """The nearest line above which a comment may be written, and whose entry or statement reaches a line."""
    free = lines_for_comments(source)
    if language_of(source.name).name == "notebooks" and CELL_MAGIC.match(source.text):
        free.discard(1)  # the magic must stay the first line
    extents = Extents(source)
    for above in range(line, 0, -1):
        content = source.line(above).strip()
        is_code = bool(content) and not content.startswith(("#", "//"))
        if is_code and above in free and extents.last_line(above) >= line:
            return above
    return None


def _covers(made: NewComment, source: Source, line: int) -> bool:
    """Whether the text with a comment has it as one, and the comment covers what was in a line."""
    changed = Source(source.name, made.applied(source.text))
    comment = next((comment for comment in comments(changed) if comment.span.line == made.line), None)
    if comment is None or not comment.is_alone:
        return False
    first, last = Extents(changed).lines(comment)
    return first <= line + 1 <= last
