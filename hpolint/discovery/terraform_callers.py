"""The files of the folders that call a Terraform module of their repository, found by their text. Imports no parser."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from functools import partial

import msgspec

from hpolint.io import disk
from hpolint.io.files import boundary, read_file
from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import TERRAFORM_OVERRIDE
from hpolint.model.source import CALLER_FILE
from hpolint.model.terraform_modules import MAX_CALL_DEPTH, TERRAFORM_VALUES, UNREAD_CALLERS, called_folder

SUFFIX, JSON_SUFFIX = ".tf", ".tf.json"
DEFINITION = lazy_regex(
    rb'(?i)resource\s+"?aws_sagemaker_hyper_parameter_tuning_job|hyper_?parameter_?tuning_?job_?config'
)
"""Text of a file that may hold a tuning job, not only name the operation, as the policies of roles do."""

LOCAL_SOURCE = lazy_regex(rb'\bsource"?\s*[=:]\s*"(\.\.?/[^"\\$%\r\n]*)"')
"""The source of a local module: Terraform takes only a literal path that begins with ``./`` or ``../``."""

COMMENT = lazy_regex(rb"(?s)/\*.*?\*/")
SKIPPED = frozenset(
    {".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", ".tox", ".nox", ".cache", ".mypy_cache", ".ruff_cache"}
    | {".pytest_cache", "node_modules", "site-packages", "__pycache__"}
)
"""Folders that are not searched for callers: those of tools, with copies and packages."""

MAX_FOLDERS, MAX_FILES = 10_000, 2_000
"""Folders, and Terraform files in them, that are searched for callers. In a larger repository none are known."""

MAX_SEARCHED_BYTES = 8 * 1024 * 1024
"""Largest file that is searched for calls, in bytes."""

MAX_FILE_BYTES = 256 * 1024
"""Largest file of a calling folder that is read, in bytes."""

MAX_CALLER_FILES = 200
"""Files of calling folders that are read for one module. With more, its callers are not known."""


class ModuleCalls(msgspec.Struct):
    """The calls of local modules in a repository: by called folder, the calling ones; and the files of each folder.

    Folders are paths from the repository's root. ``is_whole``: all files were searched.
    """

    root: str
    callers: dict[str, list[str]] = msgspec.field(default_factory=dict)
    files: dict[str, list[str]] = msgspec.field(default_factory=dict)
    is_whole: bool = True


def caller_files(
    name: str, data: bytes, roots: list[str], repositories: disk.RecordedMemo
) -> dict[str, tuple[str, bytes]]:
    """The path and bytes of the files that call the module of a file, also by way of others, and of the file itself.

    By the keys of ``CALLER_FILE``; empty if nothing calls the module. ``UNREAD_CALLERS`` is one of them if files that
    are not read may call it, too. ``repositories`` keeps what was searched.
    """
    if not DEFINITION.search(data):
        return {}
    folder = os.path.dirname(name)
    root, own = boundary(name, roots), disk.real(folder or ".")
    calls: ModuleCalls = repositories.of((root, disk.is_given(root)), partial(_module_calls, root))
    module = _from_root(own, root)
    calling = _calling_folders(module, calls.callers)
    is_whole = calls.is_whole
    found: dict[str, tuple[str, bytes]] = {}
    for file in _files_of(calls, calling):
        path = _shown_path(os.path.join(root, file), own, folder)
        text = _text(path, MAX_FILE_BYTES)
        if text is None:
            is_whole = False
        elif _is_wanted(posixpath.basename(file), text):
            found[f"{CALLER_FILE}{file}"] = path, text
        if len(found) > MAX_CALLER_FILES:
            found, is_whole = {}, False
            break
    if not is_whole:
        found[UNREAD_CALLERS] = name, b""
    if found:
        found[f"{CALLER_FILE}{posixpath.join(module, os.path.basename(name))}"] = name, data
    return found


def _files_of(calls: ModuleCalls, folders: list[str]) -> Iterator[str]:
    """The paths of the files of some calling folders, from the root."""
    for folder in folders:
        for file in calls.files[folder]:
            yield posixpath.join(folder, file)


def _from_root(path: str, root: str) -> str:
    """A real path from the root of its repository; empty for the root itself."""
    relative = os.path.relpath(path, root).replace(os.sep, "/")
    return "" if relative == "." else relative


def _shown_path(path: str, own: str, folder: str) -> str:
    """The path of a file as it is named from the folder that the module's file is named in."""
    shown = os.path.normpath(os.path.join(folder, os.path.relpath(path, own)))
    if disk.real(shown) != path:  # the module's folder is named through a link
        return path
    return shown.replace(os.sep, "/")


def _calling_folders(module: str, callers: dict[str, list[str]]) -> list[str]:
    """The folders that call a module, directly or through at most ``MAX_CALL_DEPTH`` others."""
    reached: dict[str, None] = {module: None}
    latest = [module]
    for _ in range(MAX_CALL_DEPTH + 1):
        calling: dict[str, None] = {}
        for folder in latest:
            calling |= dict.fromkeys(callers.get(folder, ()))
        latest = [folder for folder in calling if folder not in reached]
        reached |= dict.fromkeys(latest)
    return [folder for folder in reached if folder != module]


def _is_of_module(file: str) -> bool:
    """Whether Terraform reads a file of a folder, by its name."""
    if file.lower().endswith((SUFFIX, JSON_SUFFIX)) or TERRAFORM_VALUES.match(file):
        return True
    return TERRAFORM_OVERRIDE.search(file) is not None


def _is_wanted(file: str, text: bytes) -> bool:
    """Whether a file of a calling folder may have the call, or a variable, or may override them."""
    if not file.lower().endswith((SUFFIX, JSON_SUFFIX)):
        return True
    return b"module" in text or b"variable" in text or TERRAFORM_OVERRIDE.search(file) is not None


def _module_calls(root: str) -> ModuleCalls:
    """All calls of local modules below a folder; none if there are too many folders or files."""
    calls = ModuleCalls(root)
    waiting = [""]
    folders = files = 0
    while waiting:
        folder = waiting.pop()
        try:
            names, below = disk.entries(os.path.join(root, folder) if folder else root)
        except OSError:
            continue
        folders += 1
        files += sum(name.lower().endswith((SUFFIX, JSON_SUFFIX)) for name in names)
        if folders > MAX_FOLDERS or files > MAX_FILES:
            return ModuleCalls(root, is_whole=False)
        waiting += [posixpath.join(folder, name) for name in below if name not in SKIPPED]
        _add_calls(calls, folder, names)
    for calling in calls.callers.values():
        calling.sort()
    return calls


def _add_calls(calls: ModuleCalls, folder: str, names: list[str]) -> None:
    """Add the calls in the files of a folder."""
    called: dict[str, None] = {}
    for name in names:
        if not name.lower().endswith((SUFFIX, JSON_SUFFIX)) or TERRAFORM_OVERRIDE.search(name):
            continue
        text = _text(os.path.join(calls.root, folder, name), MAX_SEARCHED_BYTES)
        if text is None:
            calls.is_whole = False
        else:
            called |= dict.fromkeys(_called_folders(folder, text))
    for module in called:
        calls.callers.setdefault(module, []).append(folder)
    if called:
        calls.files[folder] = [name for name in names if _is_of_module(name)]


def _called_folders(folder: str, text: bytes) -> list[str]:
    """The other folders of the repository that a file in a folder calls as modules."""
    called = []
    # Also in the whole text: what looks like a comment may stand in a string.
    sources = [*LOCAL_SOURCE.finditer(text), *LOCAL_SOURCE.finditer(_without_comments(text))]
    for match in sources:
        module = called_folder(folder, match[1].decode("utf-8", "replace"))
        if module is not None and module != folder:
            called.append(module)
    return called


def _without_comments(text: bytes) -> bytes:
    """A text without the comments that end with ``*/``; empty if it has none."""
    end = text.rfind(b"*/") + 2
    # Without the rest, each comment ends, so that none is searched to the end of the text in vain.
    return COMMENT.sub(b" ", text[:end]) + text[end:] if end > 1 else b""


def _text(path: str, limit: int) -> bytes | None:
    """The bytes of a file; None if it is too large or cannot be read."""
    try:
        return read_file(path, limit)
    except (OSError, ValueError):
        return None
