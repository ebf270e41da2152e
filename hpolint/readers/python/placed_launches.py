"""The launches of a job with their places in the file, and their names in messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

from hpolint.model.job import TuningJob
from hpolint.model.launch import Launch, Launches, outer_passes
from hpolint.model.message_text import line_of
from hpolint.model.node import Node, Path, Struct, place
from hpolint.model.source import Source, Span
from hpolint.model.training_script import Site
from hpolint.readers.python.interpreter.trail import Step, Turn
from hpolint.readers.python.interpreter.units import Places
from hpolint.readers.python.sdk.ways import Folded, WayLaunch

LineOf: TypeAlias = Callable[[Step | WayLaunch], str]
"""The line of a step or of a launching call, as messages name it."""


def last_launch(jobs: Sequence[TuningJob]) -> Span | None:
    """The place of the last launch of a file's jobs; None if no job is launched."""
    return max(launch_places(jobs), default=None)


def launch_places(jobs: Sequence[TuningJob]) -> list[Span]:
    """The places of a file's jobs and of their launches."""
    launches: list[Span] = []
    for job in jobs:
        if not job.is_disabled:
            launches += [*job.calls, job.request.anchor]
            several = job.launches.each if job.launches is not None else ()
            launches += [launch.place for launch in several if launch.source is None]
    return launches


def placed_launches(folded: Folded, request: Struct, source: Source, places: Places) -> Launches | None:
    """The launches of a job with the placed ``request``; None if it has only one."""
    if not folded.launches:
        return None

    def line(step: Step | WayLaunch) -> str:
        return line_of(source, places.span(step.place, request.anchor))

    labels: Counter[str] = Counter()
    placed = []
    for launch in folded.launches:
        values, imported = _placed_values(launch, folded.paths, request, places)
        caller = next((step for step in launch.steps if step.turn is Turn.CALL), None)
        name = _Name(launch, caller, line)
        label = name.label
        labels[label] += 1
        if labels[label] > 1:  # two calls on one line
            label = f"{label} ({labels[label]})"
        placed.append(
            Launch(
                label=label,
                place=places.span((caller or launch).place, request.anchor),
                values=values,
                certainty=launch.certainty,
                count=launch.count,
                passes=name.passes,
                caller=name.called_from,
                repetition=_repetition(launch, line),
                group=launch.side.number if launch.side is not None else None,
                side=launch.side.index if launch.side is not None else 0,
                imported=imported,
            )
        )
    return Launches(folded.paths, tuple(placed))


class _Name:
    """The name of a launch: the passes of its loops, else the call from which it comes, else its own call."""

    def __init__(self, launch: WayLaunch, caller: Step | None, line: LineOf) -> None:
        self.passes = tuple((f"the loop at {line(step)}", step.index) for step in launch.steps if step.is_pass)
        self.called_from = ""
        """The call from which the loops come, as a continuation of their names."""
        if caller is None:
            self.label = f"the launch at {line(launch)}"
        else:
            self.label = f"the launch from {line(caller)}"
        if not self.passes:
            return
        if caller is not None and caller is launch.steps[0]:
            self.called_from = f", called from {line(caller)}"
        *around, (loop, index) = self.passes
        self.label = f"pass {index} of {loop}{outer_passes(around)}{self.called_from}"


def _placed_values(
    launch: WayLaunch, paths: tuple[Path, ...], request: Struct, places: Places
) -> tuple[tuple[Node | None, ...], dict[Path, Site]]:
    """The values of a launch with their places, and those of the values that other modules write."""
    values: list[Node | None] = []
    imported: dict[Path, Site] = {}
    for path, value in zip(paths, launch.values, strict=True):
        if value is None:
            values.append(None)
            continue
        values.append(places.node(value, place(request, path[:-1])[0]))
        imported |= places.imported(value, path)
    return tuple(values), imported


def _repetition(launch: WayLaunch, line: LineOf) -> str:
    """What a launch is repeated for, if not pass by pass: ``each item of `load()` (line 12)``."""
    loop = launch.repeated_at
    if loop is None:
        return ""
    return f"each item of `{loop.text}` ({line(loop)})" if loop.text else f"each pass of the loop at {line(loop)}"
