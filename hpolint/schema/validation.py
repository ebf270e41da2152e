"""A complete JSON Schema validator for the node tree, by jsonschema: for rule files, and to test ``breaches.py``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from hpolint.model.node import Node
from hpolint.schema.breaches import (
    Breach,
    OpenDict,
    OpenList,
    UnknownValue,
    instance_of,
    is_integer,
    is_number,
    without_mistyped,
)


def all_breaches(root: Node, schema: Mapping[str, Any]) -> list[Breach]:
    """The same as ``breaches``, for a schema with any keywords."""
    validator = _validator_class()(schema)
    breaches = []
    for error in validator.iter_errors(instance_of(root)):
        path, keyword = tuple(error.absolute_path), str(error.validator)
        breaches.append(Breach(path, keyword, error.instance, error.validator_value, error.schema))
    return without_mistyped(breaches)


Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


def _passing(keyword: Keyword, passes: tuple[type, ...]) -> Keyword:
    def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if not isinstance(instance, passes):
            yield from keyword(validator, value, instance, schema) or ()

    return checked


def _whole_pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """``pattern`` with an anchored `$`: unlike Python's, it does not match before a final line feed."""
    if validator.is_type(instance, "string") and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _names(validator: Any, schema: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """``propertyNames``, but with one breach for each key, at a path that ends in it."""
    if not validator.is_type(instance, "object"):
        return
    for name in instance:
        if any(True for _ in validator.descend(instance=name, schema=schema)):
            yield ValidationError(
                f"{name!r} is not a valid key",
                "propertyNames",
                [name],
                validator_value=schema,
                instance=name,
                schema=schema,
            )


NOT_ON_OPEN: dict[str, tuple[type, ...]] = {
    "required": (OpenDict,),
    "minProperties": (OpenDict,),
    "minItems": (OpenList,),
}


@cache
def _validator_class() -> Any:
    keywords = {
        name: _passing(keyword, (UnknownValue, *NOT_ON_OPEN.get(name, ())))
        for name, keyword in Draft202012Validator.VALIDATORS.items()
        if name != "$ref"
    }
    keywords["pattern"] = _passing(_whole_pattern, (UnknownValue,))
    keywords["propertyNames"] = _passing(_names, (UnknownValue,))
    types = Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"integer": lambda _, value: is_integer(value), "number": lambda _, value: is_number(value)}
    )
    return extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, keywords, type_checker=types
    )
