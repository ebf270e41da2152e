"""Other callers that launch a request: Airflow's operator, steps of Step Functions and of pipelines, commands.

Source: apache-airflow-providers-amazon 9.39.0, stepfunctions 2.3.0 and sagemaker 2.257.7, run and read.
"""

from __future__ import annotations

from typing import TypeGuard

from msgspec.structs import replace

from hpolint.lazy_regex import lazy_regex
from hpolint.model.launch_texts import unread_launches
from hpolint.model.node import Node, Scalar, Struct, Unknown, follow
from hpolint.model.reasons import Reason, says
from hpolint.model.source import Span
from hpolint.readers.placeholders import resolved_struct
from hpolint.readers.python.interpreter.calls import spread
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Instance,
    Sequence,
    Value,
    as_unknown,
    pieces_text,
    unknown,
)
from hpolint.readers.python.sdk.nodes import BoundArguments, is_none, role_node, to_node

HELPER = "sagemaker.workflow.airflow.tuning_config"
HELPER_ARGUMENTS = ("tuner", "inputs", "job_name")
STEP_ARGUMENTS = ("state_id", "tuner", "job_name", "data", "wait_for_completion", "tags")
API_CALL = "_make_api_call"
"""The method of boto3's clients by which all of their operations are sent."""

OPERATION = "CreateHyperParameterTuningJob"
COMMANDS = frozenset(
    {f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "getoutput", "Popen")}
    | {f"asyncio.create_subprocess_{name}" for name in ("exec", "shell")}
    | {"os.system", "os.popen"}
)
"""The standard library's functions that run a command."""

EVENT = lazy_regex(
    r"(?:provide-client-params|before-parameter-build|before-call|request-created)(?:\Z|\.(?:\*|sagemaker)(?:\Z|\.(?:\*|CreateHyper)))"
)
"""An event of botocore at which a handler can change a request that creates a tuning job."""

ORDERING = ("set_downstream", "set_upstream")
"""Methods of Airflow's tasks that set their order and do not change the request."""

CASTED = (
    ("HyperParameterTuningJobConfig", "ResourceLimits", "MaxNumberOfTrainingJobs"),
    ("HyperParameterTuningJobConfig", "ResourceLimits", "MaxParallelTrainingJobs"),
    ("TrainingJobDefinition", "ResourceConfig", "InstanceCount"),
    ("TrainingJobDefinition", "ResourceConfig", "VolumeSizeInGB"),
    ("TrainingJobDefinition", "StoppingCondition", "MaxRuntimeInSeconds"),
)
"""Members that the operator converts to integers, so that they may be template strings."""


def is_operator(name: str) -> bool:
    """Whether a name is Airflow's operator, in any module of its history."""
    return name.startswith("airflow.") and name.endswith(".SageMakerTuningOperator")


def is_helper(name: str) -> bool:
    """Whether a name is the function that exports a tuner as a request."""
    return name == HELPER


def is_exported(value: Value | None) -> TypeGuard[Instance]:
    """Whether a value is a request that the helper exports."""
    return isinstance(value, Instance) and is_helper(value.cls)


def is_state(name: str) -> bool:
    """Whether a name is the step of the Step Functions SDK."""
    return name.startswith("stepfunctions.") and name.endswith(".TuningStep")


def is_pipeline_step(name: str) -> bool:
    """Whether a name is the step of a SageMaker pipeline, in either version."""
    return name.startswith("sagemaker.") and name.endswith(".TuningStep")


def is_cached(arguments: Arguments) -> bool:
    """Whether a pipeline's step is known to have a cache."""
    config = arguments.keywords.get("cache_config")
    if not isinstance(config, Instance) or config.class_name != "CacheConfig":
        return False
    enabled = BoundArguments(config.arguments, ("enable_caching",), instance=config).get("enable_caching")
    return isinstance(enabled, Constant) and bool(enabled.value)


def in_pipeline(estimator: Value | None) -> bool:
    """Whether an estimator's session only records launches for a pipeline step."""
    if not isinstance(estimator, Instance):
        return False
    session = BoundArguments(estimator.arguments).get("sagemaker_session")
    return isinstance(session, Instance) and session.cls.endswith("PipelineSession")


def operators_request(config: Value | None, span: Span) -> Struct | None:
    """The request of Airflow's operator; None for one that the helper exports, which counts as the tuner's."""
    if is_exported(config):
        return None
    node = to_node(config, span)
    if not isinstance(node, Struct):
        return Struct({}, span, span, open=as_unknown(node, "is not a dict", span))
    request = resolved_struct(node)
    request.anchor = span
    request.members.pop("S3Operations", None)
    convert(request, "operator")
    return request


def convert(request: Struct, receiver: str) -> None:
    """Convert the numbers of a request as the operator does; ``receiver`` looks up a role that is only a name."""
    for path in CASTED:
        *above, name = path
        parent = follow(request, tuple(above))
        if isinstance(parent, Struct) and name in parent.members:
            parent.members[name] = _casted(parent.members[name])
    definition = request.members.get("TrainingJobDefinition")
    if isinstance(definition, Struct):
        role = role_node(definition.get("RoleArn"), receiver)
        if role is not None:
            definition.members["RoleArn"] = role


def _casted(value: Node) -> Node:
    """The value converted by ``int``; unchanged if ``int`` rejects it."""
    if isinstance(value, Unknown):
        default = _casted(value.default) if value.default is not None else None
        return replace(value, choices=(), default=default if isinstance(default, Scalar) else None)
    if not isinstance(value, Scalar):
        return value
    try:
        return Scalar(int(value.value), value.span, value.origin)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return value


def helpers_launch(arguments: Arguments) -> tuple[Value | None, Arguments]:
    """The tuner of a call of the helper, and the equivalent arguments of ``fit``."""
    bound = BoundArguments(arguments, HELPER_ARGUMENTS)
    return bound.get("tuner"), _launch(bound, "inputs")


def states_launch(arguments: Arguments) -> tuple[Value | None, Arguments, Value | None]:
    """The tuner of a Step Functions step, the equivalent arguments of ``fit``, and the step's ``parameters``."""
    bound = BoundArguments(arguments, STEP_ARGUMENTS)
    return bound.get("tuner"), _launch(bound, "data"), bound.get("parameters")


def pipelines_launch(arguments: Arguments) -> tuple[Value | None, Arguments]:
    """The ``tuner`` keyword of a pipeline step, and the equivalent arguments of ``fit``."""
    return arguments.keywords.get("tuner"), _launch(BoundArguments(arguments), "inputs")


def _launch(bound: BoundArguments, inputs: str) -> Arguments:
    keywords = {"inputs": bound.get(inputs), "job_name": bound.get("job_name")}
    return Arguments(keywords={name: value for name, value in keywords.items() if not is_none(value) and value})


def sent_by_name(method: str, arguments: Arguments, span: Span) -> Arguments | None:
    """The keywords of the client's own method for a call of ``_make_api_call``; None for another operation."""
    bound = BoundArguments(arguments, ("operation_name", "api_params"))
    name, parameters = bound.get("operation_name"), bound.get("api_params")
    if method != API_CALL or not isinstance(name, Constant) or name.value != OPERATION or parameters is None:
        return None
    keywords = Arguments()
    if not isinstance(parameters, Unknown):
        spread(keywords, parameters, span)
        return keywords
    reason = parameters.reason
    if not isinstance(reason, Reason) or reason.name is None:
        reason = says(f"the request {reason}")
    keywords.open = unknown(reason, parameters.span)
    return keywords


def is_known(arguments: Arguments) -> bool:
    """Whether the command that a function of ``COMMANDS`` runs is known, but for parts of its words."""
    return arguments.open is None and all(_is_known_word(value) for value in _command(arguments))


def _is_known_word(value: Value) -> bool:
    is_closed = isinstance(value, Sequence) and value.open is None
    return is_closed or isinstance(value, Constant) or _words(value) != "?"


def _command(arguments: Arguments) -> list[Value]:
    """What a function of ``COMMANDS`` is given: texts, or lists of words."""
    named = [arguments.keywords[name] for name in ("args", "cmd") if name in arguments.keywords]
    return [*arguments.positional, *named]


def is_event_of_requests(arguments: Arguments) -> bool:
    """Whether the first argument names an event of botocore at which a request to SageMaker can be changed."""
    event = BoundArguments(arguments, ("event_name",)).get("event_name")
    return isinstance(event, Constant) and EVENT.match(str(event.value)) is not None


def starts_unread_job(arguments: Arguments) -> bool:
    """Whether the command that a function of ``COMMANDS`` runs starts a job with a definition that is not read."""
    return any(unread_launches(" ".join(_words(value) for value in _command(arguments))))


def _words(value: Value) -> str:
    """A command's words as a shell's text, with ``?`` for what is unknown."""
    if isinstance(value, Sequence):
        return " ".join(_words(item) for item in value.items)
    if isinstance(value, Unknown):
        return pieces_text(value, "?") or "?"
    return str(value.value) if isinstance(value, Constant) else "?"
