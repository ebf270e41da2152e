"""Why a value is unknown, in parts: a reason goes on after "this value", and others are made of it."""

from __future__ import annotations

from typing import Literal

ParameterKind = Literal["template", "terraform", "pipeline"]
"""A CloudFormation parameter, a Terraform variable or a pipeline parameter: each can declare its allowed values."""

CONFIG_FILE = "may come from the SageMaker SDK's own configuration file"
SDK_ADDS = "may be one that the SDK adds for the script"
CODE_CHANNEL = "may have a channel for the code"
SDK_LOOKS_UP = "that the SDK looks up"
"""Why hyperparameters and channels of a framework's estimator are never all told: the SDK has a few of its own. What it
looks up lies in Amazon's accounts."""


class Reason(str):
    """A reason whose parts are known.

    ``thing`` is what the value is, where it is a thing: "the parameter `x` of `f`"; others may be a part or a method of
    it. ``name`` is the member that the reason begins with, where it names one itself; empty for a whole sentence.
    ``parameter`` is set where the value is a declared parameter itself.
    """

    thing: str | None = None
    name: str | None = None
    parameter: ParameterKind | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return make_reason, (str(self), self.thing, self.name, isinstance(self, Part), self.parameter)


def make_reason(
    text: str, thing: str | None, name: str | None, is_part: bool = False, parameter: ParameterKind | None = None
) -> Reason:
    """A reason of its text and attributes; ``is_part`` makes a ``Part``."""
    reason = Part(text) if is_part else Reason(text)
    reason.thing, reason.name, reason.parameter = thing, name, parameter
    return reason


def is_a(thing: str) -> Reason:
    """The value is a thing: ``is what `f()` returns``."""
    return make_reason(f"is {thing}", thing, None)


def is_parameter(thing: str, kind: ParameterKind) -> Reason:
    """The value is a declared parameter, of which others may be a part: ``is the variable `x` ``."""
    return make_reason(f"is {thing}", thing, None, parameter=kind)


def named(name: str, says: str) -> Reason:
    """The reason names the member itself: `` `Tags` is not in what Describe returns``."""
    return make_reason(f"`{name}` {says}", None, name)


def says(sentence: str) -> Reason:
    """A sentence of its own: ``SageMaker picks these ranges itself``."""
    return make_reason(sentence, None, "")


def a_part_of(reason: str) -> Reason:
    """A part of a value that is unknown for a reason; a part of a part is a part of the whole."""
    if isinstance(reason, Part):
        return reason
    whole = thing_of(reason) or "what cannot be told"
    return make_reason(f"is a part of {whole}", f"a part of {whole}", None, is_part=True)


class Part(Reason):
    """The reason of a part."""


def thing_of(reason: str) -> str | None:
    """What a value that is unknown for a reason is, for the reason of another; None where the reason names a member."""
    if isinstance(reason, Reason):
        return reason.thing
    return f"what {reason}"
