"""The worst case is never exceeded, and some schedule reaches it."""

from __future__ import annotations

import itertools
import random
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.facts.worst_case_cost import Bounds, _any
from hpolint.facts.worst_case_time import most_of_several, trial_seconds, wall_seconds
from hpolint.model.node import Unknown
from hpolint.model.source import Span
from tests.cost.simulator import Run, Trial, run

WHY = Unknown("is a variable", Span(1, 1, 1, 2))
SMALL = list(itertools.product([1, 2, 3, 4], [1, 2, 3], [1, 2, 3], [None, 1, 2, 3, 4, 5, 7]))
"""Trials, at once, cap, limit."""

lengths = st.lists(st.integers(1, 5000), min_size=1, max_size=4)
runs = st.lists(lengths.map(lambda each: Trial(tuple(each))), max_size=60)


def worst_run(trials: int | None, at_once: int, cap: int, limit: int | None) -> Run:
    """The schedule in which every trial runs until it is stopped."""
    return run(repeat(Trial((cap,))), trials, at_once, cap, limit)


def test_four_trials_in_three_hours() -> None:
    """4 trials, 3 at once, 2 h each, 3 h in all: three run for 2 h, the fourth is stopped after 1: 7 h, not 8 or 9."""
    hour = 3600
    assert trial_seconds(4, 3, 2 * hour, 3 * hour) == 7 * hour


@pytest.mark.parametrize(("trials", "at_once", "cap", "limit"), SMALL)
def test_of_all_schedules_the_worst_is_exactly_the_bound(
    trials: int, at_once: int, cap: int, limit: int | None
) -> None:
    """Every way in which small jobs can run: none costs more, or takes longer, and one costs and takes just that."""
    every = itertools.product(range(1, cap + 1), repeat=trials)
    found = [run(iter([Trial((each,)) for each in some]), trials, at_once, cap, limit) for some in every]
    assert max(each.trial_seconds for each in found) == trial_seconds(trials, at_once, cap, limit)
    assert max(each.wall_seconds for each in found) == wall_seconds(trials, at_once, cap, limit)


@given(
    runs, st.none() | st.integers(1, 60), st.integers(1, 30), st.integers(1, 5000), st.none() | st.integers(1, 20_000)
)
def test_no_run_costs_more(
    given_trials: list[Trial], trials: int | None, at_once: int, cap: int, limit: int | None
) -> None:
    """Trials of any length, that fail and are retried or not: the bound holds, and the worst schedule reaches it."""
    most = trial_seconds(trials, at_once, cap, limit)
    longest = wall_seconds(trials, at_once, cap, limit)
    found = run(iter(given_trials), trials, at_once, cap, limit)
    if most is None or longest is None:
        assert trials is None
        assert limit is None
        return
    assert found.trial_seconds <= most
    assert found.wall_seconds <= longest
    worst = worst_run(trials, at_once, cap, limit)
    assert (worst.trial_seconds, worst.wall_seconds) == (most, longest)


def test_ten_thousand_runs_stay_below_the_bound() -> None:
    """Jobs of all sizes, trials that are short, long, failing and retried: none costs more, or takes longer."""
    draw = random.Random(14)
    for _ in range(10_000):
        trials = draw.choice([None, draw.randint(1, 80)])
        limit = draw.randint(1, 20_000) if trials is None or draw.random() < 0.5 else None
        at_once, cap = draw.randint(1, 20), draw.randint(1, 5000)
        lengths = [tuple(draw.randint(1, 2 * cap) for _ in range(draw.choice([1, 1, 1, 3]))) for _ in range(60)]
        found = run(map(Trial, lengths), trials, at_once, cap, limit)
        most, longest = (of(trials, at_once, cap, limit) for of in (trial_seconds, wall_seconds))
        assert most is not None
        assert longest is not None
        assert found.trial_seconds <= most
        assert found.wall_seconds <= longest


@given(st.integers(1, 40), st.integers(1, 12), st.integers(1, 600), st.integers(1, 9000))
def test_a_lower_limit_never_costs_more(trials: int, at_once: int, cap: int, limit: int) -> None:
    """Lowering a limit lowers the worst case or leaves it unchanged."""
    most = trial_seconds(trials, at_once, cap, limit)
    assert most is not None
    lower = chain(
        [trial_seconds(trials, at_once, cap, limit - 1)] if limit > 1 else [],
        [trial_seconds(trials - 1, at_once, cap, limit)] if trials > 1 else [],
        [trial_seconds(trials, at_once, cap - 1, limit)] if cap > 1 else [],
        [trial_seconds(trials, at_once - 1, cap, limit)] if at_once > 1 else [],
    )
    assert all(each is not None and each <= most for each in lower)


@pytest.mark.parametrize(("trials", "at_once", "limit"), list(itertools.product([1, 2, 3], [1, 2], [None, 1, 2, 3, 5])))
@pytest.mark.parametrize(
    "runs", [[(3, 1), (1, 4)], [(2, 2), (2, 3)], [(1, 1), (2, 2)], [(2, 1), (2, 1)], [(4, 1), (1, 1)]]
)
def test_trials_of_several_definitions_never_use_more_together(
    trials: int, at_once: int, limit: int | None, runs: list[tuple[int, int]]
) -> None:
    """Every mix of definitions and lengths: none uses more, and where the most is said to be reached, one does."""
    kinds = [Trial((each,), rate, cap) for cap, rate in runs for each in range(1, cap + 1)]
    found = [run(iter(some), trials, at_once, 0, limit) for some in itertools.product(kinds, repeat=trials)]
    most = most_of_several(trials, at_once, limit, runs)
    assert most is not None
    counted = max(each.counted for each in found)
    assert counted <= most[0]
    assert counted == most[0] or not most[1]


def test_a_short_dear_trial_and_a_long_cheap_one_use_more_than_two_of_either() -> None:
    """10 h of one instance and 1 h of five, one after the other in 10 h: 14, where two of either would be 10."""
    assert most_of_several(2, 1, 10, [(10, 1), (1, 5)]) == (20, False)
    assert most_of_several(2, 1, None, [(10, 1), (1, 5)]) == (20, True)
    assert most_of_several(2, 5, 3, [(10, 1), (2, 3)]) == (18, False)
    assert most_of_several(None, 2, 10, [(10, 1), (1, 5)]) == (100, True)
    assert most_of_several(None, 2, None, [(10, 1), (1, 5)]) is None
    assert run(iter([Trial((1,), 5, 1), Trial((10,), 1, 10)]), 2, 1, 0, 10).counted == 14


@pytest.mark.parametrize(
    ("trials", "limit", "wall"), [(1, None, 60), (1, 1, 1), (2, None, 120), (0, None, None), (1, 0, None)]
)
def test_a_job_of_one_trial_takes_as_long_as_that(trials: int, limit: int | None, wall: int | None) -> None:
    """With numbers that the service refuses, nothing runs and there is no figure."""
    assert Bounds(trials, 1, 60, limit).wall_seconds == wall
    assert Bounds(trials, 1, 60, limit).trial_seconds == wall


@pytest.mark.parametrize(
    ("answers", "found"),
    [([True, WHY], True), ([False, WHY], WHY), ([False, False], False), ([], False), ([False, True], True)],
)
def test_one_that_is_so_settles_it_and_one_that_is_unknown_leaves_it_open(
    answers: list[bool | Unknown], found: bool | Unknown
) -> None:
    """Whether a training plan has paid for any definition's instances."""
    assert _any(answers) is found
