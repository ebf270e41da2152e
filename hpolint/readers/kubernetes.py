"""Kubernetes resources that launch a tuning job: of the ACK controller and of the operator that preceded it.

Sources: aws-controllers-k8s/sagemaker-controller v1.9.1 and aws/amazon-sagemaker-operator-for-k8s (end of life
2023-02-15), the custom resource definition ``hyperparametertuningjobs`` of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

import msgspec

from hpolint import schema
from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Reading, TuningJob
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, follow, is_null, items_of
from hpolint.model.reasons import NAME_BY_OPERATOR, named
from hpolint.model.source import Source
from hpolint.model.spelling import Gaps, Spelling
from hpolint.readers.carried import CONFIG, NAME, all_members, carried_job, lower_camel, opened
from hpolint.readers.placeholders import resolve_placeholders

CONTESTED = lazy_regex(
    r"""[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z  # base 60: a string
    |[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+\Z  # an exponent without a point, or without a sign: a number
    |[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9_]+)[eE][0-9]+\Z
    |[-+]?0o?[0-7_]+\Z  # octal, in both spellings
    |[-+]?0b[01_]+\Z
    |[-+]?[0-9][0-9]*_[0-9_]*(?:\.[0-9_]*)?\Z
    |[-+]_[0-9_]+\Z|\._[0-9_]+\Z""",
    re.VERBOSE,
)
"""Plain scalars that go-yaml, the parser of Kubernetes, resolves differently from YAML 1.1 (its resolve.go)."""

INITIALISMS = (("Ids", "IDs"), ("Id", "ID"), ("Arn", "ARN"), ("Kms", "KMS"), ("Uri", "URI"))


def ack_name(member: str) -> str:
    """ACK's name of an API member; ``type`` is a keyword in Go."""
    name = lower_camel(member)
    for word, initialism in INITIALISMS:
        name = name.replace(word, initialism)
    return f"{name}_" if name == "type" else name


class Dialect(msgspec.Struct, frozen=True):
    """One controller's spelling of the request, and the API members that its resource definition lacks."""

    group: str
    kind: str
    spelled: Callable[[str], str]
    lacks: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    """The API members that a complete resource has."""
    extra: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name of the resource definition in reasons."""
        return f"`{self.group}`"

    @property
    def gaps(self) -> Gaps:
        """The missing members, for messages that would otherwise recommend them."""
        why = f"the resource definition of {self.title} has no such field"
        lacking = {shape: tuple(sorted(names)) for shape, names in self.lacks.items()}
        return Gaps(lacking, why, "Launch the job in another way, such as boto3, the AWS CLI or CloudFormation")


ACK = Dialect(
    "sagemaker.services.k8s.aws",
    "HyperParameterTuningJob",
    ack_name,
    {
        "HyperParameterTuningJobConfig": ("StrategyConfig", "RandomSeed"),
        "ResourceLimits": ("MaxRuntimeInSeconds",),
        "TuningJobCompletionCriteria": ("BestObjectiveNotImproving", "ConvergenceDetected"),
        "HyperParameterTrainingJobDefinition": ("HyperParameterTuningResourceConfig", "Environment"),
        "ResourceConfig": ("TrainingPlanArn", "InstancePreferences", "SelectedInstanceType", "SelectedInstanceCount"),
        "DataSource": ("DatasetSource",),
    },
    (NAME, CONFIG),
)
OPERATOR = Dialect(
    "sagemaker.aws.amazon.com",
    "HyperparameterTuningJob",
    lower_camel,
    {
        "CreateHyperParameterTuningJobRequest": ("TrainingJobDefinitions", "Autotune"),
        "HyperParameterTuningJobConfig": ("StrategyConfig", "TuningJobCompletionCriteria", "RandomSeed"),
        "ParameterRanges": ("AutoParameters",),
        "ResourceLimits": ("MaxRuntimeInSeconds",),
        "HyperParameterTrainingJobDefinition": (
            "DefinitionName",
            "TuningObjective",
            "HyperParameterRanges",
            "RetryStrategy",
            "Environment",
            "HyperParameterTuningResourceConfig",
        ),
        "S3DataSource": ("InstanceGroupNames", "ModelAccessConfig", "HubAccessConfig"),
        "DataSource": ("DatasetSource",),
        "OutputDataConfig": ("CompressionType",),
        "ResourceConfig": (
            "KeepAlivePeriodInSeconds",
            "InstanceGroups",
            "TrainingPlanArn",
            "InstancePlacementConfig",
            "InstancePreferences",
            "SelectedInstanceType",
            "SelectedInstanceCount",
        ),
        "StoppingCondition": ("MaxPendingTimeInSeconds",),
    },
    (CONFIG,),
    ("region", "sageMakerEndpoint"),
)


def dialect_of(node: Struct) -> Dialect | None:
    """The dialect of a Kubernetes resource; None for all other kinds."""
    version, kind = node.get("apiVersion"), node.get("kind")
    if not isinstance(version, Scalar) or not isinstance(kind, Scalar):
        return None
    for dialect in (ACK, OPERATOR):
        if str(version.value).startswith(f"{dialect.group}/") and kind.value == dialect.kind:
            return dialect
    return None


def is_resource(node: Struct) -> bool:
    """Whether this is a Kubernetes resource of any kind."""
    return isinstance(node.get("apiVersion"), Scalar) and isinstance(node.get("kind"), Scalar)


def _launching(node: Struct) -> Iterator[tuple[Struct, Dialect]]:
    dialect = dialect_of(node)
    if dialect is not None and not _is_adopted(node):
        yield node, dialect
    for item in items_of(node.get("items")):
        if isinstance(item, Struct) and is_resource(item):
            yield from _launching(item)


def _job(source: Source, resource: Struct, dialect: Dialect) -> TuningJob:
    kind = resource.keys["kind"]
    spec = resource.get("spec") or Unknown(named("spec", "is missing"), kind)
    request = _translated(_as_go_reads(source, resolve_placeholders(spec)), schema.REQUEST, dialect)
    if isinstance(request, Struct) and not set(dialect.required) <= request.members.keys() and request.open is None:
        reason = f"`{dialect.spelled(dialect.required[-1])}` is missing, as in a patch of another file's resource"
        request = opened(request, Unknown(reason, kind))
    job = carried_job("kubernetes", source, request, kind, _carrier(resource), resource.span)
    job.spelling = _spelling(dialect.group)
    if dialect is OPERATOR and NAME not in job.request.members:
        job.request.members[NAME] = Unknown(NAME_BY_OPERATOR, kind)
    return job


def _is_adopted(resource: Struct) -> bool:
    """Whether the controller only adopts an existing tuning job (ACK's documentation, "Adopting resources")."""
    policy = follow(resource, ("metadata", "annotations", "services.k8s.aws/adoption-policy"))
    return isinstance(policy, Scalar) and policy.value == "adopt"


def _as_go_reads(source: Source, node: Node) -> Node:
    """Values as Kubernetes reads them: unknown where it differs from YAML 1.1, absent where they are null."""
    if isinstance(node, Array | Struct):
        return node.mapped(lambda _, below: None if is_null(below) else _as_go_reads(source, below))
    if isinstance(node, Scalar) and not source.is_json and CONTESTED.match(source.read(node.span)):
        return Unknown("is a plain scalar that Kubernetes parses differently from YAML 1.1", node.span)
    return node


def _carrier(resource: Struct) -> str:
    name = follow(resource, ("metadata", "name"))
    return f"resource `{name.value}`" if isinstance(name, Scalar) else "resource without a name"


def _translated(node: Node, shape: str, dialect: Dialect) -> Node:
    """A part of the spec in the API's spelling. Members that are not in the API keep their names."""
    if isinstance(node, Array):
        return _translated_array(node, shape, dialect)
    if not isinstance(node, Struct) or not schema.members(shape):
        return node
    known = _by_shape(shape, dialect.spelled)
    translated = Struct({}, node.span, node.anchor, {}, node.open, list(node.shadowed))
    for name, member in node.members.items():
        if shape == schema.REQUEST and name in dialect.extra:
            continue
        if name not in known and name in translated.members:
            continue  # the resource has the member under its right name as well
        place, api = node.keys.get(name, node.anchor), known.get(name, name)
        rejection = _rejection(name, shape, dialect)
        if rejection is not None:
            member = Unknown(f"{rejection}, which rejects or drops it", place)
        elif name in known:
            member = _translated(member, schema.members(shape)[api], dialect)
        translated.members[api], translated.keys[api] = member, place
    return translated


def _translated_array(node: Array, shape: str, dialect: Dialect) -> Node:
    entries = _entries(node) if schema.map_value(shape) and dialect is OPERATOR else None
    if entries is not None:
        return entries
    item_shape = schema.item(shape)
    items = [_translated(item, item_shape, dialect) for item in node.items] if item_shape else node.items
    return Array(items, node.span, node.anchor, node.open)


def _rejection(name: str, shape: str, dialect: Dialect) -> str | None:
    """Why a resource definition does not have a member of the API; None if it has it, or if the API has none."""
    api = _by_shape(shape, dialect.spelled).get(name)
    if api is None and name in schema.members(shape):
        return f"`{name}` is named `{dialect.spelled(name)}` in the resource definition of {dialect.title}"
    if api in dialect.lacks.get(shape, ()):
        return f"`{name}` is not in the resource definition of {dialect.title}"
    return None


def _entries(node: Array) -> Struct | None:
    """The operator's list of names and values as the API's map; None if it is malformed."""
    entries = Struct({}, node.span, node.anchor, {}, node.open)
    for item in node.items:
        match item:
            case Unknown() | Struct(members={"name": Unknown()}):
                entries.open = Unknown("may hold further entries", item.span)
            case Struct(members={"name": Scalar(value=str(name)) as key, "value": value}):
                entries.members[name], entries.keys[name] = value, key.span
            case _:
                return None
    return entries


@cache
def _by_shape(shape: str, spelled: Callable[[str], str]) -> dict[str, str]:
    return {spelled(member): member for member in schema.members(shape)}


@cache
def _spelling(group: str) -> Spelling:
    """The dialect's names of all API members, for messages."""
    dialect = next(dialect for dialect in (ACK, OPERATOR) if dialect.group == group)
    names = {name: dialect.spelled(name) for name in all_members()}
    return Spelling(names, ": ", {}, gaps=dialect.gaps)


def read_document(source: Source, node: Struct) -> Reading:
    """The tuning job of a resource in a document, or the jobs of a List's items."""
    return Reading([_job(source, resource, dialect) for resource, dialect in _launching(node)])
