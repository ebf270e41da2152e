"""The Bayesian search of the experiments against that of another library, on the same tables.

    python -m evidence.compare syne-tune | own [--runs N] [--trials N]

Run it once for each in an environment that has the library: ``pip install 'syne-tune[gpsearchers]==0.14.2'``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from evidence.searches import Space, bayesian_search, random_search
from evidence.tables import load
from evidence.tasks import TASKS

COMPARED = ("digits-network", "affairs-linear", "health-trees")
Search = Callable[[Space, int, int], list[int]]


def _own(space: Space, trials: int, seed: int) -> list[int]:
    return [int(row) for row in bayesian_search(space, trials, 1, np.random.default_rng(seed)).rows]


def _random(space: Space, trials: int, seed: int) -> list[int]:
    return [int(row) for row in random_search(space, trials, np.random.default_rng(seed)).rows]


def _syne_tune(space: Space, trials: int, seed: int) -> list[int]:
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
    draw, rows = np.random.default_rng(seed), []
    for number in range(trials):
        asked = searcher.get_config(trial_id=str(number))
        point = np.array([[asked[name] for name in names]])
        row = int(space.nearest(point)[0])
        rows.append(row)
        value = float(space.table.curves[row, draw.integers(space.table.curves.shape[1]), -1])
        searcher.register_pending(str(number), asked)
        searcher.on_trial_result(str(number), asked, {"loss": value}, update=True)
    return rows


SEARCHES: dict[str, Search] = {"own": _own, "random": _random, "syne-tune": _syne_tune}


def main() -> None:
    """Print the regret of the best configuration that each run has tried: its median, and half of the runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("search", choices=SEARCHES)
    parser.add_argument("--runs", type=int, default=16)
    parser.add_argument("--trials", type=int, default=30)
    given = parser.parse_args()
    for task in (each for each in TASKS if each.name in COMPARED):
        space, began = Space(load(task)), time.time()
        best = [
            float(space.regret(np.array(SEARCHES[given.search](space, given.trials, seed))).min())
            for seed in range(given.runs)
        ]
        low, middle, high = np.quantile(best, [0.25, 0.5, 0.75])
        seconds = (time.time() - began) / given.runs
        print(f"{task.name}: {middle:.3f} ({low:.3f} to {high:.3f}), {seconds:.1f} s a run", flush=True)


if __name__ == "__main__":
    main()
