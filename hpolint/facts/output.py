"""Where a training job definition stores its models, and how S3 addresses begin."""

from __future__ import annotations

import msgspec

from hpolint.facts.typed_values import read
from hpolint.model.node import Path, Struct, Unknown

SCHEMES = ("s3://s3://", "s3://", "https://")
"""The known beginnings of an address. The first is a mistake: its bucket would be ``s3:``."""


class OutputFacts(msgspec.Struct, frozen=True):
    """``output``: where the models of one training job definition are stored."""

    address: str | Unknown | None
    """How ``S3OutputPath`` begins: ``s3://``, ``https://``, or ``s3://s3://``. Null if it begins otherwise."""


def output_facts(request: Struct, definition: Path) -> OutputFacts:
    """The facts of the definition at a path of the request."""
    return OutputFacts(beginning(request, (*definition, "OutputDataConfig", "S3OutputPath")))


def beginning(request: Struct, path: Path) -> str | Unknown | None:
    """How the address at a path of the request begins; None if there is none, or if it begins in no known way."""
    address = read(request, path, str)
    known = _known_beginning(address) if isinstance(address, Unknown) else address or ""
    if isinstance(address, Unknown) and not known:
        return address
    return next((scheme for scheme in SCHEMES if known.startswith(scheme)), None)


def _known_beginning(text: Unknown) -> str:
    """The known pieces before the first unknown one."""
    known = ""
    for piece in text.pieces:
        if piece is None:
            break
        known += piece
    return known
