"""The worst case of a job that its source launches several times: the sum over its launches."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from decimal import Decimal
from functools import cached_property

import msgspec
from msgspec.structs import replace

from hpolint.cost.estimate import COST_MEMBERS, Estimate, estimate
from hpolint.cost.prices import Prices
from hpolint.engine.launch_groups import TooManyGroupsError, launch_groups
from hpolint.facts.typed_values import present
from hpolint.facts.worst_case_cost import Figure
from hpolint.model.job import TuningJob
from hpolint.model.launch import Certainty, Launch
from hpolint.model.node import Unknown

FigureOf = Callable[[Estimate], Figure | None]


class LaunchCost(msgspec.Struct, frozen=True):
    """The worst case of launches with the same cost."""

    launches: tuple[Launch, ...]
    estimate: Estimate


class WorstCase(msgspec.Struct, frozen=True, dict=True):
    """The worst case of all launches of a job. ``estimate`` is that of one launch with the values that all share.

    ``launches`` is empty for a job that is launched once.
    """

    estimate: Estimate
    launches: tuple[LaunchCost, ...] = ()

    @cached_property
    def hours(self) -> Figure:
        """The instance-hours, as if everything that only may happen did."""
        return self._sum(lambda estimate: estimate.hours) or self.estimate.hours

    @cached_property
    def money(self) -> Figure | None:
        """Their cost; None without prices."""
        return self._sum(lambda estimate: estimate.money) if self.launches else self.estimate.money

    def _sum(self, figure_of: FigureOf) -> Figure | None:
        """The sum over the launches; of those of which at most one happens, the most expensive side."""
        parts: list[Figure] = []
        sides: dict[int, dict[int, list[Figure]]] = {}
        for cost in self.launches:
            figure = figure_of(cost.estimate)
            if figure is None:
                return None
            for launch in cost.launches:
                part = _times(figure, launch)
                if launch.certainty is Certainty.ONE_OF and launch.group is not None:
                    sides.setdefault(launch.group, {}).setdefault(launch.side, []).append(part)
                else:
                    parts.append(part if launch.is_sent else _at_most(part))
        for group in sides.values():
            sums = [_added(figures) for figures in group.values()]
            parts.append(_dearest(sums))
        return _added(parts) if parts else None


def worst_case(job: TuningJob, prices: Prices | None) -> WorstCase:
    """The worst case of a job with all its launches."""
    shared = estimate(job, prices)
    launches = job.launches
    if launches is None:
        return WorstCase(shared)
    paths = tuple(path for path in launches.paths if not COST_MEMBERS.isdisjoint(path))
    if not paths:
        return WorstCase(shared, (LaunchCost(launches.each, shared),))
    try:
        groups = launch_groups(job, paths)
    except TooManyGroupsError:
        return WorstCase(shared)
    costs: dict[Hashable, LaunchCost] = {}
    for group in groups:
        own = estimate(group.job, prices)
        key = own.hours, own.money
        before = costs[key].launches if key in costs else ()
        costs[key] = LaunchCost((*before, *group.launches), own)
    return WorstCase(shared, tuple(costs.values()))


def _times(figure: Figure, launch: Launch) -> Figure:
    """A figure for as many times as a launch happens; a lower bound if that is not known."""
    if launch.count is None:
        return replace(figure, sign="≥")
    return figure if figure.amount is None else replace(figure, amount=figure.amount * launch.count)


def _at_most(figure: Figure) -> Figure:
    return replace(figure, sign="≤") if figure.sign == "=" else figure


def _dearest(figures: Sequence[Figure]) -> Figure:
    """The most expensive of several, of which one happens."""
    open_ = [figure for figure in figures if figure.unbounded or figure.amount is None]
    if open_:
        return open_[0]
    dearest = max(figures, key=lambda figure: figure.amount or Decimal(0))
    is_open = any(figure.sign == "≥" for figure in figures)
    return replace(dearest, sign="≥" if is_open else "≤")


def _added(figures: Iterable[Figure]) -> Figure:
    """The sum of figures. It is unbounded if one of them is, and a lower bound if one is not known."""
    added = list(figures)
    if any(figure.unbounded for figure in added):
        return Figure(None, unbounded=True)
    open_: dict[Unknown, None] = {}
    for figure in added:
        open_ |= dict.fromkeys(figure.open)
    amounts = present(figure.amount for figure in added)
    total = sum(amounts, Decimal(0)) if amounts else None
    signs = {figure.sign for figure in added}
    if "≥" in signs or len(amounts) < len(added):
        return Figure(total, "≥", tuple(open_))
    return Figure(total, "≤" if "≤" in signs else "=", tuple(open_))
