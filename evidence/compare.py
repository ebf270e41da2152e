"""The Bayesian search of the experiments against those of other libraries, on the same tables.

    python -m evidence.compare own | random | syne-tune | optuna [--runs N] [--trials N]

Run it once for each in an environment that has the library: ``pip install 'syne-tune[gpsearchers]==0.14.2'``, or
``pip install optuna==5.0.0 torch``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from evidence.searches import Indices, Space, bayesian_search, random_search
from evidence.tables import load
from evidence.tasks import TASKS

COMPARED = ("digits-network", "affairs-linear", "health-trees")
Search = Callable[[Space, int, int], Indices]


def _own(space: Space, trials: int, seed: int) -> Indices:
    return bayesian_search(space, trials, 1, np.random.default_rng(seed)).rows


def _random(space: Space, trials: int, seed: int) -> Indices:
    return random_search(space, trials, np.random.default_rng(seed)).rows


class _Lookup:
    """What another library's search asks for: points from 0 to 1 on the scales of the ranges."""

    def __init__(self, space: Space, seed: int) -> None:
        self.rows: list[int] = []
        self._space, self._draw = space, np.random.default_rng(seed)

    def result(self, point: list[float]) -> float:
        """The metric of the nearest configuration, with the seed of one of its trainings."""
        table = self._space.table
        row = int(self._space.rows[self._space.nearest(np.array([point]))[0]])
        self.rows.append(row)
        return float(table.curves[row, self._draw.integers(table.curves.shape[1]), -1])


def _syne_tune(space: Space, trials: int, seed: int) -> Indices:
    """Its Gaussian process with input warping; it sees the same points, from 0 to 1 on the scales of the ranges."""
    from syne_tune.config_space import uniform
    from syne_tune.optimizer.schedulers.searchers.legacy_gp_fifo_searcher import GPFIFOSearcher

    names = [f"x{number}" for number in range(len(space.ranges))]
    searcher = GPFIFOSearcher(
        {name: uniform(0.0, 1.0) for name in names},
        metric="loss",
        mode="min",
        random_seed=seed,
        input_warping=True,
        num_init_random=3,
        debug_log=False,
        scheduler="fifo",
    )
    lookup = _Lookup(space, seed)
    for number in range(trials):
        asked = searcher.get_config(trial_id=str(number))
        searcher.register_pending(str(number), asked)
        loss = lookup.result([asked[name] for name in names])
        searcher.on_trial_result(str(number), asked, {"loss": loss}, update=True)
    return np.array(lookup.rows)


def _optuna(space: Space, trials: int, seed: int) -> Indices:
    """Its Gaussian process, told that results are noisy; it sees the same points."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.GPSampler(seed=seed, n_startup_trials=3, deterministic_objective=False)
    study = optuna.create_study(sampler=sampler)
    lookup = _Lookup(space, seed)
    for _ in range(trials):
        trial = study.ask()
        study.tell(trial, lookup.result([trial.suggest_float(f"x{at}", 0, 1) for at in range(len(space.ranges))]))
    return np.array(lookup.rows)


SEARCHES: dict[str, Search] = {"own": _own, "random": _random, "syne-tune": _syne_tune, "optuna": _optuna}


def main() -> None:
    """Print the regret of the best configuration that each run has tried: its median, and half of the runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("search", choices=SEARCHES)
    parser.add_argument("--runs", type=int, default=16)
    parser.add_argument("--trials", type=int, default=30)
    given = parser.parse_args()
    for task in (each for each in TASKS if each.name in COMPARED):
        space, began = Space(load(task)), time.time()
        found = [SEARCHES[given.search](space, given.trials, seed) for seed in range(given.runs)]
        best = [float(space.regret(space.table.quality[rows, -1]).min()) for rows in found]
        low, middle, high = np.quantile(best, [0.25, 0.5, 0.75])
        seconds = (time.time() - began) / given.runs
        print(f"{task.name}: {middle:.3f} ({low:.3f} to {high:.3f}), {seconds:.1f} s a run", flush=True)


if __name__ == "__main__":
    main()
