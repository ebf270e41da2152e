"""What a team says of the SageMaker SDK's own configuration file: that there is none, or where it is.

The SDK fills members of the request from it where the source gives none; without the team's word they are unknown.
Source: sagemaker 2.257.7, sagemaker/config/config_schema.py, the paths below SageMaker.TrainingJob.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import lru_cache

from hpolint.config.named_files import read_named
from hpolint.model.job import TuningJob
from hpolint.model.node import Array, Node, Origin, Path, Scalar, Struct, Unknown, follow
from hpolint.model.reasons import CONFIG_FILE
from hpolint.model.settings import ConfigError
from hpolint.model.source import Source, Span, UndecodableError
from hpolint.syntax import SyntaxProblem

NONE = "none"
LARGEST = 1
"""Megabytes of such a file."""

DEFINITIONS = ("TrainingJobDefinition", "TrainingJobDefinitions")
ROLE = "RoleArn"
"""Without a configuration file it is the session's own: nobody can tell it from the source."""

NOT_TOLD = ("Tags", ROLE)
"""What is not taken from a file: tags are added to others, and the role may be the session's."""

RESOURCES = {"HyperParameterTuningResourceConfig": "ResourceConfig"}
"""Members that the SDK fills from the value of another name."""


def with_sdk_config(job: TuningJob, said: str) -> TuningJob:
    """A job in which what may come from the SDK's configuration file is known, or absent. Raises ConfigError."""
    request = _filled(job.request, (), None if said == NONE else _training(said))
    return replace(job, request=request, sdk_config=said) if isinstance(request, Struct) else job


def check_sdk_config(said: str | None) -> None:
    """Raises ConfigError for a file that cannot be read, or is no YAML."""
    if said is not None and said != NONE:
        _training(said)


def _filled(node: Node, path: Path, values: Struct | None) -> Node | None:
    """A tree with the values of the file, if there is one; None for a member that is absent then."""
    if isinstance(node, Struct | Array):
        return node.mapped(lambda step, below: _filled(below, (*path, step), values))
    if not isinstance(node, Unknown) or node.reason != CONFIG_FILE:
        return node
    if path[-1] == ROLE or (values is not None and path[-1] in NOT_TOLD):
        return node
    below = [RESOURCES.get(step, step) for step in path if isinstance(step, str) and step not in DEFINITIONS]
    value = follow(values, tuple(below))
    if value is None or (isinstance(value, Scalar) and value.value is None):
        return None
    return _moved(value, node)


def _moved(value: Node, place: Unknown) -> Node:
    """A value of the file where the request has it: nobody wrote it there. What the file leaves open stays unknown."""
    if isinstance(value, Struct | Array):
        moved = value.mapped(lambda _, below: _moved(below, place), opened_by=value.open and place)
        moved.span = moved.anchor = place.span
        if isinstance(moved, Struct):
            moved.keys = {}
        return moved
    return place if isinstance(value, Unknown) else Scalar(value.value, place.span, Origin.DEFAULT)


def _training(path: str) -> Struct:
    """What the file says of training jobs. Raises ConfigError."""
    return _parsed(os.path.abspath(path), read_named(path, LARGEST, "configuration of the SDK", "sdk-config: "), path)


@lru_cache(maxsize=8)
def _parsed(_absolute: str, data: bytes, path: str) -> Struct:
    from hpolint.syntax.yaml_syntax import parse_yaml

    try:
        source = Source.decode(path, data)
        documents = list(parse_yaml(source))
    except UndecodableError as error:
        raise ConfigError(f"sdk-config: {path}: cannot be read: {error}") from None
    except SyntaxProblem as problem:
        raise ConfigError(f"sdk-config: {path}:{problem.span.line}: {problem.reason}") from None
    found = follow(documents[0], ("SageMaker", "TrainingJob")) if documents else None
    start = Span(1, 1, 1, 2)
    if isinstance(found, Unknown):
        return Struct({}, start, start, {}, found)
    return found if isinstance(found, Struct) else Struct({}, start, start)
