"""Completions for a configuration file, from its JSON Schema: tables, keys, and the values of a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from hpolint.config.schema import config_schema
from hpolint.editor.toml_places import BARE, TomlPlace, toml_place
from hpolint.model.rule import CATEGORIES
from hpolint.model.settings import CONFIG_FILE, PYPROJECT
from hpolint.registry import builtin_rules

OWN_TABLE = ("tool", "hpolint")
NAMES = "#/definitions/name"


class ConfigCompletion(msgspec.Struct, frozen=True):
    """A name or value, what is written for it in the place of what was typed, and its description in Markdown."""

    label: str
    text: str
    documentation: str = ""
    is_value: bool = False


def config_completions(path: str, before: str) -> tuple[str, list[ConfigCompletion]]:
    """What was typed at the end of a text before the cursor, and what may stand in its place."""
    place = toml_place(before)
    if place is not None and path.rpartition("/")[2] == PYPROJECT:
        place = _own_place(place)
    elif path.rpartition("/")[2] != CONFIG_FILE:
        return "", []
    if place is None:
        return "", []
    schema = _at(config_schema_once(), place.path)
    found = _values(schema, place) if place.kind == "value" else _keys(schema, place)
    return place.typed, list(found)


def _own_place(place: TomlPlace) -> TomlPlace | None:
    """A place of a ``pyproject.toml`` in hpolint's own table; None outside of it."""
    if place.path[:2] != OWN_TABLE:
        return None
    return msgspec.structs.replace(place, path=place.path[2:])


@lru_cache(maxsize=1)
def config_schema_once() -> dict[str, Any]:
    """The schema, made once."""
    return config_schema()


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema with what it refers to."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        found: Any = config_schema_once()
        for name in reference.removeprefix("#/").split("/"):
            found = found[name.replace("~1", "/")]
        return _resolved(found)
    if "allOf" in schema:
        return {**_resolved(schema["allOf"][0]), **schema}
    return schema


def _at(schema: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any]:
    """The schema of the value with a path; empty if there is none."""
    own = _resolved(schema)
    for name in path:
        if own.get("type") == "array":
            own = _resolved(own["items"])
        below = own.get("properties", {}).get(name, own.get("additionalProperties"))
        if not isinstance(below, dict):
            return {}
        own = _resolved(below)
    return own


def _keys(schema: Mapping[str, Any], place: TomlPlace) -> Iterator[ConfigCompletion]:
    """The names of a table's members; of tables only, where a table is named."""
    own = _resolved(schema["items"]) if schema.get("type") == "array" else schema
    for name, below in own.get("properties", {}).items():
        member = _resolved(below)
        is_other_spelling = ("/" in name) != place.quoted and place.path[-1:] == ("rules",)
        if (place.kind == "key" or _is_table(member)) and not is_other_spelling and "deprecated" not in member:
            yield _name(name, member.get("description", ""), place)
    if own.get("propertyNames", {}).get("$ref") == NAMES:
        for name, description in _rule_names():
            yield _name(name, description, place)


def _is_table(schema: Mapping[str, Any]) -> bool:
    if schema.get("type") == "array":
        return _resolved(schema["items"]).get("type") == "object"
    return schema.get("type") == "object"


def _name(name: str, description: str, place: TomlPlace) -> ConfigCompletion:
    bare = BARE.fullmatch(name) is not None
    return ConfigCompletion(name, name if bare or place.quoted else f'"{name}"', description)


def _rule_names() -> Iterator[tuple[str, str]]:
    """The names of categories and rules, with their summaries."""
    yield from ((name, "All rules of the category.") for name in CATEGORIES)
    yield from ((rule.id, f"{rule.summary}.") for rule in builtin_rules())


def _values(schema: Mapping[str, Any], place: TomlPlace) -> Iterator[ConfigCompletion]:
    """The values that a key may have, as far as they can be listed."""
    for member in [schema, *schema.get("anyOf", [])]:
        own = _resolved(member["items"]) if member.get("type") == "array" else member
        if member.get("items", {}).get("$ref") == NAMES:
            for name, description in _rule_names():
                yield _value(name, place, member, description)
            return
        for value in own.get("enum", []):
            yield _value(value, place, member)
        if own.get("type") == "boolean" and not place.quoted:
            yield from (ConfigCompletion(word, word, is_value=True) for word in ("true", "false"))


def _value(value: str, place: TomlPlace, schema: Mapping[str, Any], description: str = "") -> ConfigCompletion:
    """A text as a value: with quotes if it has none yet, and as an array where the key has one."""
    text = value if place.quoted else f'"{value}"'
    if schema.get("type") == "array" and not place.in_array and not place.quoted:
        text = f"[{text}]"
    return ConfigCompletion(value, text, description, is_value=True)
