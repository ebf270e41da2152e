"""What an experiment is: cases, each a task under a condition, and the two arms that are compared on it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from evidence.tasks import TASKS, Task

TARGET = 0.1
"""The regret up to which a configuration counts as good."""


class Case(NamedTuple):
    """A task under a condition.

    ``condition`` is what is varied, for example ``{"trials": 20, "at_once": 4}``; cases with the same condition are one
    line of the results, unless the experiment groups them otherwise. ``given`` is what else the arms need.
    """

    task: Task
    condition: dict[str, Any]
    given: dict[str, Any]


Arms = dict[str, tuple[float, float]]
"""For each measure its value without and with the advice."""


class Experiment(NamedTuple):
    """An experiment: its cases, and one repetition of both arms of a case.

    ``measures`` names what is counted: of a ``ratio`` the effect is the quotient without / with, of a ``difference``
    with − without, and of a ``share`` the value with the advice alone counts. ``full`` and ``quick`` are repetitions.
    """

    name: str
    rules: tuple[str, ...]
    cases: Callable[[], Iterator[Case]]
    repeat: Callable[[Case, np.random.Generator, np.random.Generator], Arms]
    measures: dict[str, str]
    full: int
    quick: int
    groups: tuple[tuple[str, ...], ...] = ()
    """Which parts of the condition make a line of the results; all of them together by default."""


def generators(name: str, case: Case, repetition: int) -> tuple[np.random.Generator, np.random.Generator]:
    """Two generators with the same seed: the arms of a repetition draw alike as long as they ask alike."""
    key = f"{name} {case.task.name} {sorted(case.condition.items())} {sorted(case.given.items())} {repetition}"
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    return np.random.default_rng(seed), np.random.default_rng(seed)


def tasks(*families: str) -> list[Task]:
    """The tasks of some families; of all without any."""
    return [task for task in TASKS if not families or task.family in families]
