"""Parameters that say which values they can be given: of CloudFormation's templates, and of SageMaker's pipelines.

Sources: the CloudFormation template reference, "Parameters"; the SageMaker pipeline definition schema, Parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from hpolint.model.node import MAX_CHOICES, Array, Node, Scalar, Struct, Unknown

INTEGER = re.compile(r"-?\d{1,15}")
Choices = tuple[Scalar | None, ...]


def allowed_values(parameter: Node | None) -> Choices:
    """What a template's parameter can be, by its ``AllowedValues``; empty where it does not say.

    Those of a parameter of Systems Manager limit its name, not its value.
    """
    kind = parameter.get("Type") if isinstance(parameter, Struct) else None
    if not isinstance(parameter, Struct) or not isinstance(kind, Scalar) or kind.value not in ("String", "Number"):
        return ()
    convert = _text if kind.value == "String" else _number
    return _all(parameter.get("AllowedValues"), convert)


def enumerated(parameter: Node | None) -> Choices:
    """What a pipeline's parameter can be, by its ``EnumValues``; empty where it does not say."""
    values = parameter.get("EnumValues") if isinstance(parameter, Struct) else None
    return _all(values, lambda item: item if item.value is not None else None)


def either(*branches: Node | None) -> Choices:
    """What one of some branches is, None for one that leaves the value out; empty where one of them is not told."""
    found: list[Scalar | None] = []
    for branch in branches:
        if (
            branch is not None
            and not isinstance(branch, Scalar)
            and not (isinstance(branch, Unknown) and branch.choices)
        ):
            return ()
        found += branch.choices if isinstance(branch, Unknown) else [branch]
    return tuple(found) if len(found) <= MAX_CHOICES else ()


def _all(values: Node | None, convert: Callable[[Scalar], Scalar | None]) -> Choices:
    if not isinstance(values, Array) or values.open is not None or not 0 < len(values.items) <= MAX_CHOICES:
        return ()
    found = [convert(item) if isinstance(item, Scalar) else None for item in values.items]
    return () if None in found else tuple(found)


def _text(item: Scalar) -> Scalar | None:
    """A value of a text; of a bare number nobody knows how the service spells it."""
    return item if isinstance(item.value, str) else None


def _number(item: Scalar) -> Scalar | None:
    """A value of a number, which stands in quotes as often as not."""
    if isinstance(item.value, str):
        return Scalar(int(item.value), item.span) if INTEGER.fullmatch(item.value) else None
    return item if isinstance(item.value, int | float) and not isinstance(item.value, bool) else None
