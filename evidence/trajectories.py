"""Searches whose every trial is recorded: a check notices a change of the optimizer, of the scales or of the judging.

The effects of a quick sample cannot: their intervals are so wide that a search which chooses at random stays within.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from evidence.searches import bayesian_search
from evidence.tables import load
from evidence.tasks import TASKS
from evidence.usual import end_of, usual_space

PATH = Path(__file__).parent / "results" / "trajectories.json"
SEEDS = range(10)
TRIALS, AT_ONCE = 14, 2
EQUAL = 8
"""Trajectories that must be equal, of ten: the last bits of another processor's arithmetic change a few."""

TASK = TASKS[0]


def trajectories() -> list[dict[str, Any]]:
    """The trials of a Bayesian search with each seed, and the regret of the model that it calls best."""
    space = usual_space(TASK)
    found = []
    for seed in SEEDS:
        trials = bayesian_search(space, TRIALS, AT_ONCE, np.random.default_rng(seed))
        values = load(TASK).values[trials.rows, 0]
        found.append({"rows": trials.rows.tolist(), "rates": _digits(values), "regret": _digits(end_of(trials, space))})
    return found


def _digits(values: Any) -> Any:
    """Values with the digits that all processors agree on."""
    return np.round(values, 6).tolist()


def save() -> None:
    """Record the trajectories as they are now."""
    lines = ",\n ".join(json.dumps(each) for each in trajectories())
    PATH.write_text(f"[\n {lines}\n]\n", "utf-8")


def differences() -> Iterator[str]:
    """A line for each trajectory that is not the recorded one, if fewer than ``EQUAL`` are."""
    recorded = json.loads(PATH.read_text("utf-8"))
    pairs = zip(SEEDS, recorded, trajectories(), strict=True)
    lines = [f"the search with seed {seed} finds other trials: {own}" for seed, kept, own in pairs if kept != own]
    if len(recorded) - len(lines) < EQUAL:
        yield from lines
