"""The parts of a condition that are asked of known values without CEL: most subjects fail the first of them.

``a && b`` is false where ``a`` is, whatever ``b`` is and whether or not it is known: a part that is known to be false
settles a condition. Anything else is CEL's to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

PATH = r"(?P<path>[a-z_]+(?:\.[A-Za-z_]\w*)?)"
EQUAL = re.compile(rf"{PATH} (?P<sign>==|!=) (?P<value>\"[^\"\\]*\"|true|false|null)\Z")
AMONG = re.compile(rf"{PATH} in (?P<value>\[\"[^\"\\]*\"(?:, \"[^\"\\]*\")*\])\Z")
TRUTH = re.compile(rf"(?P<sign>!?){PATH}\Z")


class Conjunct(msgspec.Struct, frozen=True):
    """What a value has to be, or not to be, that the condition can hold: one of some constants."""

    path: tuple[str, ...]
    constants: tuple[Any, ...]
    negated: bool

    def fails(self, values: Mapping[str, Any]) -> bool:
        """Whether the value is known and not what it has to be."""
        found: Any = values
        for step in self.path:
            if not isinstance(found, Mapping) or step not in found:
                return False
            found = found[step]
        same = any(type(found) is type(constant) and found == constant for constant in self.constants)
        return same is self.negated


@lru_cache(maxsize=1024)
def conjuncts(condition: str) -> tuple[Conjunct, ...]:
    """The plain ones among the parts of a condition that all have to hold."""
    found = (_conjunct(" ".join(part.split())) for part in _parts(condition))
    return tuple(each for each in found if each is not None)


def _conjunct(text: str) -> Conjunct | None:
    if match := EQUAL.match(text):
        return Conjunct(tuple(match["path"].split(".")), (json.loads(match["value"]),), match["sign"] == "!=")
    if match := AMONG.match(text):
        return Conjunct(tuple(match["path"].split(".")), tuple(json.loads(match["value"])), False)
    if match := TRUTH.match(text):
        return Conjunct(tuple(match["path"].split(".")), (not match["sign"],), False)
    return None


def _parts(condition: str) -> list[str]:
    """What stands between ``&&`` outside of all brackets; none where ``||`` or ``?`` stands there, too."""
    parts, depth, start, at = [], 0, 0, 0
    while at < len(condition):
        character = condition[at]
        if character in "\"'":
            at = _behind_text(condition, at)
            continue
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and (character == "?" or condition.startswith("||", at)):
            return []
        if depth == 0 and condition.startswith("&&", at):
            parts.append(condition[start:at])
            start = at = at + 2
            continue
        at += 1
    return [*parts, condition[start:]]


def _behind_text(condition: str, at: int) -> int:
    """Where a text ends that begins there."""
    quote, end = condition[at], at + 1
    while end < len(condition) and condition[end] != quote:
        end += 2 if condition[end] == "\\" else 1
    return end + 1
