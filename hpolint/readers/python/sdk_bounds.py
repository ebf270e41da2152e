"""The versions of the SageMaker SDK that a source, or a file with its requirements, can be run with."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hpolint.data.sdk_imports import version_number
from hpolint.lazy_regex import lazy_regex
from hpolint.model.requirement_files import included_requirements
from hpolint.model.source import REQUIREMENTS_FILE, Source

_SIGN = r"(?:===?|~=?|!=|<=?|>=?|\^|=)"
_NUMBER = r"[ \t]*[\"'\\]*v?\d"
_NAME = r"sagemaker(?<![\w.-]sagemaker)"
"""The name of the SDK. It begins with plain letters, which Python searches for faster than for a look behind them."""

_PACKAGE = rf"{_NAME}(?:[-_]python[-_]sdk)?[ \t]*+(?:\[[\w, -]*\])?[\"'\\]*+[ \t]*+\(?[ \t]*+"
"""The name of the SDK, which conda-forge calls ``sagemaker-python-sdk``."""

SPECIFIED = lazy_regex(rf"{_PACKAGE}(?:=[ \t]*[\"'])?(?P<specifiers>(?:,?[ \t]*{_SIGN}{_NUMBER}[\w.*]*)+)")
"""The SDK with the versions that are asked for: ``sagemaker>=1.0,<2``, ``sagemaker = "^1.72"``."""

UNREADABLE = lazy_regex(rf"{_PACKAGE}(?:===?|~=|<=?)(?!{_NUMBER})")
"""The SDK with an upper bound that is no number, such as a variable."""

FROM_GIT = lazy_regex(r"sagemaker-python-sdk(?:\.git)?@")
"""The SDK's repository at a branch, tag or commit."""

ARCHIVE = lazy_regex(rf"{_NAME}(?:-python-sdk)?-(?P<version>\d+\.\d[\d.]*)[-.][a-z]")
"""A file with the SDK, with its version."""

LOCKED = lazy_regex(
    _NAME + r"[\"']?\s*(?:[:=]\s*\{[^{}]{0,4000}?|\n)[\"']?version[\"']?\s*[:=]\s*[\"']?(?P<version>[^\"'\n]*)"
)
"""The SDK in a lock file or a table of TOML, with its version."""

SPECIFIER = lazy_regex(rf"({_SIGN})[ \t]*[\"'\\]*v?(\d[\w.*]*)")
NOTEBOOK = ".ipynb"
ANY = 1_000_000
"""A number of a version that none reaches."""


def may_stay_below(source: Source, version: str, python: tuple[int, ...]) -> bool:
    """Whether what installs the SDK may choose one below a version: a bound, a pin, or an old Python.

    ``python`` is the oldest Python that the version supports.
    """
    number = version_number(version)
    kernel = kernel_python(source)
    if kernel is not None and kernel < python[:2]:
        return True
    if _includes_unread(source):
        return True
    return any(_allows_only_below(text, number) for text in _texts(source))


def _texts(source: Source) -> Iterator[str]:
    """The texts that may name a version of the SDK, whose name has capital letters at will in files of packages."""
    yield source.text
    for data in _requirement_files(source).values():
        yield data.decode("utf-8", "replace").lower()


def _includes_unread(source: Source) -> bool:
    """Whether a file of requirements includes a file that is not there, or an address."""
    files = _requirement_files(source)
    included: set[str] = set()
    for path, data in files.items():
        included.update(included_requirements(path, data))
    return not included <= files.keys()


def _requirement_files(source: Source) -> dict[str, bytes]:
    """The files with the packages of a source, by their paths."""
    return dict(file for name, file in source.beside.items() if name.startswith(REQUIREMENTS_FILE))


def _allows_only_below(text: str, version: tuple[int, ...]) -> bool:
    """Whether a text bounds the SDK below a version, or in a way that cannot be read."""
    if "sagemaker" not in text:
        return False
    if UNREADABLE.search(text) or FROM_GIT.search(text):
        return True
    specifiers = [match["specifiers"] for match in SPECIFIED.finditer(text)]
    specifiers += [match["version"] for match in LOCKED.finditer(text)]
    specifiers += [match["version"] for match in ARCHIVE.finditer(text)]
    for specifier in specifiers:
        highest = _highest(specifier)
        if highest is not None and highest < version:
            return True
    return False


def _highest(specifiers: str) -> tuple[int, ...] | None:
    """A number that no version above the bounds of some specifiers has; None without an upper bound."""
    bounds = [_bound(sign, version) for sign, version in SPECIFIER.findall(specifiers)]
    if not bounds and specifiers[:1].isdigit():
        bounds = [version_number(specifiers)]  # a lock file has the plain version
    return min((bound for bound in bounds if bound is not None), default=None)


def _bound(sign: str, version: str) -> tuple[int, ...] | None:
    number = version_number(version)
    if sign in ("!=", ">", ">="):
        return None
    if sign == "<":
        return (*number[:-1], number[-1] - 1, ANY)
    if sign in ("~=", "~"):
        return (*number[:-1], ANY)
    if sign == "^":
        return (number[0], ANY)
    return (*number, ANY) if "*" in version or sign == "=" else number


def kernel_python(source: Source) -> tuple[int, ...] | None:
    """The Python of a notebook's kernel; None if it does not say, and for other sources."""
    if not source.name.lower().endswith(NOTEBOOK):
        return None
    try:
        version = json.loads(source.text)["metadata"]["language_info"]["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return version_number(str(version))[:2] or None
