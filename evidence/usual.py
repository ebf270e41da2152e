"""What the experiments of several modules share: usual ranges, and how two searches are compared."""

from __future__ import annotations

from evidence.experiment import TARGET, Arms
from evidence.searches import Range, Space, Trials, chosen, trials_to
from evidence.tables import load
from evidence.tasks import Task


def usual_space(task: Task) -> Space:
    """Ranges as a careful user has them: three powers of ten for the rate and the penalty, around sensible values."""
    if task.family == "trees":
        ranges = {"eta": (0.001, 1.0), "lambda": (0.1, 100.0)}
    else:
        ranges = {"learning_rate": (0.0001, 0.1), "weight_decay": (0.00001, 0.01)}
    return Space(load(task), {name: Range(low, high, "Logarithmic") for name, (low, high) in ranges.items()})


def end_of(trials: Trials, space: Space) -> float:
    """The regret of the model that a search calls best."""
    return float(space.regret(trials.quality(space.table))[chosen(trials, space.table)])


def compared(space: Space, without: Trials, with_advice: Trials) -> Arms:
    """The trials to the target and the regret at the end of two searches."""
    return {
        "trials": (float(trials_to(TARGET, without, space)), float(trials_to(TARGET, with_advice, space))),
        "regret": (end_of(without, space), end_of(with_advice, space)),
    }
