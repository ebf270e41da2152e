"""The provider's tuning job resource (attributes and blocks in snake case) as the API's request.

Source: hashicorp/terraform-provider-aws, ``aws_sagemaker_hyper_parameter_tuning_job`` (its schema as of pull request
47138, and the longer names of earlier drafts).
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from msgspec.structs import replace

from hpolint import schema
from hpolint.model.forms import TERRAFORM_OVERRIDE
from hpolint.model.job import TuningJob
from hpolint.model.node import Array, Node, Scalar, ScalarValue, Struct, Unknown, is_null, with_members
from hpolint.model.reasons import named
from hpolint.model.source import Source, Span
from hpolint.model.spelling import Spelling
from hpolint.readers.carried import CONFIG, NAME, Coercion, carried_job, coerced, opened

JOB = "aws_sagemaker_hyper_parameter_tuning_job"
SHORT = {
    schema.REQUEST: {"name": NAME, "config": CONFIG},
    schema.CONFIG: {"objective": "HyperParameterTuningJobObjective"},
    "ParentHyperParameterTuningJob": {"name": NAME},
}
"""The provider's names that differ from the API's names in snake case."""

NOT_SENT = frozenset(
    {
        *("region", "timeouts", "tags_all", "arn", "id", "status", "failure_reason", "provider", "depends_on", "count"),
        *("for_each", "lifecycle", "provisioner", "connection", "hyper_parameter_tuning_job_status"),
    }
)
TAGS = "Tags"


def words_of(value: ScalarValue) -> str:
    """Terraform's string of a value, with numbers as plain decimals."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return str(value)


TERRAFORM = Coercion(
    frozenset({"string", "boolean", "integer", "number"}),
    lambda _, node: words_of(node.value),
    {"true": True, "false": False, "1": True, "0": False},
)


@cache
def snake_case(member: str) -> str:
    """The provider's name of an API member: ``VolumeSizeInGB`` is ``volume_size_in_gb``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", member).lower()


@cache
def spelling() -> Spelling:
    """The provider's names of all API members, for messages."""
    names: dict[str, str] = {}
    for shape in schema.request_schema()["$defs"]:
        names |= {api: snake_case(api) for api in schema.members(shape)}
    for short in SHORT.values():
        names |= {api: name for name, api in short.items()}
    return Spelling(names, " = ", {})


@cache
def _members(shape: str) -> dict[str, str]:
    return {snake_case(member): member for member in schema.members(shape)} | SHORT.get(shape, {})


@cache
def _blocks(shape: str) -> frozenset[str]:
    """The names of blocks that may occur several times in a structure; JSON may repeat them as keys."""
    items = {name: schema.item(schema.members(shape)[api]) for name, api in _members(shape).items() if api != TAGS}
    return frozenset(name for name, item in items.items() if item and schema.members(item))


def provided_job(source: Source, values: Node, place: Span, carrier: str) -> TuningJob:
    """The tuning job of a resource's values. ``place`` is the span of its name, ``carrier`` describes it in words."""
    request = coerced(source, _translated(values, schema.REQUEST) or values, schema.REQUEST, TERRAFORM)
    if TERRAFORM_OVERRIDE.search(source.name):
        reason = "may be set in the file that this one overrides"
        request = opened(request, Unknown(reason, place))
    job = carried_job("terraform", source, request, place, carrier)
    job.request.anchor = place
    job.spelling = spelling()
    return job


def is_none(repetition: Node | None) -> bool:
    """Whether a value of ``count`` or ``for_each`` is known to create no instance."""
    if isinstance(repetition, Array):
        return not repetition.items and repetition.open is None
    if isinstance(repetition, Struct):
        return not repetition.members and repetition.open is None
    return isinstance(repetition, Scalar) and repetition.value in (0, "0") and repetition.value is not False


def _translated(node: Node, shape: str) -> Node | None:
    """Values in the API's spelling; None for values that are not set."""
    if is_null(node):
        return None
    if isinstance(node, Array):
        return _listed(node, shape)
    if not isinstance(node, Struct):
        return node
    if schema.item(shape) is not None:
        return _listed(Array([node], node.span, node.anchor), shape)
    if schema.members(shape):
        return _structure(node, shape)
    if schema.map_value(shape):
        return with_members(node, {name: value for name, value in node.members.items() if not is_null(value)})
    return node


def _listed(node: Array, shape: str) -> Node | None:
    """The values of a list or of blocks; None without blocks, which a plan shows as an empty list."""
    item = schema.item(shape)
    if item is None:
        return _single(node, shape) if schema.members(shape) else node
    if schema.members(item) and not node.items and node.open is None:
        return None
    return node.mapped(lambda _, below: _translated(below, item))


def _single(node: Array, shape: str) -> Node | None:
    """The structure of a list with one block; None if it is empty."""
    if node.open is not None:
        return node.open
    if not node.items:
        return None
    if len(node.items) > 1:
        return Unknown("is set more than once", node.anchor)
    translated = _translated(node.items[0], shape)
    if isinstance(translated, Struct):
        translated.anchor = node.anchor  # the block's name, not the brace of the list's only item
    return translated


def _structure(node: Struct, shape: str) -> Struct:
    blocks = _blocks(shape)
    shadowed = [(name, place) for name, place in node.shadowed if name not in blocks]
    repeated = {name for name, _ in node.shadowed if name in blocks}
    structure = replace(node, members={}, keys={}, shadowed=shadowed)
    for name, written in node.members.items():
        if shape == schema.REQUEST and name in NOT_SENT:
            continue
        place = node.keys.get(name, node.anchor)
        api = _members(shape).get(name, name)
        value = _member_value(name, written, shape, place)
        if isinstance(value, Array) and name in repeated:
            value.open = Unknown(f"has several keys `{name}`, of which only the last is read", place)
        if value is not None:
            structure.members[api], structure.keys[api] = value, place
    return structure


def _member_value(name: str, value: Node, shape: str, place: Span) -> Node | None:
    """The value of an attribute or a block in the API's spelling; None if it is not set."""
    api = _members(shape).get(name)
    if api == TAGS and shape == schema.REQUEST:
        return _tags(value)
    if api is not None:
        return _translated(value, schema.members(shape)[api])
    if name in schema.members(shape):
        return Unknown(named(name, f"is named `{snake_case(name)}` in the provider"), place)
    return None if is_null(value) else value


def _tags(node: Node) -> Node | None:
    """Terraform's map of tags as the API's list."""
    if is_null(node):
        return None
    if not isinstance(node, Struct):
        return node if isinstance(node, Unknown) else Unknown("is not a map", node.span)
    shadowed: dict[str, list[tuple[str, Span]]] = {}
    for name, place in node.shadowed:
        shadowed.setdefault(name, []).append((name, place))
    items: list[Node] = []
    for name, member in node.members.items():
        place = node.keys[name]
        pair: dict[str, Node] = {"Key": Scalar(name, place), "Value": member}
        items.append(Struct(pair, place, place, {"Key": place, "Value": place}, shadowed=shadowed.get(name, [])))
    return Array(items, node.span, node.anchor, node.open)
