"""Reading one configuration file, and finding those that another extends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hpolint.config.keys import ROOT, KeyPath, Wrong
from hpolint.config.named_files import read_named
from hpolint.config.toml_values import TomlError, parse_toml, unfit
from hpolint.io import disk
from hpolint.io.escaping import LONG, brief
from hpolint.io.files import repository_root
from hpolint.model.settings import PYPROJECT, ConfigError

if TYPE_CHECKING:
    from hpolint.syntax.toml_syntax import KeyPlaces

TABLE = ("tool", "hpolint")
LARGEST = 1
"""Megabytes of a configuration file: a pyproject.toml of a hundredth of that is long."""

PACKAGE = "package:"


@dataclass(frozen=True)
class ConfigFile:
    """A configuration file: its path as people are told it, its settings, and where they stand.

    ``path`` is relative to the working folder where it lies below it, with forward slashes.
    """

    path: str
    table: dict[str, Any]
    text: str = field(repr=False)
    within: tuple[str, ...] = ()
    is_file: bool = True

    @property
    def folder(self) -> str:
        """What relative paths in it are relative to."""
        return os.path.dirname(self.path) if self.is_file and os.path.dirname(self.path) else "."

    @cached_property
    def _places(self) -> KeyPlaces:
        from hpolint.syntax.toml_syntax import key_places

        return key_places(self.text)

    def place(self, path: KeyPath) -> str:
        """Where a setting stands, ``file:line``; of one that is missing, where it would."""
        if not self.is_file:
            return self.path
        full = (*self.within, *path)
        while full and full not in self._places:
            full = full[:-1]
        return f"{self.path}:{self._places[full][0] if full else 1}"

    def error(self, path: KeyPath, reason: str) -> ConfigError:
        """What is wrong with a setting, with its place."""
        where = ".".join(f'"{step}"' if "/" in str(step) else str(step) for step in path if isinstance(step, str))
        return ConfigError(f"{self.place(path)}: {f'{where}: ' if where else ''}{reason}")


def read_config(path: str) -> ConfigFile | None:
    """A configuration file; None for a pyproject.toml that says nothing of hpolint. Raises ConfigError."""
    path = path.replace(os.sep, "/")
    is_pyproject = os.path.basename(path) == PYPROJECT
    data = read_named(path, LARGEST, "configuration")
    if is_pyproject and b"hpolint" not in data:
        return None
    text, table = _parsed(path, data)
    if not is_pyproject:
        return _sound(ConfigFile(path, table, text))
    tool = table.get(TABLE[0])
    own = tool.get(TABLE[1]) if isinstance(tool, dict) else None
    return None if own is None else _sound(ConfigFile(path, own, text, TABLE))


COMMAND_LINE = "the command line"


def given_table(table: Mapping[str, Any]) -> ConfigFile:
    """Settings that a program or the command line gives. Raises ConfigError."""
    found = {name: list(value) if isinstance(value, tuple) else value for name, value in table.items()}
    for wrong in _wrong(found):
        where = ".".join(map(str, wrong.path))
        raise ConfigError(f"{where}: {wrong.reason}" if where else wrong.reason)
    return ConfigFile(COMMAND_LINE, found, "", is_file=False)


def read_setting(text: str) -> ConfigFile:
    """A single setting of the command line, ``key = value`` in TOML. Raises ConfigError."""
    name = f"--config {brief(text, LONG)}"
    try:
        table = parse_toml(text)
    except TomlError as error:
        raise ConfigError(f"{name}: neither a file nor a setting in TOML: {error.reason}") from None
    for wrong in _wrong(table):
        raise ConfigError(f"{name}: {wrong.reason}")
    return ConfigFile(name, table, text, is_file=False)


def _parsed(path: str, data: bytes) -> tuple[str, dict[str, Any]]:
    try:
        text = data.decode("utf-8-sig")
        return text, parse_toml(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}: not UTF-8: {error.reason}") from None
    except TomlError as error:
        raise ConfigError(f"{path}:{error.line}: invalid TOML: {error.reason}") from None


def _wrong(table: Mapping[str, Any]) -> Iterator[Wrong]:
    """What is wrong with some settings: first what no setting can be, which whatever else looks at it may not bear."""
    yield from unfit(table)
    yield from ROOT.wrong(table, ())


def _sound(file: ConfigFile) -> ConfigFile:
    for wrong in _wrong(file.table):
        raise file.error(wrong.path, wrong.reason)
    return file


def extended_path(name: str, file: ConfigFile, checked: Iterable[str]) -> str:
    """The path of a file that another extends. ``checked`` are the folders that are checked. Raises ConfigError."""
    if not name.startswith(PACKAGE):
        return os.path.normpath(os.path.join(file.folder, name)).replace(os.sep, "/")
    package, separator, rest = name.removeprefix(PACKAGE).partition("/")
    if not separator or not rest or "." in package or ".." in rest.split("/"):
        raise file.error(("extend",), f"{name} is not package:NAME/FILE, of a package at the top level")
    folder = _package_folder(package)
    if folder is None:
        raise file.error(("extend",), f"{name}: no package `{package}` is installed beside hpolint")
    if _is_checked(folder, checked):
        reason = f"{name}: `{package}` lies in what is checked, where whoever changes one changes the other"
        raise file.error(("extend",), reason)
    return os.path.join(folder, rest).replace(os.sep, "/")


def _package_folder(package: str) -> str | None:
    """Where a package lies, found without importing anything of it."""
    import importlib.util

    disk.record_unrepeatable()
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    places = list(spec.submodule_search_locations or []) if spec is not None else []
    return disk.real(places[0]) if places else None


def _is_checked(folder: str, checked: Iterable[str]) -> bool:
    """Whether a package lies in a folder that is checked, or the working one, and not in an environment there.

    Of a folder in a repository all of the repository counts: its other folders are changed by the same people.
    """
    if _is_below(folder, sys.prefix):
        return False
    return any(_is_below(folder, repository_root(each)) for each in (".", *checked))


def _is_below(path: str, folder: str) -> bool:
    folder = disk.real(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
