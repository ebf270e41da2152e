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
OWN = "^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*$"
"""The name of an organisation's own rule, which the schema cannot list."""


def config_schema() -> dict[str, Any]:
    """The schema of ``hpolint.toml`` and ``[tool.hpolint]``, in the form that SchemaStore accepts."""
    schema = ROOT.schema()
    properties = schema["properties"]
    rules = builtin_rules()
    names = {"anyOf": [{"enum": _names(rules)}, {"pattern": OWN}, {"pattern": "^[a-z][a-z0-9-]*$"}]}
    for key in NAMED:
        properties[key]["items"] |= names
    properties["per-file-ignores"]["additionalProperties"]["items"] |= names
    for key in BY_NAME:
        properties[key]["propertyNames"] = names
    properties["rules"]["properties"] = {name: _table(rule) for rule in rules for name in (rule.id, rule.name)}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://json.schemastore.org/hpolint.json",
        "title": "hpolint",
        "description": "Configuration of hpolint, which lints SageMaker hyperparameter tuning jobs.",
        **schema,
    }


def _names(rules: tuple[Rule, ...]) -> list[str]:
    """The names that can be selected: ``ALL``, categories, and rules with and without their category."""
    return [ALL, *CATEGORIES, *(rule.id for rule in rules), *(rule.name for rule in rules)]


def _table(rule: Rule) -> dict[str, Any]:
    """The schema of a rule's table of options."""
    options = {name: _option(option) for name, option in rule.options.items()}
    for former, name in rule.renamed_options.items():
        options[former] = options[name] | {"description": f"Former name of `{name}`.", "deprecated": True}
    return {
        "type": "object",
        "description": f"{rule.summary}.",
        "additionalProperties": False,
        "properties": {**options, "locked": LOCKED},
    }


def _option(option: Option) -> dict[str, Any]:
    default = {} if option.default is None else {"default": option.default}
    if option.kind.startswith("list["):
        kind: dict[str, Any] = {"type": "array", "items": {"type": OF_KIND[option.kind[5:-1]]}}
    else:
        kind = {"type": OF_KIND[option.kind]}
    return {"description": option.help, **default, **kind}
