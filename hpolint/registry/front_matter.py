"""Errors in a rule file's front matter and path: values that YAML misreads, schema errors, invalid names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Scalar, Struct, Unknown, follow, place, walk
from hpolint.model.reasons import Kind
from hpolint.model.rule import RuleError
from hpolint.registry.rule_reader import RuleFile

if TYPE_CHECKING:
    from hpolint.schema.breaches import Breach

NAME = lazy_regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
INT64_END = 2**63
NAME_CONVENTION = "lower-case words and digits joined by `-`, beginning with a letter"


def front_errors(file: RuleFile) -> list[RuleError]:
    """All errors that can be found without checking the expressions."""
    return [*_yaml_errors(file), *_schema_errors(file), *_name_errors(file)]


def _yaml_errors(file: RuleFile) -> list[RuleError]:
    """Values that YAML parses in an unexpected way, such as a condition that begins with `!`; duplicate keys."""
    errors = []
    for _, node in walk(file.front):
        if isinstance(node, Unknown):
            reason = "YAML parses this as a tag or an alias: put it in quotes"
            if node.kind is Kind.TOO_LARGE:
                reason = "this number is too large"
            errors.append(file.error(node.span, reason))
        elif isinstance(node, Scalar) and isinstance(node.value, int) and not -INT64_END <= node.value < INT64_END:
            errors.append(file.error(node.span, "this integer needs more than 64 bits: no condition can use it"))
        elif isinstance(node, Struct):
            errors += [file.error(span, f"duplicate key `{name}`") for name, span in node.shadowed]
    return errors


HINTS = {
    "level": 'error, warning or note, or an expression "{…}" in quotes that selects one of them with ?:',
    "since": "a version X.Y.Z in quotes",
    "default": "on or off",
    "group": "job or call",
}
"""The accepted values in words, for keys whose JSON Schema is hard to read."""


def _schema_errors(file: RuleFile) -> list[RuleError]:
    """The places where the front matter violates its JSON Schema."""
    from hpolint.schema import rule_schema
    from hpolint.schema.validation import all_breaches

    errors = []
    for breach in all_breaches(file.front, rule_schema()):
        span = place(file.front, breach.path)[0]
        where = ".".join(map(str, breach.path)) or "the front matter"
        if breach.keyword != "additionalProperties":
            errors.append(file.error(span, _reason(breach, where)))
            continue
        parent = follow(file.front, breach.path)
        for name in breach.value.keys() - breach.schema.get("properties", {}).keys():
            at = parent.keys.get(name, span) if isinstance(parent, Struct) else span
            errors.append(file.error(at, f"unknown key `{name}` in {where}"))
    return errors


def _reason(breach: Breach, where: str) -> str:
    """What is wrong with a part of the front matter. ``where`` is its path in words."""
    match breach.keyword:
        case "required":
            missing = ", ".join(f"`{name}`" for name in breach.expected if name not in breach.value)
            return f"{where} lacks {missing}"
        case "oneOf" if breach.path[:1] == ("options",):
            return f"{where}: an option needs a `default`, or a `type` with an `example`"
        case "anyOf" if not breach.path:
            return "a rule needs `when`, `observes` or `emitted_by`"
        case "anyOf":
            return f"{where}: write a string, or `say` with optional `when` and `otherwise`"
    expected = HINTS.get(where, f"{breach.keyword} {breach.expected!r}")
    return f"{where}: {breach.value!r} is invalid: expected {expected}"


def _name_errors(file: RuleFile) -> list[RuleError]:
    errors = []
    if not NAME.match(file.path.stem):
        reason = f"`{file.path.stem}` is not a valid rule name: write {NAME_CONVENTION}"
        errors.append(RuleError(file.source.name, 1, 1, reason))
    category = file.path.absolute().parent.name
    if not NAME.match(category):
        reason = f"the folder `{category}` names the category, but it is not a valid name: write {NAME_CONVENTION}"
        errors.append(RuleError(file.source.name, 1, 1, reason))
    return errors
