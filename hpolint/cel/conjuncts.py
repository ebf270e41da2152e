"""Comparisons in a condition that are evaluated without CEL: most subjects fail the first one.

``a && b`` is false if ``a`` is false, even if ``b`` is unknown. One part that is known to be false therefore decides
the condition. Everything else is left to CEL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from hpolint.lazy_regex import lazy_regex

PATH = r"(?P<path>[a-z_]+(?:\.[A-Za-z_]\w*)?)"
EQUALITY = lazy_regex(rf"{PATH} (?P<sign>==|!=) (?P<value>\"[^\"\\]*\"|true|false|null)\Z")
MEMBERSHIP = lazy_regex(rf"{PATH} in (?P<value>\[\"[^\"\\]*\"(?:, \"[^\"\\]*\")*\])\Z")
BOOLEAN = lazy_regex(rf"(?P<sign>!?){PATH}\Z")


TOKEN = lazy_regex(r"""\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|[(){}\[\]?]|&&|\|\|""", re.DOTALL)
"""What can end a part: a bracket or an operator. Strings are tokens, so that nothing in them is one."""

OPENING, CLOSING = "([{", ")]}"


class Conjunct(msgspec.Struct, frozen=True):
    """A part of a condition: the value at ``path`` must equal one of the constants, or none if ``negated``."""

    path: tuple[str, ...]
    constants: tuple[Any, ...]
    negated: bool

    def fails(self, values: Mapping[str, Any]) -> bool:
        """Whether the value is known and does not satisfy this part."""
        value: Any = values
        for step in self.path:
            if not isinstance(value, Mapping) or step not in value:
                return False
            value = value[step]
        is_equal = any(type(value) is type(constant) and value == constant for constant in self.constants)
        return is_equal is self.negated


@lru_cache(maxsize=1024)
def conjuncts(condition: str) -> tuple[Conjunct, ...]:
    """The parts of a condition, joined by ``&&``, that compare one value with constants."""
    found = (_conjunct(" ".join(part.split())) for part in _parts(condition))
    return tuple(each for each in found if each is not None)


def _conjunct(text: str) -> Conjunct | None:
    if match := EQUALITY.match(text):
        return Conjunct(tuple(match["path"].split(".")), (json.loads(match["value"]),), match["sign"] == "!=")
    if match := MEMBERSHIP.match(text):
        return Conjunct(tuple(match["path"].split(".")), tuple(json.loads(match["value"])), False)
    if match := BOOLEAN.match(text):
        return Conjunct(tuple(match["path"].split(".")), (not match["sign"],), False)
    return None


def _parts(condition: str) -> list[str]:
    """The operands of ``&&`` outside of all brackets; empty if ``||`` or ``?`` also occurs there."""
    parts, depth, start = [], 0, 0
    for token in TOKEN.finditer(condition):
        sign = token.group()
        if sign in OPENING:
            depth += 1
        elif sign in CLOSING:
            depth -= 1
        elif depth == 0 and sign == "&&":
            parts.append(condition[start : token.start()])
            start = token.end()
        elif depth == 0 and sign in ("||", "?"):
            return []
    return [*parts, condition[start:]]
