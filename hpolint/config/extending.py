"""Configuration files with what they extend: each is read, and made into a layer of settings, once in a run."""

from __future__ import annotations

from collections.abc import Iterable

from hpolint.config.config_files import ConfigFile, extended_path, read_config
from hpolint.config.layers import Layer, layer_of
from hpolint.io import disk
from hpolint.model.settings import ConfigError

MOST_EXTENDED = 200
"""Files that one configuration comes from, with all that they extend."""


class ConfigFiles:
    """The configuration files of a run. Every method raises ConfigError."""

    def __init__(self) -> None:
        self._read: dict[str, ConfigFile | None] = {}
        self._layers: dict[str, Layer] = {}

    def read(self, path: str) -> ConfigFile | None:
        """A file; None for a pyproject.toml that says nothing of hpolint."""
        if path not in self._read:
            self._read[path] = read_config(path)
        return self._read[path]

    def named(self, path: str) -> ConfigFile:
        """A file that somebody names, so that it must say something."""
        file = self.read(path)
        if file is None:
            raise ConfigError(f"{path}: it has no table [tool.hpolint]")
        return file

    def layer(self, file: ConfigFile) -> Layer:
        """What one file says."""
        if file.path not in self._layers:
            self._layers[file.path] = layer_of(file)
        return self._layers[file.path]

    def with_extended(self, file: ConfigFile, checked: Iterable[str]) -> list[ConfigFile]:
        """A file behind those that it extends, each where it is named first. ``checked`` are the checked folders."""
        found: dict[str, ConfigFile] = {}
        self._extend(file, (), list(checked), found, set())
        return list(found.values())

    def _extend(
        self, file: ConfigFile, within: tuple[str, ...], checked: list[str], found: dict[str, ConfigFile], met: set[str]
    ) -> None:
        """Add a file to those that are ``found``, behind what it extends; ``met`` are all that were come across."""
        identity = disk.real(file.path)
        if identity in within:
            raise file.error(("extend",), "it extends itself, through what it extends")
        met.add(file.path)
        named = file.table.get("extend", [])
        for name in [named] if isinstance(named, str) else named:
            path = extended_path(name, file, checked)
            if path in found:
                continue
            if not disk.is_there(path):
                raise file.error(("extend",), f"{name}: no such file")
            if path not in met and len(met) >= MOST_EXTENDED:
                raise file.error(("extend",), f"more than {MOST_EXTENDED} files, with all that they extend")
            self._extend(self.named(path), (*within, identity), checked, found, met)
        found[file.path] = file
