"""A picture of each experiment: the effect under each condition, with its interval and that of each task."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from evidence.pages import sections
from evidence.running import all_experiments, read

FOLDER = Path(__file__).parent.parent / "docs" / "evidence"
TICKS = (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 20)
EFFECT, TASK, GRID = "#0f766e", "#94a3b8", "#cbd5e1"


def drawn() -> dict[Path, str]:
    """The pictures as SVG, by their paths: one for each experiment that a rule's page quotes."""
    parts: dict[str, dict[str, Any]] = {}
    for own in sections().values():
        for part in own:
            parts.setdefault(part["experiment"], part)
    return {FOLDER / f"{name}.svg": _picture(name, part) for name, part in sorted(parts.items())}


def _picture(name: str, part: dict[str, Any]) -> str:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "hpolint", "svg.fonttype": "none", "font.size": 9, "axes.spines.right": False}
    import matplotlib.pyplot as plt

    shown = [
        each
        for each in read(all_experiments()[name])["conditions"]
        if part["columns"].keys() <= each["condition"].keys()
    ]
    measure = part["measure"]
    is_ratio = shown[0]["measures"][measure]["kind"] == "ratio"
    figure, axes = plt.subplots(figsize=(7.2, 0.6 + 0.24 * len(shown)))
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
    text = io.StringIO()
    figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


WORDS = {
    "at_once": "{} at once",
    "combinations": "{} combinations",
    "data": "{} data",
    "decades": "powers of ten: {}",
    "distance": "distance: {}",
    "parent": "parent of {} trials",
    "rates": "rates up to {}",
    "top": "up to {}",
    "trials": "{} trials",
    "without_improvement": "{} without an improvement",
}


def _label(condition: dict[str, Any]) -> str:
    texts = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in condition.items()}
    return ", ".join(WORDS.get(name, "{}").format(text) for name, text in texts.items())
