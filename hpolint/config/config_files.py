"""Reading a configuration file, and resolving the paths in its ``extend``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from hpolint.config.keys import ROOT, KeyPath, Problem
from hpolint.config.named_files import read_named
from hpolint.config.toml_values import TomlError, parse_toml, unsupported_values
from hpolint.io import disk
from hpolint.io.escaping import LONG, brief
from hpolint.io.files import repository_root
from hpolint.model.settings import PYPROJECT, ConfigError

if TYPE_CHECKING:
    from hpolint.syntax.toml_syntax import KeyPlaces

TABLE = ("tool", "hpolint")
MAX_MEGABYTES = 1
"""Largest configuration file that is read, in megabytes. A pyproject.toml of a hundredth of that is long."""

PACKAGE = "package:"


class ConfigFile(msgspec.Struct, frozen=True, dict=True):
    """A configuration file: its path for messages, its settings, and their places in the text.

    ``path`` has forward slashes and is relative to the working folder for a file below it. ``within`` is the table that
    holds the settings. ``is_file`` is false for settings of the command line or a program. ``is_quoted``: errors may
    quote the file. A file outside of the repository that another file extends is not quoted.
    """

    path: str
    table: dict[str, Any]
    text: str
    within: tuple[str, ...] = ()
    is_file: bool = True
    is_quoted: bool = True

    @property
    def folder(self) -> str:
        """The folder that relative paths in the file are relative to."""
        folder = os.path.dirname(self.path)
        return folder if self.is_file and folder else "."

    @cached_property
    def _places(self) -> KeyPlaces:
        from hpolint.syntax.toml_syntax import key_places

        return key_places(self.text)

    def place(self, path: KeyPath) -> str:
        """The place of a setting, ``file:line``; for a missing one, the place of its closest parent."""
        if not self.is_file:
            return self.path
        full = (*self.within, *path)
        while full and full not in self._places:
            full = full[:-1]
        return f"{self.path}:{self._places[full][0] if full else 1}"

    def error(self, path: KeyPath, reason: str) -> ConfigError:
        """The error for a setting, with its place and key before the reason."""
        if not self.is_quoted:
            return ConfigError(f"{self.place(path)}: {_unquoted(self.path)}")
        where = ".".join(f'"{step}"' if "/" in step else step for step in path if isinstance(step, str))
        if where:
            reason = f"{where}: {reason}"
        return ConfigError(f"{self.place(path)}: {reason}")


def _unquoted(path: str) -> str:
    """The reason for an error in a file that is not quoted."""
    return f"not a valid setting: `hpolint config --config {path}` says why"


def read_config(path: str, *, is_quoted: bool = True) -> ConfigFile | None:
    """Read a configuration file; None for a pyproject.toml without ``[tool.hpolint]``. Raises ConfigError.

    With ``is_quoted`` false, errors name the place in the file and quote nothing of it.
    """
    path = path.replace(os.sep, "/")
    is_pyproject = os.path.basename(path) == PYPROJECT
    data = read_named(path, MAX_MEGABYTES, "configuration")
    if is_pyproject and b"hpolint" not in data:
        return None
    text, table = _parsed(path, data, is_quoted=is_quoted)
    if not is_pyproject:
        return _validated(ConfigFile(path, table, text, is_quoted=is_quoted))
    tool = table.get(TABLE[0])
    settings = tool.get(TABLE[1]) if isinstance(tool, dict) else None
    if settings is None:
        return None
    return _validated(ConfigFile(path, settings, text, TABLE, is_quoted=is_quoted))


COMMAND_LINE = "the command line"


def given_table(table: Mapping[str, Any]) -> ConfigFile:
    """Validate the settings of a program or the command line. Raises ConfigError."""
    settings = {name: list(value) if isinstance(value, tuple) else value for name, value in table.items()}
    for problem in _problems(settings):
        where = ".".join(map(str, problem.path))
        raise ConfigError(f"{where}: {problem.reason}" if where else problem.reason)
    return ConfigFile(COMMAND_LINE, settings, "", is_file=False)


def read_setting(text: str) -> ConfigFile:
    """Parse a single setting of the command line, ``key = value`` in TOML. Raises ConfigError."""
    name = f"--config {brief(text, LONG)}"
    try:
        table = parse_toml(text)
    except TomlError as error:
        raise ConfigError(f"{name}: neither a file nor a setting in TOML: {error.reason}") from None
    for problem in _problems(table):
        raise ConfigError(f"{name}: {problem.reason}")
    return ConfigFile(name, table, text, is_file=False)


def _parsed(path: str, data: bytes, *, is_quoted: bool) -> tuple[str, dict[str, Any]]:
    try:
        text = data.decode("utf-8-sig")
        return text, parse_toml(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}: not UTF-8: {error.reason}") from None
    except TomlError as error:
        reason = f"invalid TOML: {error.reason}" if is_quoted else _unquoted(path)
        raise ConfigError(f"{path}:{error.line}: {reason}") from None


def _problems(table: Mapping[str, Any]) -> Iterator[Problem]:
    """The problems of a table. Unsupported values come first: the checks after them may fail on such values."""
    yield from unsupported_values(table)
    yield from ROOT.problems(table, ())


def _validated(file: ConfigFile) -> ConfigFile:
    """The file itself, if its settings are valid. Raises ConfigError."""
    for problem in _problems(file.table):
        raise file.error(problem.path, problem.reason)
    return file


def extended_path(name: str, file: ConfigFile, checked: Iterable[str]) -> str:
    """The path of the file that ``extend`` names in a file. ``checked`` are the checked folders. Raises ConfigError."""
    if not name.startswith(PACKAGE):
        return os.path.normpath(os.path.join(file.folder, name)).replace(os.sep, "/")
    try:
        return _packaged_path(name, checked)
    except ConfigError as error:
        raise file.error(("extend",), str(error)) from None


def named_path(name: str, checked: Iterable[str]) -> str:
    """The path of a file that the command line names: a path, or ``package:NAME/FILE``. Raises ConfigError."""
    if name.startswith(PACKAGE):
        return _packaged_path(name, checked)
    return name


def _packaged_path(name: str, checked: Iterable[str]) -> str:
    package, separator, rest = name.removeprefix(PACKAGE).partition("/")
    if not separator or not rest or "." in package or ".." in rest.split("/"):
        raise ConfigError(f"{name} is not package:NAME/FILE with a top-level package")
    folder = _package_folder(package)
    if folder is None:
        raise ConfigError(f"{name}: package `{package}` is not installed in hpolint's environment")
    if _is_checked(folder, checked):
        raise ConfigError(f"{name}: package `{package}` is in the checked repository or folder; install it elsewhere")
    return os.path.join(folder, rest).replace(os.sep, "/")


def _package_folder(package: str) -> str | None:
    """The folder of a package, found without importing it; None if it is not installed."""
    import importlib.util

    disk.record_unrepeatable()
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    return disk.real(spec.submodule_search_locations[0])


def _is_checked(folder: str, checked: Iterable[str]) -> bool:
    """Whether a package lies in a checked or the working folder, or their repositories, but not in an environment.

    The whole repository counts: the people who change the checked folder may change the package with it.
    """
    if _is_below(folder, sys.prefix):
        return False
    return any(_is_below(folder, repository_root(root)) for root in (".", *checked))


def _is_below(path: str, folder: str) -> bool:
    folder = disk.real(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
