"""Texts that no reader reads: the calls in them that launch a tuning job.

A call is recognised by its name, in any language. ``sagemaker:CreateHyperParameterTuningJob`` is an action of an IAM
policy, and launches nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from hpolint.io import disk
from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import MEGABYTE
from hpolint.model.launch_texts import is_in, unread_launches

MAX_BYTES = MEGABYTE
"""Largest file that is searched, in bytes: a larger one is data, or generated."""

QUOTED = (
    *(".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".php", ".dart"),
    *(".groovy", ".gradle", "jenkinsfile"),
)
"""Endings of languages whose comments begin with ``//``, and whose texts may stand between ``'``."""

SLASHED = (
    *QUOTED,
    *(".go", ".java", ".kt", ".kts", ".scala", ".cs", ".fs", ".c", ".cc", ".cpp", ".h", ".hpp", ".rs", ".swift"),
)
"""Endings of languages whose comments begin with ``//``, and where ``#`` begins none."""

NO_COMMENTS = (".clj", ".cljs", ".cljc", ".lua", ".hs", ".sql", ".vb", ".html", ".erl", ".ml", ".lisp", ".el")
"""Endings of further languages where ``#`` begins no comment. Theirs are not known."""

RUBY = (".rb", ".rake", ".ru", ".erb", "rakefile")
POWERSHELL = (".ps1", ".psm1")
CALL_BYTES = (
    *(b"yperParameterTuningJob", b"yper_parameter_tuning_job"),
    *(b"yper-parameter-tuning-job", b"yperparameterTuner"),
)
"""Each call contains one of these, so that four searches settle nearly all files."""

_NAME = r"[cC]reateHyperParameterTuningJob"
_COMMAND = r"CreateHyperParameterTuningJobCommand"
_QUOTED = r"[\"'`]createHyperParameterTuningJob[\"'`]"
CALL = lazy_regex(
    rf"(?:\.|->|::|\$)\s*(?P<method>{_NAME}(?:Async|WithContext|Callable)?)"
    r"(?=\s*(?:\?\.\s*)?[({]|\s*\.\s*(?:call|apply|bind)\()"
    r"|(?<![mM]odel)\.(?P<request>CreateHyperParameterTuningJobRequest)(?=\()"
    rf"|\bpromisify\(\s*(?:\w+\.){{1,9}}(?P<promised>{_NAME})\b"
    r"|(?:\.|->|::|\$)\s*(?P<function>create_hyper_parameter_tuning_job)(?=\s*\()"
    r"|\.(?P<bare>create_hyper_parameter_tuning_job)"
    r"(?=[ \t]+(?:\w+:[ \t]|:\w+[ \t]*=>|\*\*?\w|@?\w+[ \t]*(?:\n|\Z)))"
    rf"|(?<!\w)(?P<command>{_COMMAND})(?=\s*\()"
    rf"|(?<!\w)(?P<renamed>{_COMMAND})(?=\s+as\s+\w|\s*:\s*\w[^{{}};]{{0,1000}}\}}\s*=)"
    r"|(?<!\w)(?<!class )(?P<constructor>HyperparameterTuner)(?=\s*\()"
    r"|(?<![\w-])(?P<cmdlet>(?i:New-SMHyperParameterTuningJob))(?![\w-])"
    rf"|\baction[\"']?\s*[:=]\s*(?P<action>{_QUOTED})"
    rf"|\[(?P<member>{_QUOTED})(?=\]\s*\()"
    rf"|\bmake(?:Unauthenticated)?Request\(\s*(?P<named>{_QUOTED})"
    r"|:op[\s,]+(?P<op>:CreateHyperParameterTuningJob)\b"
    r"|(?P<integration>:::(?:aws-sdk:)?sagemaker:createHyperParameterTuningJob)\b"
)
"""Calls of AWS's SDKs, of the SageMaker SDK, and of Step Functions and the CDK, which name the operation as a text.

An import of a command under another name counts as its call.
"""

AS_TEXT = ("action", "member", "named", "integration")
"""Groups whose name is a text itself; another name in a text is a message."""

CLI_BEFORE = lazy_regex(r"sagemaker[\"',\s\\]+\Z")
"""What stands before the operation in a command of the AWS CLI, also in a list of words."""

CLI_CHARACTERS = 100
"""Characters before the operation in which it is searched."""

BETWEEN_WORDS = lazy_regex(r"[\"']\s*(?:,\s*[\"']|\])")
"""What separates the words of a command that is written as a list, and ends it."""

CHANGE_OF_FOLDER = lazy_regex(r"(?<![\w.-])(?:cd|pushd)\s|(?<!\w)(?:-C\b|--directory\b)")
"""What makes a relative path that of a file in another folder, in a shell's text and for make."""

_DOUBLE_QUOTED = r"\"(?:\\.|[^\"\\\n])*\""
_QUOTED_TEXT = rf"{_DOUBLE_QUOTED}|(?<!\w)'(?:\\.|[^'\\\n])*'"
_QUOTED_CHARACTER = rf"{_DOUBLE_QUOTED}|'(?:\\[^'\n]+|[^'\\\n])'"
_LONG_TEXT = r"\"\"\".*?\"\"\"|`(?:\\.|[^`\\])*`?"
_REGEX = r"(?<=[=(,:\[!&|?{};])[ \t]*+/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n]){0,200}\]|[^/\\\n\[]){1,1000}/"
_SLASH_COMMENT = r"(?P<comment>(?<!\S)(?:/\*(?:[^*/]|\*(?!/)|/(?!\*))*+\*/|//[^\n]*))"
"""A comment of several lines ends, and holds no beginning of another one: else it may be something else."""

NO_TOKEN = lazy_regex(r"(?!)(?P<text>)(?P<comment>)")
HASH_TOKEN = lazy_regex(rf"(?P<text>{_DOUBLE_QUOTED}|'(?:\\.|[^'\\\n])*')|(?P<comment>(?<!\S)#[^\n]*)", re.DOTALL)
POWERSHELL_TOKEN = lazy_regex(
    r"(?P<text>\"[^\"\n]*\"|'[^'\n]*')|(?P<comment>(?<!\S)(?:#[^\n]*|<#(?:[^#<]|#(?!>)|<(?!#))*+#>))"
)
QUOTED_TOKEN = lazy_regex(rf"{_LONG_TEXT}|(?P<text>{_QUOTED_TEXT})|{_REGEX}|{_SLASH_COMMENT}", re.DOTALL)
SLASH_TOKEN = lazy_regex(rf"{_LONG_TEXT}|(?P<text>{_QUOTED_CHARACTER})|{_SLASH_COMMENT}", re.DOTALL)
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
    comments, messages = _skipped(name.lower(), text)
    spans = {*_calls(name, text, messages), *_commands(name, text)}
    launches = sorted(span for span in spans if not is_in(comments, span[0]))
    if is_slashed:
        return [span for span in launches if not _is_minified(text, span[0])]
    return launches


def _skipped(name: str, text: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The start and end of each comment, and of each text that may be a message."""
    tokens = list(_token_regex(name).finditer(text))
    comments = [token.span() for token in tokens if token["comment"]]
    messages = [token.span() for token in tokens if token["text"]]
    return comments, messages if name.endswith(SLASHED) else []


def _token_regex(name: str) -> re.Pattern[str]:
    """The texts and comments of the language of a file, by its name in small letters."""
    if name.endswith(QUOTED):
        return QUOTED_TOKEN
    if name.endswith(SLASHED):
        return SLASH_TOKEN
    if name.endswith(POWERSHELL):
        return POWERSHELL_TOKEN
    return NO_TOKEN if name.endswith(NO_COMMENTS) else HASH_TOKEN


def _calls(name: str, text: str, messages: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for match in CALL.finditer(text):
        kind = match.lastgroup or ""
        if kind not in AS_TEXT and is_in(messages, match.start(kind)):
            continue
        if kind == "bare" and not _is_ruby(name, text):
            continue
        if kind != "constructor" or "sagemaker" in text.lower():  # others have a class of that name, too
            yield match.span(kind)


def _is_ruby(name: str, text: str) -> bool:
    """Whether a program is in Ruby, by its name or its first line: there, a call needs no parentheses."""
    first_line = text.partition("\n")[0]
    return name.lower().endswith(RUBY) or (first_line.startswith("#!") and "ruby" in first_line)


def _commands(name: str, text: str) -> Iterator[tuple[int, int]]:
    words = BETWEEN_WORDS.sub(lambda separator: " " * len(separator[0]), text)
    for start, end in unread_launches(words, lambda file: _is_missing(name, file)):
        if CLI_BEFORE.search(words, max(start - CLI_CHARACTERS, 0), start) and not words.startswith("-", end):
            yield start, end


def unread_launches_of_script(name: str, text: str) -> Iterator[tuple[int, int]]:
    """The start and end of the operation's name in each command of a shell script whose definition is not read.

    A definition in a file is read if the file is in the script's folder or above it, or may be in another one.
    """
    if CHANGE_OF_FOLDER.search(text) is not None:
        return unread_launches(text)
    return unread_launches(text, lambda file: _is_missing(name, file))


def _is_missing(name: str, file: str) -> bool:
    """Whether no file has a path relative to the folder of a source or to one above it, in its repository."""
    folder = disk.real(posixpath.dirname(name) or ".")
    while not disk.is_file(posixpath.join(folder, file)):
        above = posixpath.dirname(folder)
        if above == folder or disk.exists(posixpath.join(folder, ".git")):
            return True
        folder = above
    return False


def _is_minified(text: str, at: int) -> bool:
    """Whether the line around an offset is longer than people write one."""
    start, end = text.rfind("\n", 0, at), text.find("\n", at)
    length = (end if end >= 0 else len(text)) - start
    return length > MAX_LINE_CHARACTERS
