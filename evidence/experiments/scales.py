"""Scales of ranges: what a linear scale costs, where a logarithmic one does, and what lists in place of ranges do."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from evidence.experiment import TARGET, Arms, Case, Condition, Draw, Experiment, tasks
from evidence.searches import Lists, Range, Space, bayesian_search, random_search, trials_to
from evidence.tables import load
from evidence.tasks import Scale
from evidence.usual import compared, usual_space

TRIALS, AT_ONCE = 40, 4
DISTANCES = ((0.5, "below 0.5"), (1, "0.5 to 1"), (1.5, "1 to 1.5"), (2, "1.5 to 2"), (9, "above 2"))
"""Powers of ten from the best value to the top of the range."""

BY_WIDTH_AND_DISTANCE = (("strategy", "decades"), ("strategy", "width", "distance"))
STRATEGIES = ("Bayesian", "Random")


def _cases(kind: str, tops: dict[str, tuple[float, ...]]) -> Iterator[Case]:
    """Ranges of 1 to 5 powers of ten within the table's own."""
    for task in tasks():
        own = next(each for each in task.space if each.name == getattr(task, kind))
        table = load(task)
        for top in tops[task.family]:
            for decades in (1, 2, 3, 4, 5):
                low = top / 10**decades
                if low < own.low * 0.999 or top > own.high * 1.001:
                    continue
                space = Space(table, {own.name: Range(low, top, "Logarithmic")})
                at = task.space.index(own)
                best = np.median(table.values[table.best_of(space.rows), at])
                distance = next(name for end, name in DISTANCES if np.log10(top / best) < end)
                for strategy in STRATEGIES:
                    width = "2 and more" if decades > 1 else "1"
                    condition = {"strategy": strategy, "decades": decades, "width": width, "distance": distance}
                    yield Case(task, condition, {"name": own.name, "low": low, "top": top})


def _on_scales(case: Case, scales: tuple[Scale, Scale], draw: Draw) -> Iterator[tuple[Condition, Arms]]:
    """A range on one scale against the same range on another one."""
    found = []
    for scale in scales:
        given = case.given
        ranges = {given["name"]: Range(given["low"], given["top"], scale)}
        if "rate" in given:
            ranges["learning_rate"] = Range(given["rate"] / 1000, given["rate"], "Logarithmic")
        space = Space(load(case.task), ranges)
        if case.condition["strategy"] == "Random":
            trials = random_search(space, TRIALS, draw())
        else:
            trials = bayesian_search(space, TRIALS, AT_ONCE, draw())
        found.append(float(trials_to(TARGET, trials, space)))
    yield {}, {"trials": (found[0], found[1])}


def _linear_or_logarithmic(case: Case, draw: Draw) -> Iterator[tuple[Condition, Arms]]:
    return _on_scales(case, ("Linear", "Logarithmic"), draw)


def _rates() -> Iterator[Case]:
    tops = (0.01, 0.1, 1.0)
    return _cases("rate", {"network": tops, "linear": tops, "trees": tops})


def _penalties() -> Iterator[Case]:
    gradient = (0.01, 0.1, 1.0)
    return _cases("penalty", {"network": gradient, "linear": gradient, "trees": (10.0, 100.0, 1000.0)})


def _momenta() -> Iterator[Case]:
    for task in tasks("network", "linear"):
        for bottom, top, rate, strategy in product((0.5, 0.8), (0.9, 0.99, 0.999), (0.01, 1.0), STRATEGIES):
            condition = {"strategy": strategy, "rates": rate, "bottom": bottom, "top": top}
            yield Case(task, condition, {"name": "momentum", "low": bottom, "top": top, "rate": rate})


def _reversed(case: Case, draw: Draw) -> Iterator[tuple[Condition, Arms]]:
    return _on_scales(case, ("Linear", "ReverseLogarithmic"), draw)


def _depths() -> Iterator[Case]:
    for task in tasks("trees"):
        for top in (6.0, 10.0):
            for strategy in STRATEGIES:
                yield Case(task, {"strategy": strategy, "top": top}, {"name": "max_depth", "low": 1.0, "top": top})


def _straightened(case: Case, draw: Draw) -> Iterator[tuple[Condition, Arms]]:
    return _on_scales(case, ("Logarithmic", "Linear"), draw)


def _list_cases() -> Iterator[Case]:
    for task in tasks():
        yield Case(task, {}, {})


def _listed(case: Case, draw: Draw) -> Iterator[tuple[Condition, Arms]]:
    """The learning rate as a list, against the same values as numbers on a logarithmic scale, and against the range."""
    space = usual_space(case.task)
    ranged = bayesian_search(space, TRIALS, AT_ONCE, draw())
    for values in (4, 6, 8, 12):
        sizes = [values if each.name == case.task.rate else 0 for each in case.task.space]
        listed, numbers = Lists(space, sizes), Lists(space, sizes, as_numbers=True)
        without = bayesian_search(listed, TRIALS, AT_ONCE, draw())
        arms = compared(space, without, bayesian_search(numbers, TRIALS, AT_ONCE, draw()))
        against = compared(space, without, ranged)
        yield {"values": values}, arms | {f"range_{name}": arm for name, arm in against.items()}


RATIO: dict[str, Any] = {"measures": {"trials": "ratio"}}
EXPERIMENTS = (
    Experiment(
        "learning-rate-scale",
        ("scale/linear-learning-rate", "scale/linear-wide-range", "scale/log-scale-on-narrow-range"),
        _rates,
        _linear_or_logarithmic,
        full=20,
        quick=1,
        groups=BY_WIDTH_AND_DISTANCE,
        **RATIO,
    ),
    Experiment(
        "penalty-scale",
        ("scale/linear-regularization", "scale/linear-wide-range", "scale/regularization-starts-at-zero"),
        _penalties,
        _linear_or_logarithmic,
        full=14,
        quick=1,
        groups=BY_WIDTH_AND_DISTANCE,
        **RATIO,
    ),
    Experiment(
        "momentum-scale",
        ("scale/near-one-without-reverse-log", "scale/reverse-log-away-from-one"),
        _momenta,
        _reversed,
        full=14,
        quick=1,
        **RATIO,
    ),
    Experiment(
        "depth-scale", ("scale/log-scale-on-linear-parameter",), _depths, _straightened, full=60, quick=2, **RATIO
    ),
    Experiment(
        "lists",
        ("scale/numeric-categorical",),
        _list_cases,
        _listed,
        {"trials": "ratio", "regret": "difference", "range_trials": "ratio", "range_regret": "difference"},
        full=20,
        quick=1,
    ),
)
