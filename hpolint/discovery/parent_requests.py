"""Files beside a request that may define the parents of its warm start."""

from __future__ import annotations

import os
from contextlib import suppress

from hpolint.discovery.byte_patterns import has_definition_pattern
from hpolint.io import disk
from hpolint.io.files import boundary, is_within, read_file
from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import PARENT_FILE

PARENTS = b"ParentHyperParameterTuningJobs"
NAMED = lazy_regex(rb"HyperParameterTuningJobName[\"']?\s*:\s*[\"']?([A-Za-z0-9-]+)")
"""The name of a tuning job, in JSON and YAML."""

SUFFIXES = (".json", ".yaml", ".yml")
MAX_FILES = 5
"""Files that may be read as parents."""

MAX_SEARCHED_FILES = 200
"""Files of a folder that are searched for the names of parents."""

MAX_FILE_BYTES = 64 * 1024
"""Largest of these files, in bytes: a request has some thousand."""


def parent_files(name: str, data: bytes, roots: list[str]) -> dict[str, tuple[str, bytes]]:
    """The files in a request's folder that define a job whose name the request has as a parent's."""
    if PARENTS not in data or not name.lower().endswith(SUFFIXES):
        return {}
    names = set(NAMED.findall(data))
    bound = boundary(name, roots)
    files: dict[str, tuple[str, bytes]] = {}
    for path in _others(name)[:MAX_SEARCHED_FILES]:
        content = _content(path, bound)
        if has_definition_pattern(content) and not names.isdisjoint(NAMED.findall(content)):
            files[f"{PARENT_FILE}{path}"] = path, content
        if len(files) == MAX_FILES:
            break
    return files


def _others(name: str) -> list[str]:
    """The other files in a file's folder that may be requests."""
    folder, own = os.path.split(name)
    bases = [base for base in disk.names(folder or ".") if base.lower().endswith(SUFFIXES) and base != own]
    return [os.path.join(folder, base).replace(os.sep, "/") for base in bases]


def _content(path: str, bound: str) -> bytes:
    """The bytes of a file; none if it cannot be read, or is none of the repository."""
    with suppress(OSError, ValueError):
        if disk.is_given(path) or is_within(disk.real(path), bound):
            return read_file(path, MAX_FILE_BYTES)
    return b""
