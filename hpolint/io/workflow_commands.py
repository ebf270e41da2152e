"""Text of checked files that GitHub Actions would take for a command to itself.

In a step's log, a line that starts with ``::``, also behind blanks, is a command. So is ``##[…]`` anywhere in a line.
Sources: GitHub's documentation "Workflow commands for GitHub Actions", and the runner's ``ActionCommand.cs``.
"""

from __future__ import annotations

import os
import re

from hpolint.lazy_regex import lazy_regex

LINE_COMMAND = lazy_regex(r"^([^\S\n]*):(?=:)", re.MULTILINE)
INLINE_COMMAND = lazy_regex(r"##(?=\[)")
COMMAND = lazy_regex(r"^[^\S\n]*::|##\[", re.MULTILINE)


def is_read_by_actions() -> bool:
    """Whether the output is the log of a step of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def without_commands(text: str) -> str:
    """A text in which no line is a command: a blank separates the characters that would start one."""
    if "::" in text:
        text = LINE_COMMAND.sub(r"\1: ", text)
    return INLINE_COMMAND.sub("## ", text) if "##[" in text else text


def json_without_commands(document: str) -> str:
    """A JSON document in which no line is a command. Its values stay the same."""
    return document.replace("##[", "##\\u005b")


def xml_without_commands(document: str) -> str:
    """An XML document in which no line is a command. Its values stay the same."""
    return LINE_COMMAND.sub(r"\1&#58;", document).replace("##[", "##&#91;")


def patch_without_commands(patch: str) -> str:
    """A patch that can be applied, and that GitHub Actions does not search for commands.

    A patch keeps the characters of a file. Tools that apply it skip the lines before and after it.
    """
    if COMMAND.search(patch) is None:
        return patch
    token = os.urandom(16).hex()
    return f"::stop-commands::{token}\n{patch}::{token}::\n"
