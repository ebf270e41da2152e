"""What launches a tuning job in a text, whatever its syntax: commands of the AWS CLI, calls, names of members."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator

import msgspec

from hpolint.lazy_regex import lazy_regex

START = lazy_regex(
    r"create-hyper-parameter-tuning-job\b|\.create_hyper_parameter_tuning_job(?=\s*\()|SageMaker\.CreateHyperParameterTuningJob\b"
)

MARKS = lazy_regex(
    r"(?<![A-Za-z_])[hH]yperParameterTuningJobConfig(?![A-Za-z_])"
    r"|:::(?:aws-sdk:)?sagemaker:createHyperParameterTuningJob\b|(?<![\w:*])createHyperParameterTuningJob(?:Command)?\b"
    r"|\bHyperparameterTuner\s*\(|\bSageMakerTuningOperator\s*\(|\.create_hyper_parameter_tuning_job\b"
    r"|(?<![\w\"])[\"']?kind[\"']?\s*[:=]\s*[\"']?HyperParameterTuningJob\b(?!\s*\()"
)
"""Names of a request's member, of an integration of the service, and of constructors in embedded code.

``sagemaker:CreateHyperParameterTuningJob`` is an action of an IAM policy, and launches nothing.
"""

DEFINITION = lazy_regex(
    r"""--(?:cli-input-(?:json|yaml)|hyper-parameter-tuning-job-c\w*|training-job-def\w*)[\s=\\]+["']?(\S*)"""
)
"""An option that takes a definition, with the beginning of its value."""

FILE = lazy_regex(r"file://(?!/)[^$`{}?*]+\.(?:json|ya?ml)")
"""The value of an option that names a file which hpolint reads: a relative path without a variable."""

OPTION = lazy_regex(
    r"""--([a-z-]+)(?:[\s=]|\\\n)+(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'-][^\s"']*))"""
)
"""An option of a command with its value."""

COMPUTED = lazy_regex(r"[$`*]")
"""What a shell, or make, replaces in a value."""

MAX_FILES = 100
"""Files of one text that are looked for in its other commands; a command with a further one counts as not read."""

SHOWN = lazy_regex(r"(?:\A|[;&|])[ \t@-]*(?:echo|printf)\b[^|;&]*\Z")
"""The beginning of a line, up to an offset, with a command that only prints what follows."""

MAX_SHOWN_CHARACTERS = 1000
"""Characters before an offset in which such a command is searched."""

TOKEN = lazy_regex(
    r"""\\.|'[^'\n]*'|"(?:[^"\\\n]|\\.)*"|(?P<comment>(?<![^\s;&|])\#[^\n]*)|(?P<end>\n|;|&&|\|)""", re.DOTALL
)
"""In a shell's text: escapes and quoted text, to skip; comments; and what ends a command."""

STARTS_NOTHING = lazy_regex(r"[\s\\]+(?:help\b|[^\n;|&]*--generate-cli-skeleton)")
"""Options of a command that prints a help text or an empty definition."""


def unread_launches(text: str, is_missing: Callable[[str], bool] | None = None) -> Iterator[tuple[int, int]]:
    """The start and end of the operation's name in each command, except those whose definitions are all files.

    ``is_missing`` tells of the path of such a file whether it is not there. Without it, all are.
    """
    found = list(START.finditer(text))
    comments = comments_of(text) if found else []
    written: dict[str, bool] = {}
    for number, match in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        options = _to_end_of_command(text[match.end() : end])
        if is_in(comments, match.start()) or _is_shown(text, match.start()):
            continue
        if not STARTS_NOTHING.match(options) and not _starts_files(options, text, written, is_missing):
            yield match.span()


class Option(msgspec.Struct, frozen=True):
    """The value of an option of a command, with its start and end in the text."""

    value: str
    start: int
    end: int

    @property
    def is_computed(self) -> bool:
        """Whether the shell replaces a part of it."""
        return COMPUTED.search(self.value) is not None

    @property
    def file(self) -> str | None:
        """The path of the file that has the value; None if the value itself is written."""
        return self.value.removeprefix("file://") if FILE.fullmatch(self.value) else None


class Command(msgspec.Struct, frozen=True):
    """A command that starts a job, with the start and end of the operation's name.

    ``has_more``: a variable may add further options.
    """

    start: int
    end: int
    options: dict[str, Option]
    has_more: bool


def commands_of_files(text: str) -> Iterator[Command]:
    """The commands of the AWS CLI whose definition stands in several files."""
    found = [match for match in START.finditer(text) if match[0].startswith("create-")]
    comments = comments_of(text) if found else []
    written: dict[str, bool] = {}
    for number, match in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        options = _to_end_of_command(text[match.end() : end])
        if is_in(comments, match.start()) or _is_shown(text, match.start()) or len(DEFINITION.findall(options)) < 2:
            continue
        if _starts_files(options, text, written):
            has_more = COMPUTED.search(OPTION.sub("", options)) is not None
            yield Command(match.start(), match.end(), dict(_options(options, match.end())), has_more)


def _options(text: str, offset: int) -> Iterator[tuple[str, Option]]:
    """The options in the text of a command that begins at an offset, by their names."""
    for match in OPTION.finditer(text):
        kind = match.lastgroup or "bare"
        yield match[1], Option(match[kind], offset + match.start(kind), offset + match.end(kind))


def comments_of(text: str) -> list[tuple[int, int]]:
    """The start and end of each comment that begins with ``#``, in order: a ``#`` in quotes begins none."""
    return [token.span() for token in TOKEN.finditer(text) if token["comment"]] if "#" in text else []


def is_in(spans: list[tuple[int, int]], at: int) -> bool:
    """Whether an offset is in one of some spans, which are in order and do not overlap."""
    number = bisect.bisect_right(spans, at, key=lambda span: span[0]) - 1
    return number >= 0 and at < spans[number][1]


def _is_shown(text: str, at: int) -> bool:
    """Whether what begins at an offset is only printed by the command before it."""
    start = max(text.rfind("\n", 0, at) + 1, at - MAX_SHOWN_CHARACTERS)
    return SHOWN.search(text[start:at]) is not None


def _to_end_of_command(text: str) -> str:
    """The text of a command's options: up to the end of the command, without comments."""
    end = next((token for token in TOKEN.finditer(text) if token["comment"] or token["end"]), None)
    return text if end is None else text[: end.start()]


def _starts_files(
    options: str, text: str, written: dict[str, bool], is_missing: Callable[[str], bool] | None = None
) -> bool:
    """Whether all definitions are files of the repository, and the text does not name them in another command.

    ``written`` keeps for each file whether it may be written elsewhere, or is missing.
    """
    values = [value.rstrip("\"'") for value in DEFINITION.findall(options)]
    for value in values:
        if FILE.fullmatch(value) and value not in written:
            is_unknown = len(written) >= MAX_FILES or _is_written(value, text)
            written[value] = is_unknown or (is_missing is not None and is_missing(value.removeprefix("file://")))
    return bool(values) and not any(written.get(value, True) for value in values)


def _is_written(value: str, text: str) -> bool:
    """Whether a text names a file also without ``file://``: it may write or change it."""
    name = re.escape(value.removeprefix("file://").rpartition("/")[2])
    return re.search(rf"(?<![\w.-])(?<!//){name}(?![\w.-])", text.replace(value, "")) is not None


def marked(text: str, *, has_comments: bool = True) -> Iterator[tuple[int, int]]:
    """The start and end of names in a text that may launch a job, except in comments that begin with ``#``."""
    yield from unread_launches(text)
    found = [match.span() for match in MARKS.finditer(text)]
    comments = comments_of(text) if found and has_comments else []
    yield from (span for span in found if not is_in(comments, span[0]))


def may_launch(text: str) -> bool:
    """Whether a shell's text has a name that may launch a job."""
    return any(True for _ in marked(text))
