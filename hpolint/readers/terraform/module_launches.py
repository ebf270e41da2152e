"""The jobs of a module that is called several times: each with its common request and its launches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from math import prod

import msgspec
from msgspec.structs import replace

from hpolint.model.job import Observation, Reading, TuningJob
from hpolint.model.launch import Certainty, Launch, Launches, common_length, joined, value_at
from hpolint.model.node import Node, Path
from hpolint.model.source import Span
from hpolint.model.training_script import Site
from hpolint.readers.terraform.module_calls import Step, Way
from hpolint.readers.terraform.module_inputs import with_plain_spans

DIFFERS = "differs between the calls of the module"
ELSEWHERE = "a call from another repository"


class _WayJob(msgspec.Struct, frozen=True):
    """A job as one way leads to it."""

    way: Way
    job: TuningJob


def joined_readings(ways: Sequence[Way], readings: Sequence[Reading]) -> Reading:
    """The reading of a file from its readings for each way to its module, with each job once."""
    first, *others = readings
    reading = Reading(
        jobs=[_joined_job(jobs) for jobs in _alike(ways, readings)],
        idle=[span for span in first.idle if all(span in other.idle for other in others)],
    )
    for own in readings:
        reading.problems += [problem for problem in own.problems if problem not in reading.problems]
        reading.notices += [notice for notice in own.notices if notice not in reading.notices]
    return reading


def _alike(ways: Sequence[Way], readings: Sequence[Reading]) -> Iterable[list[_WayJob]]:
    """The jobs of all readings, those that are written at one place together."""
    alike: dict[Hashable, list[_WayJob]] = {}
    for way, reading in zip(ways, readings, strict=True):
        counts: Counter[Hashable] = Counter()
        for job in reading.jobs:
            written = job.form, job.carrier, Span(*job.request.anchor)
            counts[written] += 1
            alike.setdefault((written, counts[written]), []).append(_WayJob(way, _with_sites(job)))
    return alike.values()


def _with_sites(job: TuningJob) -> TuningJob:
    """A job with the places of the values that other files write."""
    request, sites = with_plain_spans(job.request)
    observations = [replace(observation, span=Span(*observation.span)) for observation in job.observations]
    return replace(job, request=request, observations=observations, imported=sites)


def _joined_job(way_jobs: Sequence[_WayJob]) -> TuningJob:
    """One job from those of several ways."""
    jobs = [way_job.job for way_job in way_jobs]
    request, paths = joined([job.request for job in jobs], DIFFERS)
    common = common_length([way_job.way.steps for way_job in way_jobs])
    launches = _with_own_labels([_launch(way_job, paths, common) for way_job in way_jobs], way_jobs)
    is_single = len(launches) == 1 and launches[0].count == 1
    return replace(
        jobs[0],
        request=request,
        observations=_all_observations(jobs),
        imported={path: site for path, site in jobs[0].imported.items() if not _is_within(path, paths)},
        launches=None if is_single else Launches(paths, tuple(launches)),
    )


def _all_observations(jobs: Sequence[TuningJob]) -> list[Observation]:
    observations: list[Observation] = []
    for job in jobs:
        observations += [observation for observation in job.observations if observation not in observations]
    return observations


def _launch(way_job: _WayJob, paths: tuple[Path, ...], common: int) -> Launch:
    """The launch of a way, whose first ``common`` steps all ways have."""
    steps = way_job.way.steps
    job = way_job.job
    values: tuple[Node | None, ...] = tuple(value_at(job.request, path) for path in paths)
    imported: dict[Path, Site] = {path: site for path, site in job.imported.items() if _is_within(path, paths)}
    if not steps:
        return Launch(label=ELSEWHERE, place=job.request.anchor, values=values, count=None, imported=imported)
    own = steps[common:] or steps[-1:]
    count = _count(steps)
    return Launch(
        label=" in ".join(step.label for step in reversed(own)),
        place=own[0].place,
        values=values,
        certainty=Certainty.PERHAPS if any(step.is_doubtful for step in steps) else Certainty.SENT,
        count=count,
        source=own[0].source,
        repetition="" if count == 1 else "each instance of the module",
        imported=imported,
    )


def _with_own_labels(launches: Sequence[Launch], jobs: Sequence[_WayJob]) -> list[Launch]:
    """The launches with different names: calls of the same name in several folders are named with their folders."""
    counts = Counter(launch.label for launch in launches)
    taken: Counter[str] = Counter()
    named = []
    for launch, way_job in zip(launches, jobs, strict=True):
        label = launch.label
        if counts[label] > 1 and way_job.way.steps:
            label += f" in {_folder_text(way_job.way.steps[0].folder)}"
        taken[label] += 1
        if taken[label] > 1:
            label += f" ({taken[label]})"
        named.append(replace(launch, label=label))
    return named


def _folder_text(folder: str) -> str:
    return f"`{folder}`" if folder else "the root folder"


def _count(steps: Sequence[Step]) -> int | None:
    counts = [step.count for step in steps]
    known = [count for count in counts if count is not None]
    return prod(known) if len(known) == len(counts) else None


def _is_within(path: Path, paths: Sequence[Path]) -> bool:
    """Whether a path is one of several, or leads through one."""
    return any(path[: len(above)] == above for above in paths)
