"""What cannot be told, where the text tells all that it can be: each possibility is a job of its own.

Values that the text leaves open together, as those of two parameters, are combined independently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from math import prod
from typing import TypeAlias

from msgspec.structs import replace

from hpolint.model.flattening import flattened, rebuilt
from hpolint.model.job import TuningJob
from hpolint.model.node import MAX_CHOICES, Node, Scalar, Struct, Unknown

ChosenValues: TypeAlias = Mapping[Unknown, Scalar | None]


def possible_jobs(job: TuningJob, causes: Iterable[Unknown]) -> list[TuningJob]:
    """The jobs that one can be, as far as some of its unknown values go; empty where they are not told or too many."""
    open_ = [cause for cause in dict.fromkeys(causes) if cause.choices]
    if not open_ or prod(len(cause.choices) for cause in open_) > MAX_CHOICES:
        return []
    flat = flattened(job.request)
    ways = [dict(zip(open_, values, strict=True)) for values in product(*(cause.choices for cause in open_))]
    requests = [rebuilt(flat, lambda node, way=way: _chosen(node, way)) for way in ways]  # type: ignore[misc]
    return [job.with_request(request) for request in requests if isinstance(request, Struct)]


def _chosen(node: Scalar | Unknown, way: ChosenValues) -> Node | None:
    """A value in one of the ways; it stands where the unknown one does."""
    if not isinstance(node, Unknown) or node not in way:
        return node
    value = way[node]
    return None if value is None else replace(value, span=node.span)
