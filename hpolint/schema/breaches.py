"""A fast validator for the request's schema: each violated keyword with its path. Unknown values violate nothing.

It supports only the keywords that ``scripts/generate_schema.py`` writes: a request is validated several times, and a
complete validator takes five times as long. The tests compare it with the complete one in ``validation.py``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown


class Breach(msgspec.Struct, frozen=True):
    """One violated keyword. ``value`` is the instance at ``path``, ``expected`` the keyword's own value.

    For ``propertyNames``, ``value`` is the key, and the path ends in it.
    """

    path: Path
    keyword: str
    value: Any
    expected: Any
    schema: Mapping[str, Any]


class UnknownValue:
    """The marker for an Unknown in an instance."""


class OpenDict(dict[str, Any]):
    """A structure that may have further members."""


class OpenList(list[Any]):
    """A list that may have further items."""


UNKNOWN = UnknownValue()


def breaches(root: Node, schema: Mapping[str, Any]) -> list[Breach]:
    """All violations of the schema in the tree, in the order of the schema's walk.

    ``schema`` has no references: it is ``linked_request_schema()`` or a part of it. A value of the wrong type has no
    other violation: 2.5 for an integer of at least 7200 is only reported as not an integer. Raises KeyError for a
    keyword that is not in ``KEYWORDS``.
    """
    return without_mistyped(list(_breaches(root, schema, ())))


def without_mistyped(breaches: list[Breach]) -> list[Breach]:
    """The breaches without the other ones of values of a wrong type."""
    mistyped = {breach.path for breach in breaches if breach.keyword == "type"}
    return [breach for breach in breaches if breach.keyword == "type" or breach.path not in mistyped]


def instance_of(node: Node) -> Any:
    """A tree as plain values, with markers for open structures, open lists and unknown values."""
    if isinstance(node, Struct):
        members = {name: instance_of(member) for name, member in node.members.items()}
        return OpenDict(members) if node.open else members
    if isinstance(node, Array):
        items = [instance_of(item) for item in node.items]
        return OpenList(items) if node.open else items
    return node.value if isinstance(node, Scalar) else UNKNOWN


def _breaches(node: Node, schema: Mapping[str, Any], path: Path) -> Iterator[Breach]:
    if isinstance(node, Unknown):
        return
    wanted = schema.get("type")
    if wanted is not None and not TYPES[wanted](node):
        yield Breach(path, "type", instance_of(node), wanted, schema)
        return
    for keyword, expected in schema.items():
        if keyword != "type":
            yield from KEYWORDS[keyword](node, keyword, expected, schema, path)


def is_integer(value: object) -> bool:
    """Whether a value is an integer. 1.0 is not, because botocore refuses it; true is not, because the service does."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Whether a value is a finite number, not a boolean."""
    return math.isfinite(value) if isinstance(value, float) else is_integer(value)


TYPES: dict[str, Callable[[Node], bool]] = {
    "object": lambda node: isinstance(node, Struct),
    "array": lambda node: isinstance(node, Array),
    "string": lambda node: isinstance(node, Scalar) and isinstance(node.value, str),
    "boolean": lambda node: isinstance(node, Scalar) and isinstance(node.value, bool),
    "integer": lambda node: isinstance(node, Scalar) and is_integer(node.value),
    "number": lambda node: isinstance(node, Scalar) and is_number(node.value),
}

Check = Callable[[Any, str, Any, Mapping[str, Any], Path], Iterator[Breach]]
"""The check of a keyword on a node of the right type: takes node, keyword, the keyword's value, schema and path."""


def _bound(holds: Callable[[Any, Any], bool]) -> Check:
    """The check of a keyword on a scalar's value."""

    def check(node: Any, keyword: str, expected: Any, schema: Mapping[str, Any], path: Path) -> Iterator[Breach]:
        if isinstance(node, Scalar) and not holds(node.value, expected):
            yield Breach(path, keyword, node.value, expected, schema)

    return check


def _count(holds: Callable[[int, int], bool], *, is_least: bool = False) -> Check:
    """The check of a keyword on the size of a list or structure. Minimums do not apply to open ones."""

    def check(node: Any, keyword: str, expected: Any, schema: Mapping[str, Any], path: Path) -> Iterator[Breach]:
        if is_least and node.open:
            return
        size = len(node.members if isinstance(node, Struct) else node.items)
        if not holds(size, expected):
            yield Breach(path, keyword, instance_of(node), expected, schema)

    return check


def _required(node: Any, keyword: str, expected: Any, schema: Mapping[str, Any], path: Path) -> Iterator[Breach]:
    """One breach for each missing member."""
    if not node.open:
        for name in expected:
            if name not in node.members:
                yield Breach(path, keyword, instance_of(node), expected, schema)


def _properties(node: Any, _keyword: str, expected: Any, _schema: Mapping[str, Any], path: Path) -> Iterator[Breach]:
    for name, below in expected.items():
        member = node.members.get(name)
        if member is not None:
            yield from _breaches(member, below, (*path, name))


def _additional_properties(
    node: Any, keyword: str, expected: Any, schema: Mapping[str, Any], path: Path
) -> Iterator[Breach]:
    """``additionalProperties``: the check of members that are not in ``properties``."""
    others = [name for name in node.members if name not in schema.get("properties", ())]
    if expected is False:
        if others:
            yield Breach(path, keyword, instance_of(node), expected, schema)
        return
    for name in others:
        yield from _breaches(node.members[name], expected, (*path, name))


def _items(node: Any, _keyword: str, expected: Any, _schema: Mapping[str, Any], path: Path) -> Iterator[Breach]:
    for number, item in enumerate(node.items):
        yield from _breaches(item, expected, (*path, number))


def _property_names(node: Any, keyword: str, expected: Any, _schema: Mapping[str, Any], path: Path) -> Iterator[Breach]:
    """``propertyNames``: one breach for each key, at a path that ends in it."""
    for name in node.members:
        if any(True for _ in _breaches(Scalar(name, node.anchor), expected, path)):
            yield Breach((*path, name), keyword, name, expected, expected)


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """A pattern as in JSON Schema: unlike Python's, `$` does not match before a final line feed."""
    return re.compile(re.sub(r"\$$", r"\\Z", pattern))


KEYWORDS: dict[str, Check] = {
    "properties": _properties,
    "additionalProperties": _additional_properties,
    "propertyNames": _property_names,
    "items": _items,
    "required": _required,
    "enum": _bound(lambda value, choices: value in choices),
    "pattern": _bound(lambda value, pattern: _pattern(pattern).search(value) is not None),
    "minLength": _bound(lambda value, least: len(value) >= least),
    "maxLength": _bound(lambda value, most: len(value) <= most),
    "minimum": _bound(lambda value, least: value >= least),
    "maximum": _bound(lambda value, most: value <= most),
    "minItems": _count(int.__ge__, is_least=True),
    "maxItems": _count(int.__le__),
    "minProperties": _count(int.__ge__, is_least=True),
    "maxProperties": _count(int.__le__),
}
