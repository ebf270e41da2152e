"""Whether a file may define a job, told from its bytes alone: all others are never parsed."""

from __future__ import annotations

import codecs
import re

from hpolint.model.forms import BYTE_PATTERNS

COMMON_PATTERN = (b"hyperparameter", b"maxparalleltrainingjobs")
"""Of these each needle has one: nearly all files are done with after two searches."""

OVERLAP = 256
"""More bytes than a needle has: what is read in pieces is searched with so many of the piece before."""

REFERENCE = b"DefinitionUri"
"""Where a SAM template names the file that holds its state machine's definition."""

REFERENCED = re.compile(
    rb"""DefinitionUri\b["']?\s*+:\s*+(?:"([^"\n]+)"|'([^'\n]+)'|([^\s"',}#]+))""",
)

WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # UTF-32's little-endian mark begins with UTF-16's


def names_definition_bytes(data: bytes) -> bool:
    """Whether the bytes name a definition, ignoring case and ``_``."""
    if data.startswith(WIDE_MARKS) or data.startswith(codecs.BOM_UTF32_BE):
        data = data.replace(b"\0", b"")  # ASCII in UTF-16 or UTF-32, whichever end comes first
    squeezed = data.replace(b"_", b"").lower()
    return any(part in squeezed for part in COMMON_PATTERN) and any(needle in squeezed for needle in BYTE_PATTERNS)


def names_beside(name: str, data: bytes) -> list[str]:
    """The local files that a template names as definitions, as it names them."""
    if name.lower().endswith((".py", ".ipynb")) or REFERENCE not in data:
        return []
    found = dict.fromkeys(b"".join(uri).decode("utf-8", "replace") for uri in REFERENCED.findall(data))
    return [uri for uri in found if "://" not in uri]
