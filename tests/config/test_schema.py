"""The JSON Schema of a configuration file says what hpolint itself says."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from hpolint.config.keys import KEYS, ROOT
from hpolint.config.layers import layer_of
from hpolint.config.lookup import CheckOptions, Configurations
from hpolint.config.naming import check_configurations
from hpolint.config.schema import config_schema
from hpolint.model.settings import ConfigError
from hpolint.registry import builtin_rules
from scripts.generate_docs import SCHEMA

VALIDATOR = Draft7Validator(json.loads(SCHEMA.read_text("utf-8")))

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
    known = {rule.category for rule in RULES} | {rule.name for rule in RULES} | {rule.id for rule in RULES} | {"ALL"}
    return bool(outside) or bool(set(named) - known) or bool(set(settings.get("rules", {})) - known)


def test_the_schema_is_one_that_schemastore_takes() -> None:
    """Draft 7, with its own address, closed, and every key described."""
    schema = config_schema()
    Draft7Validator.check_schema(schema)
    assert schema["$id"] == "https://json.schemastore.org/hpolint.json"
    assert schema["additionalProperties"] is False
    assert all(each["description"] for each in schema["properties"].values())
    assert {name for rule in RULES for name in (rule.id, rule.name)} == set(schema["properties"]["rules"]["properties"])


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
