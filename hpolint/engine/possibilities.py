"""The possible jobs for one job with unknown values: with each choice, with defaults, with the values of launches."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import msgspec

from hpolint.engine.evaluation_context import EvaluationContext
from hpolint.engine.launch_groups import differing_paths, launch_groups
from hpolint.engine.possible_values import job_by_default, job_with_defaults, possible_jobs
from hpolint.model.job import TuningJob
from hpolint.model.launch import Launch
from hpolint.model.node import Path, Unknown


class JudgedGroup(msgspec.Struct, frozen=True):
    """Launches with the same values, the job with these values, and what a rule is judged on."""

    launches: tuple[Launch, ...]
    job: TuningJob
    context: EvaluationContext
    possibilities: Possibilities


class Possibilities:
    """The possible jobs for one job with unknown values, created on demand."""

    def __init__(self, job: TuningJob, context_of: Callable[[TuningJob], EvaluationContext]) -> None:
        self._job = job
        self._context_of = context_of
        self._found: dict[tuple[Unknown, ...], list[EvaluationContext]] = {}
        self._groups: dict[tuple[Path, ...], list[JudgedGroup]] = {}
        self._with_defaults: dict[frozenset[Unknown], list[EvaluationContext]] = {}

    @cached_property
    def by_default(self) -> EvaluationContext | None:
        """The evaluation context of the job with the default of each parameter; None if no default is known."""
        found = job_by_default(self._job)
        return self._context_of(found) if found is not None else None

    def with_defaults(self, causes: list[Unknown]) -> list[EvaluationContext]:
        """The evaluation context of the job in which some unknown values have their defaults."""
        key = frozenset(causes)
        if key not in self._with_defaults:
            job = job_with_defaults(self._job, causes)
            self._with_defaults[key] = [self._context_of(job)] if job is not None else []
        return self._with_defaults[key]

    def launch_groups(self, causes: tuple[Unknown, ...]) -> list[JudgedGroup]:
        """The job's launches by their values in place of unknown ones; none if the launches do not differ in these.

        Raises TooManyGroupsError.
        """
        paths = differing_paths(self._job, causes)
        if paths not in self._groups:
            groups = []
            for group in launch_groups(self._job, paths):
                possibilities = Possibilities(group.job, self._context_of)
                groups.append(JudgedGroup(group.launches, group.job, self._context_of(group.job), possibilities))
            self._groups[paths] = groups
        return self._groups[paths]

    def contexts(self, causes: tuple[Unknown, ...]) -> list[EvaluationContext]:
        """An evaluation context for each combination of choices of the unknown values; empty if there are too many."""
        if causes not in self._found:
            self._found[causes] = [self._context_of(each) for each in possible_jobs(self._job, causes)]
        return self._found[causes]
