"""The line of a configuration that excludes one file, for a message about a file that can hold no comment."""

from __future__ import annotations

import os

from hpolint.io import disk
from hpolint.io.escaping import visible
from hpolint.io.files import is_within, repository_root
from hpolint.lazy_regex import lazy_regex
from hpolint.model.settings import Settings

SPECIAL = lazy_regex(r"[\\*?\[\]!#]|[ ]\Z")
"""Characters with a meaning in a pattern of an ignore file."""


def exclusion_advice(name: str, settings: Settings) -> str:
    """What to do about a launch in a file that no reader reads, with the line for the file that locks rules."""
    start = "Launch it from a file that hpolint reads, or"
    origin = settings.locking[-1].origin if settings.locking else ""
    if not origin:
        return f"{start} `exclude` this file where the rules are locked"
    pattern = _pattern(name, os.path.dirname(origin) or ".")
    quote = '"' if "'" in pattern else "'"
    if quote == '"':
        pattern = pattern.replace("\\", "\\\\").replace('"', '\\"')
    return f"{start} exclude it in `{visible(origin)}`: `extend-exclude = [{quote}{pattern}{quote}]`"


def _pattern(name: str, folder: str) -> str:
    """The pattern that matches a file alone, relative to a folder; outside of it, by its path in the repository."""
    path = os.path.join(disk.real(os.path.dirname(name) or "."), os.path.basename(name))
    start, root = "/", disk.real(folder)
    if not is_within(path, root):
        start, root = "**/", repository_root(os.path.dirname(name) or ".")
    relative = os.path.relpath(path, root).replace(os.sep, "/")
    return start + SPECIAL.sub(lambda character: f"\\{character[0]}", relative)
