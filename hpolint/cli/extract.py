"""The output of ``hpolint extract``: each job's request as the readers understood it."""

from __future__ import annotations

import math
from typing import Any

from hpolint.engine.evaluation_context import defaulted_paths
from hpolint.model.job import TuningJob
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, path_text, plain, walk
from hpolint.report.records import launch_summaries
from hpolint.reporters.json import launches_json

VERSION = 1


def extracted(jobs: list[TuningJob]) -> dict[str, Any]:
    """The document that ``hpolint extract --output json`` prints."""
    return {"version": VERSION, "jobs": [_job(job) for job in jobs]}


def _job(job: TuningJob) -> dict[str, Any]:
    unknown = [*_unknowns(job.request, ()), *_infinite(job.request)]
    return {
        "path": job.source.name,
        "form": job.form,
        "cell": job.cell,
        "line": job.request.anchor.line,
        "column": job.request.anchor.column,
        "name": job.name,
        "carrier": job.carrier,
        "request": _finite(plain(job.request)),
        "unknown": [{"path": path, "reason": why.reason, "line": why.span.line} for path, why in unknown],
        "defaults": defaulted_paths(job.request),
        **_launches(job),
    }


def _launches(job: TuningJob) -> dict[str, Any]:
    """The launches of a job that has several, with the values in which they differ."""
    if job.launches is None:
        return {}
    listed = launches_json(launch_summaries(job.launches.each, job.source.name))
    for entry, launch in zip(listed["launches"], job.launches.each, strict=True):
        values = zip(job.launches.paths, launch.values, strict=True)
        entry["values"] = {
            path_text(path): _finite(plain(value)) if value is not None else None for path, value in values
        }
    return listed


def _finite(value: Any) -> Any:
    """The value with null for each number that JSON cannot express: YAML's .inf and .nan, and 1e999."""
    if isinstance(value, dict):
        return {name: _finite(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _infinite(request: Node) -> list[tuple[str, Unknown]]:
    return [
        (path_text(path), Unknown("is not a finite number", node.span))
        for path, node in walk(request)
        if isinstance(node, Scalar) and isinstance(node.value, float) and not math.isfinite(node.value)
    ]


def _unknowns(node: Node, path: Path) -> list[tuple[str, Unknown]]:
    """Each unknown value with its path; an open tail is ``X[]``, open keys are ``X{}``."""
    if isinstance(node, Unknown):
        return [(path_text(path), node)]
    found: list[tuple[str, Unknown]] = []
    if isinstance(node, Struct):
        for name, member in node.members.items():
            found += _unknowns(member, (*path, name))
    elif isinstance(node, Array):
        for index, item in enumerate(node.items):
            found += _unknowns(item, (*path, index))
    if isinstance(node, Struct | Array) and node.open is not None:
        found.append((path_text(path) + ("{}" if isinstance(node, Struct) else "[]"), node.open))
    return found
