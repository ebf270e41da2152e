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
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


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
    return NO_LIMIT if value is None else UNKNOWN if isinstance(value, Unknown) else f"{value:,}"


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
    names = list(dict.fromkeys(_fleet(fleet) for use in cost.now.uses for fleet in use.fleets))
    more = f" or {len(names) - 2} more" if len(names) > 2 else ""
    return " or ".join(names[:2]) + more if names else "instances: unknown"


def _fleet(fleet: Fleet) -> str:
    return " + ".join(
        f"{each.count if isinstance(each.count, int) else '?'} × "
        f"{each.type if isinstance(each.type, str) else 'an unknown type'}"
        for each in fleet
    )


def cap(cost: JobCost) -> str:
    """The longest run time of a trial, and whether it is a default."""
    caps = {use.bounds.cap for use in cost.now.uses}
    known = [each for each in caps if isinstance(each, int)]
    if len(known) != 1 or len(caps) != 1:
        return "different run-time caps" if len(known) == len(caps) and known else "unknown run-time cap"
    if cost.now.is_written:
        return f"at most {duration(known[0])} per trial"
    origin = "service default" if known[0] == DEFAULT_RUNTIME else "SDK default"
    return f"at most {duration(known[0])} per trial ({origin})"


def limit(cost: JobCost) -> str:
    """The longest run time of the whole job; empty without a known limit."""
    found = next((use.bounds.limit for use in cost.now.uses), None)
    return f"at most {duration(found)} for the job" if isinstance(found, int) else ""


def reasons(cost: JobCost) -> list[str]:
    """The unknown values because of which the hours are unknown or a bound, each with its reason and place."""
    found = dict.fromkeys(cost.now.hours.open)
    return [
        f"{subject_text(cost.job, each)}{reason_text(each)} ({line_of(cost.job.source, each.span)})" for each in found
    ]


def defaults(found: Estimate) -> list[str]:
    """The defaults of parameters that the figures of a job stand on, each as `` `InstanceType` is `ml.m5.xlarge` ``."""
    return [
        f"{subject_text(found.job, each).strip() or 'a value'} is `{shown_value(each.default.value)}`"
        for each in found.by_default
        if each.default is not None
    ]


def likely_words(found: Likely) -> str:
    """The likely hours and duration of a job, as a phrase."""
    hours, wall = spread(found.hours, number), spread(found.wall, lambda each: duration(each * HOUR))
    text = f"likely, with {found.trials.label}: {hours} instance-hours, {wall} until the last trial ends"
    return f"{text}; longer trials are stopped at their cap" if found.is_capped else text


def spread(found: Spread, render: Callable[[float], str]) -> str:
    """An expected value, with the interval of nine in ten runs if it is wider than one value."""
    middle, low, high = render(found.expected), render(found.low), render(found.high)
    return middle if low == high else f"{middle} ({low} to {high})"
