"""What an experiment is: cases, each a task under a condition, and the two arms that are compared on it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from evidence.tasks import LEFT_OUT, TASKS, Task

TARGET = 0.1
"""The regret up to which a configuration counts as good."""

Condition = dict[str, Any]
"""What is varied, for example ``{"trials": 20, "at_once": 4}``."""


class Case(NamedTuple):
    """A task under a condition. ``given`` is what else the arms need."""

    task: Task
    condition: Condition
    given: dict[str, Any]


Arms = dict[str, tuple[float, float]]
"""For each measure its value without and with the advice."""

Draw = Callable[[], np.random.Generator]
"""A new generator at each call, always with the same seed: arms draw alike as long as they ask alike."""


class Experiment(NamedTuple):
    """An experiment: its cases, and one repetition of both arms of a case.

    A repetition gives arms under one or several conditions, each added to that of its case: what they have in common,
    such as the search that all are compared with, is run once. All that have the same condition are one line of the
    results, unless the experiment groups them otherwise.

    ``measures`` names what is counted: of a ``ratio`` the effect is the quotient without / with, of a ``difference``
    with − without, and of a ``share`` the value with the advice alone counts. ``full`` and ``quick`` are repetitions.
    """

    name: str
    rules: tuple[str, ...]
    cases: Callable[[], Iterator[Case]]
    repeat: Callable[[Case, Draw], Iterator[tuple[Condition, Arms]]]
    measures: dict[str, str]
    full: int
    quick: int
    groups: tuple[tuple[str, ...], ...] = ()
    """Which parts of the condition make a line of the results; all of them together by default."""


def draw_of(name: str, case: Case, repetition: int) -> Draw:
    """The random numbers of a repetition of a case."""
    key = f"{name} {case.task.name} {sorted(case.condition.items())} {sorted(case.given.items())} {repetition}"
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    return lambda: np.random.default_rng(seed)


def tasks(*families: str) -> list[Task]:
    """The tasks of some families, or of all, but for those that were left out."""
    return [task for task in TASKS if task.name not in LEFT_OUT and (not families or task.family in families)]
