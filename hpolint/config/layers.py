"""Settings put on each other: what is extended, a file's own, the command line's. Each knows where it was said."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec

from hpolint.config.config_files import ConfigFile
from hpolint.config.keys import KEYS, KeyPath
from hpolint.model.ignore_comment import Suppression, read_date
from hpolint.model.settings import Entry, Exclude, FileIgnores, Settings
from hpolint.model.source import Span


class Origin(msgspec.Struct, frozen=True):
    """Where a setting was said: in a file, or in ``words``."""

    file: ConfigFile | None = None
    path: KeyPath = ()
    words: str = "default"

    @property
    def text(self) -> str:
        """The place for people."""
        return self.words if self.file is None else self.file.place(self.path)


class SetValue(msgspec.Struct, frozen=True):
    """A value and where it was said. Of a key whose values are added, the value is all that was said."""

    value: Any
    origin: Origin


Layer: TypeAlias = dict[tuple[str, ...], SetValue]
"""Settings by their paths: ``("ignore",)``, ``("levels", "compute/missing-spot")``, ``("rules", NAME, OPTION)``."""

DEPTH = {"levels": 1, "undecided": 1, "per-file-ignores": 1, "rules": 2, "cost": 1}
"""The tables, of which each entry is a setting of its own."""

NOT_MERGED = ("extend", "required-version")


def layer_of(file: ConfigFile) -> Layer:
    """What one file says, relative paths made into paths from here."""
    found: Layer = {}
    for path, value in _entries(file.table):
        if path[0] not in NOT_MERGED:
            found[path] = SetValue(_from_here(file, path, value), Origin(file, path))
    return found


def _entries(table: dict[str, Any]) -> Iterable[tuple[tuple[str, ...], Any]]:
    for name, value in table.items():
        if name not in DEPTH:
            yield (name,), value
            continue
        for key, item in value.items():
            if DEPTH[name] == 1:
                yield (name, key), item
                continue
            yield from (((name, key, option), each) for option, each in item.items())


def _from_here(file: ConfigFile, path: tuple[str, ...], value: Any) -> Any:
    """A value as settings hold it."""
    match path[0]:
        case "exclude" | "extend-exclude":
            return (Exclude(file.folder, tuple(value), file.place(path)),)
        case "per-file-ignores":
            return FileIgnores(Exclude(file.folder, (path[1],), file.place(path)), tuple(value))
        case "policies":
            return tuple(_joined(file, each) for each in value)
        case "suppressions":
            return tuple(_entry(file, number, table) for number, table in enumerate(value))
        case "baseline":
            return _joined(file, value)
        case "cost" if path[1] == "prices" and value != "none":
            return _joined(file, value)
        case "sdk-config":
            return value if value == "none" else _joined(file, value)
    return tuple(value) if isinstance(value, list) and path[0] != "rules" else value


def _entry(file: ConfigFile, number: int, table: dict[str, Any]) -> Entry:
    """One of ``[[suppressions]]``."""
    until = table.get("until")
    day = read_date(until)[0] if isinstance(until, str) else until
    place = file.place(("suppressions", number))
    said = Suppression(tuple(table["rules"]), table.get("reason", ""), day, Span(1, 1, 1, 2))
    return Entry(Exclude(file.folder, (table["file"],), place), said, table.get("path", ""))


def _joined(file: ConfigFile, path: str) -> str:
    return os.path.normpath(os.path.join(file.folder, path)).replace(os.sep, "/")


BY_NAME = ("levels", "undecided", "rules")
"""Tables whose entries are called by a rule's name, with its category or without."""


class Combination:
    """Layers put on each other; each is looked at once. ``layer`` is what holds."""

    def __init__(self) -> None:
        self.layer: Layer = {}
        self._with_category: dict[tuple[str, ...], list[tuple[str, ...]]] = {}

    def add(self, layer: Layer) -> None:
        """Put a layer on top."""
        for path, said in layer.items():
            before = self.layer.get(path)
            if before is not None and KEYS[path[0]].adds:
                self.layer[path] = SetValue((*before.value, *said.value), said.origin)
                continue
            self.layer.pop(path, None)
            if path[0] in BY_NAME:
                self._remove_namesakes(path)
            self.layer[path] = said

    def _remove_namesakes(self, path: tuple[str, ...]) -> None:
        """Remove what is the same setting: one names the rule with its category, the other without."""
        table, name, *rest = path
        bare = (table, name.rpartition("/")[2], *rest)
        if bare == path:
            for namesake in self._with_category.pop(bare, ()):
                self.layer.pop(namesake, None)
        else:
            self.layer.pop(bare, None)
            self._with_category.setdefault(bare, []).append(path)


def combined(layers: Iterable[Layer]) -> Layer:
    """Layers on each other, the last on top."""
    found = Combination()
    for layer in layers:
        found.add(layer)
    return found.layer


def locks(layer: Layer) -> bool:
    """Whether a layer locks any rule."""
    return any(path[2:] == ("locked",) and said.value for path, said in layer.items())


def settings_of(layer: Layer, above: Iterable[Settings] = (), chain: tuple[str, ...] = ()) -> Settings:
    """What a layer says, the rest by default; ``chain`` are the files that it comes from, the strongest last."""

    def said(name: str, default: Any) -> Any:
        return layer[(name,)].value if (name,) in layer else default

    rules: dict[str, dict[str, Any]] = {}
    for path, each in layer.items():
        if path[0] == "rules" and path[2] != "locked":
            rules.setdefault(path[1], {})[path[2]] = each.value
    locked = {path[1]: each.origin.text for path, each in layer.items() if path[2:] == ("locked",) and each.value}
    return Settings(
        select=said("select", None),
        extend_select=said("extend-select", ()),
        ignore=said("ignore", ()),
        levels=_table(layer, "levels"),
        options=rules,
        undecided=_table(layer, "undecided"),
        locked=tuple(locked),
        policies=said("policies", ()),
        above=tuple(above),
        exclude=(*said("exclude", ()), *said("extend-exclude", ())),
        force_exclude=said("force-exclude", False),
        per_file_ignores=tuple(_table(layer, "per-file-ignores").values()),
        suppressions=said("suppressions", ()),
        fail_on=said("fail-on", "warning"),
        sdk_config=said("sdk-config", None),
        require_reasons=said("require-reasons", False),
        output=said("output", ()),
        baseline=said("baseline", None),
        cost=_table(layer, "cost"),
        origin=chain[-1] if chain else "",
        chain=chain,
        locked_at=locked,
    )


def _table(layer: Layer, name: str) -> dict[str, Any]:
    return {path[1]: said.value for path, said in layer.items() if path[0] == name}
