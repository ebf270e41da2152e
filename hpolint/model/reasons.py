"""Reasons for unknown values. A reason continues "this value …", and reasons of dependent values are built from it."""

from __future__ import annotations

from typing import Literal

ParameterKind = Literal["template", "terraform", "pipeline"]
"""A CloudFormation parameter, a Terraform variable or a pipeline parameter: each can declare its allowed values."""

CONFIG_FILE = "may come from the SageMaker SDK's own configuration file"
SDK_ADDS = "may be one that the SDK adds for the script"
CODE_CHANNEL = "may have a channel for the code"
"""Why the hyperparameters and channels of a framework's estimator are never all known: the SDK adds some of its own."""


class Reason(str):
    """A reason with known parts.

    ``thing`` is a noun for the value, such as "the parameter `x` of `f`", from which other reasons are built. ``name``
    is the member that the reason itself begins with, if it names one; empty for a whole sentence. ``parameter`` is set
    if the value is a declared parameter.
    """

    thing: str | None = None
    name: str | None = None
    parameter: ParameterKind | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return make_reason, (str(self), self.thing, self.name, isinstance(self, Part), self.parameter)


def make_reason(
    text: str, thing: str | None, name: str | None, is_part: bool = False, parameter: ParameterKind | None = None
) -> Reason:
    """A reason from its text and attributes; ``is_part`` makes a ``Part``."""
    reason = Part(text) if is_part else Reason(text)
    reason.thing, reason.name, reason.parameter = thing, name, parameter
    return reason


def with_place(reason: str, file: str) -> str:
    """A reason that names the file in which the value is written; a reason of ``KINDS`` stays as it is."""
    if reason in KINDS:
        return reason
    whole = f"{reason} (in {file})"
    if not isinstance(reason, Reason):
        return whole
    return make_reason(whole, reason.thing, reason.name, isinstance(reason, Part), reason.parameter)


def is_a(thing: str) -> Reason:
    """The reason "is THING": ``is what `f()` returns``."""
    return make_reason(f"is {thing}", thing, None)


def is_parameter(thing: str, kind: ParameterKind) -> Reason:
    """The reason of a declared parameter: ``is the variable `x` ``."""
    return make_reason(f"is {thing}", thing, None, parameter=kind)


def named(name: str, says: str) -> Reason:
    """A reason that names the member itself: `` `Tags` is not in what Describe returns``."""
    return make_reason(f"`{name}` {says}", None, name)


def says(sentence: str) -> Reason:
    """A reason that is a whole sentence: ``SageMaker picks these ranges itself``."""
    return make_reason(sentence, None, "")


def a_part_of(reason: str) -> Reason:
    """The reason of a part of an unknown value; a part of a part counts as a part of the whole."""
    if isinstance(reason, Part):
        return reason
    whole = thing_of(reason) or "an unknown value"
    return make_reason(f"is a part of {whole}", f"a part of {whole}", None, is_part=True)


class Part(Reason):
    """The reason of a part."""


def thing_of(reason: str) -> str | None:
    """A noun for an unknown value, for use in another reason; None if its reason names a member."""
    if isinstance(reason, Reason):
        return reason.thing
    return f"what {reason}"


SDK_IMAGE = is_a("the image that the SDK looks up")
"""The address is not known, but its account is one of Amazon's."""

KINDS = frozenset({CONFIG_FILE, SDK_ADDS, CODE_CHANNEL, SDK_IMAGE})
"""Reasons that are compared as a whole."""
