"""The facts of a job that are not in its request."""

from __future__ import annotations

import msgspec

from hpolint.model.node import Unknown


class JobFacts(msgspec.Struct, frozen=True):
    """``job``: the tuning job as it is written, and where."""

    name: str | Unknown | None
    """HyperParameterTuningJobName. Null if it is absent."""
    form: str
    """The form in which the job is written, such as ``request`` or ``python-sdk``."""
    path: str
    """The path of the file that defines it, as the check prints it."""
    repository: str | None
    """``OWNER/NAME`` of the repository that holds the file, by the address of its remote ``origin``. Null without
    one."""
    launched: bool
    """Whether the source shows that the job was launched already, as a Describe response and a CloudTrail event do."""
    earlier_twin: bool
    """Whether an earlier job of the same source tunes the same."""
    carried: bool
    """Whether a step, a state or a resource carries the job, so that it may be launched again and again."""
    environment_variables: int | Unknown
    """The number of environment variables in all definitions."""
