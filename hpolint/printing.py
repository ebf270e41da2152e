"""Text that is safe to print."""

from __future__ import annotations

from typing import TextIO


def on_terminal(stream: TextIO | None) -> bool:
    """Whether a person reads the stream; one that was closed is None."""
    return stream is not None and stream.isatty()


def visible(text: str) -> str:
    """The text without what would move the cursor or change the terminal."""
    return "".join(" " if c == "\t" else c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
