"""Local modules of Terraform: which folder a call names, and which files belong to a folder."""

from __future__ import annotations

import posixpath

from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import CALLER_FILE

MAX_CALL_DEPTH = 4
"""Calls in a row, of which each gives values to the next one."""

UNREAD_CALLERS = f"{CALLER_FILE}*"
"""The name in ``Beside`` that says that calls of the module may stand in files that are not read."""

TERRAFORM_VALUES = lazy_regex(r"(?:terraform|.*\.auto)\.tfvars(?:\.json)?\Z")
"""The files of variable values that Terraform loads by itself."""


def called_folder(folder: str, source: str) -> str | None:
    """The folder of a local module, from the root of the repository like the calling one; None if it lies outside."""
    path = posixpath.normpath(posixpath.join(folder, source))
    if path == ".":
        return ""
    return None if path.split("/")[0] == ".." else path
