"""Pictures of the results: effects with their intervals, quality against time and money, and where best values lie."""

from __future__ import annotations

import io
from collections.abc import Callable
from heapq import heapreplace
from pathlib import Path
from typing import Any

import numpy as np

from evidence.experiment import tasks
from evidence.pages import sections
from evidence.published.running import read as published_results
from evidence.real_jobs.summary import places
from evidence.running import all_experiments, read
from evidence.searches import DURATIONS
from evidence.tasks import Task
from evidence.usual import usual_space

FOLDER = Path(__file__).parent.parent / "docs" / "evidence"
TICKS = (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 20)
EFFECT, TASK, GRID, OTHER = "#0f766e", "#94a3b8", "#cbd5e1", "#b45309"
DARK_CELL = 8
"""The ratio above which a cell is so dark that its number is white."""

POWERS = 3
"""The width of the range in the picture of where best learning rates lie, in powers of ten."""


def drawn() -> dict[Path, str]:
    """The pictures as SVG, by their paths: one for each experiment that a rule's page quotes, and those of ``OWN``."""
    parts: dict[str, dict[str, Any]] = {}
    for own in sections().values():
        for part in own:
            parts.setdefault(part["experiment"], part)
    found = {name: _drawn(lambda part=part: _effects(part)) for name, part in parts.items()}  # type: ignore[misc]
    found |= {name: _drawn(draw) for name, draw in OWN.items()}
    return {FOLDER / f"{name}.svg": text for name, text in sorted(found.items())}


def _drawn(draw: Callable[[], Any]) -> str:
    """The SVG of the figure that a function draws, the same at each run."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "hpolint", "svg.fonttype": "none", "font.size": 9, "axes.spines.right": False}
    mpl.rcParams |= {"axes.spines.top": False}
    import matplotlib.pyplot as plt

    figure = draw()
    text = io.StringIO()
    figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def _axes(width: float, height: float) -> tuple[Any, Any]:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(width, height))
    return figure, axes


def _effects(part: dict[str, Any]) -> Any:
    """The effect under each condition, with its interval, and that of each task."""
    where = part.get("where", {})
    shown = [
        each
        for each in read(all_experiments()[part["experiment"]])["conditions"]
        if part["columns"].keys() <= each["condition"].keys() and where.items() <= each["condition"].items()
    ]
    measure = part["measure"]
    is_ratio = shown[0]["measures"][measure]["kind"] == "ratio"
    figure, axes = _axes(7.2, 0.6 + 0.24 * len(shown))
    for number, each in enumerate(shown):
        found = each["measures"][measure]
        axes.plot(
            list(found["tasks"].values()), [number] * len(found["tasks"]), "o", color=TASK, markersize=2.5, zorder=2
        )
        axes.plot(found["interval"], [number, number], "-", color=EFFECT, linewidth=2, zorder=3)
        axes.plot([found["effect"]], [number], "o", color=EFFECT, markersize=5, zorder=4)
    axes.set_yticks(range(len(shown)), [_label(each["condition"]) for each in shown])
    axes.invert_yaxis()
    if is_ratio:
        axes.set_xscale("log")
        low, high = axes.get_xlim()
        axes.set_xticks([each for each in TICKS if low <= each <= high])
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter("")
        axes.axvline(1, color=GRID, zorder=1)
    axes.set_xlabel(part["value"])
    return figure


def _landing() -> Any:
    """Where the trials of a linear search land in a range of three powers of ten, and where best learning rates are."""
    figure, axes = _axes(7.2, 2.6)
    edges = np.linspace(0, POWERS, 31)
    share = np.diff(1 - 10.0**-edges) / (1 - 10.0**-POWERS)
    axes.bar(edges[:-1], share, width=np.diff(edges), align="edge", color=GRID, label="trials on a linear scale")
    axes.plot([0, POWERS], [1 / 30, 1 / 30], color=EFFECT, label="trials on a logarithmic scale")
    own = [_from_top(task) for task in tasks()]
    public = [each.from_top for each in places() if each.role == "learning_rate" and each.decades >= 2]
    rows = ((own, EFFECT, "best of a task"), (public, OTHER, "best in a public notebook"))
    for number, (values, color, label) in enumerate(rows):
        height = -0.03 - 0.035 * number
        axes.plot(values, [height] * len(values), "o", color=color, markersize=4, alpha=0.6, label=label)
    axes.set_xlim(POWERS + 0.4, -0.05)
    axes.set_yticks([0, 0.1, 0.2], ["0%", "10%", "20%"])
    axes.set_xlabel("Powers of ten below the top of the range")
    axes.set_ylabel("Share of the trials")
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    return figure


def _from_top(task: Task) -> float:
    """How far the best learning rate of a task is from the top of a usual range, in powers of ten."""
    space = usual_space(task)
    best = np.median(space.table.values[space.table.best_of(space.rows), 0])
    return float(np.log10(space.ranges[0].high / best))


def _quality_and_training() -> Any:
    """The training that early stopping and Hyperband spend, and the quality that they lose."""
    figure, axes = _axes(7.2, 3.4)
    series: tuple[tuple[str, dict[str, str], str, str], ...] = (
        ("early-stopping", {"strategy": "Bayesian"}, EFFECT, "early stopping, Bayesian search"),
        ("early-stopping", {"strategy": "Random"}, TASK, "early stopping, random search"),
        ("hyperband", {}, OTHER, "Hyperband"),
    )
    for name, where, color, label in series:
        for each in read(all_experiments()[name])["conditions"]:
            spent, regret = each["measures"]["spent"], each["measures"]["regret"]
            if spent["effect"] == 1 or not where.items() <= each["condition"].items():
                continue
            axes.plot([spent["effect"]] * 2, regret["interval"], color=color, linewidth=1, alpha=0.5)
            axes.plot([spent["effect"]], [regret["effect"]], "o", color=color, markersize=4, label=label)
            trials, at_once = each["condition"]["trials"], each["condition"]["at_once"]
            if color == EFFECT and at_once in (1, 10):
                axes.annotate(f" {trials}, {at_once}", (spent["effect"], regret["effect"]), fontsize=7)
            label = ""
    axes.axhline(0, color=GRID, zorder=1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlabel("Share of the training (trials, at once)")
    axes.set_ylabel("Lost: 0 nothing,\n1 as bad as the median trial")
    axes.legend(frameon=False, fontsize=8)
    return figure


def _trials_and_time() -> Any:
    """The trials that are needed with several at once, and the time that a job takes."""
    figure, axes = _axes(7.2, 3.2)
    lines: dict[int, list[dict[str, Any]]] = {}
    for each in read(all_experiments()["parallelism"])["conditions"]:
        lines.setdefault(each["condition"]["trials"], []).append(each)
    colors = ("#99f6e4", "#5eead4", "#14b8a6", "#0f766e", "#134e4a")
    for color, (trials, own) in zip(colors, lines.items(), strict=True):
        times = [1.0, *(_share_of_time(trials, each["condition"]["at_once"]) for each in own)]
        effects = [1.0, *(each["measures"]["trials"]["effect"] for each in own)]
        axes.plot(times, effects, "o-", color=color, markersize=4, linewidth=1.5, label=f"{trials} trials")
        for time, each in zip(times[1:], own, strict=True):
            axes.plot([time] * 2, each["measures"]["trials"]["interval"], color=color, linewidth=0.8, alpha=0.6)
    axes.set_xscale("log")
    axes.set_xticks([1, 0.5, 0.2, 0.1, 0.05, 0.025], ["100%", "50%", "20%", "10%", "5%", "2.5%"])
    axes.xaxis.set_minor_formatter("")
    axes.invert_xaxis()
    axes.set_xlabel("Time of the job, of that with one trial at a time")
    axes.set_ylabel("Times as many trials")
    axes.legend(frameon=False, fontsize=8)
    return figure


def _sub_ranges() -> Any:
    """How many times more trials random search needs on a linear scale, by the bottom and the top of the range."""
    import matplotlib.pyplot as plt

    explored = published_results()["explored"]
    figure, both = plt.subplots(1, 2, figsize=(9.2, 3.6), width_ratios=[5, 8])
    for axes, name, title in zip(both, ("rate_ranges", "alpha_ranges"), ("Learning rate", "Penalty"), strict=True):
        lines = explored[name]
        bottoms = sorted({line["bottom"] for line in lines})
        tops = sorted({line["top"] for line in lines})
        cells = np.full((len(tops), len(bottoms)), np.nan)
        for line in lines:
            cells[tops.index(line["top"]), bottoms.index(line["bottom"])] = line["ratio"]
        axes.imshow(np.log10(cells), cmap="BrBG", vmin=-1.6, vmax=1.6, origin="lower", aspect="auto")
        for line in lines:
            place = (bottoms.index(line["bottom"]), tops.index(line["top"]))
            is_dark = line["ratio"] > DARK_CELL
            axes.annotate(
                f"{line['ratio']:.2g}", place, ha="center", va="center", color="white" if is_dark else "#0f172a"
            )
        axes.set_xticks(range(len(bottoms)), [f"{10.0**bottom:g}" for bottom in bottoms], fontsize=7)
        axes.set_yticks(range(len(tops)), [f"{10.0**top:g}" for top in tops], fontsize=7)
        axes.set_xlabel("Bottom of the range")
        axes.set_ylabel("Top")
        axes.set_title(title, fontsize=9, loc="left")
    figure.tight_layout()
    return figure


def _share_of_time(trials: int, at_once: int) -> float:
    """The time of a job, divided by that with one trial at a time: a mean over a hundred draws of durations."""
    shares = []
    for durations in np.exp(DURATIONS * np.random.default_rng(0).standard_normal((100, trials))):
        ends = [0.0] * at_once
        for each in durations:
            heapreplace(ends, ends[0] + each)
        shares.append(max(ends) / durations.sum())
    return float(np.mean(shares))


OWN: dict[str, Callable[[], Any]] = {
    "best-learning-rates": _landing,
    "quality-and-training": _quality_and_training,
    "sub-ranges": _sub_ranges,
    "trials-and-time": _trials_and_time,
}
"""Pictures of more than one experiment's effects."""

WORDS = {
    "at_once": "{} at once",
    "bottom": "from {}",
    "combinations": "{} combinations",
    "data": "{} data",
    "decades": "powers of ten: {}",
    "distance": "distance: {}",
    "parent": "parent of {} trials",
    "rates": "rates up to {}",
    "top": "up to {}",
    "trials": "{} trials",
    "values": "{} values",
    "without_improvement": "{} without an improvement",
}


def _label(condition: dict[str, Any]) -> str:
    texts = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in condition.items()}
    return ", ".join(WORDS.get(name, "{}").format(text) for name, text in texts.items())
