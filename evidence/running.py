"""Runs experiments, and turns their repetitions into effects with intervals."""

from __future__ import annotations

import importlib.metadata
import json
import pkgutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence import experiments
from evidence.experiment import Case, Experiment, generators
from evidence.tables import load
from evidence.tasks import TASKS

Array = NDArray[np.float64]
RESULTS = Path(__file__).parent / "results"
SAMPLES = 2000
"""Bootstrap samples of an interval."""

PACKAGES = ("numpy", "scipy", "scikit-learn", "statsmodels", "xgboost-cpu")


@cache
def all_experiments() -> dict[str, Experiment]:
    """Every experiment by name."""
    modules = [
        import_module(f"{experiments.__name__}.{each.name}") for each in pkgutil.iter_modules(experiments.__path__)
    ]
    return {each.name: each for module in modules for each in module.EXPERIMENTS}


def path_of(experiment: Experiment) -> Path:
    """The file of its results."""
    return RESULTS / f"{experiment.name}.json"


def run(experiment: Experiment, repetitions: int, *, progress: Callable[[str], None], jobs: int = 2) -> dict[str, Any]:
    """The results of an experiment with so many repetitions of each case."""
    began = time.time()
    cases = list(experiment.cases())
    work = [(experiment.name, number, repetitions) for number in range(len(cases))]
    found: list[dict[str, Array]] = []
    with ProcessPoolExecutor(jobs) as pool:
        for number, each in enumerate(pool.map(_repeated, work), 1):
            found.append(each)
            if number % max(len(cases) // 10, 1) == 0:
                progress(f"{experiment.name}: {number} of {len(cases)} cases, {time.time() - began:.0f} s")
    return {
        "experiment": experiment.name,
        "rules": list(experiment.rules),
        "repetitions": repetitions,
        "seconds": round(time.time() - began),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "tables": {task.name: load(task).digest for task in TASKS if any(case.task == task for case in cases)},
        "conditions": list(_conditions(experiment, cases, found)),
    }


def _repeated(work: tuple[str, int, int]) -> dict[str, Array]:
    """For each measure an array (repetitions, 2) of the values without and with the advice."""
    name, number, repetitions = work
    experiment = all_experiments()[name]
    case = _cases(name)[number]
    found = [experiment.repeat(case, *generators(name, case, each)) for each in range(repetitions)]
    return {measure: np.array([each[measure] for each in found]) for measure in experiment.measures}


@cache
def _cases(name: str) -> list[Case]:
    return list(all_experiments()[name].cases())


def _conditions(experiment: Experiment, cases: list[Case], found: list[dict[str, Array]]) -> Iterable[dict[str, Any]]:
    """One line for each condition, with the values of each task."""
    groups: dict[str, list[int]] = {}
    for number, case in enumerate(cases):
        groups.setdefault(json.dumps(case.condition, sort_keys=True), []).append(number)
    for key, numbers in groups.items():
        own = [cases[number] for number in numbers]
        measures = {}
        for measure, kind in experiment.measures.items():
            values = [(case.task.name, found[number][measure]) for case, number in zip(own, numbers, strict=True)]
            measures[measure] = summary(values, kind)
        details = [case.given | {"task": case.task.name} for case in own] if any(case.given for case in own) else []
        effects = [_effect(found[number][measure], kind) for number in numbers for measure, kind in _main(experiment)]
        if details:
            details = [each | {"effect": round(effect, 3)} for each, effect in zip(details, effects, strict=True)]
        yield {"condition": json.loads(key), "measures": measures, "cases": details}


def _main(experiment: Experiment) -> list[tuple[str, str]]:
    return list(experiment.measures.items())[:1]


def _effect(values: Array, kind: str) -> float:
    """The effect of an array (repetitions, 2)."""
    without, with_advice = values.mean(0)
    if kind == "ratio":
        return float(without / with_advice)
    return float(with_advice - without) if kind == "difference" else float(with_advice)


def _joined(effects: Array, kind: str) -> Any:
    """The mean of effects over their last axis: geometric for ratios."""
    return np.exp(np.log(effects).mean(-1)) if kind == "ratio" else effects.mean(-1)


def summary(values: list[tuple[str, Array]], kind: str) -> dict[str, Any]:
    """The effect over all tasks, its 95 % interval, and the effect of each task.

    A task may have several cases, such as ranges: they are drawn as one.
    """
    by_task: dict[str, list[Array]] = {}
    for task, each in values:
        by_task.setdefault(task, []).append(each)
    effects = {
        task: float(_joined(np.array([_effect(each, kind) for each in own]), kind)) for task, own in by_task.items()
    }
    draw = np.random.default_rng(0)
    names = list(by_task)
    resampled = {task: _resampled(own, kind, draw) for task, own in by_task.items()}
    chosen = draw.integers(len(names), size=(SAMPLES, len(names)))
    samples = np.stack([resampled[name] for name in names])[chosen, np.arange(SAMPLES)[:, None]]
    low, high = np.quantile(_joined(samples, kind), [0.025, 0.975])
    return {
        "kind": kind,
        "effect": round(float(_joined(np.array(list(effects.values())), kind)), 3),
        "interval": [round(float(low), 3), round(float(high), 3)],
        "tasks": {task: round(effect, 3) for task, effect in effects.items()},
        "without": round(float(np.mean([each[:, 0].mean() for own in by_task.values() for each in own])), 3),
        "with": round(float(np.mean([each[:, 1].mean() for own in by_task.values() for each in own])), 3),
    }


def _resampled(own: list[Array], kind: str, draw: np.random.Generator) -> Array:
    """The effects of a task in bootstrap samples of its cases and of their repetitions."""
    count = len(own[0])
    means = np.stack(
        [each[draw.integers(count, size=(SAMPLES, count))].mean(1) for each in own]
    )  # cases, samples, arms
    if kind == "ratio":
        effects = means[:, :, 0] / means[:, :, 1]
    else:
        effects = means[:, :, 1] - means[:, :, 0] if kind == "difference" else means[:, :, 1]
    cases = draw.integers(len(own), size=(SAMPLES, len(own)))
    return np.asarray(_joined(effects.T[np.arange(SAMPLES)[:, None], cases], kind))


def save(results: dict[str, Any]) -> Path:
    """Write the results of an experiment."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{results['experiment']}.json"
    path.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    return path


def read(experiment: Experiment) -> dict[str, Any]:
    """The committed results of an experiment. Raises FileNotFoundError."""
    found: dict[str, Any] = json.loads(path_of(experiment).read_text("utf-8"))
    return found
