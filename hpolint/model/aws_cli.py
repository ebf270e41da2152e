"""What starts a tuning job in the text of a shell: the AWS CLI's command, a call in a program, a signed request."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator

START = re.compile(
    r"create-hyper-parameter-tuning-job\b|\.create_hyper_parameter_tuning_job(?=\s*\()|SageMaker\.CreateHyperParameterTuningJob\b"
)

DEFINITION = re.compile(
    r"""--(?:cli-input-(?:json|yaml)|hyper-parameter-tuning-job-config|training-job-definitions?)[\s=\\]+["']?(\S*)"""
)
"""An option that takes a definition, with the beginning of its value."""

FILE = re.compile(r"file://(?!/)[^$`{}?*]+")
"""The value of an option that names a file of the repository: a relative path without a variable."""

TOKEN = re.compile(
    r"""\\.|'[^'\n]*'|"(?:[^"\\\n]|\\.)*"|(?P<comment>(?<![^\s;&|])\#[^\n]*)|(?P<end>\n|;|&&|\|)""", re.DOTALL
)
"""In a shell's text: escapes and quoted text, to skip; comments; and what ends a command."""

STARTS_NOTHING = re.compile(r"[\s\\]+(?:help\b|[^\n;|&]*--generate-cli-skeleton)")
"""Options of a command that prints a help text or an empty definition."""


def unread_launches(text: str) -> Iterator[tuple[int, int]]:
    """The start and end of the operation's name in each command, except those whose definitions are all files."""
    found = list(START.finditer(text))
    comments = comments_of(text) if found else []
    for number, match in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        options = _to_end_of_command(text[match.end() : end])
        if is_in(comments, match.start()):
            continue
        if not STARTS_NOTHING.match(options) and not _starts_files(options):
            yield match.span()


def comments_of(text: str) -> list[tuple[int, int]]:
    """The start and end of each comment that begins with ``#``, in order: a ``#`` in quotes begins none."""
    return [token.span() for token in TOKEN.finditer(text) if token["comment"]] if "#" in text else []


def is_in(spans: list[tuple[int, int]], at: int) -> bool:
    """Whether an offset is in one of some spans, which are in order and do not overlap."""
    number = bisect.bisect_right(spans, at, key=lambda span: span[0]) - 1
    return number >= 0 and at < spans[number][1]


def _to_end_of_command(text: str) -> str:
    """The text of a command's options: up to the end of the command, without comments."""
    end = next((token for token in TOKEN.finditer(text) if token["comment"] or token["end"]), None)
    return text if end is None else text[: end.start()]


def _starts_files(options: str) -> bool:
    values = DEFINITION.findall(options)
    return bool(values) and all(FILE.fullmatch(value.rstrip("\"'")) for value in values)
