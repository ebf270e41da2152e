"""The order of a tuner's calls: what needs its job before it is launched, or before it has ended.

Source: sagemaker 2.132.0, 2.245.0 and 2.257.7 and sagemaker-train 1.0 and 1.27.0, run.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hpolint.model.observations import AskedBeforeLaunch
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.trail import Step
from hpolint.readers.python.interpreter.units import STRIDE
from hpolint.readers.python.interpreter.values import Arguments, Instance, Value, is_false, is_foreign
from hpolint.readers.python.sdk.refused_calls import Seen
from hpolint.readers.python.sdk.trainer import is_version_3
from hpolint.readers.python.sdk.tuner_use import takes_no_time

NEEDS_JOB = frozenset({"best_training_job", "best_estimator", "deploy", "analytics", "wait"})
"""Methods of a tuner of version 2 that raise an error if it has no job."""

NEEDS_RESULT = frozenset({"best_training_job", "best_estimator", "deploy"})
"""Methods that raise an error while no trial has ended."""

OF_VERSION_3 = frozenset({"best_training_job", "analytics", "wait"})
"""Those that version 3 has, too."""

JOB = "latest_tuning_job"
"""The attribute of a tuner that has its job."""

GeneratedName = tuple[str, tuple[Instance, ...], int]
"""The base of a name to which the SDK adds the time to the minute, the sessions, and the unit."""


class Moment(msgspec.Struct, frozen=True):
    """A launch that does not wait for its job, as long as nothing else is called after it."""

    tuner: Span
    steps: tuple[Step, ...]
    unit: int


class JobOrder:
    """The last launch that does not wait, and the questions that came too early."""

    def __init__(self) -> None:
        self._unwaited: Moment | None = None
        self._before_call: Moment | None = None
        self._early: dict[Span, list[Seen]] = {}
        self._names: list[GeneratedName] = []
        """The names of the launches within the last minute."""

    def called(self, function: Value | None) -> None:
        """Note a call of what the source does not define, None for any: from now on the job may have ended."""
        self._before_call = self._unwaited
        self._unwaited = None
        if self._names and (function is None or not takes_no_time(function)):
            self._names = []

    def launched(
        self, tuner: Instance, launch: Arguments, at: Span, steps: tuple[Step, ...], name: GeneratedName | None
    ) -> bool:
        """Note a launch by the tuner's own method. Whether one before it certainly has the same name."""
        is_second = name in self._names
        wait = launch.keywords.get("wait")
        if wait is None or not is_false(wait) or launch.open is not None:
            self._names = []
            return is_second
        self._unwaited = Moment(tuner.span, steps, at.line // STRIDE)
        if name is not None:
            self._names.append(name)
        return is_second

    def asked(self, tuner: Instance, method: str, at: Span, steps: tuple[Step, ...], *, is_launched: bool) -> None:
        """Note a call of one of the tuner's other methods."""
        own = NEEDS_JOB & OF_VERSION_3 if is_version_3(tuner) else NEEDS_JOB
        if method not in own or not is_foreign(tuner) or tuner.escaped is not None or JOB in tuner.attributes:
            return
        moment = Moment(tuner.span, steps, at.line // STRIDE)
        if not is_launched:
            self._early.setdefault(tuner.span, []).append((at, AskedBeforeLaunch(f"{method}()", False)))
        elif method in NEEDS_RESULT and moment == self._before_call:
            self._early.setdefault(tuner.span, []).append((at, AskedBeforeLaunch(f"{method}()", True)))

    def early_questions(self, tuner: Span, calls: list[Span]) -> Iterator[Seen]:
        """What was asked too early of the tuner that a call makes, which some ``calls`` launch.

        Nothing is said of a notebook with a launch in another cell: people run cells in any order.
        """
        for place, asked in self._early.get(tuner, []):
            units = {call.line // STRIDE for call in calls}
            if units <= {place.line // STRIDE}:
                yield place, asked
