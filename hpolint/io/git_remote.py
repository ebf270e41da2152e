"""The name of a repository, by the address that it was cloned from. Git is not started, and its own file is only read.

Source: git's documentation of the configuration file, ``git-config``.
"""

from __future__ import annotations

import os
import re

from hpolint.io import disk
from hpolint.io.files import read_file
from hpolint.io.git_index import git_folder
from hpolint.lazy_regex import lazy_regex

MAX_CONFIG_BYTES = 1024 * 1024
"""Largest file of git's settings that is read."""

SECTION = lazy_regex(r'\s*\[\s*([^\s"\]]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]')
URL = lazy_regex(r"\s*url\s*=\s*(.*?)\s*\Z", re.IGNORECASE)
NAME = lazy_regex(r"([^/:\s]+/[^/:\s]+?)(?:\.git)?/?\Z")
"""The last two parts of an address: ``https://HOST/acme/churn.git``, ``git@HOST:acme/churn.git``."""


def repository_name(root: str) -> str | None:
    """The owner and name of a repository, such as ``acme/churn``; None if its remote ``origin`` does not say them."""
    try:
        folder = git_folder(root)
        common = os.path.join(folder, "commondir")  # of a worktree
        if disk.is_file(common):
            folder = os.path.join(folder, read_file(common, 4096).decode("utf-8", "replace").strip())
        text = read_file(os.path.join(folder, "config"), MAX_CONFIG_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
    section: tuple[str, str | None] = ("", None)
    found = None
    for line in text.splitlines():
        if head := SECTION.match(line):
            section = (head[1].lower(), head[2])
            line = line[head.end() :]
        if section == ("remote", "origin") and (url := URL.match(line)):
            found = found or NAME.search(url[1].strip('"'))
    return found[1] if found is not None else None
