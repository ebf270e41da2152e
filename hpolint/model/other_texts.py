"""Texts that no reader reads: the calls in them that launch a tuning job.

A call is recognised by its name, in any language. ``sagemaker:CreateHyperParameterTuningJob`` is an action of an IAM
policy, and launches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import MEGABYTE
from hpolint.model.launch_texts import is_in, unread_launches

MAX_BYTES = MEGABYTE
"""Largest file that is searched, in bytes: a larger one is data, or generated."""

SLASHED = (
    *(".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".go", ".java", ".kt", ".kts", ".scala"),
    *(".groovy", ".gradle", ".cs", ".fs", ".c", ".cc", ".cpp", ".h", ".hpp", ".rs", ".swift", ".php", ".dart"),
)
"""Endings of languages whose comments begin with ``//``, and where ``#`` begins none."""

CALL_BYTES = (
    *(b"yperParameterTuningJob", b"yper_parameter_tuning_job"),
    *(b"yper-parameter-tuning-job", b"yperparameterTuner"),
)
"""Each call contains one of these, so that four searches settle nearly all files."""

CALL = lazy_regex(
    r"(?:\.|->|::|\$)\s*(?P<method>[cC]reateHyperParameterTuningJob(?:Async|WithContext)?)(?=\s*[({])"
    r"|(?:\.|->|::|\$)\s*(?P<function>create_hyper_parameter_tuning_job)(?=\s*\()"
    r"|(?<!\w)(?P<command>CreateHyperParameterTuningJobCommand)(?=\s*\()"
    r"|(?<!\w)(?<!class )(?P<constructor>HyperparameterTuner)(?=\s*\()"
    r"|\baction[\"']?\s*[:=]\s*(?P<action>[\"'`]createHyperParameterTuningJob[\"'`])"
    r"|\[(?P<member>[\"'`]createHyperParameterTuningJob[\"'`])(?=\]\s*\()"
    r"|(?P<integration>:::(?:aws-sdk:)?sagemaker:createHyperParameterTuningJob)\b"
)
"""Calls of AWS's SDKs, of the SageMaker SDK, and of Step Functions and the CDK, which name the operation as a text."""

AS_TEXT = ("action", "member", "integration")
"""Groups whose name is a text itself; another name in a text is a message."""

CLI_BEFORE = lazy_regex(r"sagemaker[\"',\s\\]+\Z")
"""What stands before the operation in a command of the AWS CLI, also in a list of words."""

CLI_CHARACTERS = 100
"""Characters before the operation in which it is searched."""

BETWEEN_WORDS = lazy_regex(r"[\"']\s*(?:,\s*[\"']|\])")
"""What separates the words of a command that is written as a list, and ends it."""

TEXTS = r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
HASH_TOKEN = lazy_regex(rf"(?P<text>{TEXTS})|(?P<comment>(?<!\S)(?:#|//)[^\n]*)", re.DOTALL)
SLASH_TOKEN = lazy_regex(
    rf"(?P<text>{TEXTS})|`(?:\\.|[^`\\])*`?|(?P<comment>(?<!\S)(?:/\*(?:.*?\*/|.*)|//[^\n]*))", re.DOTALL
)
"""Texts and comments of a program, by its ending."""

MAX_LINE_CHARACTERS = 2_000
"""Characters of a line of code; a program with a longer one around a call is minified."""


def may_call(data: bytes) -> bool:
    """Whether the bytes of a file may have a call that launches a tuning job. Binary files have NUL bytes."""
    return any(part in data for part in CALL_BYTES) and b"\0" not in data


def text_of(data: bytes) -> str:
    """The text of such a file, whatever its encoding: the names of calls are ASCII."""
    return data.decode("utf-8-sig", "replace")


def launches_of_other(name: str, text: str) -> list[tuple[int, int]]:
    """The start and end of the name in each call that launches a tuning job, except in comments and messages."""
    is_slashed = name.lower().endswith(SLASHED)
    comments, messages = _skipped(text, is_slashed=is_slashed)
    spans = {*_calls(text, messages), *_commands(text)}
    launches = sorted(span for span in spans if not is_in(comments, span[0]))
    if is_slashed:
        return [span for span in launches if not _is_minified(text, span[0])]
    return launches


def _skipped(text: str, *, is_slashed: bool) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The start and end of each comment, and of each text that may be a message."""
    token_regex = SLASH_TOKEN if is_slashed else HASH_TOKEN
    tokens = list(token_regex.finditer(text))
    comments = [token.span() for token in tokens if token["comment"]]
    messages = [token.span() for token in tokens if token["text"]]
    return comments, messages if is_slashed else []


def _calls(text: str, messages: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for match in CALL.finditer(text):
        kind = match.lastgroup or ""
        if kind not in AS_TEXT and is_in(messages, match.start(kind)):
            continue
        if kind != "constructor" or "sagemaker" in text.lower():  # others have a class of that name, too
            yield match.span(kind)


def _commands(text: str) -> Iterator[tuple[int, int]]:
    words = BETWEEN_WORDS.sub(lambda separator: " " * len(separator[0]), text)
    for start, end in unread_launches(words):
        if CLI_BEFORE.search(words, max(start - CLI_CHARACTERS, 0), start) and not words.startswith("-", end):
            yield start, end


def _is_minified(text: str, at: int) -> bool:
    """Whether the line around an offset is longer than people write one."""
    start, end = text.rfind("\n", 0, at), text.find("\n", at)
    length = (end if end >= 0 else len(text)) - start
    return length > MAX_LINE_CHARACTERS
