"""What is wrong with a rule file's front matter as such: its shape, what YAML reads otherwise, the file's names."""

from __future__ import annotations

import re

from hpolint.model.node import Scalar, Struct, Unknown, follow, place, walk
from hpolint.model.rule import RuleError
from hpolint.registry.rule_reader import RuleFile
from hpolint.syntax.numbers import TOO_LARGE

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
LARGEST = 2**63
NAMED_SO = "words in lower case joined by `-`, the first beginning with a letter"


def front_errors(file: RuleFile) -> list[RuleError]:
    """Everything that is wrong before the expressions are looked at, with its places."""
    return [*_misread_yaml(file), *_misfits(file), *_misnamed(file)]


def _misread_yaml(file: RuleFile) -> list[RuleError]:
    """What YAML takes for something else than is meant: a tag, as of a condition that begins with `!`; a key twice."""
    errors = []
    for _, node in walk(file.front):
        if isinstance(node, Unknown):
            reason = "YAML takes this for a tag or an alias: put it in quotes"
            if node.reason == TOO_LARGE:
                reason = "a number that is too long to be read"
            errors.append(file.error(node.span, reason))
        elif isinstance(node, Scalar) and isinstance(node.value, int) and not -LARGEST <= node.value < LARGEST:
            errors.append(file.error(node.span, "an integer of more than 64 bits, which no condition takes"))
        elif isinstance(node, Struct):
            errors += [file.error(span, f"`{name}` stands here twice") for name, span in node.shadowed]
    return errors


HINTS = {
    "level": 'error, warning or note, or "{…}" in quotes that chooses between them by ?:',
    "since": "a version X.Y.Z in quotes",
    "default": "on or off",
    "group": "job or call",
}
"""What the front matter takes, in words, where its schema's are none."""


def _misfits(file: RuleFile) -> list[RuleError]:
    """Where the front matter does not fit its JSON Schema."""
    from hpolint.schema import rule_schema
    from hpolint.schema.validation import all_breaches

    errors = []
    for breach in all_breaches(file.front, rule_schema()):
        span = place(file.front, breach.path)[0]
        where = ".".join(map(str, breach.path)) or "the front matter"
        if breach.keyword == "additionalProperties":
            parent = follow(file.front, breach.path)
            for name in breach.value.keys() - breach.schema.get("properties", {}).keys():
                at = parent.keys.get(name, span) if isinstance(parent, Struct) else span
                errors.append(file.error(at, f"unknown key `{name}` in {where}"))
        elif breach.keyword == "required":
            missing = ", ".join(f"`{name}`" for name in breach.expected if name not in breach.value)
            errors.append(file.error(span, f"{where} lacks {missing}"))
        elif breach.keyword == "oneOf" and breach.path[:1] == ("options",):
            errors.append(file.error(span, f"{where}: an option has a `default`, or a `type` with an `example`"))
        elif breach.keyword == "anyOf" and not breach.path:
            errors.append(file.error(span, "a rule says `when`, `observes` or `emitted_by`"))
        elif breach.keyword == "anyOf":
            errors.append(file.error(span, f"{where}: a text, or `say` with `when` and `otherwise`"))
        else:
            wanted = HINTS.get(where, f"{breach.keyword} {breach.expected!r}")
            errors.append(file.error(span, f"{where}: {breach.value!r} does not fit: {wanted}"))
    return errors


def _misnamed(file: RuleFile) -> list[RuleError]:
    errors = []
    if not NAME.match(file.path.stem):
        errors.append(RuleError(file.source.name, 1, 1, f"`{file.path.stem}` is no rule name: {NAMED_SO}"))
    category = file.path.absolute().parent.name
    if not NAME.match(category):
        reason = f"the folder `{category}` is the rule's category, and no name: {NAMED_SO}"
        errors.append(RuleError(file.source.name, 1, 1, reason))
    return errors
