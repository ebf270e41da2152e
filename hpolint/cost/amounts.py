"""Amounts, lengths of time and reasons, for people."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from hpolint.cost.costing import JobCost
from hpolint.cost.likely import Likely, Spread
from hpolint.facts.compute import DEFAULT_RUNTIME
from hpolint.facts.machines import Fleet
from hpolint.facts.worst_case_cost import HOUR, Figure
from hpolint.model.message_text import line_of, reason_text, subject_text
from hpolint.model.node import Unknown

OPEN, NO_LIMIT = "open", "no limit"


def number(number: float | Decimal) -> str:
    """A number with as many digits as matter: ``1,234``, ``12.5``, ``0.25``."""
    value = float(number)
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(figure: Figure | None, *, money: bool = False) -> str:
    """A figure: ``480``, ``≥ 12``, ``≤ 40``, ``open`` or ``no limit``; nothing for none."""
    if figure is None:
        return ""
    if figure.amount is None:
        return NO_LIMIT if figure.unbounded else OPEN
    told = f"{figure.amount:,.2f}" if money else number(figure.amount)
    return told if figure.sign == "=" else f"{figure.sign} {told}"


def count(value: int | Unknown | None) -> str:
    """A number of trials or rounds."""
    return NO_LIMIT if value is None else OPEN if isinstance(value, Unknown) else f"{value:,}"


def lasting(seconds: float) -> str:
    """A length of time: ``45 s``, ``20 min``, ``1 h 30 min``, ``24 h``, ``12 days``."""
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
    """What a trial runs on: ``2 × ml.p3.2xlarge``; of several that it may run on the first ones."""
    told = list(dict.fromkeys(_fleet(fleet) for use in cost.now.uses for fleet in use.fleets))
    more = f" or {len(told) - 2} more" if len(told) > 2 else ""
    return " or ".join(told[:2]) + more if told else "instances: open"


def _fleet(fleet: Fleet) -> str:
    return " + ".join(
        f"{each.count if isinstance(each.count, int) else '?'} × "
        f"{each.type if isinstance(each.type, str) else 'an instance that is open'}"
        for each in fleet
    )


def cap(cost: JobCost) -> str:
    """How long a trial may run, and who says so."""
    caps = {use.bounds.cap for use in cost.now.uses}
    known = [each for each in caps if isinstance(each, int)]
    if len(known) != 1 or len(caps) != 1:
        return "caps that differ" if len(known) == len(caps) and known else "a cap that is open"
    if cost.now.is_written:
        return f"{lasting(known[0])} a trial at most"
    whose = "the service's default" if known[0] == DEFAULT_RUNTIME else "the SDK's default"
    return f"{lasting(known[0])} a trial, {whose}"


def limit(cost: JobCost) -> str:
    """How long the whole job may run; nothing where that is not limited."""
    found = next((use.bounds.limit for use in cost.now.uses), None)
    return f"the job {lasting(found)}" if isinstance(found, int) else ""


def reasons(cost: JobCost) -> list[str]:
    """Why a figure is open, or only the least that it can be."""
    found = dict.fromkeys(cost.now.hours.open)
    return [
        f"{subject_text(cost.job, each)}{reason_text(each)} ({line_of(cost.job.source, each.span)})" for each in found
    ]


def likely_words(found: Likely) -> str:
    """What a job is likely to take, in a sentence."""
    hours, wall = spread(found.hours, number), spread(found.wall, lambda each: lasting(each * HOUR))
    told = f"with {found.trials.label}: {hours} instance-hours, {wall} until the end"
    return f"{told}; trials are stopped at their cap" if found.is_capped else told


def spread(found: Spread, told: Callable[[float], str]) -> str:
    """An expected value, and between what nine of ten runs lie where they differ."""
    middle, low, high = told(found.expected), told(found.low), told(found.high)
    return middle if low == high else f"{middle} ({low} to {high})"
