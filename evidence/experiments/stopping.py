"""Early stopping by the median rule, and by halving: the training that it saves, and the quality that it costs."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.experiment import Arms, Case, Condition, Draw, Experiment, tasks
from evidence.searches import Space, Trials, bayesian_search, random_search
from evidence.stopping_rules import halving, median_rule
from evidence.training import PARTS
from evidence.usual import end_of, usual_space

AT_ONCE = (1, 2, 4, 5, 10, 20)


def _cases() -> Iterator[Case]:
    for task in tasks():
        for strategy, sizes in (("Random", (5, 10, 20, 40, 100)), ("Bayesian", (10, 20, 40))):
            for trials in sizes:
                yield Case(task, {"strategy": strategy, "trials": trials}, {})


def _stopped(case: Case, draw: Draw) -> Iterator[tuple[Condition, Arms]]:
    """Searches with the median rule against the same ones without."""
    space, trials = usual_space(case.task), case.condition["trials"]
    for at_once in (each for each in AT_ONCE if each <= trials):
        if case.condition["strategy"] == "Random":
            without = random_search(space, trials, draw(), at_once)
            stopped = random_search(space, trials, draw(), at_once, median_rule)
        else:
            without = bayesian_search(space, trials, at_once, draw())
            stopped = bayesian_search(space, trials, at_once, draw(), rule=median_rule)
        yield {"at_once": at_once}, _spent_and_lost(space, without, stopped)


def _halving_cases() -> Iterator[Case]:
    for task in tasks():
        for trials in (20, 40, 100):
            yield Case(task, {"trials": trials}, {})


def _halved(case: Case, draw: Draw) -> Iterator[tuple[Condition, Arms]]:
    """Random search with halving against the same without."""
    space, trials = usual_space(case.task), case.condition["trials"]
    without = random_search(space, trials, draw())
    for at_once in sorted({5, 10, 20, trials}):
        halved = random_search(space, trials, draw(), at_once, halving)
        yield {"at_once": at_once}, _spent_and_lost(space, without, halved)


def _spent_and_lost(space: Space, without: Trials, stopped: Trials) -> Arms:
    """The share of the training that is spent, and the regret against the whole search, and against a shorter one.

    The result of a stopped trial is its last metric, which may win: the model is then the one at that point. The
    shorter search has as many trials as the same training pays for, all of them trained to the end.
    """
    spent = float(stopped.parts.sum()) / PARTS
    end = end_of(stopped, space)
    return {
        "spent": (1.0, spent / len(stopped.parts)),
        "regret": (end_of(without, space), end),
        "against_fewer": (end_of(without.first(max(round(spent), 1)), space), end),
    }


MEASURES = {"spent": "share", "regret": "difference", "against_fewer": "difference"}
EXPERIMENTS = (
    Experiment("early-stopping", ("strategy/no-early-stopping",), _cases, _stopped, MEASURES, full=16, quick=1),
    Experiment(
        "hyperband",
        ("strategy/excessive-parallelism",),
        _halving_cases,
        _halved,
        MEASURES,
        full=60,
        quick=2,
    ),
)
