"""What a team says of the SageMaker SDK's own configuration file: that there is none, or where it is.

The SDK fills members of the request from it where the source gives none; without the team's word they are unknown.
Source: sagemaker 2.257.7, sagemaker/config/config_schema.py, the paths below SageMaker.TrainingJob.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path as File
from typing import Any

from hpolint.job import TuningJob
from hpolint.node import Array, Node, Origin, Path, Scalar, Struct, Unknown, plain
from hpolint.readers.python.sdk.nodes import CONFIG_FILE
from hpolint.settings import ConfigError
from hpolint.source import Source, Span, UndecodableError
from hpolint.syntax import SyntaxProblem

NONE = "none"
ROLE = "RoleArn"
"""Without a configuration file it is the session's own: nobody can tell it from the source."""

NOT_TOLD = ("Tags", ROLE)
"""What is not taken from a file: tags are added to others, and the role may be the session's."""

RESOURCES = {"HyperParameterTuningResourceConfig": "ResourceConfig"}
"""Members that the SDK fills from the value of another name."""


def with_sdk_config(job: TuningJob, said: str) -> TuningJob:
    """A job in which what may come from the SDK's configuration file is known, or absent. Raises ConfigError."""
    values = {} if said == NONE else _training(said, _stamp(said))
    request = _filled(job.request, (), values, is_none=said == NONE)
    return replace(job, request=request) if isinstance(request, Struct) else job


def check_sdk_config(said: str | None) -> None:
    """Raises ConfigError for a file that cannot be read, or is no YAML."""
    if said is not None and said != NONE:
        _training(said, _stamp(said))


def _filled(node: Node, path: Path, values: Mapping[str, Any], *, is_none: bool) -> Node | None:
    """A tree with the values of the file; None for a member that is absent then."""
    if isinstance(node, Struct | Array):
        return node.mapped(lambda step, below: _filled(below, (*path, step), values, is_none=is_none))
    if not isinstance(node, Unknown) or node.reason != CONFIG_FILE:
        return node
    if path[-1] == ROLE or (not is_none and path[-1] in NOT_TOLD):
        return node
    value: Any = values
    for step in path:
        if isinstance(step, str) and not step.startswith("TrainingJobDefinition"):
            value = value.get(RESOURCES.get(step, step)) if isinstance(value, Mapping) else None
    return None if value is None else _node(value, node.span)


def _node(value: Any, span: Span) -> Node:
    """A value of the file; nobody wrote it where it is used."""
    if isinstance(value, Mapping):
        return Struct({str(name): _node(each, span) for name, each in value.items()}, span, span)
    if isinstance(value, list):
        return Array([_node(each, span) for each in value], span, span)
    return Scalar(value, span, Origin.DEFAULT)


def _stamp(path: str) -> tuple[int, int]:
    """What changes with the file's content. Raises ConfigError."""
    try:
        status = File(path).stat()
    except OSError as error:
        raise ConfigError(f"sdk-config: {path}: cannot be read: {error.strerror or error}") from None
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=8)
def _training(path: str, _stamp: tuple[int, int]) -> Mapping[str, Any]:
    """What the file says of training jobs. Raises ConfigError."""
    from hpolint.syntax.yaml import parse_yaml

    try:
        source = Source.decode(path, File(path).read_bytes())
        documents = [plain(document) for document in parse_yaml(source)]
    except (OSError, UndecodableError) as error:
        raise ConfigError(f"sdk-config: {path}: cannot be read: {error}") from None
    except SyntaxProblem as problem:
        raise ConfigError(f"sdk-config: {path}:{problem.span.line}: {problem.reason}") from None
    whole = documents[0] if documents else {}
    service = whole.get("SageMaker") if isinstance(whole, dict) else None
    found = service.get("TrainingJob", {}) if isinstance(service, dict) else {}
    return found if isinstance(found, dict) else {}
