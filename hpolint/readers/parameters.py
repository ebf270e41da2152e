"""Allowed and default values of parameters, in CloudFormation templates and SageMaker pipelines.

Sources: the CloudFormation template reference, "Parameters"; the SageMaker pipeline definition schema, Parameters.
"""

from __future__ import annotations

from collections.abc import Callable

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import MAX_CHOICES, Array, Node, Scalar, Struct, Unknown

INTEGER = lazy_regex(r"-?\d{1,15}")
Choices = tuple[Scalar | None, ...]


def allowed_values(parameter: Node | None) -> Choices:
    """The ``AllowedValues`` of a template's parameter; empty if it has none.

    For a Systems Manager parameter they limit the name, not the value, so they are ignored.
    """
    kind = parameter.get("Type") if isinstance(parameter, Struct) else None
    if not isinstance(parameter, Struct) or not isinstance(kind, Scalar) or kind.value not in ("String", "Number"):
        return ()
    convert = _text if kind.value == "String" else _number
    return _listed_choices(parameter.get("AllowedValues"), convert)


def enumerated(parameter: Node | None) -> Choices:
    """The ``EnumValues`` of a pipeline's parameter; empty if it has none."""
    values = parameter.get("EnumValues") if isinstance(parameter, Struct) else None
    return _listed_choices(values, lambda item: item if item.value is not None else None)


def is_plain(parameter: Node | None) -> bool:
    """Whether a template's parameter is a string or a number: its default is its value, and not the name of one."""
    kind = parameter.get("Type") if isinstance(parameter, Struct) else None
    return isinstance(kind, Scalar) and kind.value in ("String", "Number")


def template_default(parameter: Node | None) -> Scalar | None:
    """The ``Default`` of a template's parameter; None without one that is a value.

    An empty string often stands for "not set", and a Systems Manager parameter's default is the name of its value.
    """
    kind = parameter.get("Type") if isinstance(parameter, Struct) else None
    found = parameter.get("Default") if isinstance(parameter, Struct) else None
    if not isinstance(kind, Scalar) or kind.value not in ("String", "Number") or not isinstance(found, Scalar):
        return None
    if found.value == "":
        return None
    return _text(found) if kind.value == "String" else _number(found)


def pipeline_default(parameter: Node | None) -> Scalar | None:
    """The ``DefaultValue`` of a pipeline's parameter; None without one."""
    found = parameter.get("DefaultValue") if isinstance(parameter, Struct) else None
    return found if isinstance(found, Scalar) and found.value not in (None, "") else None


def branch_choices(*branches: Node | None) -> Choices:
    """The possible values of a choice between branches (None: left out); empty if any branch is unknown."""
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


def _listed_choices(values: Node | None, convert: Callable[[Scalar], Scalar | None]) -> Choices:
    if not isinstance(values, Array) or values.open is not None or not 0 < len(values.items) <= MAX_CHOICES:
        return ()
    found = [convert(item) if isinstance(item, Scalar) else None for item in values.items]
    return () if None in found else tuple(found)


def _text(item: Scalar) -> Scalar | None:
    """A string value; None for a bare number, whose text depends on the service."""
    return item if isinstance(item.value, str) else None


def _number(item: Scalar) -> Scalar | None:
    """A numeric value, which is often written in quotes; None if it is not an integer or a number."""
    if isinstance(item.value, str):
        return Scalar(int(item.value), item.span) if INTEGER.fullmatch(item.value) else None
    return item if isinstance(item.value, int | float) and not isinstance(item.value, bool) else None
