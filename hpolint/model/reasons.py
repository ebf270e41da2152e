"""Reasons for unknown values. A reason continues "this value …", and reasons of dependent values are built from it."""

from __future__ import annotations

from enum import Enum
from typing import Literal

Settler = Literal["source", "sdk-config"]
"""Who can make an unknown value known: whoever writes the source, or the setting ``sdk-config``."""


class Kind(Enum):
    """Why a value is unknown, as far as code decides on it. Code never compares the sentence, which is for people."""

    OTHER = "other"
    PART = "part"
    """A part of an unknown value."""
    TOO_LARGE = "too-large"
    """A number that no double holds."""
    TOO_MANY_LAUNCHES = "too-many-launches"
    """A value that differs between more launches, or passes of a loop, than are told apart."""
    RETURNED = "returned"
    """What one call returns."""

    TEMPLATE_PARAMETER = "template-parameter"
    TERRAFORM_VARIABLE = "terraform-variable"
    PIPELINE_PARAMETER = "pipeline-parameter"
    """Declared parameters, each of which can declare its allowed values."""

    COMMAND_LINE_OPTION = "command-line-option"
    ENVIRONMENT_VARIABLE = "environment-variable"
    FUNCTION_PARAMETER = "function-parameter"
    """A parameter of a function that its own source never calls."""
    NOTEBOOK_PARAMETER = "notebook-parameter"
    """A value of a notebook's cell that is tagged `parameters`, which papermill replaces."""

    CHOSEN_BY_SOURCE = "chosen-by-source"
    """A value between whose possible values the source's own code chooses, by a branch or a table."""

    CONFIG_FILE = "config-file"
    SDK_IMAGE = "sdk-image"
    SDK_ADDS = "sdk-adds"
    CODE_CHANNEL = "code-channel"
    TRAINER_CHANNELS = "trainer-channels"
    GENERATED_NAME = "generated-name"


SET_BY_RUNNING = frozenset(
    {Kind.COMMAND_LINE_OPTION, Kind.ENVIRONMENT_VARIABLE, Kind.FUNCTION_PARAMETER, Kind.NOTEBOOK_PARAMETER}
)
"""Values that whoever runs a Python source sets."""

SET_BY_DEPLOYER = SET_BY_RUNNING | {Kind.TEMPLATE_PARAMETER, Kind.TERRAFORM_VARIABLE, Kind.PIPELINE_PARAMETER}
"""Values that whoever deploys or runs a source sets. The source's own code chooses the others, as by an `if`."""

ADDED = frozenset({Kind.SDK_ADDS, Kind.CODE_CHANNEL, Kind.TRAINER_CHANNELS, Kind.GENERATED_NAME})
"""Values that the SDK or the service adds to each job of its form: nobody writes them."""

WITHOUT_PLACE = ADDED | {Kind.CONFIG_FILE, Kind.SDK_IMAGE}
"""Values that are not in the source, so that no file is named as their place."""


class Reason(str):
    """A reason with its kind and known parts.

    ``thing`` is a noun for the value, such as "the parameter `x` of `f`", from which other reasons are built. ``name``
    is the member that the reason itself begins with, if it names one; empty for a whole sentence.
    """

    thing: str | None
    name: str | None
    kind: Kind

    def __new__(cls, text: str, thing: str | None, name: str | None = None, kind: Kind = Kind.OTHER) -> Reason:
        """A reason from its sentence and parts."""
        reason = super().__new__(cls, text)
        reason.thing, reason.name, reason.kind = thing, name, kind
        return reason

    def __reduce__(self) -> tuple[object, ...]:
        return Reason, (str(self), self.thing, self.name, self.kind)


def kind_of(reason: str) -> Kind:
    """The kind of a reason; that of a plain sentence is ``OTHER``."""
    return reason.kind if isinstance(reason, Reason) else Kind.OTHER


def with_place(reason: str, file: str) -> str:
    """A reason that names the file in which the value is written, if it can be written in one."""
    if kind_of(reason) in WITHOUT_PLACE:
        return reason
    whole = f"{reason} (in {file})"
    if not isinstance(reason, Reason):
        return whole
    return Reason(whole, reason.thing, reason.name, reason.kind)


def with_default(reason: str, default: str) -> str:
    """A reason that names the value's default: ``is the option `--kind`, by default `ml.m5.xlarge` ``."""
    whole = f"{reason}, by default `{default}`"
    if not isinstance(reason, Reason):
        return whole
    return Reason(whole, reason.thing, reason.name, reason.kind)


def is_a(thing: str, kind: Kind = Kind.OTHER) -> Reason:
    """The reason "is THING": ``is what `f()` returns``."""
    return Reason(f"is {thing}", thing, kind=kind)


def named(name: str, says: str) -> Reason:
    """A reason that names the member itself: `` `Tags` is not in what Describe returns``."""
    return Reason(f"`{name}` {says}", None, name)


def says(sentence: str) -> Reason:
    """A reason that is a whole sentence: ``SageMaker picks these ranges itself``."""
    return Reason(sentence, None, "")


def of_kind(kind: Kind, text: str) -> Reason:
    """A reason whose sentence says no more than its kind."""
    return Reason(text, f"what {text}", kind=kind)


def a_part_of(reason: str) -> Reason:
    """The reason of a part of an unknown value; a part of a part counts as a part of the whole."""
    if isinstance(reason, Reason) and reason.kind is Kind.PART:
        return reason
    return is_a(f"a part of {thing_of(reason) or 'an unknown value'}", Kind.PART)


def thing_of(reason: str) -> str | None:
    """A noun for an unknown value, for use in another reason; None if its reason names a member."""
    if isinstance(reason, Reason):
        return reason.thing
    return f"what {reason}"


CONFIG_FILE = of_kind(Kind.CONFIG_FILE, "may come from the SageMaker SDK's own configuration file")

SDK_ADDS = of_kind(Kind.SDK_ADDS, "may be one that the SDK adds for the script")
CODE_CHANNEL = of_kind(Kind.CODE_CHANNEL, "may have a channel for the code")
"""Why the hyperparameters and channels of a framework's estimator are never all known: the SDK adds some of its own."""

TRAINER_CHANNELS = of_kind(Kind.TRAINER_CHANNELS, "is built from the inputs of `tune()` and the trainer's own channels")

SDK_IMAGE = is_a("the image that the SDK looks up", Kind.SDK_IMAGE)
"""The address is not known, but its account is one of Amazon's."""

GENERATED_NAME = of_kind(Kind.GENERATED_NAME, "is generated from a base name and the time")
NAME_IN_PIPELINE = of_kind(Kind.GENERATED_NAME, "is generated by the pipeline for each execution")
NAME_OF_STEP = of_kind(Kind.GENERATED_NAME, "is generated by the pipeline when the step runs")
NAME_BY_OPERATOR = of_kind(Kind.GENERATED_NAME, "is generated by the operator")
"""Why the name of a job that the source does not name is not known."""

TOO_LARGE = of_kind(Kind.TOO_LARGE, "is a number that is too large to evaluate")
