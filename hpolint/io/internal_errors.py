"""Internal errors: their messages, and the switch that re-raises them."""

from __future__ import annotations

import os

REPORT_REQUEST = (
    "please report it with the file at https://github.com/hpolint/hpolint/issues (HPOLINT_DEBUG=1 shows where)"
)
MAX_ERROR_CHARACTERS = 200
"""Longest text of an error in a message, in characters."""


def debugging() -> bool:
    """Whether HPOLINT_DEBUG is set, so that internal errors are re-raised with their traceback."""
    return "HPOLINT_DEBUG" in os.environ


def internal_error(where: str, error: BaseException) -> str:
    """The message for an exception in a part of hpolint, with a request to report it."""
    return internal_error_text(where, described(error))


def internal_error_text(where: str, what: str) -> str:
    """The message for an internal error that is not an exception."""
    return f"internal error in {where}: {what}; {REPORT_REQUEST}"


def described(error: BaseException) -> str:
    """An exception's type and message, shortened."""
    return shortened(f"{type(error).__name__}: {error}")


def shortened(text: str) -> str:
    """A text cut to ``MAX_ERROR_CHARACTERS`` with an ellipsis."""
    return text if len(text) <= MAX_ERROR_CHARACTERS else f"{text[: MAX_ERROR_CHARACTERS - 1]}…"
