"""The program that a Dockerfile gives to its image.

Source: https://docs.docker.com/reference/dockerfile/#entrypoint.
"""

from __future__ import annotations

import json

from hpolint.lazy_regex import lazy_regex

CONTINUED_LINE = lazy_regex(r"\\[ \t]*\n(?:[ \t]*#.*\n)*")
"""The end of a line that goes on in the next line that is no comment."""


def entry_point(text: str) -> list[str] | None:
    """The command of the last stage's ``ENTRYPOINT``.

    None if the stage has none of its own, or one that a shell runs.
    """
    command = None
    for line in CONTINUED_LINE.sub(" ", text.replace("\r\n", "\n")).split("\n"):
        instruction, *arguments = line.split(maxsplit=1)[:2] or [""]
        if instruction.upper() == "FROM":
            command = None
        elif instruction.upper() == "ENTRYPOINT":
            command = _listed(arguments)
    return command


def _listed(arguments: list[str]) -> list[str] | None:
    """The words of an instruction that is written as a list in JSON."""
    try:
        words = json.loads("".join(arguments))
    except (ValueError, RecursionError):
        return None
    is_command = isinstance(words, list) and all(isinstance(word, str) for word in words)
    return words if is_command else None
