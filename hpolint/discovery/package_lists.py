"""Lists of packages of programs in other languages, such as ``package.json``: whether they name SageMaker."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from contextlib import suppress

from hpolint.io.files import read_file
from hpolint.model.forms import is_manifest

MAX_BYTES = 256 * 1024
"""Largest list that is read, in bytes."""


def list_sagemaker(folder: str, names: Iterable[str]) -> bool:
    """Whether a list of packages among the files of a folder names SageMaker."""
    return any(is_manifest(name) and _names_sagemaker(posixpath.join(folder, name)) for name in names)


def _names_sagemaker(path: str) -> bool:
    with suppress(OSError):
        return b"sagemaker" in read_file(path, MAX_BYTES).lower()
    return False
