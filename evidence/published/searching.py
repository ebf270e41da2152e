"""Searches of a published table: a Bayesian one of continuous values, and random search, which is computed."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from evidence.experiment import TARGET
from evidence.published.space import PublishedSpace
from evidence.published.tables import SEARCHED, Array, Indices
from evidence.searches import DURATIONS, MOST, Fitted

CANDIDATES = 512
"""Random candidates of each trial of a Bayesian search."""

NEAR = 256
"""Candidates near the best results so far."""

BEST_RESULTS = 5
STEPS = (1e-3, 0.3)
"""The smallest and largest step from the best results, as a share of the range."""


class Searched(NamedTuple):
    """The trials of a search in the order in which they start: configurations, and the losses that it sees."""

    rows: Indices
    observed: Array


def bayesian_search(space: PublishedSpace, trials: int, at_once: int, draw: np.random.Generator) -> Searched:
    """Trials that are chosen from all results so far; when one ends, the next one starts.

    A shorter search is the beginning of a longer one with the same random numbers.
    """
    seeds = draw.integers(SEARCHED, size=MOST)
    durations = np.exp(DURATIONS * draw.standard_normal(MOST))
    first = space.drawn(at_once, draw)
    points = np.empty((trials, space.inputs))
    rows = np.empty(trials, dtype=np.int64)
    observed = np.empty(trials)
    known = Fitted(np.empty((0, space.inputs)), np.empty(0))
    running: list[tuple[float, int]] = []
    now = 0.0
    for number in range(trials):
        if number < at_once:
            points[number] = first[number]
        else:
            now, ended = heappop(running)
            known.add(points[ended], observed[ended])
            pending = points[[other for _, other in running]]
            points[number] = _most_promising(space, known, pending, draw)
        rows[number] = space.looked_up(points[[number]])[0]
        observed[number] = space.table.observed[rows[number], seeds[number]]
        heappush(running, (now + durations[number], number))
    return Searched(rows, observed)


def _most_promising(space: PublishedSpace, known: Fitted, pending: Array, draw: np.random.Generator) -> Array:
    """The candidate with the largest expected improvement."""
    best = known.inputs[np.argsort(known.results, kind="stable")[:BEST_RESULTS]]
    starts = best[draw.integers(len(best), size=NEAR)]
    steps = np.exp(draw.uniform(np.log(STEPS[0]), np.log(STEPS[1]), size=NEAR))
    candidates = np.concatenate([space.drawn(CANDIDATES, draw), space.near(starts, steps, draw)])
    gains = known.process(pending).expected_improvement(candidates)
    return np.asarray(candidates[gains.argmax()])


def trials_to_target(trials: int, found: Searched, space: PublishedSpace) -> int:
    """The number of the first trial with a good configuration, from 1; one more than these trials if none has it."""
    good = space.regret(found.rows[:trials]) <= TARGET
    return int(good.argmax()) + 1 if good.any() else trials + 1


def regret_after(trials: int, found: Searched, space: PublishedSpace) -> float:
    """The regret of the model that the search calls best after so many trials."""
    chosen = found.rows[found.observed[:trials].argmin()]
    return float(space.regret(np.array([chosen]))[0])


def share_of_good(space: PublishedSpace) -> float:
    """How likely a random draw is a good configuration."""
    good = space.regret(space.rows) <= TARGET
    return float(space.weights[good].sum())


def random_trials(share: float, trials: int) -> float:
    """The expected trials of random search to a good one, of which there is such a share, cut like theirs."""
    return float((1 - (1 - share) ** (trials + 1)) / share)


def random_regret(trials: int, space: PublishedSpace) -> float:
    """The expected regret of the model that random search calls best after so many trials."""
    seen = space.table.observed[space.rows]
    order = np.argsort(seen, axis=None, kind="stable")
    places = order // seen.shape[1]
    better = np.concatenate([[0.0], np.cumsum(space.weights[places] / seen.shape[1])])
    none_better = (1 - np.minimum(better, 1)) ** trials
    is_chosen = none_better[:-1] - none_better[1:]
    return float(is_chosen @ space.regret(space.rows[places]))
