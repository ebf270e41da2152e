"""The setting ``sdk-config``: the SageMaker SDK's own configuration file, or ``none`` if there is none.

The SDK fills members of the request from that file if the source does not set them. Without the setting, such members
are unknown.
Source: sagemaker 2.257.7, sagemaker/config/config_schema.py, the paths below SageMaker.TrainingJob.
"""

from __future__ import annotations

import os
from functools import lru_cache

from msgspec.structs import replace

from hpolint.config.named_files import read_named
from hpolint.io.files import is_elsewhere
from hpolint.model.job import TuningJob
from hpolint.model.node import Array, Node, Origin, Path, Scalar, Struct, Unknown, follow
from hpolint.model.reasons import Kind
from hpolint.model.settings import ConfigError
from hpolint.model.source import Source, Span, UndecodableError
from hpolint.syntax import SyntaxProblem

NONE = "none"
MAX_MEGABYTES = 1
"""Largest such file that is read, in megabytes."""

DEFINITIONS = ("TrainingJobDefinition", "TrainingJobDefinitions")
ROLE = "RoleArn"
"""Always stays unknown: the SDK may take the session's own role, which the source does not show."""

NOT_FILLED = ("Tags", ROLE)
"""Members that stay unknown with a file: the SDK adds tags to others, and the role may be the session's."""

RESOURCES = {"HyperParameterTuningResourceConfig": "ResourceConfig"}
"""Members that the SDK fills from a member with another name."""


def with_sdk_config(job: TuningJob, setting: str) -> TuningJob:
    """A job whose members that may come from the SDK's file are known or absent. Raises ConfigError."""
    request = _filled(job.request, (), None if setting == NONE else _training(setting))
    if not isinstance(request, Struct):
        return job
    return replace(job, request=request, sdk_config=setting)


def check_sdk_config(setting: str | None) -> None:
    """Raise ConfigError for a file that cannot be read or is not YAML."""
    if setting is not None and setting != NONE:
        _training(setting)


def _filled(node: Node, path: Path, values: Struct | None) -> Node | None:
    """A tree with the file's values, if there is a file; None for a member that is then absent."""
    if isinstance(node, Struct | Array):
        return node.mapped(lambda step, below: _filled(below, (*path, step), values))
    if not isinstance(node, Unknown) or node.kind is not Kind.CONFIG_FILE:
        return node
    if path[-1] == ROLE or (values is not None and path[-1] in NOT_FILLED):
        return node
    below = [RESOURCES.get(step, step) for step in path if isinstance(step, str) and step not in DEFINITIONS]
    value = follow(values, tuple(below))
    if value is None or (isinstance(value, Scalar) and value.value is None):
        return None
    return _moved(value, node)


def _moved(value: Node, place: Unknown) -> Node:
    """A value of the file as a default at a place of the request. A value that is unknown in the file stays unknown."""
    if isinstance(value, Struct | Array):
        moved = value.mapped(lambda _, below: _moved(below, place), opened_by=value.open and place)
        moved.span = moved.anchor = place.span
        if isinstance(moved, Struct):
            moved.keys = {}
        return moved
    return place if isinstance(value, Unknown) else Scalar(value.value, place.span, Origin.DEFAULT)


def _training(path: str) -> Struct:
    """The file's section ``SageMaker.TrainingJob``; empty if it has none. Raises ConfigError."""
    data = read_named(path, MAX_MEGABYTES, "configuration of the SDK", "sdk-config: ")
    return _parsed(os.path.abspath(path), data, path)


@lru_cache(maxsize=8)
def _parsed(_absolute: str, data: bytes, path: str) -> Struct:
    from hpolint.syntax.yaml_syntax import parse_yaml

    try:
        source = Source.decode(path, data)
        documents = list(parse_yaml(source))
    except UndecodableError as error:
        raise ConfigError(f"sdk-config: {path}: cannot be read: {error}") from None
    except SyntaxProblem as problem:
        reason = "not valid YAML" if is_elsewhere(path) else problem.reason
        raise ConfigError(f"sdk-config: {path}:{problem.span.line}: {reason}") from None
    section = follow(documents[0], ("SageMaker", "TrainingJob")) if documents else None
    if isinstance(section, Struct):
        return section
    start = Span(1, 1, 1, 2)
    return Struct({}, start, start, {}, section if isinstance(section, Unknown) else None)
