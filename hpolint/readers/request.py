"""Requests in JSON or YAML: whole, split into the CLI's files, or as a Describe response.

A request is recognised by its structure, at any depth, and a document may have several. Other readers handle carriers
(CloudFormation, Step Functions, pipelines, Kubernetes).
"""

from __future__ import annotations

from hpolint import schema
from hpolint.model.job import Reading, TuningJob
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, walk, with_members
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


def _is_request(node: Struct) -> bool:
    config, name = node.get(CONFIG), node.get(NAME)
    if isinstance(name, Struct | Array):
        return False
    definition = node.get(DEFINITION)
    if config is not None and isinstance(definition, Struct) and "AlgorithmSpecification" in definition.members:
        return True
    if isinstance(config, Scalar) and isinstance(config.value, str) and isinstance(name, Scalar):
        return unknown_text(config.value, config.span) is not None
    if not isinstance(config, Struct):
        return False
    return _reads_as_config(config) or (isinstance(name, Scalar) and not config.members)


def _reads_as_config(config: Struct) -> bool:
    """Whether the members are a config's values rather than a schema's descriptions of them."""
    limits, ranges, objective = (
        config.get(name) for name in ("ResourceLimits", "ParameterRanges", "HyperParameterTuningJobObjective")
    )
    return (
        isinstance(config.get("Strategy"), Scalar)
        or (isinstance(limits, Struct) and any(isinstance(limit, Scalar) for limit in limits.members.values()))
        or (isinstance(ranges, Struct) and any(isinstance(kind, Array) for kind in ranges.members.values()))
        or (isinstance(objective, Struct) and isinstance(objective.get("MetricName"), Scalar))
    )


def _is_config(node: Struct) -> bool:
    if DESCRIBED & node.members.keys():
        return False  # a summary of ListHyperParameterTuningJobs
    limits = node.get("ResourceLimits")
    has_limit = isinstance(limits, Struct) and isinstance(limits.get("MaxParallelTrainingJobs"), Scalar)
    return has_limit and (isinstance(node.get("Strategy"), Scalar) or isinstance(node.get("ParameterRanges"), Struct))


def _is_definition(node: Struct) -> bool:
    static, ranges = node.get("StaticHyperParameters"), node.get("HyperParameterRanges")
    has_values = isinstance(static, Struct) and all(isinstance(v, Scalar) for v in static.members.values())
    has_ranges = isinstance(ranges, Struct) and any(isinstance(v, Array) for v in ranges.members.values())
    if isinstance(static, Struct) and static.members.keys() & DESCRIBING:
        return False
    other_members = {"AlgorithmSpecification", "RoleArn", "OutputDataConfig", "StoppingCondition", "ResourceConfig"}
    return (has_values or has_ranges) and any(name in other_members for name in node.members)


def read_candidate(source: Source, found: Struct) -> Reading:
    """The tuning job of a structure; skipped if it is a skeleton to be filled in."""
    job = _job(source, found)
    return Reading(skipped="a skeleton that must be filled in first") if job is None else Reading([job])


def _job(source: Source, found: Struct) -> TuningJob | None:
    if _is_skeleton(found):
        return None
    resolved = resolved_struct(found)
    set_anchors(resolved)
    if CONFIG not in resolved.members:
        form, member = ("tuning-config", CONFIG) if _is_config(found) else ("training-definition", DEFINITION)
        return TuningJob(form, source, _wrapped(resolved, member, form))
    if DESCRIBED & resolved.members.keys():
        return TuningJob("describe", source, _described(resolved), is_launched=True)
    return TuningJob("request", source, resolved)


def sent_request(source: Source, request: Struct) -> TuningJob:
    """The tuning job of a request that a program sends: all of its values are as they are, placeholders too."""
    set_anchors(request)
    return TuningJob("request", source, request)


def _is_skeleton(found: Struct) -> bool:
    """Whether this is a skeleton to be filled in, such as the CLI's ``--generate-cli-skeleton`` prints.

    It has no name, and more than half of its strings are empty, not counting enum values.
    """
    name = found.get(NAME)
    if name is not None and not (isinstance(name, Scalar) and name.value == ""):
        return False
    root = schema.REQUEST if CONFIG in found.members else schema.CONFIG if _is_config(found) else schema.DEFINITION
    texts = [
        node.value
        for path, node in walk(found)
        if isinstance(node, Scalar)
        and isinstance(node.value, str)
        and "enum" not in schema.shape(schema.shape_at(path, root) or root)
    ]
    return texts.count("") * 2 > len(texts)


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
    members = {name: _without_nulls(member) for name, member in response.members.items() if name in known}
    request = with_members(response, {name: member for name, member in members.items() if member is not None})
    request.members.setdefault("Tags", Unknown(named("Tags", "is not in a Describe response"), response.anchor))
    for path, node in walk(request):
        if path[-1:] == ("StaticHyperParameters",) and isinstance(node, Struct):
            node.members.pop("_tuning_objective_metric", None)
        elif path[-1:] == ("MetricDefinitions",) and isinstance(node, Array):
            node.items[:] = [item for item in node.items if not _is_service_metric(item)]
    return request


def _is_service_metric(node: Node) -> bool:
    name = node.get("Name") if isinstance(node, Struct) else None
    return isinstance(name, Scalar) and name.value == "ObjectiveMetric"


def _without_nulls(node: Node) -> Node | None:
    """The node without null members: Describe returns null for absent ones. None if the node is null itself."""
    if isinstance(node, Scalar):
        return None if node.value is None else node
    if isinstance(node, Struct):
        members = {name: _without_nulls(member) for name, member in node.members.items()}
        return with_members(node, {name: member for name, member in members.items() if member is not None})
    if isinstance(node, Array):
        node.items[:] = [item for item in map(_without_nulls, node.items) if item is not None]
    return node
