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

AZURE = lazy_regex(
    r"//(?:[^/@]*@)?(?:dev\.azure\.com/[^/]+|[^/.]+\.visualstudio\.com(?:/DefaultCollection)?)"
    r"(?:/(?P<project>[^/\s]+))?/_git/(?:_full/|_optimized/)?(?P<name>[^/\s]+?)/?\Z",
    re.IGNORECASE,
)
"""An address of Azure DevOps: ``https://dev.azure.com/ORGANISATION/PROJECT/_git/NAME``, or of its older host.

Without a project, the project has the name of the repository.
"""

CODECOMMIT = lazy_regex(
    r"(?://(?:[^/@]*@)?git-codecommit(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/v1/repos/"
    r"|\Acodecommit::(?P<helper_region>[a-z0-9-]+)://(?:[^/@]*@)?)(?P<name>[^/:@\s]+?)/?\Z",
)
"""An address of CodeCommit, also in the spelling of git-remote-codecommit. A repository is one of a region."""


def repository_name(root: str) -> str | None:
    """The owner and name of a repository, such as ``acme/churn``; None if its remote ``origin`` does not name them."""
    try:
        folder = git_folder(root)
        common = os.path.join(folder, "commondir")  # of a worktree
        if disk.is_file(common):
            folder = os.path.join(folder, read_file(common, 4096).decode("utf-8", "replace").strip())
        text = read_file(os.path.join(folder, "config"), MAX_CONFIG_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
    section: tuple[str, str | None] = ("", None)
    found: str | None = None
    for line in text.splitlines():
        if head := SECTION.match(line):
            section = (head[1].lower(), head[2])
            line = line[head.end() :]
        if section == ("remote", "origin") and (url := URL.match(line)):
            found = found or _name_in(url[1].strip('"'))
    return found


def _name_in(address: str) -> str | None:
    """The last two parts of an address; the project and name on Azure DevOps, the region and name on CodeCommit."""
    azure = AZURE.search(address)
    if azure is not None:
        return f"{azure['project'] or azure['name']}/{azure['name']}"
    codecommit = CODECOMMIT.search(address)
    if codecommit is not None:
        return f"{codecommit['region'] or codecommit['helper_region']}/{codecommit['name']}"
    name = NAME.search(address)
    return name[1] if name is not None else None
