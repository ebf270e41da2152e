"""What an editor shows of a job, a range or a hyperparameter under the pointer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hpolint.cost.job_size import counted, size_text, worst_case_text
from hpolint.cost.prices import Prices
from hpolint.editor.open_values import open_value_lists
from hpolint.engine.evaluation_context import EvaluationContext, Subject
from hpolint.model.job import TuningJob
from hpolint.model.node import Node, Scalar, Struct, follow, walk
from hpolint.model.source import Span
from hpolint.report.outcome import Outcome

LOGARITHMIC_FROM = {"continuous": 100.0}
LINEAR_BELOW = {"continuous": 10.0, "integer": 50.0}
"""Factors between the bounds from and below which ``Auto`` draws its first trials so: docs/evidence.md."""

ADDED = "sagemaker_"
"""The beginning of the names of hyperparameters that the SDK adds."""

MAX_DECADES = 12
"""Powers of ten that are drawn."""


Draw = Callable[[str, float, float, str | None], str]
"""Draws, as Markdown, the trials in a range: its name, bounds and drawn scale; empty if there is nothing to see."""


def text_chart(_name: str, low: float, high: float, scale: str | None) -> str:
    """The share of the trials in each power of ten of a range, as text."""
    chart = _chart(low, high, is_logarithmic=scale == "Logarithmic") if scale is not None else ""
    return f"```text\n{chart}\n```" if chart else ""


def hover_text(outcome: Outcome, span: Span, prices: Prices | None, draw: Draw = text_chart) -> tuple[str, Span] | None:
    """The Markdown for a place of the outcome's source, and the place that it is about; None if there is nothing."""
    found = subject_at(outcome, span)
    if found is not None:
        _, subject, place = found
        return "\n\n".join(_range_lines(subject, draw)), place
    for job in own_jobs(outcome):
        for place in (job.request.anchor, *job.calls):
            if touches(place, span):
                return "\n\n".join(_job_lines(job, outcome, prices)), place
    return None


def subject_at(outcome: Outcome, span: Span) -> tuple[TuningJob, Subject, Span] | None:
    """The range or hyperparameter at a place, with its job and its own place."""
    for job in own_jobs(outcome):
        for subject in parameters_of(EvaluationContext(job)):
            place = _place_at(job, subject, span)
            if place is not None:
                return job, subject, place
    return None


def own_jobs(outcome: Outcome) -> list[TuningJob]:
    """The jobs that are written in the outcome's own source."""
    source = outcome.source
    return [job for job in outcome.jobs if source is not None and job.source.name == source.name]


def parameters_of(context: EvaluationContext) -> Iterator[Subject]:
    """The ranges, then the static hyperparameters."""
    yield from context.subjects("parameter")
    for subject in context.subjects("hyperparameter"):
        facts = subject.values["hyperparameter"]
        if not facts.get("tuned") and not str(facts.get("Name")).startswith(ADDED):
            yield subject


def _place_at(job: TuningJob, subject: Subject, span: Span) -> Span | None:
    """The place of a subject's name or value that a span touches."""
    node: Node | None = follow(job.request, subject.root)
    if isinstance(node, Struct):
        places = [node.anchor, *(below.span for _, below in walk(node) if not isinstance(below, Struct))]
    else:
        above = follow(job.request, subject.root[:-1])
        key = above.keys.get(str(subject.root[-1])) if isinstance(above, Struct) and subject.root else None
        places = [*([node.span] if node is not None else []), *([key] if key is not None else [])]
    return next((place for place in places if _is_small(place) and touches(place, span)), None)


def name_place(job: TuningJob, subject: Subject) -> Span | None:
    """The place of a subject's name."""
    name = follow(job.request, (*subject.root, "Name"))
    if isinstance(name, Scalar):
        return name.span
    above = follow(job.request, subject.root[:-1])
    return above.keys.get(str(subject.root[-1])) if isinstance(above, Struct) and subject.root else None


def _is_small(place: Span) -> bool:
    return place.line == place.end_line


def touches(place: Span, span: Span) -> bool:
    """Whether a place contains the start of a span, or ends there."""
    start, end = (place.line, place.column), (place.end_line, place.end_column)
    return start <= (span.line, span.column) <= end


def _job_lines(job: TuningJob, outcome: Outcome, prices: Prices | None) -> Iterator[str]:
    """What a job costs at worst, how it searches, and the unknown values that rules would need."""
    yield f"**Tuning job** {job.label or ''}".rstrip()
    worst = worst_case_text(job, prices)
    if worst:
        yield worst[0].upper() + worst[1:]
    budget = EvaluationContext(job).subjects("job")[0].values.get("budget", {})
    trials, at_once, rounds = (budget.get(name) for name in ("trials", "at_once", "rounds"))
    size = size_text(trials, at_once, rounds)
    if size:
        yield size
    yield from open_value_lists(job, outcome)


def _number(value: float) -> str:
    return f"{value:.4g}"


def drawn_scale(scale: object, kind: str, low: float, high: float) -> str | None:
    """The scale on which the share of each power of ten is drawn; None if it is not known or has no powers of ten."""
    if scale in ("Linear", "Logarithmic"):
        return str(scale)
    if scale != "Auto":
        return None
    if low > 0 and high >= LOGARITHMIC_FROM.get(kind, math.inf) * low:
        return "Logarithmic"
    return "Linear" if low <= 0 or high < LINEAR_BELOW.get(kind, 0) * low else None


def _range_lines(subject: Subject, draw: Draw) -> Iterator[str]:
    """What is known of a range or hyperparameter; the picture, which is long, comes last."""
    parameter = subject.values.get("parameter") or {}
    range_ = subject.values.get("range") or {}
    name = parameter.get("Name") or (subject.values.get("hyperparameter") or {}).get("Name")
    role = subject.values.get("role")
    yield f"**{name}**" + (f" · {role.replace('_', ' ')}" if isinstance(role, str) else "")
    if range_.get("values") is not None:
        yield counted(range_["values"], "value")
    drawn = list(_drawn(str(name), range_, draw))
    yield from drawn[:1]
    least, most = range_.get("recommended_min"), range_.get("recommended_max")
    if least is not None and most is not None:
        yield f"The algorithm's documentation recommends {_number(least)} to {_number(most)}"
    yield from _taken_by(subject.values.get("argument") or {})
    yield from drawn[1:]


def _taken_by(argument: Mapping[str, Any]) -> Iterator[str]:
    """Which option of the script takes a hyperparameter."""
    option, script = argument.get("option"), argument.get("script")
    if option is not None and script is not None:
        yield f"Option `{option}` of `{script}`"
    elif argument.get("accepted") is False and script is not None:
        yield f"`{script}` does not take it"


def _drawn(name: str, range_: Mapping[str, Any], draw: Draw) -> Iterator[str]:
    """The bounds and scale of a range, and how its trials fall on them."""
    low, high, scale = (range_.get(key) for key in ("min", "max", "scale"))
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return
    is_known = "scale" in range_  # an unknown value has no binding, an absent one is None
    yield f"{_number(low)} to {_number(high)}, {(scale or 'no') if is_known else 'unknown'} scale"
    drawn = drawn_scale(scale, str(range_.get("kind")), low, high)
    chart = draw(name, low, high, drawn)
    if not chart:
        return
    if drawn is not None and drawn != scale:
        yield f"`Auto` draws the first trials of such a range on a {str(drawn).lower()} scale"
    yield chart


def _chart(low: float, high: float, *, is_logarithmic: bool) -> str:
    """The share of the trials in each power of ten of a range, for a search that draws uniformly on its scale."""
    if low <= 0 or high <= low or math.log10(high / low) < 1:
        return ""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    if last - first > MAX_DECADES:
        return ""
    lines = []
    for power in range(first, last):
        start, end = max(low, 10.0**power), min(high, 10.0 ** (power + 1))
        if end <= start:
            continue
        share = math.log(end / start) / math.log(high / low) if is_logarithmic else (end - start) / (high - low)
        bar = "█" * round(share * 20) or "▁"
        lines.append(f"{_number(start):>8} … {_number(end):<8} {bar} {share:.0%} of the trials")
    return "\n".join(lines)
