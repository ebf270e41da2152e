"""Limits on worst-case costs: ``500h`` or ``1000USD``, for each job and for all jobs of a run together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import msgspec

from hpolint.cost.amounts import amount
from hpolint.cost.costing import Costs, JobCost
from hpolint.facts.typed_values import present
from hpolint.facts.worst_case_cost import Figure
from hpolint.io.escaping import brief, visible
from hpolint.lazy_regex import lazy_regex
from hpolint.model.message_text import job_name
from hpolint.model.settings import ConfigError

AMOUNT = lazy_regex(r"(\d{1,12}(?:\.\d{1,6})?) ?(h|[A-Z]{3})\Z")
HOURS = "h"


class Limit(msgspec.Struct, frozen=True):
    """The most instance-hours (``unit`` is ``h``), or the most money in a currency."""

    most: Decimal
    unit: str

    @property
    def text(self) -> str:
        """The limit for messages: ``500 instance-hours``, ``1,000 USD``."""
        return f"{self.most.normalize():,f} {'instance-hours' if self.unit == HOURS else self.unit}"


def read_limits(texts: Iterable[str], option: str) -> list[Limit]:
    """The limits that an option gives. Raises ConfigError."""
    found = []
    for text in texts:
        match = AMOUNT.match(text.strip())
        if match is None:
            raise ConfigError(f"{option}: `{brief(text)}` is not an amount such as `500h` or `1000USD`")
        found.append(Limit(Decimal(match[1]), match[2]))
    return found


def exceeded(costs: Costs, each_job: Sequence[Limit], together: Sequence[Limit]) -> Iterator[str]:
    """A line for each job, and one for their sum, whose worst case is above a limit or has none.

    An unknown figure counts as far as it is known. Raises ConfigError for a currency without prices.
    """
    currency = costs.prices.currency if costs.prices is not None else None
    for limit in (*each_job, *together):
        if limit.unit not in (HOURS, currency):
            there = f"the prices are in {currency}" if currency else "there are no prices"
            raise ConfigError(f"a limit of {limit.text}: {there}")
    counted = costs.counted
    for limit in each_job:
        for job in counted:
            figure = _figure(job, limit)
            where = f"{limit.text} are allowed ({visible(job.place)})"
            if job.hours.unbounded:
                yield f"{visible(job_name(job.job))} has no limit: {where}"
            elif _is_above(figure, limit):
                yield f"{visible(job_name(job.job))} can {_figure_text(figure, limit)}: {where}"
    for limit in together:
        figures = [_figure(job, limit) for job in counted]
        known = present(figure.amount for figure in present(figures))
        total = Figure(sum(known, Decimal(0)), "=" if len(known) == len(figures) else "≥")
        if any(job.hours.unbounded for job in counted):
            yield f"the jobs together have no limit: {limit.text} are allowed"
        elif _is_above(total, limit):
            yield f"the {len(counted)} jobs together can {_figure_text(total, limit)}: {limit.text} are allowed"


def _figure(job: JobCost, limit: Limit) -> Figure | None:
    return job.hours if limit.unit == HOURS else job.money


def _is_above(figure: Figure | None, limit: Limit) -> bool:
    return figure is not None and figure.amount is not None and figure.amount > limit.most


def _figure_text(figure: Figure | None, limit: Limit) -> str:
    if limit.unit == HOURS:
        return f"bill {amount(figure)} instance-hours"
    return f"cost {amount(figure, money=True)} {limit.unit}"
