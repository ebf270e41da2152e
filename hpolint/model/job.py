"""The tuning job: the common result of all readers, and the input of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from hpolint.io.escaping import LONG, brief
from hpolint.model.callee import Callee
from hpolint.model.flattening import Flat, flattened, rebuilt
from hpolint.model.ignore_comment import Suppression
from hpolint.model.launch import Launches
from hpolint.model.node import Array, Path, Scalar, Struct, Unknown, follow, text_of
from hpolint.model.observations import Observed, kind_of
from hpolint.model.source import Source, Span
from hpolint.model.spelling import API, Spelling
from hpolint.model.training_code import Code
from hpolint.model.training_script import Script, Site

OBJECTIVE = "HyperParameterTuningJobObjective"
LOCAL_INSTANCE_TYPES = ("local", "local_gpu")
"""The instance types of the SDK's local mode, which runs nothing on SageMaker.

Source: sagemaker 2.257.7, ``local/local_session.py`` and ``estimator.EstimatorBase.__init__``.
"""


class Observation(msgspec.Struct, frozen=True):
    """Something a reader saw that the request no longer shows.

    ``path`` is the request's field that it is about, ``span`` its place. ``observed`` has the kind and the values for a
    rule's condition and message.
    """

    path: Path
    span: Span
    observed: Observed

    @property
    def kind(self) -> str:
        """The name of its kind in rules."""
        return kind_of(type(self.observed))


class Construct(msgspec.Struct, frozen=True):
    """What a CDK app has constructed for a job: the path of the resource, and the id of its construct.

    ``state`` is the name of the state that launches the job, if the template itself defines it: it may be a construct
    of its own.
    """

    path: str
    id: str | None = None
    state: str | None = None


class Origin(msgspec.Struct, frozen=True):
    """The place in a program that constructs what carries a job of a generated file. ``name`` says what stands there.

    ``is_whole``: that is the carrier itself, not only what contains it.
    """

    source: str
    span: Span
    name: str
    is_whole: bool = False


class TuningJob(msgspec.Struct, eq=False):
    """One CreateHyperParameterTuningJob request, in the API's own spelling for every form.

    ``cell`` is the number of the job's notebook cell (from 1, over all cells), else None. ``spelling`` is the
    source's spelling of the request's members. ``carrier`` describes what holds the job within its file: a
    resource, a state, a step. ``construct`` is what a CDK app has constructed for it. ``variable`` is the source's name
    for it. ``calls`` are the calls that launch it,
    ``launches`` the launches of several with what differs between them, whose common values the request has,
    ``suppressions`` those of its carrier, as in a resource's metadata. ``is_launched``: the service has accepted
    the job already, so it can no longer be refused or fixed. ``has_more_launches``: calls that may launch it with other
    values are too many, or nested too deep, to be read. ``is_disabled``: a constant in the source turns its
    launch off. ``is_unused``: the source only writes the request, and other code may send it. ``is_repeated``: the
    source writes it more than once. ``earlier_twin``: an earlier job of the same
    source tunes the same parameters for the same objective, as in a comparison of strategies. ``parents`` are the
    requests of the same source, or of files beside it, from which the job has a warm start. ``codes`` is the
    script of each definition, by the definition's path; ``scripts`` is what that script does, or why it is unknown.
    ``imported`` are the places of the values that imported modules write; their spans in the request are where they
    are used. ``callees`` are the SDK's classes and methods whose arguments the request's members are, by the places of
    their names. ``sdk_config`` is the value of the setting that completed the request: see ``config/sdk_config.py``.
    """

    form: str
    source: Source
    request: Struct
    cell: int | None = None
    observations: list[Observation] = msgspec.field(default_factory=list)
    spelling: Spelling = API
    carrier: str | None = None
    construct: Construct | None = None
    variable: str | None = None
    calls: list[Span] = msgspec.field(default_factory=list)
    launches: Launches | None = None
    suppressions: list[Suppression] = msgspec.field(default_factory=list)
    codes: dict[Path, Code] = msgspec.field(default_factory=dict)
    scripts: dict[Path, Script | Unknown] = msgspec.field(default_factory=dict)
    imported: dict[Path, Site] = msgspec.field(default_factory=dict)
    callees: dict[Span, Callee] = msgspec.field(default_factory=dict)
    sdk_config: str | None = None
    extent: Span | None = None
    is_launched: bool = False
    has_more_launches: bool = False
    is_disabled: bool = False
    is_unused: bool = False
    is_repeated: bool = False
    earlier_twin: bool = False
    parents: list[Struct] = msgspec.field(default_factory=list)

    def __repr__(self) -> str:
        return f"TuningJob({self.form!r}, {self.source!r}, {self.label or 'unnamed'})"

    def __reduce__(self) -> tuple[object, ...]:
        """The state for another process, with the requests as flat lists, because they may be deep."""
        fields = msgspec.structs.asdict(self)
        parents = [flattened(parent) for parent in fields.pop("parents")]
        return _rebuilt_job, (flattened(fields.pop("request")), parents, fields)

    def imported_site(self, path: Path) -> Site | None:
        """Where an imported module writes a value, or the structure in which it is absent; None if none does."""
        while path and follow(self.request, path) is None:
            path = path[:-1]
        return self.imported.get(path)

    @property
    def label(self) -> str | None:
        """The name for messages: the source's variable, else the job's own name; None if it has neither."""
        name = self.variable or self.name
        return f"`{brief(name, LONG)}`" if name is not None else None

    @property
    def name(self) -> str | None:
        """HyperParameterTuningJobName where it is known."""
        return text_of(self.request.get("HyperParameterTuningJobName"))


def _rebuilt_job(request: Flat, parents: list[Flat], fields: dict[str, Any]) -> TuningJob:
    return TuningJob(**fields | {"request": rebuilt(request), "parents": [rebuilt(parent) for parent in parents]})


class ReadingProblem(msgspec.Struct, frozen=True):
    """A definition, or a possible one, that could not be read.

    ``is_launch``: the span is a call or command that starts a job, and ``reason`` continues "this call …".
    ``is_blank``: the author has left something for others to write.
    """

    reason: str
    span: Span
    is_launch: bool = False
    is_blank: bool = False

    @property
    def emitter(self) -> str:
        """The ``emitted_by`` of the rule that reports it."""
        return "launches" if self.is_launch else "readers"


class Reading(msgspec.Struct):
    """The result of reading one source.

    ``skipped`` is the reason why nothing was read, if that is not a problem. ``sources`` are the other files it
    references, whose jobs are included; ``modules`` are those that it imports. ``notices`` are further lines about it.
    ``is_own_output``: hpolint wrote the file itself, such as a report. ``idle`` are the structures that launch nothing,
    such as a resource with ``count = 0``. ``unread`` finds the places that may launch a job that is not among ``jobs``,
    if the reader knows better than a search of the text; it is called only if a rule demands a decision.
    ``mocked_calls`` counts the calls of a test that reach a mock instead of the service. ``jobs_of_others`` are those
    of modules that the source imports, with the values that its own calls give them: they count as the modules' jobs.
    ``taken`` are the names of other files, each with the span of a part of a request that one of ``jobs`` takes.
    """

    jobs: list[TuningJob] = msgspec.field(default_factory=list)
    problems: list[ReadingProblem] = msgspec.field(default_factory=list)
    skipped: str | None = None
    sources: list[Source] = msgspec.field(default_factory=list)
    modules: list[Source] = msgspec.field(default_factory=list)
    notices: list[str] = msgspec.field(default_factory=list)
    is_own_output: bool = False
    idle: list[Span] = msgspec.field(default_factory=list)
    unread: Callable[[], list[Span]] | None = None
    mocked_calls: int = 0
    jobs_of_others: list[TuningJob] = msgspec.field(default_factory=list)
    taken: list[tuple[str, Span]] = msgspec.field(default_factory=list)

    def take(self, part: Reading) -> None:
        """Add the result of reading a part of the source."""
        self.jobs += part.jobs
        self.problems += part.problems
        self.sources += part.sources
        self.notices += part.notices
        self.skipped = self.skipped or part.skipped
        self.idle += part.idle
        self.is_own_output |= part.is_own_output


PARTS = ("HyperParameterTuningJobConfig", "TrainingJobDefinition", "TrainingJobDefinitions")
"""The members of a request that hold its settings."""


def parts_of(request: Struct) -> Iterator[Span]:
    """The spans of the parts of a request, as far as they are known."""
    for name in PARTS:
        part = request.get(name)
        if isinstance(part, Struct | Array):
            yield part.span


def mark_parents(jobs: list[TuningJob], others: Sequence[TuningJob] = ()) -> None:
    """Set ``parents`` on the jobs of a source that have a warm start, found by their names: its own jobs or others."""
    by_name: dict[str, list[TuningJob]] = {}
    for job in [*jobs, *others]:
        if job.name is not None:
            by_name.setdefault(job.name, []).append(job)
    for job in jobs:
        named = [by_name.get(name, []) for name in _parent_names(job.request)]
        # of two jobs of one name, nothing says which one the service has accepted
        job.parents = [found[0].request for found in named if len(found) == 1 and found[0] is not job]


def _parent_names(request: Struct) -> Iterator[str]:
    parents = follow(request, ("WarmStartConfig", "ParentHyperParameterTuningJobs"))
    for parent in parents.items if isinstance(parents, Array) else ():
        name = text_of(follow(parent, ("HyperParameterTuningJobName",)))
        if name is not None:
            yield name


def mark_twins(jobs: list[TuningJob]) -> None:
    """Set ``earlier_twin`` on the jobs of a source that tune the same as an earlier one."""
    seen: set[object] = set()
    for job in jobs:
        subject = _tuning_subject(job.request)
        job.earlier_twin = subject is not None and subject in seen
        seen.add(subject)


def _tuning_subject(request: Struct) -> object:
    """The objective and the names of the tuned parameters, as a key for comparison; None if they are not known."""
    config = follow(request, ("HyperParameterTuningJobConfig",))
    ranges, metric = follow(config, ("ParameterRanges",)), follow(config, (OBJECTIVE, "MetricName"))
    if not isinstance(ranges, Struct) or not isinstance(metric, Scalar):
        return None
    lists = [each for each in ranges.members.values() if isinstance(each, Array)]
    names = [follow(item, ("Name",)) for each in lists for item in each.items]
    known = frozenset(str(name.value) for name in names if isinstance(name, Scalar))
    return (metric.value, known) if known and len(known) == len(names) else None
