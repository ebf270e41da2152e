"""The JSON Schema of a configuration file for editors, generated from the keys and the built-in rules."""

from __future__ import annotations

from typing import Any

from hpolint.config.keys import LOCKED, ROOT
from hpolint.model.rule import CATEGORIES, Option, Rule
from hpolint.registry import builtin_rules
from hpolint.registry.choosing import ALL

OF_KIND = {"string": "string", "int": "integer", "double": "number", "bool": "boolean"}
NAMED = ("select", "extend-select", "ignore")
BY_NAME = ("levels", "undecided")
ANY_NAME = "^[a-z][a-z0-9-]*(/[a-z][a-z0-9-]*)?$"
"""A name without its category, or one of an organisation's own rule, which the schema does not list."""

NAME, LOCK, TABLE = ({"$ref": f"#/definitions/{name}"} for name in ("name", "locked", "table"))


def config_schema() -> dict[str, Any]:
    """The schema of ``hpolint.toml`` and ``[tool.hpolint]``, in the form that SchemaStore accepts."""
    schema = ROOT.schema()
    properties = schema["properties"]
    rules = builtin_rules()
    for key in NAMED:
        properties[key]["items"] = NAME
    properties["per-file-ignores"]["additionalProperties"]["items"] = NAME
    for key in BY_NAME:
        properties[key]["propertyNames"] = NAME
    tables = properties["rules"]["properties"] = {}
    for rule in rules:
        tables[rule.id] = _table(rule)
        tables[rule.name] = {"$ref": f"#/properties/rules/properties/{rule.category}~1{rule.name}"}
    names = [ALL, *CATEGORIES, *(rule.id for rule in rules)]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://json.schemastore.org/hpolint.json",
        "title": "hpolint",
        "description": "Configuration of hpolint, which lints SageMaker hyperparameter tuning jobs.",
        **schema,
        "definitions": {
            "name": {"type": "string", "anyOf": [{"enum": names}, {"pattern": ANY_NAME}]},
            "locked": LOCKED,
            "table": {"type": "object", "additionalProperties": False, "properties": {"locked": LOCK}},
        },
    }


def _table(rule: Rule) -> dict[str, Any]:
    """The schema of a rule's table of options."""
    description = {"description": f"{rule.summary}."}
    if not rule.options:
        return {**description, "allOf": [TABLE]}
    options = {name: _option(option) for name, option in rule.options.items()}
    for former, name in rule.renamed_options.items():
        options[former] = {**options[name], "description": f"Former name of `{name}`.", "deprecated": True}
    return {
        **description,
        "type": "object",
        "additionalProperties": False,
        "properties": {**options, "locked": LOCK},
    }


def _option(option: Option) -> dict[str, Any]:
    schema: dict[str, Any] = {"description": option.help}
    if option.default is not None:
        schema["default"] = option.default
    if option.kind.startswith("list["):
        return schema | {"type": "array", "items": {"type": OF_KIND[option.kind[5:-1]]}}
    return schema | {"type": OF_KIND[option.kind]}
