"""Texts in XML 1.0, which has no place for most control characters."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from hpolint.io.escaping import visible

OUTSIDE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def attribute(text: str) -> str:
    """A text as an attribute's value, with its quotes."""
    return quoteattr(OUTSIDE.sub("�", visible(text)))


def content(text: str) -> str:
    """A text between two tags."""
    return escape(OUTSIDE.sub("�", visible(text)))
