"""What an editor shows beside the code that launches a job: its size, its worst case, its findings, what is unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from hpolint.cost.job_size import hint_text, size_text
from hpolint.cost.prices import Prices
from hpolint.editor.diagnostics import short
from hpolint.editor.documents import Document
from hpolint.editor.hovers import own_jobs
from hpolint.editor.open_values import open_values, unknown_text
from hpolint.editor.positions import Location, Places
from hpolint.engine.evaluation_context import EvaluationContext
from hpolint.model.finding import Finding
from hpolint.model.job import TuningJob
from hpolint.model.source import Source
from hpolint.report.outcome import Outcome

MAX_UNKNOWN = 8
"""Unknown values that a card lists."""


class JobCard(msgspec.Struct, frozen=True):
    """A tuning job in one view.

    ``location`` is the call that launches it, or its definition. ``trials``, ``parallel`` and ``rounds`` are None if
    they are not known or not limited; ``size`` says them. ``worst`` is a text such as ``≤ 200 h · ≈ 92 USD``. A text is
    empty if nothing is known.
    ``spot`` is None if it is not known whether the job uses spot instances. ``levels`` counts its findings. ``unknown``
    has a sentence for each value that leaves rules undecided, ``more_unknown`` the number of those that are left out.
    """

    location: Location
    title: str
    trials: int | None
    parallel: int | None
    rounds: int | None
    size: str
    worst: str
    spot: bool | None
    levels: dict[str, int]
    unknown: list[str]
    more_unknown: int


def job_cards(
    outcome: Outcome,
    findings: Iterable[Finding],
    document: Document,
    places: Places,
    prices: Prices | None,
    folder: str,
) -> list[JobCard]:
    """The cards of the jobs that are written in an outcome's own source, in its order, with paths below a folder."""
    source = outcome.source
    if source is None:
        return []
    reported = list(findings)
    cards: list[JobCard] = []
    for job in own_jobs(outcome):
        location = _launch(job, source, document, places)
        if location is not None:
            own = [finding for finding in reported if finding.job is job]
            unknown = [short(unknown_text(job, value), [folder]) for value in open_values(job, outcome)]
            cards.append(_card(job, location, own, unknown, prices))
    return cards


def _launch(job: TuningJob, source: Source, document: Document, places: Places) -> Location | None:
    """The place of a job's last launching call, or of its definition; None outside of all cells."""
    for span in (*reversed(job.calls), job.request.anchor):
        location = places.location(source, span, document)
        if location is not None:
            return location
    return None


def _card(
    job: TuningJob, location: Location, findings: list[Finding], unknown: list[str], prices: Prices | None
) -> JobCard:
    values = EvaluationContext(job).subjects("job")[0].values
    budget, compute = values.get("budget", {}), values.get("compute", {})
    levels: Counter[str] = Counter(finding.level for finding in findings)
    trials, parallel, rounds = (_whole(budget.get(name)) for name in ("trials", "at_once", "rounds"))
    return JobCard(
        location=location,
        title=job.label if job.label is not None else "Tuning job",
        trials=trials,
        parallel=parallel,
        rounds=rounds,
        size=size_text(trials, parallel, rounds),
        worst=hint_text(job, prices),
        spot=_truth(compute.get("spot")),
        levels=dict(levels),
        unknown=unknown[:MAX_UNKNOWN],
        more_unknown=max(0, len(unknown) - MAX_UNKNOWN),
    )


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
