"""The tuning job: what every form ends as, and what the rules are asked about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hpolint.flat import flattened, rebuilt
from hpolint.node import Path, Scalar, Struct
from hpolint.source import Source, Span
from hpolint.spelling import API, Spelling


@dataclass(frozen=True, slots=True)
class Observation:
    """What a reader saw that the request no longer shows.

    ``kind`` names it (rules ask for it), ``path`` is the request's field that it is about,
    ``data`` what a rule's condition and message may need.
    """

    kind: str
    path: Path
    span: Span
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class TuningJob:
    """One CreateHyperParameterTuningJob request, in the API's own spelling whatever the form.

    ``cell`` is the notebook cell (from 1, over all cells) that the job stands in, else None. ``spelling`` is the
    source's own of the request's members. ``carrier`` says in words what
    holds the job where it is not a file's own: a resource, a state, a step.
    """

    form: str
    source: Source
    request: Struct
    cell: int | None = None
    observations: list[Observation] = field(default_factory=list)
    spelling: Spelling = API
    carrier: str | None = None

    def __getstate__(self) -> tuple[Any, ...]:
        """What goes to another process: the request as a list, since it may be of any depth."""
        rest = (self.form, self.source, self.cell, self.observations, self.spelling, self.carrier)
        return flattened(self.request), *rest

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        request, self.form, self.source, self.cell, self.observations, self.spelling, self.carrier = state
        self.request = rebuilt(request)  # type: ignore[assignment]

    @property
    def name(self) -> str | None:
        """HyperParameterTuningJobName where it is known."""
        name = self.request.get("HyperParameterTuningJobName")
        return name.value if isinstance(name, Scalar) and isinstance(name.value, str) else None


@dataclass(frozen=True, slots=True)
class ReadingProblem:
    """A place where a definition stands, or must be supposed to, that could not be read."""

    reason: str
    span: Span


@dataclass(slots=True)
class Reading:
    """What one source gave.

    ``skipped`` says why nothing was read, where that is no problem. ``sources`` are other files that it names, whose
    jobs are among its own. ``told`` are further lines about it. ``own`` is set for what hpolint itself has written: a
    report is no definition.
    """

    jobs: list[TuningJob] = field(default_factory=list)
    problems: list[ReadingProblem] = field(default_factory=list)
    skipped: str | None = None
    sources: list[Source] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    own: bool = False
