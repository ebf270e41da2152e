"""Runs experiments, and turns their repetitions into effects with intervals."""

from __future__ import annotations

import importlib.metadata
import json
import pkgutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evidence import experiments
from evidence.experiment import Case, Condition, Experiment, draw_of
from evidence.tables import load
from evidence.tasks import FIRST_TASKS, SPACES, TASKS

Array = NDArray[np.float64]
RESULTS = Path(__file__).parent / "results"
LEAST_TASKS = 4
"""Tasks below which a condition has no line in the results."""

FIRST = {task.name for task in FIRST_TASKS}
PACKAGES = ("numpy", "scipy")


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


def run(
    experiment: Experiment,
    repetitions: int,
    *,
    progress: Callable[[str], None],
    jobs: int = 2,
    level: float = 0.95,
) -> dict[str, Any]:
    """The results of an experiment with so many repetitions of each case."""
    began = time.time()
    cases = list(experiment.cases())
    work = [(experiment.name, number, repetitions) for number in range(len(cases))]
    found: list[Found] = []
    with ProcessPoolExecutor(jobs) as pool:
        for number, each in enumerate(pool.map(_repeated, work), 1):
            found += each
            if number % max(len(cases) // 10, 1) == 0:
                progress(f"{experiment.name}: {number} of {len(cases)} cases, {time.time() - began:.0f} s")
    return {
        "experiment": experiment.name,
        "rules": list(experiment.rules),
        "repetitions": repetitions,
        "seconds": round(time.time() - began),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "tables": {task.name: load(task).digest for task in TASKS if any(case.task == task for case in cases)},
        "conditions": list(_conditions(experiment, found, level)),
    }


class Found(NamedTuple):
    """What the repetitions of a case found under a condition.

    For each measure an array (repetitions, 2) of the values without and with the advice.
    """

    task: str
    condition: Condition
    values: dict[str, Array]


def _repeated(work: tuple[str, int, int]) -> list[Found]:
    name, number, repetitions = work
    experiment = all_experiments()[name]
    case = _cases(name)[number]
    arms = [list(experiment.repeat(case, draw_of(name, case, each))) for each in range(repetitions)]
    found = []
    for same in zip(*arms, strict=True):
        values = {measure: np.array([each[measure] for _, each in same]) for measure in experiment.measures}
        found.append(Found(case.task.name, case.condition | same[0][0], values))
    return found


@cache
def _cases(name: str) -> list[Case]:
    return list(all_experiments()[name].cases())


def _conditions(experiment: Experiment, found: list[Found], level: float) -> Iterator[dict[str, Any]]:
    """One line for each condition of each group, with the effect over its cases and of each task."""
    for group in experiment.groups or (tuple(found[0].condition),):
        lines: dict[str, list[Found]] = {}
        for each in found:
            lines.setdefault(json.dumps({name: each.condition[name] for name in group}), []).append(each)
        for key, own in sorted(lines.items(), key=lambda item: _order(json.loads(item[0]))):
            if len({each.task for each in own}) < LEAST_TASKS:
                continue
            measures = {
                measure: summary([(each.task, each.values[measure]) for each in own], kind, level)
                for measure, kind in experiment.measures.items()
            }
            yield {"condition": json.loads(key), "cases": len(own), "measures": measures}


def _order(condition: dict[str, Any]) -> list[tuple[bool, float, str]]:
    """Numbers in their order; names in theirs, which begin with "below" where there is a least one."""
    return [
        (isinstance(value, str), 0.0 if isinstance(value, str) else float(value), str(value).replace("below", ""))
        for value in condition.values()
    ]


def _effect(values: Array, kind: str) -> float:
    """The effect of an array (repetitions, 2)."""
    without, with_advice = values.mean(0)
    if kind == "ratio":
        return float(without / with_advice)
    return float(with_advice - without) if kind == "difference" else float(with_advice)


def _joined(effects: Array, kind: str) -> Any:
    """The mean of effects over their last axis: geometric for ratios."""
    return np.exp(np.log(effects).mean(-1)) if kind == "ratio" else effects.mean(-1)


def differences(experiment: Experiment, jobs: int = 2) -> Iterator[str]:
    """The effects of the kept results that lie outside of the 99.9 % intervals of a quick sample, each in a line."""
    kept = {json.dumps(each["condition"]): each["measures"] for each in read(experiment)["conditions"]}
    sample = run(experiment, experiment.quick, progress=lambda _: None, jobs=jobs, level=0.999)
    for each in sample["conditions"]:
        for name, measure in each["measures"].items():
            low, high = measure["interval"]
            known = kept[json.dumps(each["condition"])][name]
            effect = known["effect"]
            if (
                low == high
            ):  # all tasks of the sample agree, as where nothing was stopped: the kept tasks give the interval
                effect, (low, high) = low, _interval(known["tasks"], known["kind"], 0.999)
            if not low <= effect <= high:
                yield f"{experiment.name}: {each['condition']}: {name} is {effect}, not within {low} to {high}"


def summary(values: list[tuple[str, Array]], kind: str, level: float = 0.95) -> dict[str, Any]:
    """The effect over all tasks, its interval, and the effect of each task, which is the mean over its cases."""
    by_task: dict[str, list[Array]] = {}
    for task, each in values:
        by_task.setdefault(task, []).append(each)
    effects = {
        task: float(_joined(np.array([_effect(each, kind) for each in own]), kind)) for task, own in by_task.items()
    }
    low, high = _interval(effects, kind, level)
    families = {str(name): {task for task in effects if task.endswith(name)} for name in SPACES}
    chosen: dict[str, set[str]] = {"first": FIRST, "later": effects.keys() - FIRST, **families}
    parts = {
        name: _part({task: each for task, each in effects.items() if task in names}, kind, level)
        for name, names in chosen.items()
    }
    return {
        "kind": kind,
        "effect": round(float(_joined(np.array(list(effects.values())), kind)), 3),
        "interval": [round(low, 3), round(high, 3)],
        **{name: part for name, part in parts.items() if part is not None},
        "tasks": {task: round(effect, 3) for task, effect in effects.items()},
        "without": round(float(np.mean([each[:, 0].mean() for own in by_task.values() for each in own])), 3),
        "with": round(float(np.mean([each[:, 1].mean() for own in by_task.values() for each in own])), 3),
    }


def _part(effects: dict[str, float], kind: str, level: float) -> list[float] | None:
    """The effect over some tasks, and its interval; None of too few."""
    if len(effects) < LEAST_TASKS:
        return None
    values = np.array(list(effects.values()))
    return [round(each, 3) for each in (float(_joined(values, kind)), *_interval(effects, kind, level))]


def _interval(effects: dict[str, float], kind: str, level: float) -> tuple[float, float]:
    """The interval for the mean over tasks, of the logarithms of ratios; tasks of one data set are not independent.

    Student's, with an error that is robust to clusters and a degree of freedom less than there are data sets. What
    tasks differ by contains what repetitions differ by.
    """
    from scipy.stats import t

    values = np.array(list(effects.values()))
    values = np.log(values) if kind == "ratio" else values
    sums: dict[str, float] = {}
    for task, value in zip(effects, values, strict=True):
        data = task.partition("-")[0]
        sums[data] = sums.get(data, 0.0) + float(value - values.mean())
    count = len(sums)
    error = np.sqrt(sum(each**2 for each in sums.values()) * count / (count - 1)) / len(values)
    half = t.ppf((1 + level) / 2, count - 1) * error
    low, high = values.mean() - half, values.mean() + half
    return (float(np.exp(low)), float(np.exp(high))) if kind == "ratio" else (float(low), float(high))


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
