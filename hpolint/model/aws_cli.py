"""The AWS CLI's command that starts a tuning job, in the text of a shell."""

from __future__ import annotations

import re
from collections.abc import Iterator

START = re.compile(r"create-hyper-parameter-tuning-job\b")

DEFINITION = re.compile(
    r"""--(?:cli-input-(?:json|yaml)|hyper-parameter-tuning-job-config|training-job-definitions?)[\s=\\]+["']?(\S*)"""
)
"""An option that takes a definition, with the beginning of its value."""

FILE = re.compile(r"file://[^$`{}?*]+")
"""The value of an option that names a file, without a variable in its path."""

COMMENT = re.compile(r"(?:^|\s)#")
STARTS_NOTHING = re.compile(r"[\s\\]+(?:help\b|[^\n;|&]*--generate-cli-skeleton)")
"""Options of a command that prints a help text or an empty definition."""


def unread_launches(text: str) -> Iterator[tuple[int, int]]:
    """The start and end of the operation's name in each command, except those whose definitions are all files."""
    found = list(START.finditer(text))
    for number, match in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        options = text[match.end() : end]
        if COMMENT.search(line) is None and not STARTS_NOTHING.match(options) and not _starts_files(options):
            yield match.span()


def _starts_files(options: str) -> bool:
    values = DEFINITION.findall(options)
    return bool(values) and all(FILE.fullmatch(value.rstrip("\"'")) for value in values)
