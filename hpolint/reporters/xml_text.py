"""Texts for XML 1.0, which cannot contain most control characters."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from hpolint.io.escaping import visible
from hpolint.lazy_regex import lazy_regex

INVALID = lazy_regex("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def attribute(text: str) -> str:
    """A text as a quoted attribute value."""
    return quoteattr(INVALID.sub("�", visible(text)))


def content(text: str) -> str:
    """A text as the content of an element."""
    return escape(INVALID.sub("�", visible(text)))
