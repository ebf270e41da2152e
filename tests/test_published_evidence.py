"""What is measured on published tables is what the preregistration says; tried on tables that are made here."""

from __future__ import annotations

import pickle
from itertools import product

import numpy as np
import pytest

from evidence.published.contrasts import holm, sign_flip_p
from evidence.published.searching import (
    Searched,
    bayesian_search,
    random_regret,
    random_trials,
    regret_after,
    share_of_good,
    trials_to_target,
)
from evidence.published.space import PublishedSpace
from evidence.published.tables import HPOBENCH, HPOLIB, Axis, PublishedTable, plain_pickle
from evidence.searches import Range

LINEAR = Range(1e-4, 0.1, "Linear")


def made_table() -> PublishedTable:
    """A table whose loss grows with the distance from one configuration, with some noise between its five seeds."""
    units = [np.linspace(0, 1, len(axis.levels)) for axis in HPOBENCH]
    loss = ((np.array(list(product(*units))) - [0.4, 0.5, 0.5, 0.45, 0.6]) ** 2).sum(1)
    return PublishedTable("made", HPOBENCH, loss[:, None] + np.random.default_rng(0).normal(0, 0.01, (len(loss), 5)))


@pytest.mark.parametrize("axes", [HPOBENCH, HPOLIB])
def test_a_draw_is_looked_up_as_often_as_the_weights_say(axes: tuple[Axis, ...]) -> None:
    """On a linear scale, too: the computed figures of random search are those of draws."""
    sizes = [len(axis.levels) for axis in axes]
    table = PublishedTable("made", axes, np.random.default_rng(0).random((int(np.prod(sizes)), 4)))
    space = PublishedSpace(table, {"rate": LINEAR})
    rows = space.looked_up(space.drawn(100_000, np.random.default_rng(0)))
    counts = np.bincount(rows, minlength=len(table.losses)).reshape(sizes) / len(rows)
    expected = np.zeros(len(table.losses))
    expected[space.rows] = space.weights
    for number in range(len(axes)):
        others = tuple(other for other in range(len(axes)) if other != number)
        assert np.abs(counts.sum(others) - expected.reshape(sizes).sum(others)).max() < 0.01


def test_random_search_is_computed_as_it_is_drawn() -> None:
    """The trials to a good configuration, and the regret of the model that is called best."""
    space = PublishedSpace(made_table(), {"rate": LINEAR})
    draw = np.random.default_rng(0)
    trials, regrets = [], []
    for _ in range(1000):
        rows = space.looked_up(space.drawn(20, draw))
        found = Searched(rows, space.table.observed[rows, draw.integers(3, size=20)])
        trials.append(trials_to_target(20, found, space))
        regrets.append(regret_after(20, found, space))
    assert np.mean(trials) == pytest.approx(random_trials(share_of_good(space), 20), rel=0.04)
    assert np.mean(regrets) == pytest.approx(random_regret(20, space), rel=0.05)


def test_a_bayesian_search_learns() -> None:
    """After 40 trials its model is better than that of random search with 100."""
    space = PublishedSpace(made_table())
    found = [bayesian_search(space, 40, 4, np.random.default_rng(seed)) for seed in range(4)]
    assert np.mean([regret_after(40, each, space) for each in found]) < random_regret(100, space)


def test_a_shorter_search_is_the_beginning_of_a_longer_one() -> None:
    """So a budget is judged by the first trials of a search that goes on."""
    space = PublishedSpace(made_table())
    longer, shorter = (bayesian_search(space, trials, 4, np.random.default_rng(1)) for trials in (14, 9))
    assert (longer.rows[:9] == shorter.rows).all()


def test_searches_do_not_see_the_seeds_that_judge() -> None:
    """Other results of theirs change the regret, not what is tried."""
    table = made_table()
    losses = table.losses.copy()
    losses[:, 3:] = losses[::-1, 3:]
    spaces = [PublishedSpace(each) for each in (table, PublishedTable("made", HPOBENCH, losses))]
    found = [bayesian_search(space, 10, 4, np.random.default_rng(0)) for space in spaces]
    assert (found[0].rows == found[1].rows).all()
    assert regret_after(10, found[0], spaces[0]) != regret_after(10, found[1], spaces[1])


def test_a_table_that_names_a_class_is_refused() -> None:
    """Loading a table runs no code of it."""
    with pytest.raises(pickle.UnpicklingError, match="a table has no"):
        plain_pickle(pickle.dumps(PublishedTable))
    assert plain_pickle(pickle.dumps({"00": {"val_acc": [0.5]}})) == {"00": {"val_acc": [0.5]}}


def test_signs_are_flipped_exactly() -> None:
    """Of n effects of one sign the p-value is 2 / 2 ** n; of effects that cancel it is 1."""
    assert sign_flip_p(np.array([0.3, 0.1, 0.4, 0.2, 0.5, 0.1, 0.6])) == 2 / 2**7
    assert sign_flip_p(np.array([0.2, -0.2])) == 1


def test_contrasts_are_corrected_for_their_number() -> None:
    """Holm: each is held against the level divided by the number of those that are left."""
    assert holm({"a": 0.012, "b": 0.016, "c": 0.06, "d": 0.001}) == {"a", "b", "d"}
    assert holm({"a": 0.013, "b": 0.014, "c": 0.9, "d": 0.9}) == set()
