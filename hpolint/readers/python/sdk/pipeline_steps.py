"""What the steps of a SageMaker pipeline make of a tuner: one that trains an estimator, and the best model's address.

Source: sagemaker 2.161.0 and 2.257.7, run and read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hpolint.model.node import Struct, Unknown, follow, text_of
from hpolint.model.observations import TopModelElsewhere, TunerInTrainingStep
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Arguments, Instance, Value
from hpolint.readers.python.interpreter.values import text_of as text_of_value
from hpolint.readers.python.sdk.launches import is_tuner
from hpolint.readers.python.sdk.nodes import BoundArguments, is_none

TRAINING_STEP = "sagemaker.workflow.steps.TrainingStep"
TRAINING_STEP_ARGUMENTS = ("name", "step_args", "estimator")
TOP_MODEL = "get_top_model_s3_uri"
TOP_MODEL_ARGUMENTS = ("top_k", "s3_bucket", "prefix")
OUTPUT_PATH = ("TrainingJobDefinition", "OutputDataConfig", "S3OutputPath")
SCHEME = "s3://"

Launched = tuple[Instance, Struct]
"""A tuner and the request that it launches."""


class TopModels:
    """The calls that ask a tuning step for the address of its best model, with what the steps launch."""

    def __init__(self) -> None:
        self._launched: dict[Span, list[Launched]] = {}
        self._calls: dict[Span, list[tuple[Instance, Arguments]]] = {}

    def launched(self, place: Span, tuner: Instance, request: Struct) -> None:
        """Record the request of a tuner that a call launches in a pipeline: its ``fit()``, or the step itself."""
        self._launched.setdefault(place, []).append((tuner, request))

    def step_made(self, place: Span, arguments: Arguments) -> None:
        """Record a tuning step that gets what ``fit()`` returns."""
        value = BoundArguments(arguments, ("name", "step_args")).get("step_args")
        if isinstance(value, Unknown):
            self._launched.setdefault(place, []).extend(self._launched.get(value.span, []))

    def asked(self, step: Instance, arguments: Arguments, place: Span) -> None:
        """Record a call for the address of a model."""
        self._calls.setdefault(place, []).append((step, arguments))

    def faults(self) -> Iterator[tuple[Instance, Span, TopModelElsewhere]]:
        """The calls that certainly name another place than the one where the trials store their models.

        Each has the tuner and the place of the call.
        """
        for place, calls in self._calls.items():
            launched: list[Launched] = []
            for step, _ in calls:
                launched += self._launched.get(step.span, [])
            stored = _only([_stored_in(request) for _, request in launched])
            named = _only([_named_by(arguments) for _, arguments in calls])
            if stored is not None and named is not None and stored != named:
                bucket, _, prefix = stored.partition("/")
                observed = TopModelElsewhere(f"{SCHEME}{named}", f"{SCHEME}{stored}", bucket, prefix)
                yield launched[0][0], place, observed


def _only(texts: list[str | None]) -> str | None:
    """The text that all of some texts are; None if they differ, or if one is not known."""
    return texts[0] if len(set(texts)) == 1 else None


def _stored_in(request: Struct) -> str | None:
    """The bucket and prefix below which each trial stores its model, without the slash at the end; None if unknown."""
    path = text_of(follow(request, OUTPUT_PATH))
    if path is None or not path.startswith(SCHEME):
        return None
    return path.removeprefix(SCHEME).strip("/")


def _named_by(arguments: Arguments) -> str | None:
    """The same of the address that ``get_top_model_s3_uri`` returns, which joins its arguments; None if unknown."""
    bound = BoundArguments(arguments, TOP_MODEL_ARGUMENTS)
    bucket, prefix = text_of_value(bound.get("s3_bucket")), bound.get("prefix")
    below = "" if is_none(prefix) else text_of_value(prefix)
    if bucket is None or below is None:
        return None
    return f"{bucket}/{below}".strip("/")


def tuner_in_training_step(
    name: str, arguments: Arguments, launched: Mapping[Span, Instance]
) -> tuple[Instance, str, TunerInTrainingStep] | None:
    """The tuner that a step gets in place of an estimator, the argument that has it, and what is wrong.

    ``launched`` are the tuners whose ``fit()`` a pipeline's session only records, by the place of the call. None for
    any other call.
    """
    if name != TRAINING_STEP:
        return None
    bound = BoundArguments(arguments, TRAINING_STEP_ARGUMENTS)
    for argument in ("estimator", "step_args"):
        tuner: Value | None = bound.get(argument)
        if isinstance(tuner, Unknown) and argument == "step_args":
            tuner = launched.get(tuner.span)
        if is_tuner(tuner):
            return tuner, argument, TunerInTrainingStep(argument)
    return None
