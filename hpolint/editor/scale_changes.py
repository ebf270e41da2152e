"""Another scale for a range, chosen in its picture and written like a fix."""

from __future__ import annotations

from hpolint.editor.documents import Document
from hpolint.editor.hovers import own_jobs, parameters_of
from hpolint.editor.positions import Location, Places
from hpolint.engine.evaluation_context import EvaluationContext
from hpolint.model.finding import Finding
from hpolint.model.fix import Fix
from hpolint.model.job import TuningJob
from hpolint.model.node import Path, Struct, follow
from hpolint.registry import builtin_rules
from hpolint.report.outcome import Outcome

RULE = "scale/linear-learning-rate"
"""The rule in whose name the change is planned: plans belong to findings, and this one's sets the same member."""


def scale_finding(
    outcome: Outcome, location: Location, scale: str, document: Document, places: Places
) -> Finding | None:
    """A finding whose fix writes a scale for the range at a location; None if there is no range."""
    source = outcome.source
    for job in own_jobs(outcome):
        for subject in parameters_of(EvaluationContext(job)):
            node = follow(job.request, subject.root)
            if source is None or not isinstance(node, Struct):
                continue
            if places.location(source, node.anchor, document) == location:
                return _finding(job, subject.root, node, scale)
    return None


def _finding(job: TuningJob, root: Path, node: Struct, scale: str) -> Finding:
    rule = next(rule for rule in builtin_rules() if rule.id == RULE)
    fix = Fix("unsafe", set={(*root, "ScalingType"): scale})
    return Finding(rule, "note", job.source.name, node.anchor, (), path=root, job=job, fix=fix, root=root)
