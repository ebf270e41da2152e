"""Configuration files with the files they extend. Each is read, and made into a layer of settings, once per run."""

from __future__ import annotations

from collections.abc import Iterable

from hpolint.config.config_files import PACKAGE, ConfigFile, extended_path, read_config
from hpolint.config.layers import Layer, layer_of
from hpolint.io import disk
from hpolint.io.files import is_elsewhere
from hpolint.model.settings import ConfigError

MAX_EXTENDED_FILES = 200
"""Limit of the files that one configuration extends, directly and through other files."""


class ConfigFiles:
    """The configuration files of a run. Every method raises ConfigError."""

    def __init__(self) -> None:
        self._read: dict[str, ConfigFile | None] = {}
        self._layers: dict[str, Layer] = {}

    def read(self, path: str, *, is_quoted: bool = True) -> ConfigFile | None:
        """Read a file; None for a pyproject.toml without ``[tool.hpolint]``.

        With ``is_quoted`` false, its errors quote nothing of it.
        """
        if path not in self._read:
            self._read[path] = read_config(path, is_quoted=is_quoted)
        return self._read[path]

    def named(self, path: str, *, is_quoted: bool = True) -> ConfigFile:
        """Read a file that the user or another file names: it must have settings."""
        file = self.read(path, is_quoted=is_quoted)
        if file is None:
            raise ConfigError(f"{path}: the table [tool.hpolint] is missing")
        return file

    def layer(self, file: ConfigFile) -> Layer:
        """The settings of one file."""
        if file.path not in self._layers:
            self._layers[file.path] = layer_of(file)
        return self._layers[file.path]

    def with_extended(self, file: ConfigFile, checked: Iterable[str]) -> list[ConfigFile]:
        """The files that a file extends, lowest precedence first, then the file. ``checked`` are the checked folders.

        A file that is extended several times is listed where it is named first.
        """
        files: dict[str, ConfigFile] = {}
        self._extend(file, (), list(checked), files, set())
        return list(files.values())

    def _extend(
        self, file: ConfigFile, within: tuple[str, ...], checked: list[str], files: dict[str, ConfigFile], met: set[str]
    ) -> None:
        """Add a file to ``files``, after the files that it extends. ``within`` are the files that extend this one.

        ``met`` are the paths of all files so far, complete or not.
        """
        identity = disk.real(file.path)
        if identity in within:
            raise file.error(("extend",), "circular: the file extends itself through the files that it extends")
        met.add(file.path)
        named = file.table.get("extend", [])
        for name in [named] if isinstance(named, str) else named:
            path = extended_path(name, file, checked)
            if path in files:
                continue
            if not disk.exists(path):
                raise file.error(("extend",), f"{name}: no such file")
            if path not in met and len(met) >= MAX_EXTENDED_FILES:
                raise file.error(("extend",), f"more than {MAX_EXTENDED_FILES} files, directly and indirectly")
            # A package is installed by the user: what is wrong in it is no secret.
            is_quoted = name.startswith(PACKAGE) or not is_elsewhere(path)
            self._extend(self.named(path, is_quoted=is_quoted), (*within, identity), checked, files, met)
        files[file.path] = file
