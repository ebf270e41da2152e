"""Mistakes of ours: what is told of one, and where it is let out instead."""

from __future__ import annotations

import os

REPORT_REQUEST = (
    "please report it with the file at https://github.com/hpolint/hpolint/issues (HPOLINT_DEBUG=1 shows where)"
)
MAX_ERROR_CHARACTERS = 200
"""Characters that are told of an error."""


def debugging() -> bool:
    """Whether an internal error is to end the run with its traceback."""
    return "HPOLINT_DEBUG" in os.environ


def internal_error(where: str, error: BaseException) -> str:
    """A mistake of ours, with the part of hpolint that made it, and what to do."""
    return internal_error_text(where, described(error))


def internal_error_text(where: str, what: str) -> str:
    """The same of a mistake that is no exception."""
    return f"internal error in {where}: {what}; {REPORT_REQUEST}"


def described(error: BaseException) -> str:
    """An error in few words."""
    return shortened(f"{type(error).__name__}: {error}")


def shortened(text: str) -> str:
    """A text that is told of an error, however long it is."""
    return text if len(text) <= MAX_ERROR_CHARACTERS else f"{text[: MAX_ERROR_CHARACTERS - 1]}…"
