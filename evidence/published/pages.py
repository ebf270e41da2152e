"""The tables of the pages "Evidence" and "Evidence in detail" that come from the published tables."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from evidence.published.running import read

NAMES = {"rate": "1", "alpha": "2", "strategy": "3", "parallel": "4"}
"""The contrasts by the numbers that the preregistration gives them."""

PARTS = {
    "rate": "learning rate, linear",
    "alpha": "alpha, linear",
    "strategy": "random search",
    "parallel": "parallel",
}


@cache
def _results() -> dict[str, Any]:
    return read()


def effect(name: str) -> str:
    """A contrast in one cell: the ratio, and on how many data sets it is above 1."""
    found = _results()["contrasts"][name]
    return f"{found['ratio']:.2f} ({found['better_on']} of {found['of']} data sets)"


def verdict(name: str) -> str:
    """Whether a contrast is shown, with its p-value."""
    found = _results()["contrasts"][name]
    words = "shown" if found["is_shown"] else "not shown"
    return f"{words}, p = {found['p']:g} (contrast {NAMES[name]})"


def message_rows() -> Iterator[list[Any]]:
    """What messages quote of scales: a role, a strategy and a range, followed by the ratio if its contrast is shown."""
    for name, role in (("rate", "learning_rate"), ("alpha", "regularization")):
        contrast = _results()["contrasts"][name]
        for part, found in contrast["parts"].items():
            low, high = part.split(" to ")
            ratios = [line["ratio"] for line in found["data"].values()]
            above = sum(ratio > 1 for ratio in ratios)
            more = f"more on {above} of {len(ratios)} data sets"
            text = f"{found['ratio']:.1f} times as many trials to a good configuration, {more}"
            yield [role, "Bayesian", float(low), float(high), text if contrast["is_shown"] else None]


def data_table() -> Iterator[str]:
    """The trials of each contrast on each data set."""
    yield "| Contrast | Data set | Trials without | Trials with | Ratio | Seeds |"
    yield "|---|---|---|---|---|---|"
    for name, contrast in _results()["contrasts"].items():
        for part, found in contrast["parts"].items():
            for data, line in found["data"].items():
                cells = [f"{line[key]:.2f}" for key in ("without", "with", "ratio", "noise")]
                yield f"| {NAMES[name]}: {PARTS[name]}, {part} | {data} | {' | '.join(cells)} |"


def noise_table() -> Iterator[str]:
    """Each part of a contrast, with and without the ranges in which seeds differ too much."""
    yield "| Contrast | Ratio | Without noisy ranges |"
    yield "|---|---|---|"
    for name, contrast in _results()["contrasts"].items():
        for part, found in contrast["parts"].items():
            quiet = found["without_noisy"]
            shown = f"{quiet['ratio']:.2f} ({quiet['of']} data sets)"
            yield f"| {NAMES[name]}: {PARTS[name]}, {part} | {found['ratio']:.2f} | {shown} |"


def regret_table() -> Iterator[str]:
    """The regret after some trials of each kind of search."""
    yield "| Search | After 20 trials | After 40 | After 100 |"
    yield "|---|---|---|---|"
    for line in _results()["regrets"]:
        cells = (f"{line[trials]:.2f}" if trials in line else "" for trials in ("20", "40", "100"))
        yield f"| {line['arm']} | {' | '.join(cells)} |"


def sensitivity_table() -> Iterator[str]:
    """The ratio of random search for the rate, by how its values are looked up."""
    yield "| Range | Looked up | Ratio | Above 1 |"
    yield "|---|---|---|---|"
    for line in _results()["explored"]["sensitivity"]:
        yield f"| {line['range']} | {line['lookup']} | {line['ratio']:.2f} | {line['better_on']} of {line['of']} |"


def grid_table() -> Iterator[str]:
    """The regret of grids and of few Bayesian trials."""
    yield "| Hyperparameters | Combinations | Regret of the grid | After 7 Bayesian trials | After 20 |"
    yield "|---|---|---|---|---|"
    for line in _results()["explored"]["grids"]:
        cells = (f"{line[key]:.2f}" for key in ("grid", "7 trials", "20 trials"))
        yield f"| {line['hyperparameters']} | {line['combinations']} | {' | '.join(cells)} |"
