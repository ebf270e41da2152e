"""Byte search that decides whether a file may define a job. Files without a match are never parsed."""

from __future__ import annotations

import codecs

from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import BYTE_PATTERNS

COMMON_PATTERNS = {
    b"yper": (
        *(b"hyperparametertun", b"hyperparameterranges", b"statichyperparameters"),
        b"hyper-parameter-tuning-job",
    ),
    b"tun": (
        *(b"sagemakertuningoperator", b".createtuningjob("),
        *(b"createtransferlearningtuner", b"createidenticaldatasetandalgorithmtuner"),
    ),
    b"arallel": (b"maxparalleltrainingjobs",),
}
"""Strings of which each byte pattern contains one, by a part of them, so that few searches settle nearly all files.

A file is first searched for the parts, as it is: no name in use has ``_`` within them. A long string is found faster
than a short one.
"""

ESCAPED = lazy_regex(rb"\\+(?:u00|x)([4-7][0-9a-fA-F])")
"""An ASCII letter that JSON, YAML or Python writes by its code, also within a string in a string."""

ESCAPE = lazy_regex(rb"\\(?:u00|x)[4-7]")
"""The beginning of an escaped letter."""

COMMAND = "create-hyper-parameter-tuning-job"

EVENT_WORDS = (b"eventversion", b"eventsource", b"eventname", b"eventjson", b"eventdata", b"requestparameters")
OPERATION = b"createhyperparametertuningjob"

OVERLAP_BYTES = 256
"""Bytes of the previous chunk that are searched again with the next one: more than the longest pattern has."""

REFERENCE = b"DefinitionUri"
"""The property by which a SAM template names the file with its state machine's definition."""

REFERENCED = lazy_regex(
    rb"""DefinitionUri\b["']?\s*+:\s*+(?:"([^"\n]+)"|'([^'\n]+)'|([^\s"',}#]+))""",
)

WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # UTF-32's little-endian mark begins with UTF-16's


def has_definition_pattern(data: bytes) -> bool:
    """Whether the bytes contain a definition's pattern, ignoring case and ``_``."""
    if data.startswith(WIDE_MARKS) or data.startswith(codecs.BOM_UTF32_BE):
        data = data.replace(b"\0", b"")  # leaves ASCII of UTF-16 or UTF-32, in either byte order
    lowered = data.lower()
    has_escapes = (b"\\u00" in lowered or b"\\x" in lowered) and ESCAPE.search(lowered) is not None
    if has_escapes:
        lowered = ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), lowered).lower()
    parts = [part for part in COMMON_PATTERNS if part in lowered]
    if not parts:
        return False
    squeezed = lowered.replace(b"_", b"")
    for part in parts:
        if any(common in squeezed for common in COMMON_PATTERNS[part]):
            return any(pattern in squeezed for pattern in BYTE_PATTERNS)
    return False


def may_hold_events(start: bytes) -> bool:
    """Whether the first bytes of a log or table have a word that CloudTrail's events and the rows of queries have."""
    lowered = start.lower()
    return any(word in lowered for word in EVENT_WORDS)


def names_operation(data: bytes) -> bool:
    """Whether a log or table names the operation that creates a tuning job, also without a definition's pattern."""
    return OPERATION in data.lower()


def names_more_than_commands(text: str) -> bool:
    """Whether a text has a definition's pattern beside the AWS CLI's command, whose definition may be another file."""
    return has_definition_pattern(text.replace(COMMAND, "").encode("utf-8", "surrogatepass"))


def referenced_files(data: bytes) -> list[str]:
    """The local files that a template references as definitions, spelled as in the template."""
    if REFERENCE not in data:
        return []
    found = dict.fromkeys(b"".join(uri).decode("utf-8", "replace") for uri in REFERENCED.findall(data))
    return [uri for uri in found if "://" not in uri]
