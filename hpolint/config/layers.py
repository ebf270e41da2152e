"""Merging of settings: extended files, then a file's own, then the command line's. Each setting has its origin."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec

from hpolint.config.config_files import ConfigFile
from hpolint.config.keys import KEYS, KeyPath
from hpolint.config.waiver_entries import day_of, waiver_of
from hpolint.model.ignore_comment import Suppression
from hpolint.model.settings import (
    Entry,
    Exclude,
    FileIgnores,
    FileSettings,
    RuleSettings,
    RunSettings,
    Settings,
    SilencingSettings,
)
from hpolint.model.source import FILE_START


class Origin(msgspec.Struct, frozen=True):
    """Where a setting was made: at a path of a file, or outside of files, described in ``words``."""

    file: ConfigFile | None = None
    path: KeyPath = ()
    words: str = "default"

    @property
    def text(self) -> str:
        """The origin for messages: ``file:line``, or the words."""
        return self.words if self.file is None else self.file.place(self.path)


class SetValue(msgspec.Struct, frozen=True):
    """A value and its origin. For a key that adds, the value joins those of all layers."""

    value: Any
    origin: Origin


Layer: TypeAlias = dict[tuple[str, ...], SetValue]
"""Settings by their paths: ``("ignore",)``, ``("levels", "compute/missing-spot")``, ``("rules", NAME, OPTION)``."""

DEPTH = {"levels": 1, "undecided": 1, "per-file-ignores": 1, "rules": 2, "cost": 1}
"""The tables whose entries are merged one by one, with the depth of an entry below its table."""

NOT_MERGED = ("extend", "required-version")


def layer_of(file: ConfigFile) -> Layer:
    """The settings of one file, with relative paths resolved from the file's folder."""
    layer: Layer = {}
    for path, value in _entries(file.table):
        if path[0] not in NOT_MERGED:
            layer[path] = SetValue(_converted(file, path, value), Origin(file, path))
    return layer


def _entries(table: dict[str, Any]) -> Iterable[tuple[tuple[str, ...], Any]]:
    for name, value in table.items():
        if name not in DEPTH:
            yield (name,), value
            continue
        for key, item in value.items():
            if DEPTH[name] == 1:
                yield (name, key), item
                continue
            for option, option_value in item.items():
                yield (name, key, option), option_value


def _converted(file: ConfigFile, path: tuple[str, ...], value: Any) -> Any:
    """A file's value in the type that Settings has for it."""
    match path[0]:
        case "exclude" | "extend-exclude":
            return (Exclude(file.folder, tuple(value), file.place(path)),)
        case "per-file-ignores":
            return FileIgnores(Exclude(file.folder, (path[1],), file.place(path)), tuple(value))
        case "policies":
            return tuple(_joined(file, folder) for folder in value)
        case "suppressions":
            return tuple(_entry(file, number, table) for number, table in enumerate(value))
        case "waivers":
            return tuple(waiver_of(file, number, table) for number, table in enumerate(value))
        case "baseline":
            return _joined(file, value)
        case "cost" if path[1] == "prices" and value != "none":
            return _joined(file, value)
        case "sdk-config" if value != "none":
            return _joined(file, value)
    if isinstance(value, list) and path[0] != "rules":
        return tuple(value)
    return value


def _entry(file: ConfigFile, number: int, table: dict[str, Any]) -> Entry:
    """The suppression of one ``[[suppressions]]`` table."""
    place = file.place(("suppressions", number))
    until = day_of(table.get("until"))
    suppression = Suppression(tuple(table["rules"]), table.get("reason", ""), until, FILE_START)
    return Entry(Exclude(file.folder, (table["file"],), place), suppression, table.get("path", ""))


def _joined(file: ConfigFile, path: str) -> str:
    return os.path.normpath(os.path.join(file.folder, path)).replace(os.sep, "/")


BY_NAME = ("levels", "undecided", "rules")
"""Tables whose keys are rule names, with or without the category."""


class Combination:
    """Layers merged one after the other. ``layer`` is the result so far."""

    def __init__(self) -> None:
        self.layer: Layer = {}
        self._with_category: dict[tuple[str, ...], list[tuple[str, ...]]] = {}

    def add(self, layer: Layer) -> None:
        """Merge a layer that takes precedence over those before."""
        for path, setting in layer.items():
            before = self.layer.get(path)
            if before is not None and KEYS[path[0]].adds:
                self.layer[path] = SetValue((*before.value, *setting.value), setting.origin)
                continue
            self.layer.pop(path, None)
            if path[0] in BY_NAME:
                self._remove_namesakes(path)
            self.layer[path] = setting

    def _remove_namesakes(self, path: tuple[str, ...]) -> None:
        """Remove the same setting under the rule's other name: with its category, or without."""
        table, name, *rest = path
        bare = (table, name.rpartition("/")[2], *rest)
        if bare == path:
            for namesake in self._with_category.pop(bare, ()):
                self.layer.pop(namesake, None)
        else:
            self.layer.pop(bare, None)
            self._with_category.setdefault(bare, []).append(path)


def combined(layers: Iterable[Layer]) -> Layer:
    """Layers merged into one; later layers take precedence."""
    combination = Combination()
    for layer in layers:
        combination.add(layer)
    return combination.layer


def locks(layer: Layer) -> bool:
    """Whether a layer locks any rule."""
    return any(path[2:] == ("locked",) and setting.value for path, setting in layer.items())


def settings_of(layer: Layer, above: Iterable[Settings] = (), chain: tuple[str, ...] = ()) -> Settings:
    """The settings of a layer, with defaults for the rest.

    ``chain`` are the files that the layer comes from, highest precedence last.
    """
    options: dict[str, dict[str, Any]] = {}
    locked: dict[str, str] = {}
    for path, setting in layer.items():
        match path:
            case ("rules", name, "locked"):
                if setting.value:
                    locked[name] = setting.origin.text
            case ("rules", name, option):
                options.setdefault(name, {})[option] = setting.value
    ignores = tuple(_table(layer, "per-file-ignores").values())
    return Settings(
        rules=RuleSettings(
            levels=_table(layer, "levels"),
            options=options,
            undecided=_table(layer, "undecided"),
            locked=locked,
            **_fields(layer, RuleSettings),
        ),
        files=FileSettings(per_file_ignores=ignores, **_fields(layer, FileSettings)),
        silencing=SilencingSettings(**_fields(layer, SilencingSettings)),
        run=RunSettings(**_fields(layer, RunSettings)),
        above=tuple(above),
        cost=_table(layer, "cost"),
        chain=chain,
        **_fields(layer, Settings),
    )


def _fields(layer: Layer, part: type[msgspec.Struct]) -> dict[str, Any]:
    """The fields of a part of the settings that a layer sets by the keys of their names. Tables are not among them."""
    keys = {name: (name.replace("_", "-"),) for name in part.__struct_fields__}
    return {name: layer[key].value for name, key in keys.items() if key in layer}


def _table(layer: Layer, name: str) -> dict[str, Any]:
    return {path[1]: setting.value for path, setting in layer.items() if path[0] == name}
