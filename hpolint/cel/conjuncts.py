"""Comparisons in a condition that are evaluated without CEL: most subjects fail the first one.

``a && b`` is false if ``a`` is false, even if ``b`` is unknown. One part that is known to be false therefore decides
the condition, and its expression need not even be compiled. Everything else is left to CEL.
"""

from __future__ import annotations

import itertools
import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace

from hpolint.lazy_regex import lazy_regex

STEPS = r"(?:\.[A-Za-z_]\w*)*"
PATH = rf"\(?(?P<path>[a-z_]+{STEPS}\)?{STEPS})\)?"
"""A path, of which the expansion of ``let`` may have put the beginning or the whole in parentheses."""
EQUALITY = lazy_regex(rf"{PATH} (?P<sign>==|!=) (?P<value>\"[^\"\\]*\"|true|false|null)\Z")
MEMBERSHIP = lazy_regex(rf"{PATH} in (?P<value>\[\"[^\"\\]*\"(?:, \"[^\"\\]*\")*\])\Z")
BOOLEAN = lazy_regex(rf"(?P<sign>!?){PATH}\Z")
NUMBER = r"-?\d+(?:\.\d+)?"
COMPARISON = lazy_regex(rf"{PATH} (?P<sign>[<>]=?|==|!=) (?P<other>{NUMBER}|\(?[a-z_]+{STEPS}\)?{STEPS})\Z")

TOKEN = lazy_regex(r"""\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|[(){}\[\]?]|&&|\|\|""", re.DOTALL)
"""What can end a part: a bracket or an operator. Strings are tokens, so that nothing in them is one."""

OPENING, CLOSING = "([{", ")]}"

SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}

INT64 = 1 << 63

Operand = tuple[str, ...] | int | float
"""A path, or a number."""

MISSING = object()


class Constants(msgspec.Struct, frozen=True, tag=True):
    """The value at ``path`` must equal one of the constants, or none if ``negated``."""

    path: tuple[str, ...]
    constants: tuple[Any, ...]
    negated: bool

    def fails(self, values: Mapping[str, Any]) -> bool:
        """Whether the value is known and does not satisfy the comparison."""
        value = _value(values, self.path)
        if value is MISSING:
            return False
        is_equal = any(type(value) is type(constant) and value == constant for constant in self.constants)
        return is_equal is self.negated


class Comparison(msgspec.Struct, frozen=True, tag=True):
    """A comparison of two numbers."""

    left: Operand
    sign: str
    right: Operand

    def fails(self, values: Mapping[str, Any]) -> bool:
        """Whether both numbers are known and do not satisfy the comparison."""
        left, right = _number(values, self.left), _number(values, self.right)
        return left is not None and right is not None and not SIGNS[self.sign](left, right)

    def with_rule_values(self, own: Mapping[str, Any]) -> Comparison:
        """The comparison with the numbers that a rule brings along, such as its options, in place of their paths."""
        left, right = _number(own, self.left), _number(own, self.right)
        return replace(self, left=self.left if left is None else left, right=self.right if right is None else right)


class Conjunct(msgspec.Struct, frozen=True):
    """A part of a condition: comparisons joined by ``||``."""

    alternatives: tuple[Constants | Comparison, ...]

    def fails(self, values: Mapping[str, Any]) -> bool:
        """Whether the values are known and satisfy none of the comparisons."""
        return all(each.fails(values) for each in self.alternatives)

    def with_rule_values(self, own: Mapping[str, Any]) -> Conjunct:
        """The part with the numbers that a rule brings along, such as its options, in place of their paths."""
        numbers = [each.with_rule_values(own) if isinstance(each, Comparison) else each for each in self.alternatives]
        return Conjunct(tuple(numbers))


def _value(values: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """The value at a path, or ``MISSING``."""
    value: Any = values
    for step in path:
        if not isinstance(value, dict) or step not in value:
            return MISSING
        value = value[step]
    return value


def _number(values: Mapping[str, Any], operand: Operand) -> int | float | None:
    """The number that an operand is or that is at its path; None if there is none that CEL has."""
    value = _value(values, operand) if isinstance(operand, tuple) else operand
    if type(value) is float:
        return value
    return value if type(value) is int and -INT64 <= value < INT64 else None


@lru_cache(maxsize=1024)
def conjuncts(condition: str) -> tuple[Conjunct, ...]:
    """The parts of a condition, joined by ``&&``, that compare values with constants, or numbers with each other."""
    return tuple(_conjuncts(condition))


def _conjuncts(text: str) -> Iterator[Conjunct]:
    sign, operands = _operands(_unwrapped(text))
    if sign == "&&":
        for operand in operands:
            yield from _conjuncts(operand)
    elif sign != "?":
        found = [_comparison(" ".join(_unwrapped(operand).split())) for operand in operands]
        alternatives = tuple(each for each in found if each is not None)
        if len(alternatives) == len(found):
            yield Conjunct(alternatives)


def _comparison(text: str) -> Constants | Comparison | None:
    if match := EQUALITY.match(text):
        return Constants(_path(match["path"]), (json.loads(match["value"]),), match["sign"] == "!=")
    if match := MEMBERSHIP.match(text):
        return Constants(_path(match["path"]), tuple(json.loads(match["value"])), False)
    if match := BOOLEAN.match(text):
        return Constants(_path(match["path"]), (not match["sign"],), False)
    if match := COMPARISON.match(text):
        return Comparison(_path(match["path"]), match["sign"], _operand(match["other"]))
    return None


def _path(text: str) -> tuple[str, ...]:
    return tuple(text.replace("(", "").replace(")", "").split("."))


def _operand(text: str) -> Operand:
    """A number or a path."""
    if text[0] not in "-0123456789":
        return _path(text)
    return float(text) if "." in text else int(text)


def _unwrapped(text: str) -> str:
    """An expression without the parentheses around the whole of it."""
    text = text.strip()
    while text.startswith("(") and _end_of_bracket(text) == len(text):
        text = text[1:-1].strip()
    return text


def _end_of_bracket(text: str) -> int:
    """The offset after the bracket that closes the first one."""
    depth = 0
    for token in TOKEN.finditer(text):
        sign = token.group()
        depth += (sign in OPENING) - (sign in CLOSING)
        if depth == 0:
            return token.end()
    return -1


def _operands(text: str) -> tuple[str, list[str]]:
    """The operator that is applied last, ``?``, ``||``, ``&&`` or none, with its operands; none for ``?``."""
    found: dict[str, list[tuple[int, int]]] = {"||": [], "&&": []}
    depth = 0
    for token in TOKEN.finditer(text):
        sign = token.group()
        depth += (sign in OPENING) - (sign in CLOSING)
        if depth == 0 and sign == "?":
            return "?", []
        if depth == 0 and sign in found:
            found[sign].append(token.span())
    last = next((sign for sign, places in found.items() if places), "")
    places = [(0, 0), *found.get(last, ()), (len(text), len(text))]
    return last, [text[end:begin] for (_, end), (begin, _) in itertools.pairwise(places)]
