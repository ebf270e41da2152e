"""The JSON Schema of a configuration file says what hpolint itself says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from hpolint.config.keys import KEYS, ROOT
from hpolint.config.layers import layer_of
from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.config.naming import check_configurations
from hpolint.config.schema import config_schema
from hpolint.model.rule import CATEGORIES
from hpolint.model.settings import ConfigError
from hpolint.registry import builtin_rules

SCHEMA = config_schema()
VALIDATOR = Draft7Validator(SCHEMA)

RULES = builtin_rules()
NAMES = st.sampled_from(["ALL", "scale", *(rule.id for rule in RULES), *(rule.name for rule in RULES)])
JUNK = st.sampled_from([None, 1, 2.5, True, "", "text", [], ["scale"], [1], {}, {"a": 1}, {"scale": "note"}, "error"])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "required-version": st.just(">=0.1"),
    "extend": st.just([]),
    "select": st.lists(NAMES, max_size=2),
    "extend-select": st.lists(NAMES, max_size=2),
    "ignore": st.lists(NAMES, max_size=2),
    "exclude": st.lists(st.sampled_from(["a/", "*.json"]), max_size=2),
    "extend-exclude": st.lists(st.sampled_from(["a/", "*.json"]), max_size=2),
    "force-exclude": st.booleans(),
    "per-file-ignores": st.dictionaries(st.just("*.py"), st.lists(NAMES, max_size=2), max_size=1),
    "fail-on": st.sampled_from(["error", "warning", "note", "warn"]),
    "levels": st.dictionaries(NAMES, st.sampled_from(["error", "note", "off"]), max_size=2),
    "rules": st.dictionaries(
        st.sampled_from([name for rule in RULES if rule.options for name in (rule.id, rule.name)]),
        st.dictionaries(
            st.sampled_from(["locked", "min_trials", "min_rounds", "min_decades", "many_trials"]),
            st.sampled_from([True, 3, 2.5, "a", ["a"]]),
            max_size=2,
        ),
        max_size=2,
    ),
    "policies": st.just([]),
    "undecided": st.dictionaries(NAMES, st.sampled_from(["error", "off", "none"]), max_size=2),
    "sdk-config": st.just("none"),
    "suppressions": st.lists(
        st.fixed_dictionaries(
            {"file": st.just("a.json"), "rules": st.lists(st.sampled_from(["missing-spot", "scale"]), max_size=1)},
            optional={
                "until": st.sampled_from(["2027-01-31", "soon"]),
                "path": st.just("Strategy"),
                "why": st.just(""),
            },
        ),
        max_size=1,
    ),
    "require-reasons": st.booleans(),
    "output": st.lists(st.sampled_from(["text", "sarif", "json:", "jsn"]), max_size=2),
    "baseline": st.just("known.json"),
}
SETTINGS = st.dictionaries(st.sampled_from([*KEYS, "selects"]), st.none(), min_size=1, max_size=3).flatmap(
    lambda keys: st.fixed_dictionaries({key: VALUES.get(key, JUNK) | JUNK for key in keys})
)


@given(SETTINGS)
def test_schema_and_command_agree(settings: dict[str, Any]) -> None:
    """What an editor marks the command refuses, and what it does not mark the command takes."""
    try:
        check_configurations(Configurations(CheckOptions(settings, isolated=True)).found)
        taken = True
    except ConfigError:
        taken = False
    if any(value is None for value in settings.values()):
        assert not taken
    elif VALIDATOR.is_valid(settings) != taken:
        # A schema cannot express these: a rule's name with options, patterns, versions, files.
        assert not taken
        assert list(ROOT.problems(settings, ())) == []
        assert _only_the_command_knows(settings)


def _only_the_command_knows(settings: dict[str, Any]) -> bool:
    """Whether a setting names what lies outside of the file, or a category that somebody's policies may have."""
    outside = {"extend", "policies", "required-version", "sdk-config", "baseline"} & set(settings)
    named = [name for key in ("select", "extend-select", "ignore") for name in settings.get(key, [])]
    named += [name for key in ("levels", "undecided") for name in settings.get(key, {})]
    entries = settings.get("suppressions", [])
    if any("scale" in entry["rules"] or entry.get("until") == "soon" for entry in entries):
        return True  # a category, which is no rule; a format, which the validator does not hold to
    named += [name for names in settings.get("per-file-ignores", {}).values() for name in names]
    lacking = {name for rule in RULES if rule.required_options for name in (rule.id, rule.name)}
    if lacking & {name for key in ("select", "extend-select") for name in settings.get(key, [])}:
        return True
    if lacking & {name for name, options in settings.get("rules", {}).items() if options.get("locked")}:
        return True  # the option may stand in a file that is extended
    known = {rule.category for rule in RULES} | {rule.name for rule in RULES} | {rule.id for rule in RULES} | {"ALL"}
    return bool(outside) or bool(set(named) - known) or bool(set(settings.get("rules", {})) - known)


def test_the_schema_is_one_that_schemastore_takes() -> None:
    """Draft 7, with its own address, closed, and every key described."""
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == "https://json.schemastore.org/hpolint.json"
    assert SCHEMA["additionalProperties"] is False
    assert all(each["description"] for each in SCHEMA["properties"].values())


@pytest.mark.parametrize("key", ["select", "extend-select", "ignore"])
def test_an_editor_proposes_the_names_of_rules_in_lists(key: str) -> None:
    """Categories, `ALL`, and each rule once, by its full name."""
    proposed = names_in(SCHEMA["properties"][key]["items"])
    assert proposed == ["ALL", *CATEGORIES, *(rule.id for rule in RULES)]


def test_an_editor_proposes_the_names_of_rules_as_keys() -> None:
    """In `levels` and `undecided`, and for the files of a pattern."""
    properties = SCHEMA["properties"]
    names = names_in(properties["select"]["items"])
    assert names_in(properties["levels"]["propertyNames"]) == names
    assert names_in(properties["undecided"]["propertyNames"]) == names
    assert names_in(properties["per-file-ignores"]["additionalProperties"]["items"]) == names


def test_an_editor_proposes_the_options_of_a_rule() -> None:
    """Below its full and its short name, with what they mean; a former name is marked as such."""
    tables = SCHEMA["properties"]["rules"]["properties"]
    assert set(tables) == {name for rule in RULES for name in (rule.id, rule.name)}
    for rule in RULES:
        options = table_of(tables[rule.id])
        assert table_of(tables[rule.name]) == options
        current = [name for name, option in options.items() if not option.get("deprecated")]
        assert current == [*rule.options, "locked"]
        assert {name for name in options if name not in current} == set(rule.renamed_options)
        assert all(resolved(option)["description"] for option in options.values())


def test_the_schema_names_a_rule_four_times_at_most() -> None:
    """In the list of names, with its table, and where the short name refers to the table."""
    text = json.dumps(SCHEMA)
    assert text.count("/missing-spot") + text.count("~1missing-spot") + text.count('"missing-spot') == 4


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A part of the schema in place of a reference to it."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    part: Any = SCHEMA
    for step in reference.removeprefix("#/").split("/"):
        part = part[step.replace("~1", "/")]
    assert isinstance(part, dict)
    return resolved(part)


def names_in(schema: dict[str, Any]) -> list[str]:
    """The values that an editor proposes."""
    enumeration = resolved(schema)["anyOf"][0]["enum"]
    assert isinstance(enumeration, list)
    return enumeration


def table_of(schema: dict[str, Any]) -> dict[str, Any]:
    """The keys that an editor proposes in a rule's table, with their schemas."""
    table = resolved(schema)
    for part in table.get("allOf", []):
        table = resolved(part)
    properties = table["properties"]
    assert isinstance(properties, dict)
    return properties


REJECTED = [
    {"select": ["Scale"]},
    {"select": [""]},
    {"ignore": [3]},
    {"extend-select": "scale"},
    {"levels": {"not a name": "note"}},
    {"levels": {"missing-spot": "fatal"}},
    {"undecided": {"scale/": "error"}},
    {"per-file-ignores": {"*.py": ["a/b/c"]}},
    {"rules": {"missing-spot": {"nonsense": 1}}},
    {"rules": {"compute/missing-spot": {"dear_size": 1}}},
    {"rules": {"missing-spot": {"min_trials": 2.5}}},
    {"rules": {"compute/retired-instance": {"min_trials": 1}}},
    {"rules": {"retired-instance": {"locked": 1}}},
    {"rules": {"required-tags": {"keys": [1]}}},
    {"nonsense": 1},
]
ACCEPTED = [
    {"select": ["ALL", "scale", "missing-spot", "compute/missing-spot", "acme/own-rule"]},
    {"levels": {"scale": "note", "acme/own-rule": "error"}},
    {"rules": {"missing-spot": {"min_trials": 2, "locked": True}, "acme/own-rule": {"anything": 1}}},
    {"rules": {"compute/missing-spot": {"dear_hours": 2}}},
    {"rules": {"retired-instance": {"locked": True}}},
    {"per-file-ignores": {"*.py": ["scale"]}},
]


@pytest.mark.parametrize(
    ("settings", "is_valid"), [(each, False) for each in REJECTED] + [(each, True) for each in ACCEPTED]
)
def test_an_editor_marks_what_is_wrong(settings: dict[str, Any], *, is_valid: bool) -> None:
    """Names, options and their types; what a configuration may say is not marked."""
    assert VALIDATOR.is_valid(settings) == is_valid


def test_each_key_is_read() -> None:
    """No key is declared and then ignored, except two that concern the file itself."""
    from hpolint.config.config_files import given_table

    said = {"extend": "a", "required-version": "b"}
    for name, key in KEYS.items():
        value: Any = {"type": "x"}
        shape = key.kind.schema()
        value = {"string": "x", "boolean": True, "integer": 1, "array": ["text"]}.get(shape.get("type", ""))
        if "enum" in shape:
            value = shape["enum"][0]
        if shape.get("type") == "object":
            inner = shape["additionalProperties"] or {}
            of_rule = {"array": ["x"], "object": {"locked": True}}.get(inner.get("type", ""))
            value = {"scale": of_rule if "enum" not in inner else "note"}
        if name == "cost":
            value = {"region": "eu-west-1"}
        if name == "suppressions":
            value = [{"file": "a.json", "rules": ["missing-spot"]}]
        if name == "waivers":
            continue  # a waiver needs a lock in its own file: tests/suppressions/test_waivers.py
        if name not in said:
            assert layer_of(given_table({name: value})), name
