"""The parameters of a call as a source and a reading: the request as JSON, with a place for every value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hpolint.model.job import Reading, TuningJob
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown
from hpolint.model.source import Source
from hpolint.model.spelling import JSON
from hpolint.readers.pipeline import read_pipeline
from hpolint.readers.request import sent_request
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.json_syntax import parse_json

REQUEST, DEFINITION = "<request>", "<pipeline definition>"
"""The names of the sources in reports: no file has them."""


def read_parameters(operation: str, parameters: Mapping[str, Any]) -> tuple[Source, Reading]:
    """The tuning jobs of a call's parameters, which need not be valid.

    A definition of a pipeline that is in S3 is a notice, and so is one that cannot be read.
    """
    if operation == "CreateHyperParameterTuningJob":
        source, node = as_source(REQUEST, parameters)
        return source, _reading([sent_request(source, node)] if isinstance(node, Struct) else [])
    location = parameters.get("PipelineDefinitionS3Location")
    if location is not None:
        place = f"s3://{location.get('Bucket')}/{location.get('ObjectKey')}" if isinstance(location, dict) else "S3"
        return Source(DEFINITION, ""), Reading(notices=[f"the pipeline's definition in {place} is not read"])
    text = parameters.get("PipelineDefinition")
    if not isinstance(text, str):
        return Source(DEFINITION, ""), Reading()  # an update of other members
    try:
        source, node = as_source(DEFINITION, json.loads(text))
    except (ValueError, RecursionError):
        return Source(DEFINITION, ""), Reading(notices=["the pipeline's definition is not JSON"])
    return source, _reading(read_pipeline(source, node) if isinstance(node, Struct) else [])


def _reading(jobs: list[TuningJob]) -> Reading:
    for job in jobs:
        job.spelling = JSON
    return Reading(jobs)


def fingerprint(parameters: Any) -> str:
    """A text that is the same for a call's parameters and for the request that botocore makes of them."""
    return json.dumps(_as_json(parameters, (), {}), sort_keys=True)


def as_source(name: str, value: Any) -> tuple[Source, Node]:
    """A value as indented JSON and its tree. A value that JSON does not have is unknown: botocore judges it."""
    others: dict[Path, str] = {}
    text = json.dumps(_as_json(value, (), others), indent=2, ensure_ascii=False)
    source = Source(name, text + "\n")
    try:
        tree = parse_json(source)
    except SyntaxProblem as problem:
        raise ValueError(problem.reason) from None
    return source, _with_unknowns(tree, (), others) if others else tree


def _as_json(value: Any, path: Path, others: dict[Path, str]) -> Any:
    """The value with null in place of what JSON does not have; the types of those values go to ``others``."""
    if isinstance(value, Mapping):
        return {str(name): _as_json(member, (*path, str(name)), others) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(item, (*path, at), others) for at, item in enumerate(value)]
    is_finite = not isinstance(value, float) or value - value == 0
    if isinstance(value, str | int | float) and is_finite:
        return value
    others[path] = type(value).__name__
    return None


def _with_unknowns(node: Node, path: Path, others: dict[Path, str]) -> Node:
    """A copy of a tree whose values at some paths are unknown."""
    if path in others and isinstance(node, Scalar):
        return Unknown(f"is of the type `{others[path]}`, which is not sent as it is", node.span)
    if isinstance(node, Array | Struct):
        return node.mapped(lambda step, below: _with_unknowns(below, (*path, step), others))
    return node
