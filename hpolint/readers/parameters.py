"""Allowed and default values of parameters, in CloudFormation templates and SageMaker pipelines.

Sources: the CloudFormation template reference, "Parameters"; the SageMaker pipeline definition schema, Parameters.
"""

from __future__ import annotations

from collections.abc import Callable

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import MAX_CHOICES, Array, Node, Scalar, Unknown, child

INTEGER = lazy_regex(r"-?\d{1,15}")
Choices = tuple[Scalar | None, ...]


Conversion = Callable[[Scalar], Scalar | None]


def _conversion(parameter: Node | None) -> Conversion | None:
    """The conversion of a value to the type of a template's parameter; None for another type than string or number.

    The default of a Systems Manager parameter is the name of its value, and its allowed values are names.
    """
    match child(parameter, "Type"):
        case Scalar(value="String"):
            return _text
        case Scalar(value="Number"):
            return _number
    return None


def allowed_values(parameter: Node | None) -> Choices:
    """The ``AllowedValues`` of a template's parameter; empty if it has none."""
    convert = _conversion(parameter)
    return _listed_choices(child(parameter, "AllowedValues"), convert) if convert is not None else ()


def enumerated(parameter: Node | None) -> Choices:
    """The ``EnumValues`` of a pipeline's parameter; empty if it has none."""
    return _listed_choices(child(parameter, "EnumValues"), lambda item: item if item.value is not None else None)


def is_plain(parameter: Node | None) -> bool:
    """Whether a template's parameter is a string or a number: its default is its value, and not the name of one."""
    return _conversion(parameter) is not None


def template_default(parameter: Node | None) -> Scalar | None:
    """The ``Default`` of a template's parameter; None without one, and for an empty one, often for "not set"."""
    convert, default = _conversion(parameter), child(parameter, "Default")
    if convert is None or not isinstance(default, Scalar) or default.value == "":
        return None
    return convert(default)


def pipeline_default(parameter: Node | None) -> Scalar | None:
    """The ``DefaultValue`` of a pipeline's parameter; None without one."""
    default = child(parameter, "DefaultValue")
    return default if isinstance(default, Scalar) and default.value not in (None, "") else None


def branch_choices(*branches: Node | None) -> Choices:
    """The possible values of a choice between branches (None: left out); empty if any branch is unknown."""
    choices: list[Scalar | None] = []
    for branch in branches:
        if branch is None or isinstance(branch, Scalar):
            choices.append(branch)
        elif isinstance(branch, Unknown) and branch.choices:
            choices += branch.choices
        else:
            return ()
    return tuple(choices) if len(choices) <= MAX_CHOICES else ()


def _listed_choices(values: Node | None, convert: Conversion) -> Choices:
    if not isinstance(values, Array) or values.open is not None or not 0 < len(values.items) <= MAX_CHOICES:
        return ()
    choices = [convert(item) for item in values.items if isinstance(item, Scalar)]
    return () if None in choices or len(choices) < len(values.items) else tuple(choices)


def _text(item: Scalar) -> Scalar | None:
    """A string value; None for a bare number, whose text depends on the service."""
    return item if isinstance(item.value, str) else None


def _number(item: Scalar) -> Scalar | None:
    """A numeric value, which is often written in quotes; None if it is not an integer or a number."""
    if isinstance(item.value, str):
        return Scalar(int(item.value), item.span) if INTEGER.fullmatch(item.value) else None
    return item if type(item.value) in (int, float) else None
