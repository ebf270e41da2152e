"""What the collected jobs show: how trials ended, how long they took, when and where the best ones were found.

A repository counts once, however many jobs it shows: figures are means over repositories of the means over their jobs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from statistics import fmean, median, pstdev, stdev
from typing import Any, NamedTuple

KEPT = Path(__file__).parent / "jobs.json"
Job = dict[str, Any]
ENOUGH = 5
"""Completed trials below which a job does not say when or where its best one was found."""

WIDE = 2
"""Powers of ten of ranges whose best values are counted."""


@cache
def jobs() -> tuple[Job, ...]:
    """The jobs that are kept."""
    return tuple(json.loads(KEPT.read_text("utf-8")))


def completed(job: Job) -> list[dict[str, Any]]:
    """The trials that have a result and were not stopped, in the order in which they were named."""
    return [each for each in job["results"] if each["status"] == "Completed" and each["result"] is not None]


def best_of(job: Job) -> dict[str, Any] | None:
    """The best completed trial; None if it is not known which direction is better, or if there are too few."""
    trials = completed(job)
    if job.get("type") not in ("Maximize", "Minimize") or len(trials) < ENOUGH:
        return None
    return (max if job["type"] == "Maximize" else min)(trials, key=lambda each: each["result"])


class Figure(NamedTuple):
    """A mean over repositories, and of how many repositories and jobs."""

    value: float
    repositories: int
    jobs: int


def figure(of: Callable[[Job], float | None], among: Iterable[Job] | None = None) -> Figure:
    """The mean of what each job says; a job that says None does not count."""
    by_repository: dict[str, list[float]] = {}
    for job in jobs() if among is None else among:
        value = of(job)
        if value is not None:
            by_repository.setdefault(job["repo"], []).append(value)
    count = sum(map(len, by_repository.values()))
    means = [fmean(each) for each in by_repository.values()]
    return Figure(fmean(means) if means else math.nan, len(by_repository), count)


def status_share(status: str) -> Callable[[Job], float | None]:
    """The share of a job's trials that ended so."""
    return lambda job: fmean(each["status"] == status for each in job["results"]) if job["results"] else None


def minutes(job: Job) -> float | None:
    """The minutes of a job's median completed trial."""
    own = [each["seconds"] for each in completed(job) if each["seconds"]]
    return median(own) / 60 if own else None


def spread(job: Job) -> float | None:
    """The standard deviation of the logarithm of its completed trials' seconds."""
    own = [math.log(each["seconds"]) for each in completed(job) if each["seconds"]]
    return pstdev(own) if len(own) >= ENOUGH else None


class Place(NamedTuple):
    """Where in a range the best value was: powers of ten of the range, and from the value to the top."""

    job: Job
    role: str
    scale: str
    decades: float
    from_top: float


def places() -> Iterator[Place]:
    """Of each range of at least one power of ten whose best value is known."""
    for job in jobs():
        best = best_of(job)
        values = best["values"] if best is not None else job.get("best", {})
        for each in job.get("ranges", ()):
            value = values.get(each["name"])
            if each["kind"] == "categorical" or each["low"] <= 0 or not isinstance(value, float) or value <= 0:
                continue
            decades = math.log10(each["high"] / each["low"])
            if decades >= 1:
                scale = each["scale"] or "unknown"
                yield Place(job, each["role"] or "other", scale, decades, math.log10(each["high"] / value))


class Drawn(NamedTuple):
    """A value of a trial that started before any other had ended: from 0 to 1 on each scale of its range.

    ``logarithmic`` is None for a range from 0; ``kind`` is ``continuous`` or ``integer``.
    """

    repo: str
    kind: str
    factor: float
    linear: float
    logarithmic: float | None
    year: str


LEAST_VALUES = 10
"""Values of an integer range below which a place between its bounds says little of a scale."""


def drawn_first() -> Iterator[Drawn]:
    """Of each numeric range under ``Auto`` in a Bayesian search: the values of the trials that could know no result."""
    for job in jobs():
        if job.get("strategy") != "Bayesian" or job.get("at_once") is None or not _fits(job):
            continue
        for each in job["ranges"]:
            low, high = each.get("low"), each.get("high")
            if each["kind"] == "categorical" or each["scale"] != "Auto" or not 0 <= low < high:
                continue
            if each["kind"] == "integer" and high - low + 1 < LEAST_VALUES:
                continue
            for trial in _first_trials(job):
                value = trial["values"].get(each["name"])
                if isinstance(value, float):
                    logarithmic = math.log(max(value, low) / low) / math.log(high / low) if low > 0 else None
                    factor = high / low if low > 0 else math.inf
                    place = (value - low) / (high - low)
                    yield Drawn(job["repo"], each["kind"], factor, place, logarithmic, (trial["start"] or "")[:4])


def _fits(job: Job) -> bool:
    """Whether the trials may be of the definition beside them: none has a number above its limit."""
    return bool(job["results"]) and max(each["number"] for each in job["results"]) <= (job.get("trials") or math.inf)


def _first_trials(job: Job) -> list[dict[str, Any]]:
    """As many as run at once, without those that began after another had ended."""
    times = [(_moment(each["start"]), each["seconds"]) for each in job["results"]]
    ends = [start + seconds for start, seconds in times if start is not None and seconds]
    first_end = min(ends, default=math.inf)
    found = [each for each in job["results"] if each["number"] <= job["at_once"]]
    return [each for each in found if (_moment(each["start"]) or 0) < first_end]


def _moment(text: str | None) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp() if text else None
    except ValueError:
        return None


CLASSES = (
    ("Continuous, less than 10", "continuous", 0, 9.99),
    ("Continuous, 10 to less than 100", "continuous", 9.99, 99.9),
    ("Continuous, 100 and more", "continuous", 99.9, 1e300),
    ("Continuous, from 0", "continuous", 1e300, math.inf),
    ("Integer, less than 100", "integer", 0, 99.9),
    ("Integer, 100 and more", "integer", 99.9, 1e300),
    ("Integer, from 0", "integer", 1e300, math.inf),
)
"""Ranges by kind and by the factor between their bounds, with room for rounding."""


def auto_lines() -> Iterator[str]:
    """Where the first trials under ``Auto`` lie in their ranges, as a table in Markdown: means over repositories."""
    heads = (
        "Upper bound divided by the lower",
        "Values",
        "Repositories",
        "Years",
        "Place, linear",
        "Place, logarithmic",
    )
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    found = list(drawn_first())
    for name, kind, above, most in CLASSES:
        own = [each for each in found if each.kind == kind and above < each.factor <= most]
        if own:
            years = sorted({each.year for each in own if each.year})
            places_ = [_mean_place(own, "linear"), _mean_place(own, "logarithmic")]
            shown = (name, str(len(own)), str(len({each.repo for each in own})), f"{years[0]} to {years[-1]}", *places_)
            yield f"| {' | '.join(shown)} |"


def _mean_place(drawn: list[Drawn], scale: str) -> str:
    """The mean over repositories of the means over their values, with its 95 % interval from four repositories on."""
    by_repository: dict[str, list[float]] = {}
    for each in drawn:
        if getattr(each, scale) is not None:
            by_repository.setdefault(each.repo, []).append(getattr(each, scale))
    means = [fmean(each) for each in by_repository.values()]
    if not means:
        return ""
    if len(means) < LEAST_REPOSITORIES:
        return f"{fmean(means):.2f}"
    from scipy.stats import t

    half = t.ppf(0.975, len(means) - 1) * stdev(means) / math.sqrt(len(means))
    return f"{fmean(means):.2f} ({fmean(means) - half:.2f} to {fmean(means) + half:.2f})"


LEAST_REPOSITORIES = 4
"""Repositories below which a mean has no interval."""


def lines() -> Iterator[tuple[str, str, str]]:
    """What is found, its value, and of how many repositories and jobs, for the page."""
    trials = sum(len(job["results"]) for job in jobs())
    repositories = len({job["repo"] for job in jobs()})
    yield "Jobs, and their trials that are shown", f"{len(jobs())}, {trials:,}", f"{repositories} repositories"
    for status in ("Completed", "Stopped", "Failed"):
        yield f"Trials that ended as `{status}`", *_percent(figure(status_share(status)))
    by_repository: dict[str, list[float]] = {}
    for job in jobs():
        value = minutes(job)
        if value is not None:
            by_repository.setdefault(job["repo"], []).append(value)
    known = [median(each) for each in by_repository.values()]
    low, middle, high = (sorted(known)[round(share * (len(known) - 1))] for share in (0.25, 0.5, 0.75))
    quartiles = f"{low:.0f}, {middle:.0f}, {high:.0f}"
    yield "Minutes of a repository's median trial: quartiles", quartiles, f"{len(known)} repositories"
    yield "Standard deviation of the logarithm of a trial's duration", *_number(figure(spread))
    own = [each for each in places() if each.role == "learning_rate"]
    for shown, least, most in (("of exactly two", 2 - 1e-6, 2 + 1e-6), ("of more than two", 2 + 1e-6, math.inf)):
        ranges = [each for each in own if least <= each.decades < most]
        half = figure_of_places(ranges, lambda each: each.from_top >= each.decades / 2)
        yield (
            f"Learning rates {shown} powers of ten: best value in the lower half on the logarithmic scale",
            *_percent(half),
        )
    wide = [each for each in own if each.decades >= WIDE]
    for scale in ("Auto", "Logarithmic", "Linear"):
        count = sum(each.scale == scale for each in wide)
        yield f"Learning rates of two powers of ten or more with the scale `{scale}`", f"{count} of {len(wide)}", ""


def figure_of_places(own: Iterable[Place], holds: Callable[[Place], float]) -> Figure:
    """The share of ranges for which something holds, or the mean of what is a probability for each."""
    by_job: dict[int, list[float]] = {}
    known = {}
    for each in own:
        by_job.setdefault(id(each.job), []).append(float(holds(each)))
        known[id(each.job)] = each.job
    return figure(lambda job: fmean(by_job[id(job)]), known.values())


def _percent(found: Figure) -> tuple[str, str]:
    return f"{found.value:.0%}", _count(found)


def _number(found: Figure) -> tuple[str, str]:
    return f"{found.value:.2f}", _count(found)


def _count(found: Figure) -> str:
    return f"{found.jobs} jobs in {found.repositories} repositories"


def table_lines() -> Iterator[str]:
    """The lines as a table in Markdown."""
    yield "| What | Figure | Of |"
    yield "|---|---|---|"
    for line in lines():
        yield f"| {' | '.join(line)} |"


def width_lines() -> Iterator[str]:
    """How wide the searched learning rates are, as a table in Markdown; those of boosted trees apart."""
    yield "| Powers of ten | Rates of networks | of them `Linear` | `eta` of boosted trees | of them `Linear` |"
    yield "|---|---|---|---|---|"
    ranges = [each for job in jobs() for each in job.get("ranges", ()) if _is_learning_rate(each)]
    for words, least, most in WIDTHS:
        own = [each for each in ranges if least <= math.log10(each["high"] / each["low"]) < most]
        cells = []
        for is_eta in (False, True):
            of_kind = [each for each in own if (each["name"] == "eta") == is_eta]
            linear = sum(each["scale"] == "Linear" for each in of_kind)
            cells += [str(len(of_kind)), str(linear)]
        yield f"| {words} | {' | '.join(cells)} |"


def _is_learning_rate(each: dict[str, Any]) -> bool:
    """Whether a range is one of a learning rate between two positive numbers."""
    is_number = each["role"] == "learning_rate" and each["kind"] == "continuous"
    return is_number and bool(0 < each["low"] < each["high"])


ROUNDING = 1e-6
WIDTHS = (
    ("less than 1", 0.0, 1 - ROUNDING),
    ("1 to less than 2", 1 - ROUNDING, 2 - ROUNDING),
    ("2", 2 - ROUNDING, 2 + ROUNDING),
    ("more than 2, at most 3", 2 + ROUNDING, 3 + ROUNDING),
    ("more than 3, at most 4", 3 + ROUNDING, 4 + ROUNDING),
    ("more than 4", 4 + ROUNDING, math.inf),
)
"""Widths of ranges in powers of ten."""
