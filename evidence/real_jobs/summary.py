"""What the collected jobs show: how trials ended, how long they took, when and where the best ones were found.

A repository counts once, however many jobs it shows: figures are means over repositories of the means over their jobs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from statistics import fmean, median, pstdev
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


def is_best_late(job: Job) -> float | None:
    """1 if the best trial is in the second half of those that are shown."""
    best = best_of(job)
    own = completed(job)
    return None if best is None else float(2 * (own.index(best) + 1) > len(own) + 1)


def share_near_best(job: Job) -> float | None:
    """The share of the completed trials whose result is within 1 % of the best one."""
    best = best_of(job)
    if best is None:
        return None
    return fmean(abs(each["result"] - best["result"]) <= abs(best["result"]) / 100 for each in completed(job))


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
                scale = each["scale"] or "Auto"
                yield Place(job, each["role"] or "other", scale, decades, math.log10(each["high"] / value))


class Drawn(NamedTuple):
    """A value of a trial that started before any other had ended: from 0 to 1 on each scale of its range.

    ``logarithmic`` is None for a range from 0.
    """

    repo: str
    factor: float
    linear: float
    logarithmic: float | None


def drawn_first() -> Iterator[Drawn]:
    """Of each numeric range under ``Auto``: the values of the first trials, as many as run at once."""
    for job in jobs():
        for each in job.get("ranges", ()):
            low, high = each.get("low"), each.get("high")
            if each["kind"] == "categorical" or each["scale"] not in ("Auto", None) or not 0 <= low < high:
                continue
            for trial in job["results"]:
                value = trial["values"].get(each["name"])
                if trial["number"] <= (job.get("at_once") or 1) and isinstance(value, float):
                    logarithmic = math.log(max(value, low) / low) / math.log(high / low) if low > 0 else None
                    factor = high / low if low > 0 else math.inf
                    yield Drawn(job["repo"], factor, (value - low) / (high - low), logarithmic)


FACTORS = (
    ("below 10", 0, 9.99),
    ("10 to below 100", 9.99, 99.9),
    ("100 and more", 99.9, 1e300),
    ("from 0", 1e300, math.inf),
)
"""Ranges by the factor between their bounds, with room for rounding."""


def auto_table() -> str:
    """Where the first trials under ``Auto`` lie in their ranges, as a table in Markdown."""
    heads = ("Upper bound divided by the lower", "Values", "Repositories", "Mean place, linear", "Logarithmic")
    rows = [f"| {' | '.join(heads)} |", "|---|---|---|---|---|"]
    found = list(drawn_first())
    for name, above, most in FACTORS:
        own = [each for each in found if above < each.factor <= most]
        logarithmic = [each.logarithmic for each in own if each.logarithmic is not None]
        places_ = (f"{fmean(each.linear for each in own):.2f}", f"{fmean(logarithmic):.2f}" if logarithmic else "")
        rows.append(f"| {name} | {len(own)} | {len({each.repo for each in own})} | {' | '.join(places_)} |")
    return "\n".join(rows)


def lines() -> Iterator[tuple[str, str, str]]:
    """What is found, its value, and of how many repositories and jobs, for the page."""
    trials = sum(len(job["results"]) for job in jobs())
    repositories = len({job["repo"] for job in jobs()})
    yield "Jobs, and their trials that are shown", f"{len(jobs())}, {trials:,}", f"{repositories} repositories"
    for status in ("Completed", "Stopped", "Failed"):
        yield f"Trials that ended as `{status}`", *_percent(figure(status_share(status)))
    known = [value for job in jobs() if (value := minutes(job)) is not None]
    low, middle, high = (sorted(known)[round(share * (len(known) - 1))] for share in (0.25, 0.5, 0.75))
    yield "Minutes of a job's median trial: quartiles", f"{low:.0f}, {middle:.0f}, {high:.0f}", f"{len(known)} jobs"
    yield "Standard deviation of the logarithm of a trial's duration", *_number(figure(spread))
    yield "Trials within 1% of the best result", *_percent(figure(share_near_best))
    searches = [job for job in jobs() if job.get("strategy") == "Bayesian"]
    yield "Bayesian searches whose best trial is in the second half", *_percent(figure(is_best_late, searches))
    wide = [each for each in places() if each.decades >= WIDE]
    for role, name in (("learning_rate", "learning rate"), ("regularization", "penalty")):
        own = [each for each in wide if each.role == role]
        if own:
            for powers in (1, 2):
                ranges = f"Ranges of a {name} over {WIDE} powers of ten or more"
                share = figure_of_places(own, lambda each, powers=powers: each.from_top >= powers)  # type: ignore[misc]
                yield f"{ranges}: best value {powers} or more below the top", *_percent(share)


def figure_of_places(own: Iterable[Place], holds: Callable[[Place], bool]) -> Figure:
    """The share of ranges for which something holds."""
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


def table() -> str:
    """The lines as a table in Markdown."""
    rows = [f"| {' | '.join(each)} |" for each in (("What", "Figure", "Of"), *lines())]
    return "\n".join([rows[0], "|---|---|---|", *rows[1:]])
