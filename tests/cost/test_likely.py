"""What a job is likely to take lies where a simulation of the service's scheduling puts it."""

from __future__ import annotations

import random
from itertools import repeat
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.cost.estimate import estimate
from hpolint.cost.likely import Likely, Trials, likely
from hpolint.cost.tradeoff import Tradeoff, tradeoff
from hpolint.data import load
from tests.cost.jobs import definition, job_of, judged
from tests.cost.simulator import Trial, run

WAYS = [1, 4, 5, 8, 10, 20]


def limits(trials: int | None, at_once: int, limit: int | None = None) -> dict[str, int]:
    """ResourceLimits."""
    named = {"MaxNumberOfTrainingJobs": trials, "MaxParallelTrainingJobs": at_once, "MaxRuntimeInSeconds": limit}
    return {name: value for name, value in named.items() if value is not None}


def likely_cost(trials: Trials, resources: dict[str, int], cap: int = 7200, count: int = 1) -> Likely:
    """What a job is likely to take."""
    found = likely(estimate(job_of(definition(cap, InstanceCount=count), limits=resources)), trials)
    assert isinstance(found, Likely)
    return found


@given(st.integers(1, 60), st.integers(1, 12), st.integers(60, 7200), st.none() | st.integers(600, 30_000))
def test_of_trials_that_all_take_as_long_it_is_exact(
    trials: int, at_once: int, seconds: int, limit: int | None
) -> None:
    """Hours and time until the last trial ends are those of the simulated run, to the second."""
    found = likely_cost(Trials((float(seconds),), "so"), limits(trials, at_once, limit))
    simulated = run(repeat(Trial((seconds,))), trials, at_once, 7200, limit)
    assert found.hours.expected * 3600 == pytest.approx(simulated.trial_seconds)
    assert found.wall.expected * 3600 == pytest.approx(simulated.wall_seconds)
    assert found.hours.low == found.hours.high == found.hours.expected


@pytest.mark.parametrize(("trials", "at_once", "limit"), [(40, 4, None), (20, 20, None), (60, 5, 20_000), (7, 3, 3600)])
def test_of_trials_of_many_lengths_nine_of_ten_runs_lie_in_the_interval(
    trials: int, at_once: int, limit: int | None
) -> None:
    """The simulation draws its own schedules: expected values agree, and its runs lie between the ends."""
    draw = random.Random(7)
    lengths = [draw.lognormvariate(6.5, 0.8) for _ in range(50)]
    found = likely_cost(Trials(tuple(lengths), "so"), limits(trials, at_once, limit))
    runs = [
        run(iter([Trial((round(draw.choice(lengths)),)) for _ in range(trials)]), trials, at_once, 7200, limit)
        for _ in range(3000)
    ]
    for spread, values in (
        (found.hours, [each.trial_seconds / 3600 for each in runs]),
        (found.wall, [each.wall_seconds / 3600 for each in runs]),
    ):
        assert spread.expected == pytest.approx(fmean(values), rel=0.04)
        inside = sum(spread.low * 0.999 <= each <= spread.high * 1.001 for each in values) / len(values)
        assert 0.84 <= inside <= 0.985


def test_a_trial_is_likely_no_longer_than_its_cap_and_counts_for_each_instance() -> None:
    """Minutes beyond the cap are not run; two instances bill twice."""
    assert likely_cost(Trials((10_000.0,), "so"), limits(10, 2), cap=3600).hours.expected == pytest.approx(10)
    assert likely_cost(Trials((1800.0,), "so"), limits(10, 2), count=2).hours.expected == pytest.approx(10)


def test_a_job_that_only_time_bounds_fills_it() -> None:
    """Two places, for three hours."""
    found = likely_cost(Trials((600.0,), "so"), limits(None, 2, 10_800))
    assert found.hours.expected == pytest.approx(6)
    assert found.wall.expected == pytest.approx(3)


def test_what_is_open_or_unbounded_has_no_likely_figure() -> None:
    """The reason is handed on, and nothing is made up."""
    job = job_of(definition("$CAP"))
    found = likely(estimate(job), Trials((60.0,), "so"))
    assert getattr(found, "reason", None) == "is the placeholder $CAP"
    assert likely(estimate(job_of(definition(), limits=limits(None, 2))), Trials((60.0,), "so")) is None


def test_the_tradeoff_has_only_what_was_measured() -> None:
    """The rows of the data, starting with one trial at a time; hours where the length of trials is given."""
    found = tradeoff(estimate(job_of(definition(), limits=limits(40, 10))), Trials((1200.0,), "20 minutes a trial"))
    assert isinstance(found, Tradeoff)
    measured = load("parallelism")["factors"]["40"]
    assert [each.at_once for each in found.choices] == [1, *map(int, measured)]
    assert [each.rounds for each in found.choices] == [40, 10, 8, 5, 4, 3, 2, 1]
    assert [(each.factor.value, each.factor.low) for each in found.choices[1:]] == [
        (float(value), float(low)) for value, low, _ in measured.values()
    ]
    walls = [each.likely.wall.expected for each in found.choices if each.likely is not None]
    assert walls == [pytest.approx(rounds / 3) for rounds in (40, 10, 8, 5, 4, 3, 2, 1)]


@pytest.mark.parametrize(
    ("trials", "measured", "at_once"),
    [
        (20, 20, [1, 4, 5, 7, 10, 20]),
        (29, 40, [1, 4, 5, 8, 10, 14, 20]),
        (28, 20, [1, 4, 5, 7, 10, 20]),
        (100, 100, [1, 5, 10, 20, 34]),
    ],
)
def test_between_measured_numbers_the_nearest_is_used_and_named(trials: int, measured: int, at_once: list[int]) -> None:
    """And no more at once than there are trials."""
    found = tradeoff(estimate(job_of(definition(), limits=limits(trials, 2))), None)
    assert isinstance(found, Tradeoff)
    assert (found.trials, found.measured) == (trials, measured)
    assert [each.at_once for each in found.choices] == at_once


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"limits": limits(9, 2)}, "was measured for 10 to 100 trials, and this job has 9"),
        ({"limits": limits(101, 2)}, "and this job has 101"),
        ({"limits": limits(None, 2, 3600)}, "the number of trials is not limited"),
        (
            {"limits": {"MaxNumberOfTrainingJobs": "$N", "MaxParallelTrainingJobs": 2}},
            "unknown: `MaxNumberOfTrainingJobs` is the placeholder $N",
        ),
    ],
)
def test_beyond_the_measured_numbers_there_is_no_tradeoff(changes: dict[str, dict[str, int]], reason: str) -> None:
    """The result is the reason."""
    found = tradeoff(estimate(job_of(definition(), **changes)), None)
    assert isinstance(found, str)
    assert reason in found


def test_a_search_that_does_not_learn_has_no_tradeoff() -> None:
    """Random search needs as many trials however many run at once."""
    job = job_of(definition(), limits=limits(40, 2))
    (job,) = judged(job.source.text.replace('"Bayesian"', '"Random"')).jobs
    found = tradeoff(estimate(job), None)
    assert isinstance(found, str)
    assert "this job's strategy is `Random`" in found
