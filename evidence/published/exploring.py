"""What is explored on the published tables without a verdict: sub-ranges, how values are looked up, and grids."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from evidence.experiment import TARGET
from evidence.published.contrasts import RATES, searched
from evidence.published.contrasts import Arm as BayesianArm
from evidence.published.searching import regret_after, share_of_good
from evidence.published.space import WRITTEN_RATE, PublishedSpace
from evidence.published.tables import HPOBENCH, SEARCHED, Array, Lookup, PublishedTable, load, names
from evidence.searches import Range
from evidence.tasks import Scale, from_unit

BOTTOMS = {"rate": -5, "alpha": -8}
"""The exponent of the smallest level of each hyperparameter; the largest level is 1."""

LOOKUPS: dict[Lookup, str] = {"Logarithmic": "nearest, logarithmic axis", "Linear": "nearest, linear axis"}
POINTS = 400
"""Values of a range between which the share of good ones is interpolated."""

SEED_DRAWS = 200
GRIDS = (("alpha", "rate", "batch_size"), ("alpha", "rate", "batch_size", "width"))
LEVELS_OF_GRID = 3
BUDGETS = (7, 20)
REPETITIONS = 20


def sub_ranges(name: str) -> Iterator[dict[str, Any]]:
    """Random search between each pair of powers of ten: trials on a linear scale divided by logarithmic ones."""
    exponents = range(BOTTOMS[name], 1)
    for bottom, top in product(exponents, exponents):
        if bottom < top:
            own = Range(10.0**bottom, 10.0**top, "Logarithmic")
            ratios = [_random_ratio(data, name, own) for data in names("hpobench")]
            yield {"bottom": bottom, "top": top, **_line(ratios)}


def _random_ratio(data: str, name: str, own: Range, lookup: Lookup = "Logarithmic") -> float:
    """The expected trials of random search on a linear scale, divided by those on a logarithmic one."""
    table = load(data)
    linear = PublishedSpace(table, {name: own._replace(scale="Linear")}, lookup=lookup)
    logarithmic = PublishedSpace(table, {name: own}, lookup=lookup)
    return share_of_good(logarithmic) / share_of_good(linear)


def sensitivity() -> Iterator[dict[str, Any]]:
    """The ratio for the rate with each way in which its values are looked up."""
    for own in RATES:
        written = f"{own.low:g} to {own.high:g}"
        for lookup, words in LOOKUPS.items():
            ratios = [_random_ratio(data, "rate", own, lookup) for data in names()]
            yield {"range": written, "lookup": words, **_line(ratios)}
        ratios = [_interpolated_ratio(data, own) for data in names()]
        yield {"range": written, "lookup": "interpolated", **_line(ratios)}


def _interpolated_ratio(data: str, own: Range) -> float:
    """As ``_random_ratio``, with the quality interpolated between levels on a logarithmic axis."""
    return _interpolated_share(load(data), own, "Logarithmic") / _interpolated_share(load(data), own, "Linear")


def _interpolated_share(table: PublishedTable, own: Range, scale: Scale) -> float:
    """How likely a random draw has a good interpolated quality."""
    space = PublishedSpace(table, {"rate": own})
    axis = next(axis for axis in table.axes if axis.name == "rate")
    sizes = [len(each.levels) for each in table.axes]
    quality = np.moveaxis(table.quality.reshape(sizes), table.axes.index(axis), 0).reshape(len(axis.levels), -1)
    others = _weights_without_rate(space, sizes, table.axes.index(axis))
    units = (np.arange(POINTS) + 0.5) / POINTS
    logs = np.log(from_unit(units, own.low, own.high, scale))
    places = np.interp(logs, np.log(axis.levels), np.arange(len(axis.levels)))
    below = np.minimum(places.astype(int), len(axis.levels) - 2)
    part = (places - below)[:, None]
    between = quality[below] * (1 - part) + quality[below + 1] * part
    good = space.regret_of(between) <= TARGET
    return float((good @ others).mean())


def _weights_without_rate(space: PublishedSpace, sizes: list[int], number: int) -> Array:
    """How likely a random draw has each combination of the other hyperparameters."""
    weights = np.zeros(int(np.prod(sizes)))
    weights[space.rows] = space.weights
    return np.asarray(weights.reshape(sizes).sum(number).ravel())


def grids() -> Iterator[dict[str, Any]]:
    """The regret of a grid of three levels of some hyperparameters, and of Bayesian searches of the same ones."""
    for searched_names in GRIDS:
        fixed = frozenset(axis.name for axis in HPOBENCH if axis.name not in searched_names)
        pairs = [_grid_and_searches(data, fixed) for data in names("hpobench")]
        means = np.mean(pairs, axis=0)
        yield {
            "hyperparameters": len(searched_names),
            "combinations": LEVELS_OF_GRID ** len(searched_names),
            "grid": round(float(means[0]), 3),
            **{f"{budget} trials": round(float(mean), 3) for budget, mean in zip(BUDGETS, means[1:], strict=True)},
        }


def _grid_and_searches(data: str, fixed: frozenset[str]) -> list[float]:
    """The mean regret at the end of a grid, and after each of ``BUDGETS`` Bayesian trials."""
    table = load(data)
    space = PublishedSpace(table, {"rate": WRITTEN_RATE}, fixed)
    levels = np.array(list(product(np.linspace(0, 1, LEVELS_OF_GRID), repeat=space.inputs)))
    rows = space.looked_up(levels)
    draw = np.random.default_rng(0)
    seen = table.observed[rows[:, None], draw.integers(SEARCHED, size=(len(rows), SEED_DRAWS))]
    ends = [float(space.regret(rows[seen.argmin(0)]).mean())]
    arm = BayesianArm(data, (), 4, max(BUDGETS))
    found = [searched(arm, space, repetition) for repetition in range(REPETITIONS)]
    ends.extend(float(np.mean([regret_after(budget, each, space) for each in found])) for budget in BUDGETS)
    return ends


def _line(ratios: list[float]) -> dict[str, Any]:
    """The geometric mean of ratios, and on how many data sets the logarithmic scale is better."""
    usable = [ratio for ratio in ratios if np.isfinite(ratio) and ratio > 0]
    if not usable:
        return {"ratio": None, "better_on": 0, "of": 0}
    mean = float(np.exp(np.mean(np.log(usable))))
    return {"ratio": round(mean, 2), "better_on": sum(ratio > 1 for ratio in usable), "of": len(usable)}
