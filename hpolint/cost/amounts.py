"""Amounts, durations and reasons as text for people."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from hpolint.cost.costing import JobCost
from hpolint.cost.estimate import Estimate
from hpolint.cost.likely import Likely, Spread
from hpolint.facts.compute import DEFAULT_RUNTIME
from hpolint.facts.machines import Fleet
from hpolint.facts.worst_case_cost import HOUR, Figure
from hpolint.model.message_text import line_of, reason_text, shown_value, subject_text
from hpolint.model.node import Unknown

UNKNOWN, NO_LIMIT = "unknown", "no limit"


def number(number: float | Decimal) -> str:
    """A number with at most two decimals, fewer for large numbers: ``1,234``, ``12.5``, ``0.25``."""
    value = float(number)
    digits = 2
    if abs(value) >= 1000:
        digits = 0
    elif abs(value) >= 10:
        digits = 1
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text


def amount(figure: Figure | None, *, money: bool = False) -> str:
    """A figure: ``480``, ``≥ 12``, ``≤ 40``, ``unknown`` or ``no limit``; empty for None."""
    if figure is None:
        return ""
    if figure.amount is None:
        return NO_LIMIT if figure.unbounded else UNKNOWN
    text = f"{figure.amount:,.2f}" if money else number(figure.amount)
    return text if figure.sign == "=" else f"{figure.sign} {text}"


def count(value: int | Unknown | None) -> str:
    """A number of trials or rounds as text."""
    if value is None:
        return NO_LIMIT
    return UNKNOWN if isinstance(value, Unknown) else f"{value:,}"


def duration(seconds: float) -> str:
    """A duration: ``45 s``, ``20 min``, ``1 h 30 min``, ``24 h``, ``12 days``."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours >= 72:
        return f"{number(minutes / 1440)} days"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def machines(cost: JobCost) -> str:
    """The instances of a trial: ``2 × ml.p3.2xlarge``; at most two of several possible fleets."""
    fleets: list[Fleet] = []
    estimates = [part.estimate for part in cost.worst.launches] or [cost.now]
    for estimate in estimates:
        for use in estimate.uses:
            fleets += use.fleets
    names = list(dict.fromkeys(_fleet(fleet) for fleet in fleets))
    if not names:
        return "instances: unknown"
    more = f" or {len(names) - 2} more" if len(names) > 2 else ""
    return " or ".join(names[:2]) + more


def _fleet(fleet: Fleet) -> str:
    parts = []
    for machines in fleet:
        count = machines.count if isinstance(machines.count, int) else "?"
        name = machines.type if isinstance(machines.type, str) else "an unknown type"
        parts.append(f"{count} × {name}")
    return " + ".join(parts)


def cap(cost: JobCost) -> str:
    """The longest run time of a trial, and whether it is a default."""
    caps = {use.bounds.cap for use in cost.now.uses}
    known = [seconds for seconds in caps if isinstance(seconds, int)]
    if not known or len(known) < len(caps):
        return "unknown run-time cap"
    if len(known) > 1:
        return "different run-time caps"
    longest = f"at most {duration(known[0])} per trial"
    if cost.now.is_written:
        return longest
    return f"{longest} ({'service' if known[0] == DEFAULT_RUNTIME else 'SDK'} default)"


def limit(cost: JobCost) -> str:
    """The longest run time of the whole job; empty without a known limit."""
    seconds = cost.now.uses[0].bounds.limit if cost.now.uses else None
    return f"at most {duration(seconds)} for the job" if isinstance(seconds, int) else ""


def reasons(cost: JobCost) -> list[str]:
    """The unknown values because of which the hours are unknown or a bound, each with its reason and place."""
    texts = []
    for unknown in dict.fromkeys(cost.hours.open):
        line = line_of(cost.job.source, unknown.span)
        texts.append(f"{subject_text(cost.job, unknown)}{reason_text(unknown)} ({line})")
    return texts


def defaults(estimate: Estimate) -> list[str]:
    """The defaults of parameters that the figures of a job stand on, each as `` `InstanceType` is `ml.m5.xlarge` ``."""
    texts = []
    for unknown in estimate.by_default:
        if unknown.default is not None:
            subject = subject_text(estimate.job, unknown).strip() or "a value"
            texts.append(f"{subject} is `{shown_value(unknown.default.value)}`")
    return texts


def likely_words(likely: Likely) -> str:
    """The likely hours and duration of a job, as a phrase."""
    hours, wall = spread(likely.hours, number), spread(likely.wall, lambda hours: duration(hours * HOUR))
    text = f"likely, with {likely.trials.label}: {hours} instance-hours, {wall} until the last trial ends"
    return f"{text}; longer trials are stopped at their cap" if likely.is_capped else text


def spread(values: Spread, render: Callable[[float], str]) -> str:
    """An expected value, with the interval of nine in ten runs if it is wider than one value."""
    middle, low, high = render(values.expected), render(values.low), render(values.high)
    return middle if low == high else f"{middle} ({low} to {high})"
