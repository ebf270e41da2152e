"""The places of a finding: of its value, of related values, in imported modules and in the training script."""

from __future__ import annotations

from collections.abc import Iterator

from hpolint.engine.evaluation_context import Subject
from hpolint.model.finding import Cost, Related
from hpolint.model.job import TuningJob
from hpolint.model.node import Path, Struct, follow, parse_path, place, text_of
from hpolint.model.rule import Rule
from hpolint.model.source import Span


def cost_of(subject: Subject) -> Cost:
    """The instance-hours from written values only, or otherwise with defaults, and the instance type."""
    compute, budget = (subject.values.get(name) or {} for name in ("compute", "budget"))
    hours = next((each for each in (compute.get("written_hours"), budget.get("instance_hours")) if each), None)
    return Cost(hours, compute.get("instance_type"))


def place_of_finding(request: Struct, root: Path, at: list[str]) -> tuple[Path, Span]:
    """The first of the rule's paths that is written, and its span; otherwise the nearest written parent's anchor."""
    paths: list[Path] = [(*root, *parse_path(text)) for text in at] or [root]
    for path in paths:
        span, written = place(request, path)
        if written:
            return path, span
    return paths[0], place(request, paths[0])[0]


def related_places(job: TuningJob, root: Path, related: list[str]) -> Iterator[Related]:
    """The places of the values that a rule names as related, below the path of its subject."""
    for text in related:
        path = (*root, *parse_path(text))
        span, written = place(job.request, path)
        if written:
            yield Related(span, job.spelling.at(path).name(text.rpartition(".")[2]))


def imported_places(job: TuningJob, path: Path) -> Iterator[Related]:
    """The place of a value in the module that writes it."""
    site = job.imported_site(path)
    if site is not None:
        name = job.spelling.at(path).name(next((step for step in reversed(path) if isinstance(step, str)), ""))
        item = follow(job.request, path) if path[-1:] == ("Name",) else None
        yield Related(site.span, text_of(item) or name, site.source, is_shown=True)


def script_places(job: TuningJob, subject: Subject, rule: Rule) -> Iterator[Related]:
    """The places in the training script that a rule shows."""
    for site, name in subject.sites(rule.beside) if rule.beside is not None else ():
        yield Related(site.span, name, site.source if site.source != job.source.name else None, is_shown=True)
