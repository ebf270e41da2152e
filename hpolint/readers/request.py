"""Requests in JSON or YAML: whole, split into the CLI's files, or as a Describe response.

A request is recognised by its structure, at any depth, and a document may have several. Other readers handle carriers
(CloudFormation, Step Functions, pipelines, Kubernetes).
"""

from __future__ import annotations

from collections.abc import Iterator

from hpolint import schema
from hpolint.model.job import Reading, TuningJob
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, child, follow, is_null, walk
from hpolint.model.reasons import named
from hpolint.model.source import Source
from hpolint.readers.carried import CONFIG, DEFINITION, NAME, set_anchors
from hpolint.readers.placeholders import resolved_struct, unknown_text

DESCRIBED = frozenset({"HyperParameterTuningJobStatus", "HyperParameterTuningJobArn", "CreationTime"})

DESCRIBING = frozenset({"$ref", "type", "shape", "description", "documentation", "properties", "additionalProperties"})
"""Members of a schema that describes a hyperparameter map, which are not in such a map."""


def is_candidate(node: Struct) -> bool:
    """Whether a structure is a job in one of the forms of this reader."""
    if any(name.endswith(".$") for name in node.members):  # the parameters of a Task in Step Functions
        return False
    return _is_request(node) or _is_config(node) or _is_definition(node)


def reads_as_request(node: Struct) -> bool:
    """Whether a structure of a program is a request with values: no response, and no description of its members."""
    parts = [node.get(name) for name in (CONFIG, DEFINITION)]
    described = [part for part in parts if isinstance(part, Struct) and part.members.keys() & DESCRIBING]
    return not described and not DESCRIBED & node.members.keys() and _is_request(node)


def _is_request(node: Struct) -> bool:
    config, name = node.get(CONFIG), node.get(NAME)
    if config is None or isinstance(name, Struct | Array):
        return False
    definition = node.get(DEFINITION)
    if isinstance(definition, Struct) and "AlgorithmSpecification" in definition.members:
        return True
    match config:
        case Struct(members=members):
            return _reads_as_config(config) or (isinstance(name, Scalar) and not members)
        case Scalar(value=str(text)):
            return isinstance(name, Scalar) and unknown_text(text, config.span) is not None
    return False


def _reads_as_config(config: Struct) -> bool:
    """Whether the members are a config's values rather than a schema's descriptions of them."""
    return (
        isinstance(config.get("Strategy"), Scalar)
        or any(isinstance(limit, Scalar) for limit in _values(config.get("ResourceLimits")))
        or any(isinstance(ranges, Array) for ranges in _values(config.get("ParameterRanges")))
        or isinstance(follow(config, ("HyperParameterTuningJobObjective", "MetricName")), Scalar)
    )


def _values(node: Node | None) -> list[Node]:
    """The values of a structure's members; none for any other node."""
    return list(node.members.values()) if isinstance(node, Struct) else []


def _is_config(node: Struct) -> bool:
    if DESCRIBED & node.members.keys():
        return False  # a summary of ListHyperParameterTuningJobs
    has_limit = isinstance(follow(node, ("ResourceLimits", "MaxParallelTrainingJobs")), Scalar)
    return has_limit and (isinstance(node.get("Strategy"), Scalar) or isinstance(node.get("ParameterRanges"), Struct))


def _is_definition(node: Struct) -> bool:
    static = node.get("StaticHyperParameters")
    if isinstance(static, Struct) and static.members.keys() & DESCRIBING:
        return False
    has_values = isinstance(static, Struct) and all(isinstance(value, Scalar) for value in static.members.values())
    has_ranges = any(isinstance(ranges, Array) for ranges in _values(node.get("HyperParameterRanges")))
    other_members = {"AlgorithmSpecification", "RoleArn", "OutputDataConfig", "StoppingCondition", "ResourceConfig"}
    return (has_values or has_ranges) and not other_members.isdisjoint(node.members)


def read_candidate(source: Source, candidate: Struct) -> Reading:
    """The tuning job of a structure; skipped if it is a skeleton to be filled in."""
    job = _job(source, candidate)
    return Reading(skipped="a skeleton that must be filled in first") if job is None else Reading([job])


def _job(source: Source, candidate: Struct) -> TuningJob | None:
    if _is_skeleton(candidate):
        return None
    resolved = resolved_struct(candidate)
    set_anchors(resolved)
    if CONFIG not in resolved.members:
        form, member = ("tuning-config", CONFIG) if _is_config(candidate) else ("training-definition", DEFINITION)
        return TuningJob(form, source, _wrapped(resolved, member, form))
    if DESCRIBED & resolved.members.keys():
        return TuningJob("describe", source, _described(resolved), is_launched=True)
    return TuningJob("request", source, resolved)


def sent_request(source: Source, request: Struct) -> TuningJob:
    """The tuning job of a request that a program sends: all of its values are as they are, placeholders too."""
    set_anchors(request)
    return TuningJob("request", source, request)


def _is_skeleton(candidate: Struct) -> bool:
    """Whether this is a skeleton to be filled in, such as the CLI's ``--generate-cli-skeleton`` prints.

    It has no name, and more than half of its strings are empty, not counting enum values.
    """
    name = candidate.get(NAME)
    if name is not None and not (isinstance(name, Scalar) and name.value == ""):
        return False
    texts = list(_free_texts(candidate))
    return texts.count("") * 2 > len(texts)


def _free_texts(candidate: Struct) -> Iterator[str]:
    """The strings of a structure but those with an enumeration of values."""
    root = schema.DEFINITION
    if CONFIG in candidate.members:
        root = schema.REQUEST
    elif _is_config(candidate):
        root = schema.CONFIG
    for path, node in walk(candidate):
        match node:
            case Scalar(value=str(text)) if "enum" not in schema.shape(schema.shape_at(path, root) or root):
                yield text


def _wrapped(part: Struct, member: str, form: str) -> Struct:
    """A request around a part of one. Members that the part's file cannot contain are unknown."""
    part_name = "a HyperParameterTuningJobConfig" if form == "tuning-config" else "a training job definition"
    names = [name for name in schema.members(schema.REQUEST) if name != member]
    if form == "training-definition":
        names.remove("TrainingJobDefinitions")
    missing = {
        name: Unknown(named(name, f"is not in this file, which contains only {part_name}"), part.anchor)
        for name in names
    }
    return Struct({member: part, **missing}, part.span, part.anchor, {member: part.anchor})


def _described(response: Struct) -> Struct:
    """The request of a DescribeHyperParameterTuningJob response."""
    known = schema.members(schema.REQUEST)
    request = response.mapped(lambda name, member: _without_nulls(member) if name in known else None)
    request.members.setdefault("Tags", Unknown(named("Tags", "is not in a Describe response"), response.anchor))
    for path, node in walk(request):
        if path[-1:] == ("StaticHyperParameters",) and isinstance(node, Struct):
            node.members.pop("_tuning_objective_metric", None)
        elif path[-1:] == ("MetricDefinitions",) and isinstance(node, Array):
            node.items[:] = [item for item in node.items if not _is_service_metric(item)]
    return request


def _is_service_metric(node: Node) -> bool:
    name = child(node, "Name")
    return isinstance(name, Scalar) and name.value == "ObjectiveMetric"


def _without_nulls(node: Node) -> Node | None:
    """The node without null members: Describe returns null for absent ones. None if the node is null itself."""
    if isinstance(node, Array | Struct):
        return node.mapped(lambda _, below: _without_nulls(below))
    return None if is_null(node) else node
