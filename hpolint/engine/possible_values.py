"""Jobs with unknown values filled in: each combination of their possible values, or the defaults of parameters.

The choices of several unknown values, such as two parameters, are combined independently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from math import prod
from typing import TypeAlias

from msgspec.structs import replace

from hpolint.model.flattening import flattened, rebuilt
from hpolint.model.job import TuningJob
from hpolint.model.node import MAX_CHOICES, Node, Scalar, Struct, Unknown, walk
from hpolint.model.reasons import Kind

ChosenValues: TypeAlias = Mapping[Unknown, Scalar | None]


def possible_jobs(job: TuningJob, causes: Iterable[Unknown]) -> list[TuningJob]:
    """The possible jobs for the choices of the unknown values; empty if no choices are known, or if too many."""
    open_ = [cause for cause in dict.fromkeys(causes) if cause.choices]
    if not open_ or prod(len(cause.choices) for cause in open_) > MAX_CHOICES:
        return []
    flat = flattened(job.request)
    choices = [dict(zip(open_, values, strict=True)) for values in product(*(cause.choices for cause in open_))]
    requests = [rebuilt(flat, lambda node, choice=choice: _with_choice(node, choice)) for choice in choices]  # type: ignore[misc]
    return [replace(job, request=request) for request in requests if isinstance(request, Struct)]


def job_by_default(job: TuningJob) -> TuningJob | None:
    """The job in which each unknown value with a default has it; None if there is no such value."""
    found = [node for _, node in walk(job.request) if isinstance(node, Unknown) and node.default]
    return job_with_defaults(job, found) if found else None


def job_with_defaults(job: TuningJob, causes: Iterable[Unknown]) -> TuningJob | None:
    """The job in which some unknown values have their defaults."""
    defaults = {cause: cause.default for cause in causes}
    request = rebuilt(flattened(job.request), lambda node: _with_choice(node, defaults))
    return replace(job, request=request) if isinstance(request, Struct) else None


def _with_choice(node: Scalar | Unknown, choice: ChosenValues) -> Node | None:
    """The chosen value, with its own place if the source's code chooses it, else with that of the unknown value."""
    if not isinstance(node, Unknown) or node not in choice:
        return node
    value = choice[node]
    if value is None or node.kind is Kind.CHOSEN_BY_SOURCE:
        return value
    return replace(value, span=node.span)
