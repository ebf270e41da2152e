"""A request's values by paths that do not depend on the order of items, and the changes between two requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from hpolint.io.escaping import BRIEF, brief
from hpolint.model.message_text import either_of
from hpolint.model.node import Array, Node, Origin, Path, Scalar, Struct, Unknown, text_of

ALIASES = {"HyperParameterTuningResourceConfig": "ResourceConfig"}
"""Structures that count as the same: the SDK, not the user, chooses which one is set."""

NAMES = ("Name", "DefinitionName", "ChannelName", "InstanceGroupName", "Key")
"""Members that identify the items of a list."""


class Field(msgspec.Struct, frozen=True):
    """One value at a ``path``. ``text`` is the value, or the reason why it is unknown."""

    path: Path
    text: str
    is_default: bool = False
    is_unknown: bool = False
    is_text: bool = True
    known_values: tuple[object, ...] = ()
    """The known part of an unknown value: its pieces, or all its possible values."""

    def shown(self, other: Field | None = None) -> str:
        """The value as text; quoted if it differs from ``other`` only by being a string."""
        text = self.text
        if self.is_text and other is not None and not other.is_text and other.text == text:
            text = json.dumps(text, ensure_ascii=False)
        text = brief(text, BRIEF)
        if self.is_unknown:
            return f"unknown: {text}"
        return f"{text} (default)" if self.is_default else text


class Change(msgspec.Struct, frozen=True):
    """A value that was changed, added (no ``before``) or removed (no ``after``). ``key`` is its path by item names."""

    key: Path
    before: Field | None
    after: Field | None

    @property
    def becomes_written(self) -> bool:
        """Whether the value stays the same but is explicit now instead of a default."""
        if self.before is None or self.after is None:
            return False
        same = (self.before.text, self.before.is_text) == (self.after.text, self.after.is_text)
        return same and self.before.is_default and not self.after.is_default


Fields: TypeAlias = Mapping[Path, Field]
"""Values of a request by their keys."""


def fields_of(request: Struct) -> dict[Path, Field]:
    """All values of a request by their paths, with items by name if they have one, else by index."""
    found: dict[Path, Field] = {}
    _collect(request, (), (), found)
    return found


def _collect(node: Node, path: Path, key: Path, found: dict[Path, Field]) -> None:
    if isinstance(node, Struct):
        for name, member in node.members.items():
            is_item_name = isinstance(member, Scalar) and name in NAMES and key and member.value == key[-1]
            if not is_item_name:  # it is part of the key already
                _collect(member, (*path, name), (*key, ALIASES.get(name, name)), found)
    elif isinstance(node, Array):
        if not node.items and node.open is None:
            return  # an empty list means the same as no list
        if all(isinstance(item, Scalar) for item in node.items) and node.open is None:
            text = json.dumps([item.value for item in node.items if isinstance(item, Scalar)], ensure_ascii=False)
            found[key] = Field(path, text)
            return
        seen: dict[str | int, int] = {}
        for index, item in enumerate(node.items):
            step = _name(item, index)
            seen[step] = seen.get(step, 0) + 1
            place = step if seen[step] == 1 else f"{step}#{seen[step]}"
            _collect(item, (*path, index), (*key, place), found)
    elif isinstance(node, Unknown):
        values = tuple(None if each is None else each.value for each in node.choices)
        text = f"{node.reason} ({either_of(node.choices)})" if values else node.reason
        found[key] = Field(path, text, is_unknown=True, known_values=values or node.pieces)
    else:
        text = node.value if isinstance(node.value, str) else json.dumps(node.value)
        found[key] = Field(path, text, node.origin is Origin.DEFAULT, is_text=isinstance(node.value, str))
    if isinstance(node, Struct | Array) and node.open is not None:
        found[(*key, "…")] = Field(path, node.open.reason, is_unknown=True)


def _name(item: Node, index: int) -> str | int:
    if isinstance(item, Struct):
        for name in NAMES:
            text = text_of(item.get(name))
            if text is not None:
                return text
    return index


def is_same(one: Field | None, other: Field | None) -> bool:
    """Whether two fields have the same value, wherever in their requests they are."""
    if one is None or other is None:
        return one is other
    return replace(one, path=()) == replace(other, path=())


def changes(old: Fields, new: Fields) -> list[Change]:
    """The changes between the fields of two requests, in the order of the later one, with removed values at the end.

    Default and unknown values that are added or removed with their structure are no changes.
    """
    found = [Change(key, old.get(key), each) for key, each in new.items() if _differs(old.get(key), each)]
    return [*found, *(Change(key, each, None) for key, each in old.items() if key not in new and _is_written(each))]


def _is_written(field: Field) -> bool:
    return not (field.is_default or field.is_unknown)


def _differs(before: Field | None, after: Field) -> bool:
    if before is None:
        return _is_written(after)
    if (before.is_unknown or after.is_unknown) and not (_is_written(before) or _is_written(after)):
        return before.known_values != after.known_values  # a reason alone may mention something that changed elsewhere
    return not is_same(before, after)
