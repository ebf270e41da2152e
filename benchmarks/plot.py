"""The times of a benchmark as a picture: a bar for each command, a group for each case, on a logarithmic scale."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.run import Outcome

OURS, OTHERS = "#0b7285", "#adb5bd"


def write_plot(outcome: Outcome, path: Path) -> None:
    """Write an SVG; its words stay text. Needs matplotlib."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas

    mpl.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "hpolint", "font.family": "sans-serif"}
    cases = [case for case in outcome.cases if case.unit == "ms"]
    names: list[str] = []
    values: list[float] = []
    places: list[float] = []
    colours: list[str] = []
    at = 0.0
    for case in cases:
        for index, figure in enumerate(case.figures):
            names.append(figure.command)
            values.append(figure.median)
            colours.append(OTHERS if index else OURS)
            places.append(at)
            at += 1
        at += 0.6
    canvas = Canvas(figsize=(9, 0.26 * at + 1), layout="constrained")
    axes = canvas.subplots()
    axes.barh(places, values, color=colours, height=0.8)
    axes.set_yticks(places, names, fontsize=8)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("milliseconds, a logarithmic scale")
    for place, value in zip(places, values, strict=True):
        axes.text(value * 1.05, place, f"{value:,.0f}", va="center", fontsize=7)
    axes.margins(x=0.12, y=0.01)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.set_title(f"{outcome.hpolint}, Python {outcome.python}, medians of {outcome.rounds}", fontsize=9, loc="left")
    canvas.savefig(path, format="svg", metadata={"Date": None})
