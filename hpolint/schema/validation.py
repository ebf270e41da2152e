"""JSON Schema over the node tree: what breaks, and at which path. Unknown values break nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from hpolint.node import Array, Node, Path, Scalar, Struct


class _UnknownValue:
    """Stands in the instance for an Unknown; every keyword passes over it."""


class _OpenDict(dict[str, Any]):
    """A structure that may have further members."""


class _OpenList(list[Any]):
    """A list that may have further items."""


UNKNOWN = _UnknownValue()


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken keyword. ``value`` is the instance at ``path``, ``expected`` the keyword's own value.

    Of ``propertyNames`` the path ends in the key, which is the ``value``.
    """

    path: Path
    keyword: str
    value: Any
    expected: Any
    schema: Mapping[str, Any]


def breaches(root: Node, schema: Mapping[str, Any]) -> list[Breach]:
    """Everything in the tree that the schema does not allow, in document order of the schema's walk.

    Of a value of the wrong type, nothing else is said: 2.5 for an integer of at least 7200 is no integer.
    """
    validator = _validator_class()(schema)
    found = [
        Breach(tuple(error.absolute_path), str(error.validator), error.instance, error.validator_value, error.schema)
        for error in validator.iter_errors(_instance(root))
    ]
    mistyped = {breach.path for breach in found if breach.keyword == "type"}
    return [breach for breach in found if breach.keyword == "type" or breach.path not in mistyped]


def _instance(node: Node) -> Any:
    if isinstance(node, Struct):
        members = {name: _instance(member) for name, member in node.members.items()}
        return _OpenDict(members) if node.open else members
    if isinstance(node, Array):
        items = [_instance(item) for item in node.items]
        return _OpenList(items) if node.open else items
    return node.value if isinstance(node, Scalar) else UNKNOWN


Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


def _passing(keyword: Keyword, passes: tuple[type, ...]) -> Keyword:
    def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if not isinstance(instance, passes):
            yield from keyword(validator, value, instance, schema) or ()

    return checked


def _whole_pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """Like JSON Schema's, but `$` does not pass over a last line feed."""
    if validator.is_type(instance, "string") and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _names(validator: Any, schema: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """Like JSON Schema's, but one breach for each key, at a path that ends in it."""
    for name in instance if validator.is_type(instance, "object") else []:
        if any(True for _ in validator.descend(instance=name, schema=schema)):
            yield ValidationError(
                f"{name!r} is no key", "propertyNames", [name], validator_value=schema, instance=name, schema=schema
            )


NOT_ON_OPEN: dict[str, tuple[type, ...]] = {
    "required": (_OpenDict,),
    "minProperties": (_OpenDict,),
    "minItems": (_OpenList,),
}


@cache
def _validator_class() -> Any:
    keywords = {
        name: _passing(keyword, (_UnknownValue, *NOT_ON_OPEN.get(name, ())))
        for name, keyword in Draft202012Validator.VALIDATORS.items()
        if name != "$ref"
    }
    keywords["pattern"] = _passing(_whole_pattern, (_UnknownValue,))
    keywords["propertyNames"] = _passing(_names, (_UnknownValue,))
    types = Draft202012Validator.TYPE_CHECKER.redefine_many({"integer": _is_integer, "number": _is_number})
    return extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, keywords, type_checker=types
    )


def _is_integer(_checker: Any, value: Any) -> bool:
    """Neither 1.0, which botocore refuses, nor true, which the service does."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(_checker: Any, value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)
