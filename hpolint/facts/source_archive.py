"""The address in S3 from which a container takes a training script: it has to be that of a gzipped archive."""

from __future__ import annotations

import re

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Node, Scalar, Unknown
from hpolint.model.training_code import decoded_text

SCHEME = "s3://"
UNKNOWN_PART = "…"

NO_ARCHIVE = lazy_regex(r"s3://[^/…]+\Z|/\Z|\.(?:py|ipynb|sh|zip|whl|7z|rar|bz2|xz)\Z", re.IGNORECASE)
"""The addresses under which no gzipped archive lies: a bucket, a folder, or another kind of file.

Source: aws/sagemaker-training-toolkit 5.1.4, ``files.download_and_extract``, run with each of these: it downloads the
one object of this name, and opens it as ``r:gz``, whatever its ending. An object without an ending, or `.tar`, may be
a gzipped archive.
"""


def source_without_archive(address: Node | None) -> str | Unknown | None:
    """The address of a script's source if no archive lies under it; None if one may, and for a path of the container.

    Its unknown parts are ``…``. The address may be written as a JSON string, as the SDK sends it.
    """
    if isinstance(address, Unknown):
        pieces = address.pieces
        if not pieces or pieces[0] is None or pieces[-1] is None:
            return address
        text = "".join(UNKNOWN_PART if piece is None else piece for piece in pieces)
    elif isinstance(address, Scalar):
        text = str(address.value)
    else:
        return None
    text = decoded_text(text)
    return text if text.startswith(SCHEME) and NO_ARCHIVE.search(text) else None
