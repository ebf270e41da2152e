"""The launches of a job with their places in the file, and their names in messages."""

from __future__ import annotations

from hpolint.model.launch import Launch, Launches
from hpolint.model.message_text import line_of
from hpolint.model.node import Node, Path, Struct, place
from hpolint.model.source import Source, Span
from hpolint.model.training_script import Site
from hpolint.readers.python.interpreter.trail import Step, Turn
from hpolint.readers.python.interpreter.units import Places
from hpolint.readers.python.sdk.ways import Folded, WayLaunch


def placed_launches(folded: Folded, request: Struct, source: Source, places: Places) -> Launches | None:
    """The launches of a job with the placed ``request``; None if it has only one."""
    if not folded.launches:
        return None
    labels: dict[str, int] = {}
    placed = []
    for launch in folded.launches:
        values, imported = _placed_values(launch, folded.paths, request, places)
        at = places.span(launch.place, request.anchor)
        loop, index = _loop(launch, source, places)
        label = _label(launch, at, source, places)
        labels[label] = labels.get(label, 0) + 1
        if labels[label] > 1:  # two calls on one line
            label = f"{label} ({labels[label]})"
        placed.append(
            Launch(
                label=label,
                place=at,
                values=values,
                certainty=launch.certainty,
                count=launch.count,
                loop=loop,
                index=index,
                repetition=_repetition(launch, source, places),
                group=launch.group,
                side=launch.side,
                imported=imported,
            )
        )
    return Launches(folded.paths, tuple(placed))


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


def _loop(launch: WayLaunch, source: Source, places: Places) -> tuple[str, int]:
    """The innermost loop over known items as words, and the pass; empty without one."""
    passes = [step for step in launch.steps if step.is_pass]
    if not passes:
        return "", 0
    around = _joined(launch, passes[:-1], source, places)
    return f"the loop at {_line(passes[-1], source, places)}{around}", passes[-1].index


def _label(launch: WayLaunch, at: Span, source: Source, places: Places) -> str:
    """A name for messages: the passes of its loops, else the call from which it comes, else its own call."""
    passes = [step for step in launch.steps if step.is_pass]
    if passes:
        loop = f"pass {passes[-1].index} of the loop at {_line(passes[-1], source, places)}"
        return f"{loop}{_joined(launch, passes[:-1], source, places)}"
    caller = _caller(launch.steps)
    if caller is not None:
        return f"the launch from {_line(caller, source, places)}"
    return f"the launch at {line_of(source, at)}"


def _joined(launch: WayLaunch, passes: list[Step], source: Source, places: Places) -> str:
    """The outer passes, and the call from which the loops come, as a continuation of a name."""
    words = [f" in pass {step.index} of that at {_line(step, source, places)}" for step in reversed(passes)]
    caller = _caller(launch.steps)
    before_loops = caller is not None and caller is next(iter(launch.steps), None)
    if caller is not None and before_loops:
        words.append(f", called from {_line(caller, source, places)}")
    return "".join(words)


def _caller(steps: tuple[Step, ...]) -> Step | None:
    return next((step for step in steps if step.turn is Turn.CALL), None)


def _repetition(launch: WayLaunch, source: Source, places: Places) -> str:
    """What a launch is repeated for, if it is not known how often: ``each item of `load()` (line 12)``."""
    loop = launch.repeated_at
    if loop is None:
        return ""
    line = _line(loop, source, places)
    return f"each item of `{loop.text}` ({line})" if loop.text else f"each pass of the loop at {line}"


def _line(step: Step, source: Source, places: Places) -> str:
    return line_of(source, places.span(step.place, Span(1, 1, 1, 2)))
