"""What the experiments of several modules share: usual ranges, and how two searches are compared."""

from __future__ import annotations

import numpy as np

from evidence.experiment import TARGET, Arms, Case
from evidence.searches import Range, Space, Trials, chosen, trials_to
from evidence.tables import load


def usual_space(case: Case, *, is_linear: bool = False) -> Space:
    """Ranges as a careful user has them: three powers of ten for the rate and the penalty, around sensible values."""
    table = load(case.task)
    if case.task.family == "trees":
        ranges = {"eta": (0.001, 1.0), "lambda": (0.1, 100.0)}
    else:
        ranges = {"learning_rate": (0.0001, 0.1), "weight_decay": (0.00001, 0.01)}
    scale = "Linear" if is_linear else "Logarithmic"
    return Space(table, {name: Range(low, high, scale) for name, (low, high) in ranges.items()})  # type: ignore[arg-type]


def end_of(space: Space, row: int) -> float:
    """The regret of a row of the table."""
    return float(space.regret(np.array([row]))[0])


def compared(space: Space, without: Trials, with_advice: Trials) -> Arms:
    """The trials to the target and the regret at the end of two searches."""
    without_end, with_end = (end_of(space, chosen(each, space.table)) for each in (without, with_advice))
    return {
        "trials": (float(trials_to(TARGET, without, space)), float(trials_to(TARGET, with_advice, space))),
        "regret": (without_end, with_end),
    }
