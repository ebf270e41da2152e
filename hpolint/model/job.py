"""The tuning job: what every form ends as, and what the rules are asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import msgspec

from hpolint.io.escaping import LONG, brief
from hpolint.model.flattening import flattened, rebuilt
from hpolint.model.ignore_comment import Suppression
from hpolint.model.node import Array, Path, Scalar, Struct, Unknown, follow
from hpolint.model.observations import Observed, kind_of
from hpolint.model.source import Source, Span
from hpolint.model.spelling import API, Spelling
from hpolint.model.training_code import Code
from hpolint.model.training_script import Script

OBJECTIVE = "HyperParameterTuningJobObjective"

LAZY_FIELDS = ("request", "observations", "launches", "suppressions", "codes", "scripts")
"""What of a job that comes from another process, or run, is loaded when somebody asks for it: most are only counted."""


class Observation(msgspec.Struct, frozen=True):
    """What a reader saw that the request no longer shows.

    ``path`` is the request's field that it is about, ``span`` its place, ``seen`` says of which kind it is and what
    a rule's condition and message may need.
    """

    path: Path
    span: Span
    observed: Observed

    @property
    def kind(self) -> str:
        """The name that rules have for it."""
        return kind_of(type(self.observed))


@dataclass(slots=True)
class TuningJob:
    """One CreateHyperParameterTuningJob request, in the API's own spelling whatever the form.

    ``cell`` is the notebook cell (from 1, over all cells) that the job stands in, else None. ``spelling`` is the
    source's own of the request's members. ``carrier`` says in words what holds the job where it is not a file's own: a
    resource, a state, a step. ``variable`` is what the source calls it. ``launches`` are the calls that launch it,
    ``suppressions`` what is asked beside it, as in a resource's metadata. ``is_launched``: the service has taken it
    already, so that nothing of it can be refused or mended. ``is_repeated``: its source writes it more than once.
    ``earlier_twin``: an earlier job of the same source tunes the same parameters for the same objective, as where
    two ways of searching are compared. ``codes`` say of each definition, by its path, which script it runs, ``scripts``
    what that does, or why it is not to be had. ``sdk_config`` names what the request was completed from beside its
    source: see ``sdkconfig.py``.
    """

    form: str
    source: Source
    request: Struct
    cell: int | None = None
    observations: list[Observation] = field(default_factory=list)
    spelling: Spelling = API
    carrier: str | None = None
    variable: str | None = None
    launches: list[Span] = field(default_factory=list)
    suppressions: list[Suppression] = field(default_factory=list)
    is_launched: bool = False
    is_repeated: bool = False
    earlier_twin: bool = False
    codes: dict[Path, Code] = field(default_factory=dict)
    scripts: dict[Path, Script | Unknown] = field(default_factory=dict)
    sdk_config: str | None = None
    load: Callable[[], dict[str, Any]] | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def lazy(cls, state: dict[str, Any], load: Callable[[], dict[str, Any]]) -> TuningJob:
        """A job of which this much is known now; ``load`` gives the rest once somebody asks for it."""
        job = cls.__new__(cls)
        job.load = load
        _set(job, state)
        return job

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """What is not loaded yet."""
            load = self.load if name in LAZY_FIELDS else None
            if load is None:
                raise AttributeError(name)
            self.load = None
            _set(self, load())
            return getattr(self, name)

    def __getstate__(self) -> dict[str, Any]:
        """What goes to another process: the request as a list, since it may be of any depth."""
        state = {each.name: getattr(self, each.name) for each in fields(self) if each.init}
        return state | {"request": flattened(self.request)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, rebuilt(value) if name == "request" else value)

    def with_request(self, request: Struct, observations: list[Observation] | None = None) -> TuningJob:
        """The same job with another request, and perhaps other observations."""
        return replace(self, request=request, observations=self.observations if observations is None else observations)

    @property
    def label(self) -> str | None:
        """What people call it: the source's variable, else its own name; None if it has neither."""
        name = self.variable or self.name
        return f"`{brief(name, LONG)}`" if name is not None else None

    @property
    def name(self) -> str | None:
        """HyperParameterTuningJobName where it is known."""
        name = self.request.get("HyperParameterTuningJobName")
        return name.value if isinstance(name, Scalar) and isinstance(name.value, str) else None


def _set(job: TuningJob, state: dict[str, Any]) -> None:
    for name, value in state.items():
        setattr(job, name, value)


class ReadingProblem(msgspec.Struct, frozen=True):
    """A place where a definition stands, or must be supposed to, that could not be read."""

    reason: str
    span: Span


class Reading(msgspec.Struct):
    """What one source gave.

    ``skipped`` says why nothing was read, where that is no problem. ``sources`` are other files that it names, whose
    jobs are among its own. ``told`` are further lines about it. ``own`` is set for what hpolint itself has written: a
    report is no definition.
    """

    jobs: list[TuningJob] = msgspec.field(default_factory=list)
    problems: list[ReadingProblem] = msgspec.field(default_factory=list)
    skipped: str | None = None
    sources: list[Source] = msgspec.field(default_factory=list)
    notices: list[str] = msgspec.field(default_factory=list)
    is_own_output: bool = False

    def take(self, part: Reading) -> None:
        """Take in what a part of the source gave."""
        self.jobs += part.jobs
        self.problems += part.problems
        self.sources += part.sources
        self.notices += part.notices
        self.skipped = self.skipped or part.skipped
        self.is_own_output |= part.is_own_output


def mark_twins(jobs: list[TuningJob]) -> None:
    """Mark the jobs of a source that tune what an earlier one tunes."""
    seen: set[object] = set()
    for job in jobs:
        subject = _tuning_subject(job.request)
        job.earlier_twin = subject is not None and subject in seen
        seen.add(subject)


def _tuning_subject(request: Struct) -> object:
    """The names that are tuned and the objective; None where they cannot be told."""
    config = follow(request, ("HyperParameterTuningJobConfig",))
    ranges, metric = follow(config, ("ParameterRanges",)), follow(config, (OBJECTIVE, "MetricName"))
    if not isinstance(ranges, Struct) or not isinstance(metric, Scalar):
        return None
    lists = [each for each in ranges.members.values() if isinstance(each, Array)]
    names = [follow(item, ("Name",)) for each in lists for item in each.items]
    known = frozenset(str(name.value) for name in names if isinstance(name, Scalar))
    return (metric.value, known) if known and len(known) == len(names) else None
